"""The real contracts, and changes of one limit somewhere in them, each with what must be found."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from contracts.difference import Finding, differences
from contracts.interaction import pointer
from contracts.references import NAMED, VALUES
from contracts.register import VENDORS, openapi
from contracts.revision import Contract

SCHEMAS = (*VENDORS, "admin")


class Spot(NamedTuple):
    """A keyword of a schema in a vendor's contract, and the keywords on the way to it."""

    vendor: str
    path: tuple[str | int, ...]

    @property
    def keyword(self) -> str:
        return str(self.path[-1])

    @property
    def place(self) -> str:
        return pointer(*self.path)

    @property
    def under(self) -> set[str]:
        return {str(part) for part in self.path[:-1]}


def contract(**documents: Any) -> Contract:
    return Contract("a test", documents, {name: f"{name}.openapi.yaml" for name in documents})


def with_schema(schema: Any, *, request: bool = True, answer: bool = False, openapi_version: str = "3.1.0") -> Contract:
    """One operation with a schema in its request, in its answer, or in both."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/It"}}}
    operation: dict[str, Any] = {"operationId": "doIt", "responses": {"200": {"description": "done"}}}
    if request:
        operation["requestBody"] = {"content": content}
    if answer:
        operation["responses"]["200"]["content"] = content
    document = {
        "openapi": openapi_version,
        "paths": {"/it": {"post": operation}},
        "components": {"schemas": {"It": schema}},
    }
    return contract(vendor=document)


def between(old: Any, new: Any, *, request: bool = True, answer: bool = False) -> tuple[Finding, ...]:
    sides = (with_schema(schema, request=request, answer=answer) for schema in (old, new))
    return differences(*sides)


@cache
def spots() -> dict[str, list[Spot]]:
    """Every limit of the real contracts by its keyword."""
    found: dict[str, list[Spot]] = {}
    for vendor in SCHEMAS:
        for path in _schemas_of(openapi(vendor), ()):
            found.setdefault(str(path[-1]), []).append(Spot(vendor, path))
    return found


def _schemas_of(part: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Paths to the keywords of what looks like a schema: below `schema`, `schemas`, and `properties`."""
    if isinstance(part, Mapping):
        names = bool(path) and path[-1] in NAMED and not (len(path) > 1 and path[-2] in NAMED)
        for name, inner in part.items():
            if not names and (name in VALUES and name not in {"const", "enum"}):
                continue
            if str(name).startswith("x-"):
                continue
            if not names and "schema" in {str(one) for one in path} | {"schema" if "schemas" in path else ""}:
                yield (*path, name)
            yield from _schemas_of(inner, (*path, name))
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from _schemas_of(inner, (*path, index))


def edited(spot: Spot, value: Any, start: Contract | None = None) -> Contract:
    """The vendor's contract with another value at one place; `...` takes the keyword away."""
    document = start.documents[spot.vendor] if start else openapi(spot.vendor)
    return contract(**{spot.vendor: _with(document, spot.path, value)})


def shuffled(part: Any, chance: random.Random) -> Any:
    """The same with its names in another order; what is one thing at two places stays one."""
    return _shuffled(part, chance, {})


def _shuffled(part: Any, chance: random.Random, made: dict[int, Any]) -> Any:
    if not isinstance(part, Mapping | list):
        return part
    if id(part) not in made:
        if isinstance(part, list):
            made[id(part)] = [_shuffled(inner, chance, made) for inner in part]
        else:
            names = list(part)
            chance.shuffle(names)
            made[id(part)] = {name: _shuffled(part[name], chance, made) for name in names}
    return made[id(part)]


def _with(part: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """The part with another value below it; only what lies on the way there is copied."""
    made: Any = list(part) if isinstance(part, list) else dict(part)
    if len(path) > 1:
        made[path[0]] = _with(part[path[0]], path[1:], value)
    elif value is ...:
        del made[path[0]]
    else:
        made[path[0]] = value
    return made


def plain(spot: Spot) -> Contract:
    return contract(**{spot.vendor: openapi(spot.vendor)})


def value_at(spot: Spot) -> Any:
    found: Any = openapi(spot.vendor)
    for part in spot.path:
        found = found[part]
    return found


def sense(spot: Spot) -> int:
    """1 where tighter inside is tighter outside, -1 under `not`, 0 under `if`."""
    owners = [part for index, part in enumerate(spot.path[:-1]) if index == 0 or spot.path[index - 1] not in NAMED]
    return 0 if "if" in owners else (-1) ** owners.count("not")
