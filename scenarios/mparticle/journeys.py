"""Journeys into an input of mParticle: hand-written stories of batches that came out of another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from scenarios.destinations import DESTINATIONS
from scenarios.examples import CUSTOMER, custom, of_person, screen, without_mpid
from scenarios.reading import limit
from scenarios.scenario import Scenario
from scenarios.verdict import SideName

from .plain import bytes_of

DESTINATION = "mparticle"
BEGUN = 1_767_225_600_000
"""Midnight of 1 January 2026, when a scenario begins, in milliseconds since 1970."""
LARGEST = 2**63 - 1


def journeys() -> Iterator[Scenario]:
    """Every journey."""
    unused = count(DESTINATIONS[DESTINATION].people + 50_000)
    for make in (
        _out_of_one_input_into_another,
        _the_same_line_twice,
        _numbers_to_the_digit,
        _a_session_of_every_kind,
        _one_event_spoilt_among_good_ones,
        _more_than_one_request_holds,
        _nobody_becomes_somebody,
        _only_what_was_selected,
        _into_another_workspace,
    ):
        yield make(next(unused))
    yield from _to_the_byte(unused)
    yield _without_an_mpid(next(unused))
    yield from _two_that_just_fit(unused)


def _journey(name: str, title: str, number: int, batches: Sequence[Mapping[str, Any]], **more: Any) -> Scenario:
    return Scenario(
        id=f"journey/mparticle/{name}",
        title=title,
        suite="journeys",
        destination=DESTINATION,
        batches=tuple(of_person(batch, number, DESTINATION) for batch in batches),
        **more,
    )


def _line(**parts: Any) -> dict[str, Any]:
    """A batch as it stands in a file of mParticle's S3 output."""
    return {
        "schema_version": 2,
        "api_key": "of-the-source",
        "batch_id": str(LARGEST),
        "message_id": "a3f1c2d4-0000-4000-8000-000000000001",
        "message_type": "events",
        "timestamp_unixtime_ms": str(BEGUN),
        "source_info": {"channel": "native"},
        "user_identities": [
            {"identity_type": "customerid", "identity": CUSTOMER, "timestamp_unixtime_ms": str(BEGUN)},
            {"identity_type": "email", "identity": "ada@example.com", "created_this_batch": True},
        ],
        **parts,
    }


def _out_of_one_input_into_another(number: int) -> Scenario:
    event = custom("purchase", "transaction", sku="s-1", price=79.5, gift=False, note=None)
    event["data"] |= {
        "event_id": "6004677780660780001",
        "session_id": "4957918240501247982",
        "session_uuid": "91b86d0c-86cb-4124-a8b2-edee107de454",
        "timestamp_unixtime_ms": str(BEGUN),
        "message_id": "a3f1c2d4-0000-4000-8000-000000000002",
        "message_type": "events",
        "location": None,
        "custom_flags": {"Google.Category": "shoes"},
    }
    lines = [
        _line(events=[event], user_attributes={"Tier": "gold", "Sizes": ["L", "M"], "Vip": None}),
        _line(batch_id="8", deleted_user_attributes=["Tier"], events=[screen("Menu")]),
    ]
    return _journey(
        "line", "lines of a bucket go into another input, and nothing of the source's with them", number, lines
    )


def _the_same_line_twice(number: int) -> Scenario:
    line = _line(events=[custom("purchase", "transaction")], user_attributes={"Tier": "gold"})
    named = {"source_request_id": "request-1", "events": [custom("visit")]}
    other = {"source_request_id": "request-2", "events": [custom("visit")]}
    return _journey(
        "again",
        "lines that are read again are known by their ids, and those that only look alike are not",
        number,
        [line, named, line, named, other],
        pauses={2: "1h", 3: "1d"},
    )


def _numbers_to_the_digit(number: int) -> Scenario:
    far = {"event_id": LARGEST, "session_id": -(2**63), "event_num": 2**53 + 1, "timestamp_unixtime_ms": BEGUN + 1}
    texts = {"event_id": str(LARGEST - 1), "session_id": str(-(2**63) + 1), "timestamp_unixtime_ms": str(BEGUN)}
    attributes: dict[str, Any] = {"count": 2**53 + 1, "price": 0.1, "whole": 1e16}
    return _journey(
        "digits",
        "numbers that no float can hold arrive to the digit",
        number,
        [
            {
                "mpid": -(2**63) + number,
                "user_attributes": {"Balance": 2**63 - 1, "Debt": -(2**63), "Scores": [2**53 + 1, 0.5]},
                "events": [_with(custom("first", **attributes), far), _with(screen("Second"), texts)],
            }
        ],
    )


def _a_session_of_every_kind(number: int) -> Scenario:
    def other(kind: str, **data: Any) -> dict[str, Any]:
        return {"event_type": kind, "data": data}

    bought = {"action": "purchase", "transaction_id": "t-1", "products": [{"id": "s-1", "quantity": 2, "price": 1.5}]}
    events = [
        other("session_start", session_id=17),
        other("application_state_transition", application_transition_type="application_initialized"),
        screen("Menu", origin="push"),
        custom("search", "search", words="shoes"),
        other("commerce_event", product_action=bought, currency_code="EUR", custom_attributes={"store": "b-1"}),
        other("user_attribute_change", user_attribute_name="Tier", new="gold", old=None, is_new_attribute=True),
        other("push_registration", register=True, registration_token="t"),  # noqa: S106  of nobody's device
        other("opt_out", is_opted_out=True),
        other("session_end", session_id=17, session_duration_ms=9),
    ]
    return _journey("kinds", "a session of many kinds of events arrives in its order", number, [{"events": events}])


