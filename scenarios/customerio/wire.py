"""What a person does not show: how requests to Customer.io were put, and when and under which id each event was kept.

No document says how a forwarder must put them, so only our own is held to it; but for the time of an event, to
which `check_moments` holds anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from mock_sessionm import Tenant
from scenarios.account import Expected
from scenarios.checks import FATES
from scenarios.place import Forwarded
from scenarios.scenario import Scenario
from scenarios.verdict import Finding

from .events import seconds_of

JSON = "application/json"
SHAPE = "customerio.contract"
PERSON = re.compile(r"/api/v1/customers/([^/?]+)(/events)?")
ULID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")
DIGITS = {digit: number for number, digit in enumerate("0123456789ABCDEFGHJKMNPQRSTVWXYZ")}
Sent = tuple[str, Mapping[str, Any]]


def check_wire(scenario: Scenario, forwarded: Forwarded, expected: Expected, tenant: Tenant) -> Iterator[Finding]:
    """Requests and kept events of one scenario. Under a Rule the batches are not what was forwarded: none is read."""
    yield from _check_requests(forwarded, expected)
    found = [tenant.track.person(known_by) for known_by in expected.people]
    profiles = list({id(one): one for one in found if one is not None}.values())
    if scenario.rewrite is not None or len(profiles) != 1:
        return
    kept = profiles[0].events
    sent = list(_sent(scenario, expected))
    if len(sent) != len(kept):
        return
    choices = {name: tenant.choices[f"customerio-{name}"] for name in ("screen-views", "timestamp-place", "event-ulid")}
    ids: dict[str, Sent] = {}
    for index, (one, event) in enumerate(zip(sent, kept, strict=True)):
        rule = "customerio.forwards-screen-views" if one[0] == "screen_view" else "customerio.forwards-custom-events"
        for what, got, wanted, blame in _differences(one, event, choices, ids):
            place = f"/events/{index}/{what}"
            yield Finding(blame or rule, f"{place}: {got}, wanted {wanted}", place, got, wanted)


def check_moments(scenario: Scenario, expected: Expected, tenant: Tenant) -> Iterator[Finding]:
    """Whether each event of a person arrived with the time at which it happened (rule customerio.timestamp-sent).

    Where other events arrived than should have, this is told elsewhere, and none can be told from another.
    """
    if scenario.rewrite is not None or tenant.choices["customerio-timestamp-place"] != "top":
        return
    found = {known_by: tenant.track.person(known_by) for known_by, person in expected.people.items() if person}
    if len(found) != 1:
        return
    ((known_by, profile),) = found.items()
    wanted, kept = expected.people[known_by], profile.events if profile else []
    sent = list(_sent(scenario, expected))
    if wanted is None or len(sent) != len(kept) or [one["name"] for one in kept] != [one.name for one in wanted.events]:
        return
    for index, ((_, said), event) in enumerate(zip(sent, kept, strict=True)):
        seconds = seconds_of(said.get("timestamp_unixtime_ms"))
        if seconds is not None and event["timestamp"] != seconds:
            place, what = f"/events/{index}/timestamp", ("another moment", "the event's own, in seconds")
            text = f"{place}: {what[0]}, wanted {what[1]}"
            yield Finding("customerio.timestamp-sent", text, place, *what, batch=known_by)


def _check_requests(forwarded: Forwarded, expected: Expected) -> Iterator[Finding]:
    """Bodies say that they are JSON, paths hold their identifier whole, and delivery tells how often it tried."""
    events = 0
    for one in forwarded.heard:
        kind = one.request.headers.get("content-type", "none")
        if one.request.body and kind != JSON:
            yield Finding(SHAPE, f"the content type is {kind}, wanted {JSON}", "header:content-type", kind, JSON)
        found = PERSON.fullmatch(one.request.target)
        known_by = unquote(found[1]) if found else ""
        spelt = found and found[1] == (
            quote(known_by, safe="") if known_by.strip(".") else known_by.replace(".", "%2E")
        )
        if not found or not spelt or known_by not in expected.people:
            rule = "customerio.customer-id-first"
            yield Finding(rule, "the path names nobody who was to be sent", "path", "another path", "the person's")
        events += bool(found and found[2])
    told = sum(
        one.attempts for outcomes in forwarded.outcomes for one in outcomes if one.key.rpartition(".")[2].isdecimal()
    )
    if events != told:
        yield Finding(FATES, f"{told} tries of events are told, {events} came", "tries", str(told), str(events))


def _sent(scenario: Scenario, expected: Expected) -> Iterator[Sent]:
    """Every event that should be sent: its type, and what is said of it."""
    for batch, destinies in zip(scenario.batches, expected.destinies, strict=True):
        for index, event in enumerate(batch.get("events") or ()):
            destiny = destinies.get(f"/events/{index}")
            if destiny is not None and destiny.fate == "sent" and event["event_type"] != "opt_out":
                yield event["event_type"], event.get("data") or {}


def _differences(
    sent: Sent, kept: Mapping[str, Any], choices: Mapping[str, str], ids: dict[str, Sent]
) -> Iterator[tuple[str, str, str, str]]:
    """What is not as it should be of one event: what, how it is, how it should be, and the rule."""
    kind, said = sent
    seconds = seconds_of(said.get("timestamp_unixtime_ms")) if choices["timestamp-place"] == "top" else None
    arrived = int(datetime.fromisoformat(kept["received"]).timestamp())
    if kept["timestamp"] != (arrived if seconds is None else seconds):
        own = "the event's own" if seconds is not None else "that of its arrival"
        yield "timestamp", "another moment", own, "customerio.timestamp-sent"
    typed = "screen" if kind == "screen_view" and choices["screen-views"] == "screen" else "event"
    if kept["type"] != typed:
        yield "type", str(kept["type"]), typed, "customerio.screen-view-type"
    id_ = kept.get("id")
    if choices["event-ulid"] == "none":
        if id_ is not None:
            yield "id", "an id", "none", "customerio.event-known-again"
    elif not isinstance(id_, str) or not ULID.fullmatch(id_):
        yield "id", "no ULID", "a ULID", "customerio.event-known-again"
    else:
        if _milliseconds(id_) != min(max(int(said.get("timestamp_unixtime_ms") or 0), 0), 2**48 - 1):
            yield "id", "another time", "the event's own", "customerio.event-known-again"
        if ids.setdefault(id_, sent) is not sent:
            yield "id", "that of another event", "one of its own", "customerio.event-known-again"


def _milliseconds(ulid: str) -> int:
    """The time in the first ten letters of a ULID."""
    number = 0
    for letter in ulid[:10]:
        number = number * 32 + DIGITS[letter]
    return number
