"""What a tenant remembers, as it is written out: whether it changed, and what stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

KEPT_OF_REFUSALS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "pos": (("pos_requests", ""),),
    "braze": (("braze", "pools"),),
}
"""API -> what it remembers even of requests that it refuses: (store, part of it, or all of it).

A point of sale's request is processed once, so its answer is kept, whatever it was; a request that is refused counts
against the rate all the same.
"""


def changed(surface: str, before: bytes, after: bytes) -> bool:
    """Whether two written-out states differ in more than what is remembered of every request."""
    if before == after:
        return False
    if surface not in KEPT_OF_REFUSALS or not before or not after:
        return True
    return bool(_without(surface, before) != _without(surface, after))


def _without(surface: str, state: bytes) -> Any:
    parsed = orjson.loads(state)
    for tenant in parsed["tenants"]:
        for store, part in KEPT_OF_REFUSALS[surface]:
            if part:
                tenant["stores"].get(store, {}).pop(part, None)
            else:
                tenant["stores"].pop(store, None)
    return parsed


def everything_in(value: Any) -> Iterator[Any]:
    """Every name, text and number in a value, however deep; true, false and null are everybody's."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from everything_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from everything_in(inner)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value
