"""The Track API's second version on the wire: what each operation does, and what is answered."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contracts import Request, rules
from contracts.validation import check, response_schema
from mock_sessionm.behaviours import BEHAVIOURS
from mock_sessionm.partners.customerio.kept import TRACK_BEHAVIOURS
from mock_sessionm.partners.customerio.operations import SHAPES
from mock_sessionm.partners.customerio.v2 import ACTIONS
from mock_sessionm.partners.customerio.v2_checks import GATE
from mock_sessionm.tenant import ON_VIOLATION
from tests.mock_sessionm.asking import NOON, SETTINGS, asker, basic
from tests.mock_sessionm.tracking import PAIR, Told, Tracker, tracker

ACME = {"object_type_id": 1, "object_id": "acme"}
KEPT = {"object_type_id": "1", "object_id": "acme"}


@pytest.fixture
def workspace() -> Tracker:
    return tracker()


def ask(workspace: Tracker, path: str, body: Any) -> Told:
    """`path` is below `/api/v2`; bytes are sent as they are."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": basic(PAIR["site_id"], PAIR["api_key"])}
    answer = workspace.transport.send(Request("POST", f"/api/v2{path}", headers, sent))
    return Told(answer.status, answer.headers, answer.body)


def entity(workspace: Tracker, **operation: Any) -> Told:
    return ask(workspace, "/entity", operation)


def person(workspace: Tracker, action: str, who: str = "ada", **more: Any) -> Told:
    return entity(workspace, type="person", action=action, identifiers={"id": who}, **more)


def test_success_is_200_with_an_empty_object_and_a_newline(workspace: Tracker) -> None:
    told = person(workspace, "identify", attributes={"plan": "gold"})
    assert (told.status, told.raw, told.rules) == (200, b"{}\n", [])
    assert ask(workspace, "/batch", {"batch": []}).raw == b"{}\n"


def test_an_identify_has_a_time_and_relationships(workspace: Tracker) -> None:
    person(workspace, "identify", attributes={"plan": "gold"}, timestamp=int(NOON))
    person(workspace, "identify", attributes={"plan": "older"}, timestamp=int(NOON) - 60)
    related = [{"identifiers": ACME, "relationship_attributes": {"role": "admin"}}]
    person(workspace, "identify", cio_relationships=related)
    (ada,) = workspace.people.profiles
    assert ada.attributes == {"plan": "gold"}
    assert ada.relationships == [{"identifiers": KEPT, "relationship_attributes": {"role": "admin"}}]


def test_people_are_deleted_suppressed_and_let_in_again(workspace: Tracker) -> None:
    person(workspace, "identify")
    person(workspace, "delete")
    assert workspace.people.profiles == []
    person(workspace, "suppress")
    person(workspace, "identify")
    assert workspace.people.profiles == []
    person(workspace, "unsuppress")
    person(workspace, "identify")
    assert [one.id for one in workspace.people.profiles] == ["ada"]


def test_both_versions_speak_of_the_same_people(workspace: Tracker) -> None:
    workspace.identify("ada", email="ada@example.com")
    entity(workspace, type="person", action="event", identifiers={"email": "ADA@example.com"}, name=" visit ", id="x")
    workspace.identify("bob", plan="gold")
    entity(workspace, type="person", action="merge", primary={"id": "ada"}, secondary={"id": "bob"})
    (ada,) = workspace.people.profiles
    assert (ada.attributes, [one["name"] for one in ada.events]) == ({"plan": "gold"}, ["visit"])


def test_an_object_is_kept_related_and_forgotten(workspace: Tracker) -> None:
    workspace.identify("ada")
    people = [{"identifiers": {"id": "ada"}, "relationship_attributes": {"role": "admin"}}]
    nobody = [{"identifiers": {"anonymous_id": "a1"}}]
    object_ = {"type": "object", "identifiers": ACME}
    entity(workspace, **object_, action="identify", attributes={"city": "Bonn", "size": 5}, cio_relationships=people)
    entity(workspace, **object_, action="identify_anonymous", attributes={"city": ""}, cio_relationships=nobody)
    (acme,) = workspace.people.entities.objects
    assert acme == {**KEPT, "cio_object_id": "ob0000000001", "attributes": {"size": 5}}
    (ada,) = workspace.people.profiles
    assert ada.relationships == [{**people[0], "identifiers": KEPT}]
    own = {"type": "object", "identifiers": {"cio_object_id": "ob0000000001"}}
    entity(workspace, **own, action="identify", attributes={"size": None})
    assert acme["attributes"] == {}
    entity(workspace, **object_, action="delete_relationships", cio_relationships=people)
    assert ada.relationships == []
    entity(workspace, **object_, action="add_relationships", cio_relationships=people)
    assert ada.relationships
    entity(workspace, **object_, action="delete")
    assert (workspace.people.entities.objects, ada.relationships) == ([], [])


