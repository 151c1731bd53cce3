from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import rules
from contracts.validation import validate
from forwarder import STEPS, Batch, Connection, plan
from forwarder.points import points
from tests.forwarder.planning import bodies, custom, fates, planned
from tests.forwarder.recorded import LAW, batches, choices, connected, filters, forwarded, mappings

ANY = batches | forwarded
connections = st.builds(
    lambda column, assume, mapped, login: connected(
        column, assume, event_mappings=mapped, forwarding_rules={"logged_in_only": login}
    ),
    st.none() | filters,
    choices,
    mappings,
    st.booleans(),
)


# --- laws -------------------------------------------------------------------------------------------------


@LAW
@given(ANY, connections)
def test_every_data_point_has_exactly_one_fate_and_nothing_else_has_one(
    body: dict[str, Any], connection: Connection
) -> None:
    made = plan(Batch.from_json(body), connection)
    assert Counter(fate.point for fate in made.fates) == Counter(points(body))


@LAW
@given(ANY, connections)
def test_every_fate_names_a_rule_of_the_register(body: dict[str, Any], connection: Connection) -> None:
    assert {fate.rule for fate in plan(Batch.from_json(body), connection).fates} <= set(rules())


@LAW
@given(ANY, connections)
def test_planning_twice_gives_the_same_and_leaves_the_batch_as_it_was(
    body: dict[str, Any], connection: Connection
) -> None:
    before = copy.deepcopy(body)
    batch = Batch.from_json(body)
    assert plan(batch, connection) == plan(batch, connection)
    assert orjson.dumps(repr(body)) == orjson.dumps(repr(before))


@LAW
@given(ANY, connections)
def test_every_request_body_holds_the_contract_of_its_operation(body: dict[str, Any], connection: Connection) -> None:
    left_open = {
        "sessionm.event-values-are-strings": connection.choices["event-attribute-values"] == "as-is",
        "sessionm.key-replace": connection.choices["non-ascii-letters"] == "kept",
        "sessionm.key-strip": connection.choices["empty-key"] == "underscore",
    }
    for request in plan(Batch.from_json(body), connection).requests:
        names = ["updateUserByExternalId", "createUser"] if request.creates else ["postEventsByExternalId"]
        for operation in names:
            found = validate("sessionm", operation, orjson.loads(request.body))
            assert [one for one in found if not left_open.get(one.rule)] == []


@LAW
@given(ANY, connections)
def test_no_request_carries_more_attributes_than_the_rules_allow(body: dict[str, Any], connection: Connection) -> None:
    for sent in bodies(plan(Batch.from_json(body), connection)):
        assert len(sent.get("user", {}).get("user_profile", {})) <= (rules()["sessionm.user-attributes-max"].limit or 0)
        for event in sent.get("events", {}).values():
            assert len(event.get("context", {})) <= (rules()["sessionm.event-attributes-max"].limit or 0)


@LAW
@given(ANY, connections)
def test_a_point_that_is_said_to_be_sent_stands_in_the_request_that_is_said_to_carry_it(
    body: dict[str, Any], connection: Connection
) -> None:
    made = plan(Batch.from_json(body), connection)
    by_key = dict(zip((request.key for request in made.requests), bodies(made), strict=True))
    assert len(by_key) == len(made.requests)
    for fate in made.fates:
        if fate.fate == "merged":
            assert fate.request in by_key
        elif fate.fate != "sent":
            assert (fate.as_, fate.request) == (None, None)
        else:
            assert fate.as_ in names_in(by_key[fate.request or ""])


def names_in(body: Any) -> set[str]:
    user, found = body.get("user", {}), set()
    for one in (user, *user.get("identifiers", ())):
        found |= set(one) | {one.get("external_id_type", "")}
    found |= set(user.get("user_profile", {}))
    for name, event in body.get("events", {}).items():
        found |= {name, *event.get("context", {})}
    return found


@LAW
@given(ANY, st.builds(connected, st.none() | filters))
def test_every_value_of_every_attribute_goes_out_as_a_string(body: dict[str, Any], connection: Connection) -> None:
    for sent in bodies(plan(Batch.from_json(body), connection)):
        user = sent.get("user", {})
        own = {
            name: value for name, value in user.items() if name not in {"identifiers", "phone_numbers", "user_profile"}
        }
        values = [*own.values(), *user.get("user_profile", {}).values()]
        for event in sent.get("events", {}).values():
            values += event.get("context", {}).values()
        assert {type(value) for value in values} <= {str}


