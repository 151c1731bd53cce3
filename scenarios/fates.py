"""The fates of data points, counted by what they are called: a recording has millions of points and few names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any

from forwarder import Plan

KINDS = {"user_attributes": "user attribute", "user_identities": "user identity"}
EVENT_POINT = len("/events/9999999")
"""Longer pointers lead into an event."""
POINT_FATE_RULE = itemgetter(0, 1, 2)
NO_BATCH: Any = {}
KNOWN = 1 << 16
"""Places whose names are remembered: the names of a connection, times the events of a batch."""


def count_fates(plans: Iterable[Plan], into: Counter[tuple[str, str, str]]) -> None:
    """Count every fate of these plans by (rule, name, fate)."""
    into.update((fate.rule, name_of(fate.point), fate.fate) for plan in plans for fate in plan.fates)


class FateCount:
    """The fates of many batches, counted point by point and named at the end: most points recur in every batch."""

    def __init__(self) -> None:
        self._points: Counter[tuple[str, str, str]] = Counter()
        self._events: Counter[tuple[str, str, str]] = Counter()
        self.total = 0

    def add(self, plan: Plan, batch: Mapping[str, Any]) -> None:
        """Count the fates of one batch."""
        fates = plan.fates
        self.total += len(fates)
        self._points.update(map(POINT_FATE_RULE, fates))
        events = batch.get("events")
        if events:
            for fate in fates:
                if len(fate[0]) < EVENT_POINT and fate[0].startswith("/events/"):
                    self._events[fate[2], event_name(events[int(fate[0][8:])]), fate[1]] += 1

    def named(self) -> Counter[tuple[str, str, str]]:
        """(rule, name, fate) -> how often."""
        made = Counter(self._events)
        for (point, fate, rule), count in self._points.items():
            name = name_of(point)
            if name != "event":
                made[rule, name, fate] += count
        return made


def count_destinies(
    destinies: Iterable[Mapping[str, Any]], into: Counter[tuple[str, str, str]], batches: Iterable[Mapping[str, Any]]
) -> None:
    """The same of what should have become of the points of these batches."""
    for batch, of_batch in zip(batches, destinies, strict=True):
        for point, destiny in of_batch.items():
            into[destiny.rule, _called(point, batch), destiny.fate] += 1


def _called(point: str, batch: Mapping[str, Any]) -> str:
    name = name_of(point)
    events = batch.get("events") if name == "event" else None
    return event_name(events[int(point.rpartition("/")[2])]) if events else name


def event_name(event: Mapping[str, Any]) -> str:
    """The kind and the name of an event, as the data filter spells them."""
    data = event.get("data") or {}
    kind = event.get("event_type")
    if kind == "screen_view":
        return f"screen {data.get('screen_name') or ''}"
    if kind == "custom_event":
        return f"event {data.get('custom_event_type') or 'other'}/{data.get('event_name') or ''}"
    return f"event {kind}"


@lru_cache(KNOWN)
def name_of(point: str) -> str:
    """The name of a data point without its place in the batch: what kind it is, and what it is called."""
    parts = point.split("/")
    if parts[1] == "events":
        return "event" if len(parts) == 3 else f"event attribute {_unescaped(parts[-1])}"
    if len(parts) == 2:
        return parts[1]
    kind = KINDS.get(parts[1], "deleted attribute")
    # An identity in an array has its place for a name; an attribute may be called by a number.
    numbered = parts[-1].isdigit() and kind != "user attribute"
    return kind if numbered else f"{kind} {_unescaped(parts[-1])}"


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
