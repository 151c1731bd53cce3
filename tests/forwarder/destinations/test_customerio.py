from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Response, rules
from contracts.validation import validate
from forwarder import Batch, Connection, Plan, plan
from forwarder.destination import FINE
from forwarder.destinations.customerio import CROCKFORD, trouble, ulid
from forwarder.points import points
from tests.forwarder.planning import bodies, custom, fates
from tests.forwarder.recorded import LAW, filters
from tests.scenarios.customerio.told import batches, choices, settings

WIDE = "\U0001f600"
ADA = {"customer_id": "c-1", "email": "ada@example.com"}


def connected(own: dict[str, Any] | None = None, assume: dict[str, str] | None = None, **tables: Any) -> Connection:
    return Connection.from_settings({"customerio": own or {}, **tables}, assume, destination="customerio")


def planned(body: dict[str, Any], own: dict[str, Any] | None = None, **assume: str) -> Plan:
    chosen = {f"customerio-{name.replace('_', '-')}": choice for name, choice in assume.items()}
    return plan(Batch.from_json({"mpid": 7, "user_identities": ADA, **body}), connected(own, chosen))


def answer(status: int, body: bytes) -> Response:
    return Response(status, {"content-type": "application/json"}, body)


# --- laws -------------------------------------------------------------------------------------------------


@LAW
@given(batches, settings, choices, st.none() | filters)
def test_every_point_has_one_fate_and_what_is_sent_stands_in_its_request(
    body: dict[str, Any], own: dict[str, Any], assume: dict[str, str], column: dict[str, Any] | None
) -> None:
    batch = Batch.from_json(body)
    made = plan(batch, connected(own, assume, data_filter=column or {}))
    assert sorted(fate.point for fate in made.fates) == sorted(points(batch.body))
    keys = {request.key for request in made.requests}
    assert all(fate.rule in rules() for fate in made.fates)
    assert {fate.request for fate in made.fates if fate.fate in {"sent", "merged"}} <= keys


@LAW
@given(batches, settings, choices)
def test_every_request_is_one_that_the_contract_describes(
    body: dict[str, Any], own: dict[str, Any], assume: dict[str, str]
) -> None:
    for request in plan(Batch.from_json(body), connected(own, assume)).requests:
        operation = "identifyPerson" if request.method == "PUT" else "trackEvent"
        found = [one for one in validate("customerio", operation, orjson.loads(request.body)) if one.rule]
        assert {one.rule for one in found} <= {"customerio.identify-attributes-max"}


@LAW
@given(batches, settings, choices)
def test_a_plan_is_the_same_every_time(body: dict[str, Any], own: dict[str, Any], assume: dict[str, str]) -> None:
    connection = connected(own, assume)
    assert plan(Batch.from_json(body), connection) == plan(Batch.from_json(body), connection)


@LAW
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_the_id_stands_whole_in_one_segment_of_the_path(name: str) -> None:
    made = planned({"user_identities": {"customer_id": name, "email": "a@b.co"}, "events": [custom("x")]})
    put, post = (request.path.split("/") for request in made.requests)
    assert (len(put), len(post), post[-1]) == (5, 6, "events")
    assert unquote(put[4]) == unquote(post[4]) == name
    assert put[4] not in {".", ".."}


@LAW
@given(st.integers(-(2**63), 2**63), st.text(st.characters(exclude_categories=["Cs"])))
def test_the_id_of_an_event_is_a_ulid_of_its_time(milliseconds: int, said: str) -> None:
    made = ulid(milliseconds, said)
    assert re.fullmatch(f"[0-7][{CROCKFORD}]{{25}}", made)
    time = sum(CROCKFORD.index(letter) << 5 * place for place, letter in enumerate(reversed(made[:10])))
    assert time == min(max(milliseconds, 0), 2**48 - 1)
    assert made == ulid(milliseconds, said) != ulid(milliseconds, f"{said}.")


# --- requests ---------------------------------------------------------------------------------------------


