"""The operations of the Track API's second version: what a body holds, and which of them have the shape of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from contracts import Violation
from contracts.interaction import pointer
from contracts.validation import check
from mock_sessionm.call import Call
from mock_sessionm.limits import numbers

CUSTOMERIO = "customerio"
BATCH = "sendBatch"
ENTITY = "sendEntity"
EVENTS = ("event", "page", "screen")
SHAPES: Mapping[tuple[str, str], str] = {
    ("person", "identify"): "PersonIdentify",
    **{("person", action): "PersonOnly" for action in ("delete", "suppress", "unsuppress")},
    **{("person", action): "PersonEvent" for action in EVENTS},
    **{("person", f"{verb}_relationships"): "PersonRelationships" for verb in ("add", "delete")},
    ("person", "add_device"): "PersonDevice",
    ("person", "delete_device"): "PersonDeviceToken",
    ("person", "merge"): "PersonMerge",
    ("object", "identify"): "ObjectIdentify",
    ("object", "identify_anonymous"): "ObjectIdentify",
    ("object", "delete"): "ObjectOnly",
    **{("object", f"{verb}_relationships"): "ObjectRelationships" for verb in ("add", "delete")},
    ("delivery", "event"): "Delivery",
}
"""Type and action of an operation -> the schema in the contract that describes it."""
KNOWN = "customerio.v2-known-operation"
SHAPE = "customerio.v2-shape"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a call.

    place   where it stands in the body; empty for the one of an entity call
    given   the operation itself, of the shape that its type and action ask for
    """

    place: str
    given: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.given["type"])

    @property
    def action(self) -> str:
        return str(self.given["action"])

    def does(self, *actions: str) -> bool:
        """Whether it is about a person and does one of these."""
        return self.kind == "person" and self.action in actions

    @property
    def identifiers(self) -> Mapping[str, Any]:
        return self._object("identifiers")

    @property
    def attributes(self) -> Mapping[str, Any]:
        return self._object("attributes")

    def at(self, *parts: str | int) -> str:
        """The pointer to a place in the operation, from the beginning of the body."""
        return self.place + pointer(*parts)

    def _object(self, name: str) -> Mapping[str, Any]:
        found = self.given.get(name)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Read:
    """What a call brought: its operations that have the shape of one, and what is wrong with the others."""

    operations: tuple[Operation, ...]
    wrong: tuple[Violation, ...]


def said(call: Call) -> list[tuple[str, Any]]:
    """Everything in the body that stands where an operation should, with its place."""
    if call.operation == ENTITY:
        return [("", call.body)]
    given = call.body.get("batch") if isinstance(call.body, dict) else None
    return [(f"/batch/{index}", one) for index, one in enumerate(given if isinstance(given, list) else ())]


def read(call: Call) -> Read:
    """The operations of a call; worked out once."""
    if call.parts is None:
        good: list[Operation] = []
        wrong: list[Violation] = []
        for place, given in said(call):
            found = list(_wrong(place, given))
            wrong += found
            if not found:
                good.append(Operation(place, given))
        call.parts = Read(tuple(good), tuple(wrong))
    known: Read = call.parts
    return known


def _wrong(place: str, given: Any) -> Iterator[Violation]:
    if not isinstance(given, dict):
        yield Violation(SHAPE, place, f"{place or 'the body'}: must be an object", "", "object")
        return
    kind, action = given.get("type"), given.get("action")
    shape = SHAPES.get((kind, action)) if isinstance(kind, str) and isinstance(action, str) else None
    if shape is None:
        kinds = {known for known, _ in SHAPES}
        name = "action" if isinstance(kind, str) and kind in kinds else "type"
        choices = sorted(one for of, one in SHAPES if of == kind) if name == "action" else sorted(kinds)
        allowed = ", ".join(choices)
        yield Violation(KNOWN, f"{place}/{name}", f"{place}/{name}: must be one of {allowed}", "another", allowed)
        return
    for one in check(CUSTOMERIO, f"#/components/schemas/{shape}", given, numbers()):
        text = f"{place}{one.message}" if one.pointer else f"{place or 'the body'}: {one.message.partition(': ')[2]}"
        rule = SHAPE if one.rule == f"{CUSTOMERIO}.contract" else one.rule
        yield replace(one, rule=rule, pointer=place + one.pointer, message=text)


def size(given: Any) -> int:
    """The bytes of an operation, written as JSON without spaces."""
    return len(orjson.dumps(given))