@pytest.mark.parametrize("related", [None, 5, [{}], [{"identifiers": {"id": "ada"}}]])
def test_relationships_of_an_object_that_is_deleted_are_nothing(workspace: Tracker, related: Any) -> None:
    person(workspace, "identify")
    object_ = {"type": "object", "identifiers": ACME}
    entity(workspace, **object_, action="identify", attributes={"size": 5})
    assert entity(workspace, **object_, action="delete", cio_relationships=related).raw == b"{}\n"
    assert (workspace.people.entities.objects, workspace.people.profiles[0].relationships) == ([], [])


def test_customer_ios_own_id_of_an_object_makes_none_and_is_never_given_twice(workspace: Tracker) -> None:
    entity(workspace, type="object", action="identify", identifiers={"cio_object_id": "ob0000000001"})
    assert workspace.people.entities.objects == []
    for name in ("a", "b"):
        entity(workspace, type="object", action="identify", identifiers={**ACME, "object_id": name})
    entity(workspace, type="object", action="delete", identifiers={**ACME, "object_id": "a"})
    entity(workspace, type="object", action="identify", identifiers={**ACME, "object_id": "c"})
    given = [one["cio_object_id"] for one in workspace.people.entities.objects]
    assert given == ["ob0000000002", "ob0000000003"]


def test_what_became_of_a_message_is_kept(workspace: Tracker) -> None:
    report = {"identifiers": {"id": "d1"}, "name": "opened", "attributes": {"device_token": "t"}}
    entity(workspace, type="delivery", action="event", **report)
    assert workspace.people.entities.deliveries == [{"id": "d1", "name": "opened", "attributes": {"device_token": "t"}}]


def test_objects_and_reports_are_in_what_is_exported(workspace: Tracker) -> None:
    entity(workspace, type="object", action="identify", identifiers=ACME)
    kept = workspace.people.export()
    other = tracker().people
    other.restore(kept)
    assert other.entities.objects == workspace.people.entities.objects
    assert other.export() == kept


@pytest.mark.parametrize("mode", ON_VIOLATION)
@pytest.mark.parametrize("path", ["/entity", "/batch"])
@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"5", b"{}", b'{"batch":5}', b'{"batch":[5,{}]}', b'{"type":"person","action":"identify"}'],
)
def test_every_answer_has_the_shape_of_the_contract(path: str, raw: bytes, mode: Any) -> None:
    workspace = tracker()
    workspace.fake.tenant.on_violation = mode
    told = ask(workspace, path, raw)
    shape = response_schema("customerio", "sendEntity" if path == "/entity" else "sendBatch", told.status)
    assert shape is not None
    assert check("customerio", shape, told.body) == []


@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_fault_is_answered_in_the_vendors_shape(workspace: Tracker, status: int) -> None:
    workspace.fake.tenant.faults.set([{"fault": {"kind": "status", "status": status}}])
    told = person(workspace, "identify")
    shape = response_schema("customerio", "sendEntity", status)
    assert shape is not None
    assert told.status == status
    assert check("customerio", shape, told.body) == []


def test_a_place_is_told_by_the_names_on_the_way_there(workspace: Tracker) -> None:
    told = person(workspace, "identify", attributes={"a/b~c": "x" * 1001})
    assert told.body["errors"] == [
        {
            "reason": "invalid",
            "field": "attributes.a/b~c",
            "message": "property value cannot be longer than 1000 bytes",
        }
    ]


def test_the_journal_has_every_violation_of_a_batch(workspace: Tracker) -> None:
    told = ask(workspace, "/batch", {"batch": [5, {"type": "person", "action": "identify", "identifiers": {"id": 7}}]})
    (entry,) = workspace.fake.world.journal.entries()
    assert (told.status, told.rules) == (207, ["customerio.v2-shape"])
    assert [(one.rule, one.pointer) for one in entry.violations] == [("customerio.v2-shape", "/batch/0")]
    assert [one.id for one in workspace.people.profiles] == ["7"]


def test_a_workspace_without_the_rule_of_parts_refuses_a_batch_for_one_operation() -> None:
    settings = replace(SETTINGS, partners={**SETTINGS.partners, "customerio": PAIR})
    workspace = Tracker(asker(settings, behaviours=BEHAVIOURS - {"customerio.v2-partial"}))
    assert ask(workspace, "/batch", {"batch": [5]}).status == 400


def test_every_operation_has_a_shape_and_every_action_on_a_person_an_effect() -> None:
    assert {action for kind, action in SHAPES if kind == "person"} == {*ACTIONS, "merge"}


def test_every_rule_of_this_version_is_kept_by_one_check_or_by_a_behaviour() -> None:
    checked = [check.rule for check in GATE]
    assert len(checked) == len(set(checked))
    assert not set(checked) & TRACK_BEHAVIOURS
    own = {rule for rule in rules() if rule.startswith("customerio.v2-")}
    by_choice = {"customerio.v2-all-wrong", "customerio.v2-kilobyte"}
    assert own <= {*checked, *TRACK_BEHAVIOURS, *by_choice}