def test_the_person_comes_first_then_each_event_in_one_lane() -> None:
    body = {
        "source_request_id": "r",
        "user_attributes": {"$FirstName": "Ada", "FavoriteStore": "Boston"},
        "events": [custom("purchase", size="L"), {"event_type": "session_start"}, custom("visit")],
    }
    made = planned(body)
    assert [(one.key, one.what, one.method, one.path) for one in made.requests] == [
        ("7.r.user", "user", "PUT", "/api/v1/customers/c-1"),
        ("7.r.event.0", "event", "POST", "/api/v1/customers/c-1/events"),
        ("7.r.event.2", "event", "POST", "/api/v1/customers/c-1/events"),
    ]
    assert {one.lane for one in made.requests} == {"customerio:c-1"}
    assert all(one.creates is None for one in made.requests)
    assert bodies(made)[0] == {"email": "ada@example.com", "first_name": "Ada", "FavoriteStore": "Boston"}
    assert bodies(made)[1] == {"name": "purchase", "id": bodies(made)[1]["id"], "data": {"size": "L"}}
    assert "data" not in bodies(made)[2]


@pytest.mark.parametrize(
    ("name", "segment"),
    [("a@b.co/1", "a%40b.co%2F1"), ("50%+1", "50%25%2B1"), ("..", "%2E%2E"), ("{api_key}", "%7Bapi_key%7D")],
)
def test_signs_that_mean_something_in_a_path_are_encoded(name: str, segment: str) -> None:
    made = planned({"user_identities": {"customer_id": name, "email": "a@b.co"}})
    assert made.requests[0].path == f"/api/v1/customers/{segment}"


def test_events_of_two_batches_that_say_nothing_else_have_two_ids() -> None:
    one, two = (planned({"source_request_id": name, "events": [custom("x"), custom("x")]}) for name in "ab")
    ids = [body["id"] for body in (*bodies(one)[1:], *bodies(two)[1:])]
    assert len(set(ids)) == 4


def test_an_event_has_the_id_that_its_message_gives_it_in_whatever_batch() -> None:
    event = custom("x")
    event["data"] |= {"source_message_id": "m-1", "timestamp_unixtime_ms": 1_767_225_600_123}
    one, two = (planned({"source_request_id": name, "events": [event]}) for name in "ab")
    assert bodies(one)[1]["id"] == bodies(two)[1]["id"]
    assert bodies(one)[1]["timestamp"] == 1_767_225_600


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [
        (999, 0),
        (1000, 1),
        (-1, -1),
        ("1767225600999", 1_767_225_600),
        (253_402_300_799_999, 253_402_300_799),
        (-62_135_596_800_000, -62_135_596_800),
    ],
)
def test_a_time_is_told_in_whole_seconds(milliseconds: Any, seconds: int) -> None:
    event = custom("x")
    event["data"]["timestamp_unixtime_ms"] = milliseconds
    assert bodies(planned({"events": [event]}))[1]["timestamp"] == seconds


@pytest.mark.parametrize("milliseconds", [0, None, "", 253_402_300_800_000, -62_135_596_800_001])
def test_no_time_and_one_that_no_calendar_holds_are_left_out(milliseconds: Any) -> None:
    event = custom("x")
    event["data"]["timestamp_unixtime_ms"] = milliseconds
    assert "timestamp" not in bodies(planned({"events": [event]}))[1]


# --- rules ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("visit", "customerio.forwards-custom-events"),
        ("visit ", "customerio.names-trimmed"),
        ("a visit", "customerio.names-underscored"),
        (" a visit", "customerio.names-underscored"),
        ("", "customerio.event-without-name"),
        ("x" * 101, "customerio.oversized-event-name"),
    ],
)
def test_the_fate_of_an_event_names_the_last_rule_that_decided_about_its_name(name: str, rule: str) -> None:
    assert fates(planned({"events": [custom(name)]}))["/events/0"][1] == rule


