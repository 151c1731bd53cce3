"""A schema as the layers that all have to hold: what stands in it, behind its `$ref`, and in its `allOf`.

Two schemas are compared as such stacks, so that moving a limit behind a reference, or beside one, is no change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.interaction import pointer
from contracts.references import at, canonical

NOTES = {
    *("title", "description", "summary", "example", "examples", "$comment", "externalDocs", "xml", "x-rules"),
    *("$id", "$schema", "$anchor", "$defs", "definitions", "default", "deprecated", "readOnly", "writeOnly"),
    "discriminator",
}
"""Keywords that say nothing about what is valid."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a document. `pointer` leads to it; `name` does as well, without numbers that shift."""

    pointer: str
    name: str
    node: Any

    def under(self, *parts: str | int, name: str | None = None) -> Place:
        """A part of this part. `name` takes the place of the last step in what does not shift."""
        node = self.node
        for part in parts:
            node = node[part]
        below = pointer(*parts)
        stable = pointer(*parts[:-1], name) if name is not None else below
        return Place(self.pointer + below, self.name + stable, node)


Places = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """Keywords that stand in one mapping, and the place of that mapping."""

    place: Place
    keywords: Mapping[str, Any]

    def part(self, *parts: str | int, name: str | None = None) -> Place:
        return self.place.under(*parts, name=name)

    def spot(self, keyword: str) -> Place:
        """Where a keyword stands, or would stand."""
        below = pointer(keyword)
        return Place(self.place.pointer + below, self.place.name + below, self.keywords.get(keyword))

    def mark(self, keyword: str) -> str | None:
        """The rule that the keyword is marked with."""
        marks = self.place.node.get("x-rules")
        found = marks.get(keyword) if isinstance(marks, Mapping) else None
        return found if isinstance(found, str) else None


Layers = tuple[Layer, ...]


@dataclass(slots=True)
class Document:
    """One OpenAPI document, with its references followed. `reached` holds what was read of it, by identity."""

    root: Mapping[str, Any]
    reached: set[int] = field(default_factory=set)

    def resolved(self, place: Place) -> Place:
        """Where a reference leads, whatever it is a reference to."""
        while isinstance(place.node, Mapping) and isinstance(place.node.get("$ref"), str):
            self.reached.add(id(place.node))
            target = canonical(place.node["$ref"])
            place = Place(target, target, at(self.root, target))
        self.reached.add(id(place.node))
        return place

    def layers(self, places: Places) -> Layers:
        """Everything that holds at all these places at once."""
        return tuple(layer for place in places for layer in self._spread(place, set()))

    def _spread(self, place: Place, seen: set[int]) -> Iterator[Layer]:
        node = place.node
        if node is False:
            # Nothing is valid, which `not` of everything says as well.
            yield Layer(Place(place.pointer, place.name, {"not": {}}), {"not": {}})
        if not isinstance(node, Mapping) or id(node) in seen:
            return
        seen.add(id(node))
        self.reached.add(id(node))
        own = {name: value for name, value in node.items() if name not in {"$ref", "allOf"}}
        if own:
            yield Layer(place, own)
        if isinstance(node.get("$ref"), str):
            target = canonical(node["$ref"])
            yield from self._spread(Place(target, target, at(self.root, target)), seen)
        members = node.get("allOf")
        for index, member in enumerate(members if isinstance(members, list) else ()):
            yield from self._spread(place.under("allOf", index, name=label(member, index)), seen)

    def settled(self, places: Places) -> Places:
        """The same places, with plain references followed, so that one thing has one pointer."""
        return tuple(self._settled(place) for place in places)

    def _settled(self, place: Place) -> Place:
        node = place.node
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str) and not set(node) - {"$ref"} - NOTES:
            place = self.resolved(Place(place.pointer, place.name, {"$ref": node["$ref"]}))
            node = place.node
        return place


def label(member: Any, index: int) -> str:
    """What tells one member of a list of schemas from the others, best without its number."""
    if isinstance(member, Mapping):
        if isinstance(member.get("$ref"), str):
            return str(member["$ref"]).rpartition("/")[2]
        if isinstance(member.get("title"), str):
            return str(member["title"])
        properties = member.get("properties")
        for name, part in sorted(properties.items()) if isinstance(properties, Mapping) else ():
            if isinstance(part, Mapping) and isinstance(part.get("const"), str):
                return f"{name}={part['const']}"
        if isinstance(member.get("required"), list):
            return "with " + ",".join(sorted(map(str, member["required"])))
        if isinstance(member.get("type"), str):
            return f"{member['type']}"
    return str(index)


def text(value: Any) -> str:
    """A value as a text that is the same for equal values, whatever the order of names; 1 and 1.0 are equal."""
    return json.dumps(_plain(value), sort_keys=True, default=str)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal: as `text` would tell, in less time. True is not 1, though 1.0 is."""
    if one is other:
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(part, other[name]) for name, part in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
