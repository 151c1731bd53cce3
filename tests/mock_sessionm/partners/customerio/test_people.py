from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import rules
from contracts.settings import SettingsError
from mock_sessionm import TenantSettings
from mock_sessionm.behaviours import BEHAVIOURS
from mock_sessionm.clock import iso
from mock_sessionm.partners.customerio.people import People
from tests.mock_sessionm.asking import NOON
from tests.mock_sessionm.tracking import Tracker, tracker

SHARED = tracker()
OTHER = tracker()
IDS = st.sampled_from(["a", "b", "c"])
EMAILS = st.sampled_from(["a@x.example", "B@x.example", "b@X.example", "c@x.example"])
CALLS = st.lists(
    st.one_of(
        st.tuples(st.just("identify"), st.one_of(IDS, EMAILS), st.fixed_dictionaries({}, optional={"email": EMAILS})),
        st.tuples(st.just("identify"), EMAILS, st.fixed_dictionaries({}, optional={"id": IDS, "plan": IDS})),
        st.tuples(st.just("track"), st.one_of(IDS, EMAILS), st.just({"name": "visit"})),
        st.tuples(st.sampled_from(["delete", "suppress", "unsuppress"]), st.one_of(IDS, EMAILS), st.none()),
    ),
    max_size=12,
)


@pytest.fixture
def workspace() -> Tracker:
    return tracker()


def play(people: People, calls: list[tuple[str, str, Any]]) -> None:
    for operation, identifier, body in calls:
        named = people.named(identifier)
        getattr(people, operation)(named, *([] if body is None else [body]))


@given(CALLS)
def test_whatever_is_called_no_two_people_share_an_identifier(calls: list[tuple[str, str, Any]]) -> None:
    SHARED.fake.afresh()
    play(SHARED.people, calls)
    ids = [one.id for one in SHARED.people.profiles if one.id is not None]
    emails = [one.email.lower() for one in SHARED.people.profiles if one.email is not None]
    assert len(ids) == len(set(ids))
    assert len(emails) == len(set(emails))
    for one in SHARED.people.profiles:
        assert one.id is not None or one.email is not None
        assert all(SHARED.people.person(name) is one for name in (one.id, one.email, one.cio_id) if name is not None)


@given(CALLS, CALLS)
def test_whoever_is_suppressed_stays_away_whatever_is_called(
    before: list[tuple[str, str, Any]], after: list[tuple[str, str, Any]]
) -> None:
    SHARED.fake.afresh()
    play(SHARED.people, before)
    SHARED.people.suppress({"id": "a"})
    play(SHARED.people, [call for call in after if call[0] != "unsuppress"])
    assert SHARED.people.person("a") is None


@given(CALLS, CALLS)
def test_a_state_that_was_written_out_and_read_back_behaves_as_before(
    before: list[tuple[str, str, Any]], after: list[tuple[str, str, Any]]
) -> None:
    SHARED.fake.afresh()
    OTHER.fake.afresh()
    play(SHARED.people, before)
    state = SHARED.fake.admin("GET", "/state").body
    assert OTHER.fake.admin("PUT", "/state", state).status == 200
    for people in (SHARED.people, OTHER.people):
        play(people, after)
    shown = [
        [{**people.shown(one), "cio_id": None} for one in people.profiles] for people in (SHARED.people, OTHER.people)
    ]
    assert shown[0] == shown[1]
    assert SHARED.people.suppressed == OTHER.people.suppressed


@given(
    st.dictionaries(st.text("abc", min_size=1), st.integers()),
    st.dictionaries(st.text("abc", min_size=1), st.integers()),
)
def test_attributes_of_two_calls_are_as_if_they_were_one(first: dict[str, int], second: dict[str, int]) -> None:
    SHARED.fake.afresh()
    SHARED.people.identify({"id": "ada"}, first)
    found = SHARED.people.identify({"id": "ada"}, second)
    assert found is not None
    assert found.attributes == {**first, **second}


def test_an_id_that_is_drawn_after_an_import_is_nobodys_yet(workspace: Tracker) -> None:
    workspace.identify("ada")
    workspace.fake.admin("PUT", "/state", workspace.fake.admin("GET", "/state").body)
    workspace.identify("bob")
    assert len({one.cio_id for one in workspace.people.profiles}) == 2