@LAW
@given(ANY, connections)
def test_the_requests_of_a_batch_share_a_lane_name_the_mpid_and_begin_with_the_user(
    body: dict[str, Any], connection: Connection
) -> None:
    batch = Batch.from_json(body)
    made = plan(batch, connection)
    if made.requests:
        assert {request.lane for request in made.requests} == {f"sessionm:{batch.mpid}"}
        assert all(f"/external/users/{batch.mpid}" in request.path for request in made.requests)
        assert [bool(request.creates) for request in made.requests] == [True] + [False] * (len(made.requests) - 1)


@LAW
@given(ANY)
def test_no_detail_and_no_key_holds_a_value_of_the_batch(body: dict[str, Any]) -> None:
    secret = "geheim-4711"
    person = {"mpid": 7, "user_identities": {"customer_id": secret}}
    told = {**body, **person, "user_attributes": {**(body.get("user_attributes") or {}), "Secret": secret}}
    made = plan(Batch.from_json(told), connected())
    said = orjson.dumps([fate.to_json() for fate in made.fates]) + b"".join(
        f"{request.key} {request.path}".encode() for request in made.requests
    )
    assert secret.encode() not in said


# --- the order of the steps, and what stands between them --------------------------------------------------


def test_the_steps_stand_in_the_order_that_was_decided() -> None:
    order = [step.__name__ for step in STEPS]
    wanted = [
        "apply_rule",
        "take_platform",
        "take_logged_in",
        "filter_points",
        "name_events",
        "map_reserved",
        "normalise_names",
        "merge_names",
        "stringify",
        "cap_user_attributes",
        "cap_event_attributes",
    ]
    assert [name for name in order if name in wanted] == wanted


def test_other_steps_can_take_the_place_of_the_steps() -> None:
    made = planned({"user_attributes": {"n": 5}}, steps=())
    assert bodies(made)[0]["user"]["user_profile"] == {"n": 5}


@pytest.mark.parametrize(
    ("body", "fate", "rule"),
    [
        ({"device_info": {"platform": "desktop"}, "user_identities": None}, "unsupported", "sessionm.platforms"),
        ({"user_identities": {"email": "a@b.c"}, "mpid": None}, "filtered", "sessionm.logged-in-only"),
        ({"user_identities": {"customer_id": ""}}, "filtered", "sessionm.logged-in-only"),
        ({"mpid": None}, "refused", "sessionm.mpid-always"),
        ({"mpid": "0"}, "refused", "sessionm.mpid-always"),
    ],
)
def test_the_first_step_that_stops_a_batch_names_the_fate_of_all_its_points(
    body: dict[str, Any], fate: str, rule: str
) -> None:
    made = planned({"user_attributes": {"a": 1}, "events": [custom("x", a=1)], **body})
    assert made.requests == ()
    assert set(fates(made).values()) == {(fate, rule)}


def test_an_event_that_is_filtered_and_unmapped_and_nameless_is_filtered() -> None:
    made = planned({"events": [custom("")]}, connected({}, {"unmapped-event": "dropped"}))
    assert fates(made)["/events/0"] == ("filtered", "sessionm.new-data-points-off")


def test_a_kind_that_is_not_taken_is_unsupported_even_where_the_filter_is_off() -> None:
    made = planned(
        {"events": [{"event_type": "commerce_event", "data": {"custom_attributes": {"a": 1}}}]}, connected({})
    )
    assert {fates(made)[point] for point in ("/events/0", "/events/0/data/custom_attributes/a")} == {
        ("unsupported", "sessionm.other-kinds-unsupported")
    }


def test_names_that_become_one_take_one_place_under_the_cap() -> None:
    limit = rules()["sessionm.event-attributes-max"].limit or 0
    attributes = {"a b": 0, "a-b": 1, **{f"n{index}": index for index in range(limit - 1)}}
    made = planned(
        {"events": [custom("x", "other", **attributes)]}, connected(assume={"event-attribute-keys": "normalised"})
    )
    context = bodies(made)[1]["events"]["x"]["context"]
    assert len(context) == limit
    assert context["a_b"] == "0"
    assert fates(made)["/events/0/data/custom_attributes/a-b"] == ("merged", "sessionm.colliding-keys")