@pytest.mark.parametrize(
    ("said", "fate"),
    [
        (True, ("sent", "customerio.opt-out-unsubscribes")),
        (False, ("unsupported", "customerio.opt-in-again")),
        (None, ("unsupported", "customerio.opt-out-unsubscribes")),
        (1, ("unsupported", "customerio.opt-out-unsubscribes")),
    ],
)
def test_the_fate_of_an_opt_out_says_what_was_said(said: Any, fate: tuple[str, str]) -> None:
    event = {"event_type": "opt_out", "data": {"is_opted_out": said}}
    assert fates(planned({"events": [event]}))["/events/0"] == fate


def test_an_email_is_sent_for_its_own_sake_or_because_there_is_no_other_id() -> None:
    place = "/user_identities/email"
    assert fates(planned({}))[place] == ("sent", "customerio.email-always")
    assert fates(planned({"user_identities": {"email": "a@b.co"}}))[place] == ("sent", "customerio.email-else")


def test_the_fate_of_an_audience_says_where_it_stands() -> None:
    audiences = [{"id": 1, "external_name": "Gold"}, {"id": 2, "external_name": "New", "action": "delete"}]
    made = planned({"type": "audience_membership", "audiences": audiences}, {"one_attribute_per_segment": True})
    assert bodies(made)[0] == {
        "email": "ada@example.com",
        "SegmentMembership": "'1'",
        "In Gold": True,
        "In New": False,
    }
    told = {fate.point: (fate.rule, fate.as_) for fate in made.fates}
    assert told["/audiences/0"] == ("customerio.segment-membership", "SegmentMembership")
    assert told["/audiences/1"] == ("customerio.audience-left", "In New")


def test_each_attribute_names_the_rule_by_which_it_goes_or_stays() -> None:
    body = {
        "user_attributes": {
            "a": 1,
            "$FirstName": "A",
            "$Zip": "W1",
            "id": "x",
            "": "y",
            "first_name": "B",
            "n" * 151: 1,
        }
    }
    rules_of = {point.rpartition("/")[2]: rule.partition(".")[2] for point, (_, rule) in fates(planned(body)).items()}
    assert rules_of == {
        "mpid": "other-identities",
        "customer_id": "customer-id-first",
        "email": "email-always",
        "a": "all-attributes",
        "$FirstName": "first-last-always",
        "$Zip": "reserved-attributes",
        "id": "reserved-keys",
        "": "empty-name",
        "first_name": "colliding-names",
        "n" * 151: "oversized-name",
    }


# --- bad input --------------------------------------------------------------------------------------------


def test_a_user_with_neither_email_nor_id_is_refused_with_every_point_and_no_value() -> None:
    made = planned({"user_identities": {"facebook": "geheim"}, "user_attributes": {"a": "geheim"}})
    assert made.requests == ()
    assert set(fates(made).values()) == {("refused", "customerio.user-with-email")}
    assert {fate.detail for fate in made.fates} == {"the user has no email"}


@pytest.mark.parametrize(
    ("own", "identities", "rule", "detail"),
    [
        ({"edition": "current"}, {}, "customerio.user-id-or-email", "the user has neither customer id nor email"),
        (
            {"edition": "current", "user_id_type": "customer_id"},
            {"email": "a@b.co"},
            "customerio.user-id-type",
            "the user has no customer id",
        ),
        (
            {"edition": "current", "user_id_type": "email"},
            {"customer_id": "c-1"},
            "customerio.user-id-type",
            "the user has no email",
        ),
    ],
)
def test_the_later_page_says_who_lacks_what(
    own: dict[str, Any], identities: dict[str, str], rule: str, detail: str
) -> None:
    made = planned({"user_identities": identities}, own)
    assert [(fate.fate, fate.rule, fate.detail) for fate in made.fates if fate.point == "/mpid"] == [
        ("refused", rule, detail)
    ]


@pytest.mark.parametrize("name", ["", " ", "     ", None])
def test_an_event_without_a_name_is_refused_and_says_so(name: str | None) -> None:
    event = {"event_type": "custom_event", "data": {"event_name": name}}
    made = planned({"events": [event]})
    assert fates(made)["/events/0"] == ("refused", "customerio.event-without-name")
    assert [fate.detail for fate in made.fates if fate.point == "/events/0"] == ["the event has no name"]


