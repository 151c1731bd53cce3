"""The fields of requests and answers, as the contracts describe them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from contracts.register import openapi
from contracts.validation import operations, request_schema, response_schema
from mock_sessionm import SURFACE_OF

from .answers import ACCEPTED

Place = tuple[str, ...]
"""Names from the outside in; `*` stands for every entry of a list, or every name of a table."""
Kind = Literal["object", "list", "value"]


class Field(NamedTuple):
    """A field of a request or an answer: whether it must be there, and what stands in it."""

    needed: bool
    kind: Kind


DEEP = 6
"""So many names deep a field is looked for."""


@cache
def asked_for(operation: str) -> Mapping[Place, Field]:
    """Every field of an operation's request; none where it has no body."""
    vendor = SURFACE_OF[operation].vendor
    method, path = operations(vendor)[operation]
    if "requestBody" not in openapi(vendor)["paths"][path][method.lower()]:
        return {}
    return dict(_fields(vendor, {"$ref": request_schema(vendor, operation)}, ()))


@cache
def answered(operation: str) -> Mapping[Place, Field]:
    """Every field of the answer to a request that went well."""
    surface = SURFACE_OF[operation]
    schema = response_schema(surface.vendor, operation, ACCEPTED.get(surface.name, 200))
    return dict(_fields(surface.vendor, {"$ref": schema}, ())) if schema else {}


def name_of(place: Place) -> str:
    """How a field is called in the id of a mutant: `user.identifiers.*.external_id`."""
    return ".".join(place)


def spots(value: Any, place: Place) -> Iterator[tuple[Any, Any]]:
    """Where a place is in a value: each object or list with the key under which it stands there."""
    first, *rest = place
    if first == "*":
        keys: list[Any] = (
            list(range(len(value))) if isinstance(value, list) else list(value) if isinstance(value, dict) else []
        )
    else:
        keys = [first] if isinstance(value, dict) and first in value else []
    for key in keys:
        if rest:
            yield from spots(value[key], tuple(rest))
        else:
            yield value, key


def holds(value: Any, place: Place) -> bool:
    """Whether a value has something at a place."""
    return next(spots(value, place), None) is not None


def _fields(vendor: str, schema: Any, place: Place, seen: tuple[str, ...] = ()) -> Iterator[tuple[Place, Field]]:
    if not isinstance(schema, Mapping) or len(place) >= DEEP:
        return
    while "$ref" in schema:
        reference = schema["$ref"]
        if reference in seen:
            return
        seen = (*seen, reference)
        schema = {**_at(vendor, reference), **{name: part for name, part in schema.items() if name != "$ref"}}
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()):
            yield from _fields(vendor, part, place, seen)
    needed = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        yield (*place, name), Field(name in needed, _kind(vendor, part))
        yield from _fields(vendor, part, (*place, name), seen)
    for word in ("items", "additionalProperties"):
        yield from _fields(vendor, schema.get(word), (*place, "*"), seen)


def _kind(vendor: str, schema: Any) -> Kind:
    """What stands where a schema holds, as far as it says so itself or by what it refers to."""
    while isinstance(schema, Mapping) and "$ref" in schema:
        schema = _at(vendor, schema["$ref"])
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()) if isinstance(schema, Mapping) else ():
            if (found := _kind(vendor, part)) != "value":
                return found
    if not isinstance(schema, Mapping):
        return "value"
    kinds = {schema.get("type")} if isinstance(schema.get("type"), str) else set(schema.get("type", ()))
    if "items" in schema or "array" in kinds:
        return "list"
    return "object" if "object" in kinds or {"properties", "additionalProperties"} & set(schema) else "value"


def _at(vendor: str, place: str) -> Any:
    found: Any = openapi(vendor)
    for part in place.split("/")[1:]:
        found = found[unquote(part).replace("~1", "/").replace("~0", "~")]
    return found