def test_events_of_nobody_and_ids_of_events_survive_an_export(workspace: Tracker) -> None:
    ulid = "01BX5ZZKBKACTAV9WEVGEMMVRY"
    workspace.ask("POST", "/events", {"name": "first", "anonymous_id": "cookie", "id": ulid})
    state = workspace.fake.admin("GET", "/state").body
    other = tracker()
    assert other.fake.admin("PUT", "/state", state).status == 200
    other.identify("ada", anonymous_id="cookie")
    other.track("ada", "again", id=ulid)
    (person,) = other.people.profiles
    assert [event["name"] for event in person.events] == ["first"]


def test_a_reset_leaves_those_whom_the_tenant_file_brings_along() -> None:
    workspace = tracker(people=[{"id": "ada", "cio_id": "a1", "attributes": {"plan": "gold"}, "segments": [7]}])
    workspace.identify("ada", plan="silver")
    workspace.identify("bob")
    workspace.fake.admin("POST", "/reset", {})
    (person,) = workspace.people.profiles
    assert (person.id, person.cio_id, person.attributes, person.segments) == ("ada", "a1", {"plan": "gold"}, [7])


def test_a_person_is_found_by_id_then_email_then_customer_ios_own_id() -> None:
    people = [{"id": "x", "cio_id": "c1"}, {"email": "X@y.example", "cio_id": "x"}]
    workspace = tracker(people=people)
    assert [workspace.people.person(name) for name in ("x", "x@Y.example", "cio_x", "c1", "nobody")] == [
        workspace.people.profiles[0],
        workspace.people.profiles[1],
        workspace.people.profiles[1],
        workspace.people.profiles[0],
        None,
    ]


def test_what_a_caller_keeps_of_a_body_changes_nothing_here(workspace: Tracker) -> None:
    body: dict[str, Any] = {"list": [1]}
    event: dict[str, Any] = {"name": "visit", "data": {"list": [1]}}
    device: dict[str, Any] = {"id": "d", "platform": "ios", "attributes": {"list": [1]}}
    ada = {"id": "ada"}
    workspace.people.identify(ada, body)
    workspace.people.track(ada, event)
    workspace.people.add_device(ada, device)
    body["list"].append(2)
    event["data"]["list"].append(2)
    device["attributes"]["list"].append(2)
    (person,) = workspace.people.profiles
    assert person.attributes == {"list": [1]}
    assert person.events == [
        {
            "name": "visit",
            "data": {"list": [1]},
            "type": "event",
            "timestamp": int(NOON),
            "received": iso(NOON),
            "triggers": True,
        }
    ]
    assert person.devices["d"]["attributes"] == {"list": [1]}


def test_operations_say_whether_anything_came_of_them(workspace: Tracker) -> None:
    people = workspace.people
    people.suppress({"id": "eve"})
    assert people.identify({"id": "eve"}, {}) is None
    assert people.track({"id": "eve"}, {"name": "visit"}) is None
    assert people.add_device({"id": "eve"}, {"id": "d", "platform": "ios"}) is None
    assert people.relate({"id": "eve"}, [], add=True) is None
    assert people.track({"cio_id": "none"}, {"name": "visit"}) is None
    made = people.relate({"id": "ada"}, [{"identifiers": {"object_id": "o"}}], add=True)
    assert made is people.person("ada")
    assert made is not None
    assert made.relationships == [{"identifiers": {"object_id": "o"}}]


def test_a_suppressed_email_is_suppressed_in_any_letters(workspace: Tracker) -> None:
    workspace.identify("Ada@example.com")
    workspace.people.suppress({"email": "ada@Example.com"})
    workspace.identify("ADA@EXAMPLE.COM")
    assert workspace.people.profiles == []
    assert workspace.people.suppressed == [{"email": "ada@example.com"}]


def test_the_admin_side_shows_everybody_and_each_person(workspace: Tracker) -> None:
    workspace.identify("a/b@example.com", unsubscribed="TRUE")
    workspace.ask("POST", "/events", {"name": "visit", "anonymous_id": "cookie"})
    workspace.people.suppress({"id": "eve"})
    everybody = workspace.fake.admin("GET", "/tenants/key/customerio/people").body
    one = workspace.fake.admin("GET", "/tenants/key/customerio/people/a%2Fb%40example.com").body
    assert everybody["people"] == [one]
    assert everybody["suppressed"] == [{"id": "eve"}]
    assert [event["name"] for event in everybody["anonymous"]] == ["visit"]
    assert (one["email"], one["unsubscribed"], one["devices"]) == ("a/b@example.com", True, [])
    assert workspace.fake.admin("GET", "/tenants/key/customerio/people/nobody").status == 404
    assert workspace.fake.admin("GET", "/tenants/none/customerio/people").status == 404
    assert workspace.fake.admin("GET", "/tenants/none/customerio/people/a").status == 404


