"""The batches of a request: which of them have the shape that is wanted, and the parts that limits speak of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import Violation
from contracts.interaction import pointer
from contracts.validation import check
from mock_sessionm.call import Call
from mock_sessionm.check import Find, known_tenant
from mock_sessionm.limits import numbers

VENDOR = "mparticle"
SINGLE = "postBatch"
HISTORICAL = "postHistoricalBatches"
TOLERANT = "#/components/schemas/RecordedBatch"
PUBLISHED = "#/components/schemas/PublishedBatch"
NAMES = {"custom_event": "event_name", "screen_view": "screen_name"}
"""Kind of an event -> where its name stands."""


@dataclass(slots=True)
class Read:
    """The batches of one request, each with its JSON pointer: those in shape, and what is wrong with the others."""

    good: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    wrong: list[Violation] = field(default_factory=list)


def read(call: Call) -> Read:
    """The batches of a call; worked out once."""
    if call.parts is None:
        made = Read()
        for place, batch in _batches(call):
            found = _wrong(call, batch)
            made.wrong += [_below(place, violation) for violation in found]
            if not found:
                made.good.append((place, batch))
        call.parts = made
    parts: Read = call.parts
    return parts


def each_batch(find: Any) -> Find:
    """The check of a rule about batches: `find` looks at the pointer and the body of one."""

    def look(call: Call) -> Iterator[Violation]:
        for place, batch in read(call).good:
            yield from find(call, place, batch)

    return look


def events(place: str, batch: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each event of a batch: its pointer, its kind, and its own table."""
    for index, event in enumerate(batch.get("events") or ()):
        yield f"{place}/events/{index}", event["event_type"], event.get("data") or {}


def named(place: str, batch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The name of each custom event and screen of a batch, with its pointer."""
    for where, kind, told in events(place, batch):
        name = told.get(NAMES.get(kind, ""))
        if isinstance(name, str) and name:
            yield f"{where}/data/{NAMES[kind]}", name


def attributes(place: str, batch: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The attributes of each event that has some, with their pointer."""
    for where, _, told in events(place, batch):
        if told.get("custom_attributes"):
            yield f"{where}/data/custom_attributes", told["custom_attributes"]


def _batches(call: Call) -> Iterator[tuple[str, Any]]:
    if call.operation == SINGLE:
        yield "", call.body
    elif isinstance(call.body, list):
        yield from ((pointer(index), batch) for index, batch in enumerate(call.body))


def _wrong(call: Call, batch: Any) -> list[Violation]:
    found = check(VENDOR, TOLERANT, batch, numbers())
    if found:
        return found
    strict = check(VENDOR, PUBLISHED, batch, numbers())
    if strict and known_tenant(call).choice("mparticle-strictness") == "published":
        return [dataclasses.replace(one, rule="mparticle.strictness") for one in strict]
    return []


def _below(place: str, violation: Violation) -> Violation:
    where = place + violation.pointer
    said = violation.message.removeprefix(violation.pointer or "the body")
    return dataclasses.replace(violation, pointer=where, message=f"{where or 'the body'}{said}")
