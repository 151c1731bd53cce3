"""Which fields the contract gives an answer, and which of them ever came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from contracts.register import openapi
from contracts.validation import response_schema

DEEP = 12
"""No answer of these APIs goes deeper; a schema that refers to itself ends here."""
BRANCHES = ("allOf", "oneOf", "anyOf")
OF_A_REFUSAL = ("errors", "meta", "error")
"""Where refusals speak; a success has its fields beside them."""


@cache
def declared(vendor: str, operation: str, status: int) -> frozenset[str]:
    """Where the contract has a field by name in an answer, as pointers with `-` for any place in a list."""
    schema = response_schema(vendor, operation, status)
    if schema is None:
        return frozenset()
    found = frozenset(_declared(vendor, {"$ref": schema}, "", 0))
    return frozenset(one for one in found if not one.startswith(tuple(f"/{name}" for name in OF_A_REFUSAL)))


def _declared(vendor: str, schema: Any, place: str, depth: int) -> Iterator[str]:
    if not isinstance(schema, Mapping) or depth > DEEP:
        return
    if "$ref" in schema:
        yield from _declared(vendor, _at(vendor, schema["$ref"]), place, depth + 1)
    for name, inner in schema.get("properties", {}).items():
        yield f"{place}/{name}"
        yield from _declared(vendor, inner, f"{place}/{name}", depth + 1)
    if "items" in schema:
        yield from _declared(vendor, schema["items"], f"{place}/-", depth + 1)
    for branch in BRANCHES:
        for inner in schema.get(branch, ()):
            yield from _declared(vendor, inner, place, depth + 1)


def _at(vendor: str, place: str) -> Any:
    from urllib.parse import unquote

    found: Any = openapi(vendor)
    for part in place.removeprefix("#").split("/")[1:]:
        found = found[unquote(part).replace("~1", "/").replace("~0", "~")]
    return found


def given(value: Any, place: str = "") -> Iterator[str]:
    """Where an answer has a field, in the same form."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{place}/{name}"
            yield from given(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from given(inner, f"{place}/-")
