"""Batches on their way into an input of mParticle, and what its answers say."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest
from hypothesis import given

from contracts import rules
from contracts.interaction import Response
from contracts.validation import check
from forwarder import Batch, Connection, Plan, plan
from forwarder.destination import FINE
from forwarder.destinations.mparticle import MPARTICLE, trouble
from forwarder.destinations.mparticle_batch import KEPT
from forwarder.points import points
from tests.forwarder.planning import bodies, custom, fates
from tests.forwarder.recorded import LAW, batches, forwarded

ANY = batches | forwarded
INPUT = {*KEPT, "mpid", "source_request_id", "user_identities", "user_attributes", "deleted_user_attributes", "events"}


def planned(body: dict[str, Any], choices: dict[str, str] | None = None, **settings: Any) -> Plan:
    person = {"mpid": 7, "user_identities": {"customer_id": "c-1"}}
    connection = Connection.from_settings(settings, choices, destination="mparticle")
    return plan(Batch.from_json({**person, **body}), connection)


# --- laws -------------------------------------------------------------------------------------------------


@LAW
@given(ANY)
def test_every_data_point_has_exactly_one_fate_under_a_rule_of_the_register(body: dict[str, Any]) -> None:
    made = planned(body)
    assert Counter(fate.point for fate in made.fates) == Counter(
        points({"mpid": 7, "user_identities": {"customer_id": "c-1"}, **body})
    )
    assert {fate.rule for fate in made.fates} <= set(rules())


@LAW
@given(ANY)
def test_a_request_holds_what_inputs_take_and_nothing_else(body: dict[str, Any]) -> None:
    for sent in bodies(planned({**body, "api_key": "of-the-source"})):
        assert set(sent) <= INPUT
        assert [check("madconnect", "#/components/schemas/EventDataNode", event) for event in sent["events"]] == [
            [] for _ in sent["events"]
        ]


@LAW
@given(ANY)
def test_planning_is_the_same_every_time_and_changes_nothing(body: dict[str, Any]) -> None:
    before = copy.deepcopy(body)
    assert planned(body) == planned(body)
    assert body == before


@LAW
@given(ANY)
def test_the_keys_and_the_lane_of_requests_say_whose_they_are(body: dict[str, Any]) -> None:
    made = planned({**body, "mpid": 7})
    assert [request.lane for request in made.requests] == ["mparticle:7"] * len(made.requests)
    assert [request.key.rpartition(".batch.")[2] for request in made.requests] == [
        str(number) for number, _ in enumerate(made.requests, 1)
    ]
    assert {request.what for request in made.requests} <= {"batch"}


@LAW
@given(batches)
def test_what_was_written_strictly_is_written_strictly_again(body: dict[str, Any]) -> None:
    if check("mparticle", "#/components/schemas/Batch", body):
        return
    for sent in bodies(planned(body)):
        assert check("mparticle", "#/components/schemas/Batch", sent) == []


# --- cases ------------------------------------------------------------------------------------------------


def test_without_an_mpid_the_first_identity_keeps_the_order() -> None:
    body = {"mpid": None, "user_identities": {"email": "a@example.com", "customer_id": "c"}, "events": [custom("a")]}
    assert planned(body).requests[0].lane == "mparticle:email:a@example.com"
    assert (
        planned({"mpid": None, "user_identities": {}}, {"madconnect-nobody": "sent"}).requests[0].lane
        == "mparticle:nobody"
    )


def test_what_a_batch_does_not_say_has_no_fate_and_no_place_in_the_request() -> None:
    body = {"device_info": {"ios_idfv": "d"}, "events": [custom("a")]}
    made = plan(
        Batch.from_json(body), Connection.from_settings({}, {"madconnect-request-id": "none"}, destination="mparticle")
    )
    assert set(bodies(made)[0]) == {"device_info", "events"}
    assert set(fates(made)) == {"/events/0"}


def test_the_fate_of_an_event_names_the_request_that_carries_it_and_the_name_under_which_it_went() -> None:
    made = planned({"batch_id": 3, "events": [custom("a", x=1), {"event_type": "session_start", "data": {}}]})
    told = {fate.point: (fate.request, fate.as_) for fate in made.fates}
    assert told["/mpid"] == ("7.3.batch.1", "mpid")
    assert told["/events/0"] == ("7.3.batch.1", "a")
    assert told["/events/0/data/custom_attributes/x"] == ("7.3.batch.1", "x")
    assert told["/events/1"] == ("7.3.batch.1", "session_start")
    assert told["/mpid"] == ("7.3.batch.1", "mpid")


def test_where_the_page_says_all_an_event_goes_under_its_kind() -> None:
    made = planned({"events": [custom("a")]}, {"madconnect-beyond-page": "page-only"})
    assert {fate.point: fate.as_ for fate in made.fates}["/events/0"] == "custom_event"


def test_the_details_of_fates_hold_no_value() -> None:
    spoilt = custom("a", list=["secret"])
    spoilt["data"] |= {"event_id": "9999999999999999999"}
    made = planned(
        {"events": [spoilt, {"event_type": "screen_view", "data": {"location": "secret", "screen_name": "b"}}]}
    )
    assert [fate.detail for fate in made.fates if fate.fate == "refused" and fate.point.count("/") == 2] == [
        "/events/0/data/event_id is not a signed 64-bit integer",
        "/events/1/data/location is not an object",
    ]
    assert not any("secret" in fate.detail or "9999" in fate.detail for fate in made.fates)


def test_a_value_that_is_refused_says_what_it_is() -> None:
    made = planned({"user_attributes": {"a": {"b": 1}}, "events": [custom("a", list=[1])]})
    assert [fate.detail for fate in made.fates if fate.fate == "refused"] == [
        "the value is a list or an object",
        "the value is an object or a list within a list",
    ]


def test_a_refused_identity_says_why() -> None:
    made = planned({"user_identities": {"customer_id": "c", "passport": "p", "customerid": "d"}})
    assert fates(made)["/user_identities/passport"] == ("unsupported", "madconnect.identity-types")
    assert [fate.detail for fate in made.fates if fate.fate in {"merged", "unsupported"}] == [
        "an input takes no identity of this type",
        "another identity has the same type",
    ]


def test_an_input_that_is_not_set_up_names_what_is_missing() -> None:
    bare = Connection.from_settings({}, destination="mparticle")
    assert bare.missing() == ["mparticle.host", "mparticle.key", "mparticle.secret"]
    half = Connection.from_settings({"mparticle": {"host": "http://h", "key": "k"}}, destination="mparticle")
    assert half.missing() == ["mparticle.secret"]
    assert Connection.default(destination="mparticle").missing() == []


# --- answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (202, b"", FINE),
        (202, b" \n", FINE),
        (202, b"<html>", ("not_accepted", "mParticle answers 202 and an empty body; check mparticle.host")),
        (200, b"", ("not_accepted", "mParticle answers 202 and an empty body; check mparticle.host")),
        (299, b"{}", ("not_accepted", "mParticle answers 202 and an empty body; check mparticle.host")),
        (300, b"", FINE),
        (199, b"", FINE),
        (400, b'{"errors":[{"code":"BAD_REQUEST","message":"no  event_type"}]}', ("BAD_REQUEST", "no event_type")),
        (400, b'{"errors":[{"code":"A","message":"one"},7,{"message":"two"}]}', ("A", "one; two")),
        (400, b'{"errors":[{}]}', ("error", "")),
        (400, b'{"errors":[7]}', FINE),
        (400, b'{"errors":{"code":"A"}}', FINE),
        (400, b"[]", FINE),
        (400, b"<html>", FINE),
        (503, b"", FINE),
    ],
)
def test_an_answer_is_read_as_mparticle_writes_it(status: int, body: bytes, wanted: tuple[str, str]) -> None:
    assert trouble(Response(status, {}, body)) == wanted


def test_every_kind_of_the_reference_is_taken() -> None:
    kinds = [{"event_type": kind, "data": {"event_name": "a", "screen_name": "a"}} for kind in MPARTICLE.names]
    assert len(bodies(planned({"events": kinds}))[0]["events"]) == len(kinds) == 17