@pytest.mark.parametrize(
    "change",
    [
        {"people": [{"cio_id": ""}]},
        {"suppressed": [{"id": 5}]},
        {"anonymous": [{"name": "visit"}]},
        {"event_ids": [5]},
        {"more": 1},
    ],
)
def test_a_state_of_another_form_is_refused(workspace: Tracker, change: dict[str, Any]) -> None:
    state = workspace.fake.admin("GET", "/state").body
    state["tenants"][0]["stores"]["customerio"].update(change)
    assert workspace.fake.admin("PUT", "/state", state).status == 400


@pytest.mark.parametrize("stands", [5, "all", None, [], {"topics": 5}, {"topics": [True]}])
def test_what_stands_in_the_place_of_topics_gives_way_to_one(stands: Any) -> None:
    workspace = tracker(people=[{"id": "ada", "attributes": {"cio_subscription_preferences": stands}}])
    assert workspace.identify("ada", **{"cio_subscription_preferences.topics.topic_1": True}).status == 200
    (ada,) = workspace.people.profiles
    assert ada.attributes == {"cio_subscription_preferences": {"topics": {"topic_1": True}}}


def test_a_workspace_without_merging_of_attributes_shows_what_the_rule_is_for() -> None:
    workspace = tracker()
    workspace.fake.tenant.behaviours = BEHAVIOURS - {"customerio.attributes-merged"}
    workspace.identify("ada", plan="gold")
    workspace.identify("ada", size=5)
    assert workspace.people.profiles[0].attributes == {"size": 5}


def test_surplus_attributes_are_not_kept_where_they_are_ignored_and_nothing_is_where_they_are_refused() -> None:
    most = rules()["customerio.person-attributes-max"].limit or 0
    body = {f"a{number}": number for number in range(most + 1)}
    for choice, kept in {"refused": 0, "ignored": most}.items():
        workspace = tracker({"customerio-surplus-attributes": choice})
        workspace.people.identify({"id": "ada"}, {})
        assert workspace.identify("ada", **body).status == (400 if choice == "refused" else 200)
        assert len(workspace.people.profiles[0].names()) == max(kept, 1)


@pytest.mark.parametrize(
    ("table", "wrong"),
    [
        ({"segments": [{"id": 7, "name": "a"}, {"id": 7, "name": "b"}]}, "customerio.segments.7 stands there twice"),
        ({"people": [{"id": "a"}, {"id": "a"}]}, "customerio.people.1.id is that of another person"),
        ({"people": [{"email": "a@x.example"}, {"email": "A@x.example"}]}, "customerio.people.1.email is that of"),
        ({"people": [{"id": "a", "cio_id": "c"}, {"id": "b", "cio_id": "c"}]}, "customerio.people.1.cio_id is that of"),
        ({"people": [{"id": "a", "segments": [7]}]}, "customerio.people.0.segments names none"),
        (
            {"segments": [{"id": 7, "name": "a", "kind": "data_driven"}], "people": [{"id": "a", "segments": [7]}]},
            "customerio.people.0.segments names none",
        ),
    ],
)
def test_a_workspace_that_contradicts_itself_is_refused_in_one_line(table: dict[str, Any], wrong: str) -> None:
    with pytest.raises(SettingsError, match=wrong):
        TenantSettings.of({"customerio": table})


def test_a_workspace_that_does_not_is_taken() -> None:
    people = [{"id": "a", "segments": [7]}, {"id": "A"}, {"email": "a@x.example"}, {"email": "b@x.example"}]
    TenantSettings.of({"customerio": {"segments": [{"id": 7, "name": "a"}], "people": people}})


def test_nobody_can_be_taken_out_of_a_segment_twice_and_that_is_no_failure() -> None:
    workspace = tracker(segments=[{"id": 7, "name": "gold"}], people=[{"id": "ada", "segments": [7]}])
    statuses = [workspace.ask("POST", "/segments/7/remove_customers", {"ids": ["ada"]}).status for _ in range(2)]
    assert statuses == [200, 200]
    assert workspace.people.profiles[0].segments == []
