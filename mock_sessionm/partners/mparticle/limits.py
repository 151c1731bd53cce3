"""mParticle's limits within a batch: what goes beyond one, and what becomes of it while the request is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contracts import Violation
from contracts.interaction import pointer
from mock_sessionm.call import Call
from mock_sessionm.check import Check, known_tenant
from mock_sessionm.limits import limit

from .reading import HISTORICAL, attributes, each_batch, events, named, read

EVENT_NAME = "mparticle.event-name-max"
ATTRIBUTE_NAME = "mparticle.event-attribute-name-max"
ATTRIBUTE_VALUE = "mparticle.event-attribute-value-max"
ATTRIBUTES = "mparticle.event-attributes-max"
USER_NAME = "mparticle.user-attribute-name-max"
USER_VALUE = "mparticle.user-attribute-value-max"
LIST = "mparticle.user-attribute-list-max"
LIST_VALUE = "mparticle.user-attribute-list-value-max"
USER_ATTRIBUTES = "mparticle.user-attributes-max"
NAMES = "mparticle.unique-names-max"
AGE = "mparticle.live-age"
NO_EVENTS = "mparticle.historical-no-events"
UNTIMED = "mparticle.historical-untimed"
RECENT = "mparticle.historical-recent"
LONGEST = 120
"""So much of a pointer is shown: the names in it may be what is too long."""
MILLISECONDS = {AGE: 86_400_000, RECENT: 3_600_000}
"""What a limit of age counts: days, hours."""

Found = Iterator[Violation]


def limit_of(rule: str) -> int:
    """The number of a rule."""
    return limit(rule)


def _too_much(rule: str, where: str, size: int, unit: str = "characters") -> Violation:
    shown = where if len(where) <= LONGEST else f"{where[:LONGEST]}…"
    return Violation(rule, where, f"{shown}: {size} {unit}, at most {limit_of(rule)}", f"{size} {unit}")


def event_name(_call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    limit = limit_of(EVENT_NAME)
    for where, name in named(place, batch):
        if len(name) > limit:
            yield _too_much(EVENT_NAME, where, len(name))


def attribute_value(_call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    limit = limit_of(ATTRIBUTE_VALUE)
    for where, given in attributes(place, batch):
        for name, value in given.items():
            if isinstance(value, str) and len(value) > limit:
                yield _too_much(ATTRIBUTE_VALUE, where + pointer(name), len(value))


def attribute_count(_call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    limit = limit_of(ATTRIBUTES)
    for where, given in attributes(place, batch):
        if len(given) > limit:
            yield _too_much(ATTRIBUTES, where, len(given), "names")


def attribute_name(_call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    limit = limit_of(ATTRIBUTE_NAME)
    for where, given in attributes(place, batch):
        for name in given:
            if len(name) > limit:
                yield _too_much(ATTRIBUTE_NAME, where + pointer(name), len(name))


def user_attribute(rule: str, size: Callable[[str, Any], int], unit: str = "characters") -> Callable[..., Found]:
    """The check of one user attribute at a time; `size` is what counts of its name and value."""

    def find(_call: Call, place: str, batch: Mapping[str, Any]) -> Found:
        limit = limit_of(rule)
        for name, value in (batch.get("user_attributes") or {}).items():
            if size(name, value) > limit:
                yield _too_much(rule, f"{place}/user_attributes{pointer(name)}", size(name, value), unit)

    return find


def user_attribute_count(_call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    given = batch.get("user_attributes") or {}
    if len(given) > limit_of(USER_ATTRIBUTES):
        yield _too_much(USER_ATTRIBUTES, f"{place}/user_attributes", len(given), "names")


def live_age(call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    """What is older than live data may be; an event without a time happened when it came."""
    for where, at in _times(place, batch):
        if at is not None and _age(call, at) > limit_of(AGE) * MILLISECONDS[AGE]:
            text = f"{where}: older than {limit_of(AGE)} days; the historical path takes it"
            yield Violation(AGE, where, text, "older", f"{limit_of(AGE)} days")


def unique_names(call: Call) -> Found:
    """The names of events and screens that a workspace has no place for any more."""
    taken = known_tenant(call).ingest.names
    fresh: set[str] = set()
    for place, batch in read(call).good:
        for where, name in named(place, batch):
            kept = name[: limit_of(EVENT_NAME)]
            if kept in taken or kept in fresh:
                continue
            if len(taken) + len(fresh) >= limit_of(NAMES):
                text = f"{where}: a new name, and the workspace has {limit_of(NAMES)} already"
                yield Violation(NAMES, where.rpartition("/data/")[0], text, "a new name", f"{limit_of(NAMES)} names")
            else:
                fresh.add(kept)


def without_events(_call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    if not batch.get("events"):
        yield Violation(NO_EVENTS, place, f"{place}: has no events", "no events", "events")


def untimed(_call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    for where, at in _times(place, batch):
        if at is None:
            text = f"{where}: has no timestamp_unixtime_ms"
            yield Violation(UNTIMED, place, text, "no time", "timestamp_unixtime_ms")


def recent(call: Call, place: str, batch: Mapping[str, Any]) -> Found:
    for where, at in _times(place, batch):
        if at is not None and _age(call, at) < limit_of(RECENT) * MILLISECONDS[RECENT]:
            text = f"{where}: less than {limit_of(RECENT)} hours old; the live path takes it"
            yield Violation(RECENT, place, text, "younger", f"{limit_of(RECENT)} hours")


def checks(surface: str, live: frozenset[str]) -> tuple[Check, ...]:
    """A check for each limit, in the order in which the parts of a batch are mended."""
    old = frozenset({HISTORICAL})
    made: list[tuple[str, Any, frozenset[str] | None]] = [
        (NO_EVENTS, each_batch(without_events), old),
        (UNTIMED, each_batch(untimed), old),
        (RECENT, each_batch(recent), old),
        (AGE, each_batch(live_age), live),
        (EVENT_NAME, each_batch(event_name), None),
        (NAMES, unique_names, None),
        (ATTRIBUTES, each_batch(attribute_count), None),
        (ATTRIBUTE_VALUE, each_batch(attribute_value), None),
        (ATTRIBUTE_NAME, each_batch(attribute_name), None),
        (USER_NAME, each_batch(user_attribute(USER_NAME, lambda name, _value: len(name))), None),
        (USER_VALUE, each_batch(user_attribute(USER_VALUE, _letters)), None),
        (LIST, each_batch(user_attribute(LIST, lambda _name, value: len(_entries(value)), "entries")), None),
        (LIST_VALUE, each_batch(user_attribute(LIST_VALUE, _longest)), None),
        (USER_ATTRIBUTES, each_batch(user_attribute_count), None),
    ]
    return tuple(Check(rule, find, operations, surface=surface) for rule, find, operations in made)


def _letters(_name: str, value: Any) -> int:
    return len(value) if isinstance(value, str) else 0


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _longest(_name: str, value: Any) -> int:
    return max((len(one) for one in _entries(value) if isinstance(one, str)), default=0)


def _times(place: str, batch: Mapping[str, Any]) -> Iterator[tuple[str, int | None]]:
    """When each event of a batch happened, in milliseconds since 1970."""
    for where, _, told in events(place, batch):
        at = told.get("timestamp_unixtime_ms")
        yield where, None if at in {None, ""} else int(at)


def _age(call: Call, at: int) -> float:
    return known_tenant(call).clock.now() * 1000 - at