def test_the_first_ten_in_the_order_of_the_batch_stay_and_the_fate_says_how_many_there_were() -> None:
    made = planned({"events": [custom("x", "other", **{f"n{11 - index}": index for index in range(12)})]})
    assert list(bodies(made)[1]["events"]["x"]["context"]) == [f"n{11 - index}" for index in range(10)]
    dropped = [fate for fate in made.fates if fate.fate == "dropped"]
    assert [fate.detail for fate in dropped] == ["12 attributes, at most 10"] * 2


def test_reserved_attributes_stand_outside_the_cap() -> None:
    limit = rules()["sessionm.user-attributes-max"].limit or 0
    attributes = {**{f"n{index}": "x" for index in range(limit)}, "$FirstName": "Ada", "$Zip": 1}
    user = bodies(planned({"user_attributes": attributes}))[0]["user"]
    assert (len(user["user_profile"]), user["first_name"], user["zip"]) == (limit, "Ada", "1")


@pytest.mark.parametrize(
    ("value", "assume"), [(None, {"null-as-string": "dropped"}), ([], {"list-as-string": "dropped"})]
)
def test_what_has_no_text_is_dropped_from_reserved_fields_too(value: Any, assume: dict[str, str]) -> None:
    made = planned({"user_attributes": {"$City": value, "a": value}}, connected(assume=assume))
    assert bodies(made)[0]["user"] == bodies(planned({}))[0]["user"]
    assert {fates(made)[f"/user_attributes/{name}"][0] for name in ("$City", "a")} == {"dropped"}


def test_the_data_filter_knows_names_as_the_batch_has_them_and_not_as_they_go_out() -> None:
    column = {"user_attributes": {"a b": True, "$FirstName": True}, "user_identities": {"*": True}}
    user = bodies(planned({"user_attributes": {"a b": 1, "a_b": 2, "$FirstName": "Ada"}}, connected(column)))[0]["user"]
    assert (user["user_profile"], user["first_name"]) == ({"a_b": "1"}, "Ada")


def test_a_key_is_the_same_for_the_same_batch_and_another_for_another() -> None:
    one, two = planned({"user_attributes": {"a": 1}}), planned({"user_attributes": {"a": 2}})
    assert one.requests[0].key == planned({"user_attributes": {"a": 1}}).requests[0].key != two.requests[0].key
    named = planned({"source_request_id": "r-1", "events": [custom("x")]})
    assert [request.key for request in named.requests] == ["7.r-1.user", "7.r-1.event.0"]


@pytest.mark.parametrize(
    ("moment", "date"),
    [
        (1_767_225_600_123, "2026-01-01T00:00:00.123Z"),
        ("1767225600000", "2026-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-60_000_000_000_000, "0068-09-03T13:20:00.000Z"),
        (2**63 - 1, None),
        ("9999999999999999999", None),
        (0, None),
        (None, None),
        ("", None),
    ],
)
def test_a_timestamp_goes_out_as_a_date_in_utc_or_not_at_all(moment: int | str | None, date: str | None) -> None:
    event = custom("x")
    event["data"]["timestamp_unixtime_ms"] = moment
    assert bodies(planned({"events": [event]}))[1]["events"]["x"].get("date") == date


def test_an_event_carries_its_own_id_as_transaction_or_the_key_of_its_request() -> None:
    events = [custom("x"), custom("x"), custom("x")]
    events[0]["data"]["source_message_id"] = "m-1"
    events[1]["data"]["event_id"] = -5
    made = planned({"source_request_id": "r", "events": events})
    ids = [body["events"]["x"]["transaction_id"] for body in bodies(made)[1:]]
    assert ids == ["m-1", "-5", "7.r.event.2"]


def test_an_identity_without_a_type_is_refused() -> None:
    made = planned({"user_identities": {"customer_id": "c-1", "": "x"}})
    assert fates(made)["/user_identities/"] == ("refused", "sessionm.forwards-user-identities")
    assert bodies(made)[0]["user"]["identifiers"] == [{"external_id": "c-1", "external_id_type": "customer_id"}]
