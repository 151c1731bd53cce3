"""Journeys to Customer.io: hand-written stories of people, each through several batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from scenarios.examples import CUSTOMER, FIRST_MPID, custom, of_person, screen, without_mpid
from scenarios.scenario import Scenario

EMAIL = "ada@example.com"
BOTH = {"customer_id": CUSTOMER, "email": EMAIL}
WIDE = "\U0001f600"
DAY = 86_400


def journeys(first: int = 870_001) -> Iterator[Scenario]:
    """Every journey; `first` is the first number for people of their own."""
    unused = count(first)
    for make in (
        _member_from_first_visit_to_opt_out,
        _two_editions,
        _last_device_wins,
        _audiences_come_and_go,
        _odd_ids,
        _email_person_becomes_a_customer,
        _everything_too_long_at_once,
        _data_from_a_server,
        _names_alone,
        _a_batch_that_comes_again,
        _offline_batches_arrive_late,
        _without_an_mpid,
    ):
        yield from make(unused)


def _journey(name: str, title: str, number: int, batches: list[Mapping[str, Any]], **more: Any) -> Scenario:
    return Scenario(
        id=f"journey/customerio-{name}",
        title=title,
        suite="journeys",
        destination="customerio",
        batches=tuple(of_person(batch, number, "customerio") for batch in batches),
        **more,
    )


def _opt_out(*, opted: bool = True) -> dict[str, Any]:
    return {"event_type": "opt_out", "data": {"is_opted_out": opted}}


def _member_from_first_visit_to_opt_out(unused: Iterator[int]) -> Iterator[Scenario]:
    batches: list[Mapping[str, Any]] = [
        {"user_identities": {"email": EMAIL}, "events": [screen("Home"), screen("Sign Up")]},
        {
            "user_identities": BOTH,
            "user_attributes": {"$FirstName": "Ada", "$LastName": "Byron", "LoyaltyTier": "new", "Vip": None},
            "events": [custom("Signed Up", "user_content", channel="app", offers=True)],
        },
        {"user_attributes": {"LoyaltyTier": "gold", "Spent": 79.5}, "events": [custom(" purchase ", total=79.5)]},
        {"events": [custom("settings_seen"), _opt_out()]},
        {"user_attributes": {"LoyaltyTier": "lapsed"}, "events": [custom("purchase", total=5)]},
    ]
    yield _journey(
        "member",
        "a person looks round, signs up, buys, opts out of tracking, and is still served",
        next(unused),
        batches,
        pauses={1: "10m", 2: "7d", 3: "30d", 4: "90d"},
        arrives={"user": {"unsubscribed": True}},
        pinned=True,
    )


def _two_editions(unused: Iterator[int]) -> Iterator[Scenario]:
    alone: list[Mapping[str, Any]] = [
        {"user_identities": {"customer_id": CUSTOMER}, "user_attributes": {"a": 1}, "events": [screen("Home")]},
        {"user_identities": BOTH, "user_attributes": {"b": 2}},
    ]
    for edition, what in (("document", "waits for the email"), ("current", "is forwarded from the start")):
        settings = {"customerio": {"edition": edition}}
        title = f"in the edition {edition} a person with a customer id {what}"
        yield _journey(f"edition-{edition}", title, next(unused), alone, settings=settings)


def _last_device_wins(unused: Iterator[int]) -> Iterator[Scenario]:
    devices = {"Android": 1_700_000_000, "iOS": 1_710_000_000, "web": 1_705_000_000, "alexa": 1_690_000_000}
    order = ["Android", "Android", "iOS", "web", "Android", "alexa"]
    batches: list[Mapping[str, Any]] = [
        {"device_info": {"platform": name}, "created_at_unixtime": devices[name], "events": [screen(f"On {name}")]}
        for name in order
    ]
    yield _journey(
        "devices",
        "a person on four kinds of devices has the created_at of the last",
        next(unused),
        batches,
        settings={"customerio": {"send_created_at": True}},
        arrives={"user": {"created_at": devices[order[-1]]}},
        pinned=True,
    )


def _audiences_come_and_go(unused: Iterator[int]) -> Iterator[Scenario]:
    gold, new, lapsed = {"id": 11036, "external_name": "Gold"}, {"id": 11034, "external_name": "New"}, {"id": "7"}
    many = [{"id": 10_000 + number, "external_name": f"Audience {number}"} for number in range(140)]
    batches: list[Mapping[str, Any]] = [
        {"user_attributes": {"LoyaltyTier": "gold"}, "events": [screen("Home")]},
        {"type": "audience_membership", "audiences": [gold, new]},
        {"type": "audience_membership", "audiences": [gold, {**new, "action": "delete"}, lapsed]},
        {"type": "audience_membership", "audiences": many},
        {"type": "audience_membership", "audiences": []},
    ]
    for each in (False, True):
        settings = {"customerio": {"one_attribute_per_segment": each}}
        title = "audiences through four lines, " + ("each with an attribute of its own" if each else "in one attribute")
        yield _journey(f"audiences-{'each' if each else 'one'}", title, next(unused), batches, settings=settings)


def _odd_ids(unused: Iterator[int]) -> Iterator[Scenario]:
    for name in ("a@b.co/1", "a b+c%2Fd", "..", "~?#&=", "名前", f"'{WIDE}'", "x" * 143, WIDE * 36, WIDE * 38):
        number = next(unused)
        batch = {
            **of_person({"user_attributes": {"a": "b"}, "events": [screen("Home")]}, number, "customerio"),
            "user_identities": {"customer_id": name, "email": f"ada-{number}@example.com"},
            "mpid": FIRST_MPID + number,
        }
        yield Scenario(
            id=f"journey/customerio-id-{number}",
            title="a person whose id means something in a path, or is long",
            suite="journeys",
            destination="customerio",
            batches=(batch, batch),
        )


def _email_person_becomes_a_customer(unused: Iterator[int]) -> Iterator[Scenario]:
    batches: list[Mapping[str, Any]] = [
        {"user_identities": {"email": EMAIL}, "user_attributes": {"a": 1}, "events": [screen("Home")]},
        {"user_identities": {"customer_id": CUSTOMER, "email": EMAIL.upper()}, "events": [screen("Menu")]},
        {"user_identities": {"email": EMAIL}, "user_attributes": {"b": 2}, "events": [screen("Cart")]},
        {"user_identities": {"customer_id": CUSTOMER, "email": "other@example.com"}, "user_attributes": {"c": 3}},
    ]
    title = "a person known by email gets an id, comes back by email, and wants another email"
    yield _journey("email", title, next(unused), batches)


def _everything_too_long_at_once(unused: Iterator[int]) -> Iterator[Scenario]:
    crowd = {f"attribute_{number:04d}": number for number in range(290)}
    batch = {
        "user_attributes": {
            "$FirstName": "A" + WIDE * 250,
            "$LastName": "Byron",
            "n" + WIDE * 38: "a name too long",
            **crowd,
            "Long": "A" + WIDE * 250,
            "List": ["x" * 996, 1],
            **{f"more_{number}": "x" for number in range(20)},
        },
        "events": [
            custom("x" + WIDE * 25),
            custom("   "),
            custom("Big One", first="x" * 60_000, second="y" * 60_000, third="z"),
            screen("Home"),
        ],
    }
    for choice in ("dropped", "truncated", "sent"):
        assume = {f"customerio-oversized-{what}": choice for what in ("value", "name", "event-name")}
        title = f"names, values and events beyond every limit; what is too long is {choice}"
        yield _journey(f"limits-{choice}", title, next(unused), [{"events": [screen("Menu")]}, batch], assume=assume)


def _data_from_a_server(unused: Iterator[int]) -> Iterator[Scenario]:
    batches: list[Mapping[str, Any]] = [
        {"device_info": None, "user_attributes": {"a": 1}, "events": [custom("Order Shipped", order="o-1")]},
        {"device_info": {"platform": "desktop"}, "events": [custom("seen")]},
        {"mpid": None, "events": [{"event_type": "commerce_event", "data": {}}, custom("paid")]},
    ]
    for choice in ("forwarded", "dropped"):
        assume = {"customerio-server-events": choice}
        title = f"a shop's server tells of an order: its events are {choice}"
        yield _journey(f"server-{choice}", title, next(unused), batches, assume=assume)


def _names_alone(unused: Iterator[int]) -> Iterator[Scenario]:
    batch = {
        "user_attributes": {"$FirstName": "Ada", "$lastname": "Byron", "$Zip": "W1", "LoyaltyTier": "gold"},
        "events": [custom("purchase", total=3)],
    }
    settings = {"customerio": {"include_user_attributes": False}}
    for choice in ("always", "with-attributes"):
        title = f"of a user only the names go, and the email {choice}"
        assume = {"customerio-email-sent": choice}
        yield _journey(f"names-{choice}", title, next(unused), [batch], settings=settings, assume=assume)


def _a_batch_that_comes_again(unused: Iterator[int]) -> Iterator[Scenario]:
    event = custom("purchase", total=3)
    event["data"] |= {"source_message_id": "again-1", "timestamp_unixtime_ms": 1_767_225_600_000 - DAY * 1000}
    batch = {"source_request_id": "r-1", "user_attributes": {"a": 1}, "events": [event, screen("Home")]}
    yield _journey("again", "a batch that comes three times is told once", next(unused), [batch, batch, batch])


def _offline_batches_arrive_late(unused: Iterator[int]) -> Iterator[Scenario]:
    def at(name: str, days: int) -> dict[str, Any]:
        event = custom(name)
        event["data"]["timestamp_unixtime_ms"] = (1_767_225_600 - days * DAY) * 1000
        return event

    batches: list[Mapping[str, Any]] = [
        {"user_attributes": {"a": 1}, "events": [at("old", 5), at("recent", 1), custom("undated"), at("early", -2)]},
        {
            "events": [
                at("old", 4),
                {"event_type": "opt_out", "data": {"is_opted_out": True, "timestamp_unixtime_ms": 1}},
            ]
        },
    ]
    for hours in (None, 48):
        settings = {"max_data_age_hours": hours} if hours else {}
        title = f"a phone comes back from the mountains; events of {'48 hours' if hours else 'any age'} go"
        yield _journey(f"late-{hours or 'any'}", title, next(unused), batches, settings=settings)


def _without_an_mpid(unused: Iterator[int]) -> Iterator[Scenario]:
    batch = {"user_attributes": {"a": 1}, "events": [custom("purchase", total=3)]}
    title = "a batch that does not speak of an MPID says who it is all the same"
    made = _journey("no-mpid", title, next(unused), [batch, batch])
    yield replace(made, batches=(made.batches[0], without_mpid(made.batches[1])))
