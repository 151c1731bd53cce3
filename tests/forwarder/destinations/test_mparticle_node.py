"""The contract of the event data node, and what the forwarder makes of an event by it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.register import load_yaml
from contracts.validation import check
from forwarder import Batch, Connection, plan
from forwarder.destinations.mparticle_node import INTEGERS, NODE, PROPERTIES
from tests.forwarder.planning import bodies, fates
from tests.forwarder.recorded import LAW

PAGE: dict[str, Any] = {
    "data": {
        "event_id": 6004677780660780000,
        "event_num": 0,
        "source_message_id": "e8335d31-2031-4bff-afec-17ffc1784697",
        "session_id": 4957918240501247982,
        "session_uuid": "91b86d0c-86cb-4124-a8b2-edee107de454",
        "timestamp_unixtime_ms": 1402521613976,
        "location": {},
        "device_current_state": {},
        "custom_attributes": {},
        "custom_flags": {},
    },
    "event_type": "",
}
"""The page's own example (source: madconnect-mparticle-events)."""


def made_of(data: dict[str, Any], choices: dict[str, str] | None = None, **settings: Any) -> dict[str, Any] | None:
    body = {"mpid": 7, "events": [{"event_type": "session_start", "data": data}]}
    made = plan(Batch.from_json(body), Connection.from_settings(settings, choices, destination="mparticle"))
    events = bodies(made)[0]["events"]
    return events[0]["data"] if events else None


def test_the_pages_example_is_a_node_but_for_its_empty_kind() -> None:
    assert [violation.rule for violation in check("madconnect", NODE, PAGE)] == ["madconnect.event-type"]
    assert check("madconnect", NODE, {**PAGE, "event_type": "session_start"}) == []


def test_the_node_has_the_properties_of_the_page_in_their_order() -> None:
    assert list(PROPERTIES) == list(PAGE["data"])


def test_whoever_selects_can_name_each_property_and_no_other() -> None:
    schema = load_yaml("connection.schema.yaml")["properties"]["madconnect"]["properties"]["parameters"]
    assert schema["items"]["enum"] == list(PROPERTIES)


def test_the_pages_example_arrives_as_it_is() -> None:
    assert made_of(PAGE["data"]) == PAGE["data"]


@pytest.mark.parametrize("name", list(PROPERTIES))
def test_a_property_that_is_not_selected_stays(name: str) -> None:
    others = [other for other in PROPERTIES if other != name]
    made = made_of(PAGE["data"], madconnect={"parameters": others})
    assert made == {other: PAGE["data"][other] for other in others}


@LAW
@given(st.sampled_from(sorted(INTEGERS)), st.integers(-(2**63), 2**63 - 1), st.booleans())
def test_every_64_bit_number_arrives_to_the_digit_as_a_number(name: str, number: int, written: bool) -> None:
    made = made_of({name: str(number) if written and name != "event_num" else number})
    assert made is not None
    assert repr(made[name]) == repr(number)


@pytest.mark.parametrize("text", ["1.5", "one", "1 ", "--1", "-", "٣", "9" * 5000])
def test_a_text_that_is_no_number_is_refused(text: str) -> None:
    assert made_of({"session_id": text}) is None


def test_a_number_that_is_true_or_has_a_fraction_is_refused() -> None:
    assert made_of({"event_num": True}) is None
    assert made_of({"event_num": 0.5}) is None


def test_nulls_travel_where_they_are_kept_and_are_held_against_nothing() -> None:
    told = {"session_id": None, "location": None, "event_num": "", "custom_attributes": None}
    assert made_of(told) == {}
    assert made_of(told, {"madconnect-nulls": "kept"}) == {**told, "event_num": None}


def test_what_a_kind_says_beside_the_page_keeps_its_nulls() -> None:
    assert made_of({"old": None, "new": "a"}) == {"old": None, "new": "a"}
    assert made_of({"old": None, "new": "a"}, {"madconnect-beyond-page": "page-only"}) == {}


@pytest.mark.parametrize("name", ["source_message_id", "session_uuid"])
def test_where_uuids_are_asked_for_another_text_is_refused_with_a_word_on_that(name: str) -> None:
    body = {"mpid": 7, "events": [{"event_type": "session_start", "data": {name: "order-1"}}]}
    connection = Connection.from_settings({}, {"madconnect-texts": "uuid"}, destination="mparticle")
    made = plan(Batch.from_json(body), connection)
    assert fates(made)["/events/0"] == ("refused", PROPERTIES[name]["x-rules"]["type"])
    assert made.fates[0].detail == f"/events/0/data/{name} is not a UUID"


def test_under_uuids_what_is_no_text_is_still_told_as_such() -> None:
    body = {"mpid": 7, "events": [{"event_type": "session_start", "data": {"session_uuid": 7}}]}
    connection = Connection.from_settings({}, {"madconnect-texts": "uuid"}, destination="mparticle")
    assert plan(Batch.from_json(body), connection).fates[0].detail == "/events/0/data/session_uuid is not text"