def _one_event_spoilt_among_good_ones(number: int) -> Scenario:
    spoilt = [
        _with(custom("spoilt_id", a="b"), {"event_id": str(LARGEST + 1)}),
        _with(custom("spoilt_place"), {"location": "Boston"}),
        _with(screen(""), {}),
        {"event_type": "validation_result", "data": {"match": {}}},
    ]
    events = [custom("first"), *spoilt, _with(custom("last", colors=["red"], size="L"), {"location": {}})]
    batches = [{"user_attributes": {"Tier": "gold", "Address": {"city": "Boston"}}, "events": events}]
    return _journey("spoilt", "of a batch with spoilt events the good ones arrive", number, batches)


def _more_than_one_request_holds(number: int) -> Scenario:
    events = [_with(custom(f"event_{index}"), {"custom_flags": {"flag": "é" * 40_000}}) for index in range(7)]
    return _journey(
        "split",
        "a batch for which one request is too small arrives in order, and once",
        number,
        [
            {"source_request_id": "wide", "user_attributes": {"Visits": 1}, "events": events},
            {"source_request_id": "wide", "user_attributes": {"Visits": 1}, "events": events},
            {"source_request_id": "small", "user_attributes": {"Visits": 2}, "events": [custom("afterwards")]},
        ],
    )


def _to_the_byte(unused: Iterator[int]) -> Iterator[Scenario]:
    """One event whose request is as large as may be, and a byte less and more."""
    sides: tuple[tuple[int, SideName], ...] = ((-1, "below"), (0, "at"), (1, "above"))
    for (more, side), number in zip(sides, unused, strict=False):
        size = limit("mparticle.request-bytes-max") + more
        batch = of_person({"source_request_id": "r-1", "events": [_flagged("")]}, number, DESTINATION)
        # It has the form of inputs already: it goes as it stands.
        batch["events"] = [_flagged("x" * (size - bytes_of(batch)))]
        yield replace(
            _journey(f"bytes-{size}", f"an event whose request has {size} bytes", number, []),
            batches=(batch,),
            rule="madconnect.split",
            side=side,
            fates={"/events/0": "refused" if side == "above" else "sent"},
        )


def _two_that_just_fit(unused: Iterator[int]) -> Iterator[Scenario]:
    """Two events that one of several requests just holds, with the comma between them, or just does not."""
    sides: tuple[tuple[int, SideName], ...] = ((0, "at"), (1, "above"))
    for (more, side), number in zip(sides, unused, strict=False):
        batch = of_person({"source_request_id": "r-1.4", "events": []}, number, DESTINATION)
        room = limit("mparticle.request-bytes-max") - bytes_of(batch) + more
        spare = room - 2 * bytes_of(_flagged("")) - len(",")
        batch["events"] = [_flagged("x" * 1000), _flagged("x" * (spare - 1000)), screen("Menu")]
        yield replace(
            _journey(f"shares-{more}", f"two events that are {more} bytes too large for one request", number, []),
            batches=({**batch, "source_request_id": "r-1"},),
            rule="madconnect.split",
            side=side,
            outcomes={"batch.1": "delivered", "batch.2": "delivered"},
        )


def _flagged(flag: str) -> dict[str, Any]:
    return {"event_type": "session_start", "data": {"custom_flags": {"flag": flag}}}


def _nobody_becomes_somebody(number: int) -> Scenario:
    batches: list[Mapping[str, Any]] = [
        {"mpid": None, "user_identities": None, "user_attributes": {"Visits": 1}, "events": [screen("Menu")]},
        {"user_identities": None, "user_attributes": {"Visits": 2}, "events": [screen("Shoes")]},
        {"user_identities": {"customerid": CUSTOMER}, "user_attributes": {"Visits": 3}, "events": [custom("login")]},
    ]
    return _journey(
        "somebody", "whoever has no id at all is refused, and goes as soon as there is one", number, batches
    )


def _only_what_was_selected(number: int) -> Scenario:
    event = _with(custom("visit", "navigation", store="b-1"), {"event_num": 3, "session_id": 17})
    placed = _with(custom("search"), {"location": "not looked at"})
    return _journey(
        "selected",
        "of an event's node only what was selected travels",
        number,
        [{"events": [event, placed, screen("Menu")]}],
        settings={"madconnect": {"parameters": ["event_num", "custom_attributes"]}},
    )


def _into_another_workspace(number: int) -> Scenario:
    return _journey(
        "workspace",
        "into another workspace people go by their identities",
        number,
        [_line(events=[custom("visit")]), {"user_identities": None, "events": [custom("unknown")]}],
        assume={"madconnect-mpid": "left-out"},
    )


def _without_an_mpid(number: int) -> Scenario:
    batch = {"user_attributes": {"Visits": 1}, "events": [custom("visit")]}
    title = "a batch that does not speak of an MPID goes by its identities"
    made = _journey("no-mpid", title, number, [batch, batch])
    return replace(made, batches=(made.batches[0], without_mpid(made.batches[1])))


def _with(event: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The event with more said of it."""
    return {**event, "data": {**event["data"], **more}}