def test_a_value_whose_thousandth_byte_splits_a_character_is_dropped_with_its_size_and_not_its_text() -> None:
    made = planned({"user_attributes": {"Long": "x" + WIDE * 250, "Fits": WIDE * 250}})
    assert bodies(made)[0] == {"email": "ada@example.com", "Fits": WIDE * 250}
    dropped = next(fate for fate in made.fates if fate.point == "/user_attributes/Long")
    assert (dropped.fate, dropped.rule) == ("dropped", "customerio.oversized-value")
    assert dropped.detail == "1001 bytes, at most 1000"


@pytest.mark.parametrize(("text", "left"), [("x" + WIDE * 250, "x" + WIDE * 249), ("y" * 1001, "y" * 1000)])
def test_a_value_is_cut_between_characters(text: str, left: str) -> None:
    made = planned({"user_attributes": {"Long": text}}, oversized_value="truncated")
    assert bodies(made)[0]["Long"] == left


def test_an_email_is_dropped_where_it_is_too_long_but_never_cut() -> None:
    made = planned({"user_identities": {"customer_id": "c-1", "email": "e" * 1001}}, oversized_value="truncated")
    assert bodies(made) == [{}]
    assert fates(made)["/user_identities/email"] == ("dropped", "customerio.oversized-value")


def test_a_huge_number_is_measured_as_its_digits() -> None:
    made = planned({"user_attributes": {"Long": 10**1000, "Fits": 10**999}})
    assert made.requests[0].body == b'{"email":"ada@example.com","Fits":1' + b"0" * 999 + b"}"
    assert fates(made)["/user_attributes/Long"] == ("dropped", "customerio.oversized-value")


def test_first_and_last_name_stay_where_attributes_are_too_many_even_if_they_were_cut() -> None:
    many = {f"a{number}": number for number in range(400)}
    made = planned({"user_attributes": {**many, "$FirstName": "A" * 1001}}, oversized_value="truncated")
    assert len(bodies(made)[0]) == 300
    details = {fate.detail for fate in made.fates if fate.fate == "dropped"}
    assert details == {"402 attributes, at most 300"}
    assert bodies(made)[0]["first_name"] == "A" * 1000


# --- answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"{}\n", b"{}", b'{"meta": {}}'])
def test_exactly_200_is_a_success(body: bytes) -> None:
    assert trouble(answer(200, body)) == FINE


@pytest.mark.parametrize("status", [201, 202, 204, 207])
def test_any_other_success_is_none(status: int) -> None:
    code, why = trouble(answer(status, b"{}\n"))
    assert code == f"http_{status}"
    assert "customerio.host" in why


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'"ok"'])
def test_the_page_of_another_server_is_no_success(body: bytes) -> None:
    assert trouble(answer(200, body))[0] == "not_json"


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b'{\n  "meta": {\n    "error": "Unauthorized request"\n  }\n}\n', "Unauthorized request"),
        (400, b'{"meta":{"errors":["one thing","another\\n thing"]}}', "one thing; another thing"),
        (400, b'{"meta":{}}', ""),
        (400, b'{"meta":"x"}', ""),
        (500, b"<html>", ""),
        (429, b"", ""),
    ],
)
def test_the_message_of_a_refusal_is_told_in_both_of_its_forms(status: int, body: bytes, message: str) -> None:
    assert trouble(answer(status, body)) == ("", message)


# --- settings ---------------------------------------------------------------------------------------------


def test_site_id_api_key_and_host_are_required() -> None:
    assert connected().missing() == ["customerio.host", "customerio.site_id", "customerio.api_key"]
    whole = {"host": "https://track.customer.io", "site_id": "s", "api_key": "k"}
    assert connected(whole).missing() == []
    assert connected({**whole, "api_key": "k"}).account is not None


def test_the_settings_begin_as_the_page_says() -> None:
    own = connected().settings["customerio"]
    assert (own["include_user_attributes"], own["send_created_at"]) == (True, False)
    assert (own["edition"], own["one_attribute_per_segment"]) == ("document", False)
    assert connected({"send_created_at": True}).settings["customerio"]["include_user_attributes"] is True
