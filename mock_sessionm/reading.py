"""JSON out of the bytes of a body, with a clear word about what cannot be read."""

from __future__ import annotations

from typing import Any

import orjson

DEEPEST = 100
"""Levels of nesting that the fake follows; no documented body has more than six."""


class Unreadable(ValueError):
    """The bytes are no JSON, or JSON that nobody means; the text says which, and holds nothing of them."""


def parsed(raw: bytes) -> Any:
    """The JSON value in `raw`. Raises `Unreadable`."""
    try:
        body = orjson.loads(raw)
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from error
    # Each level opens with a bracket: only a body with many of them is worth measuring.
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and _deeper(body, DEEPEST):
        raise Unreadable(f"nested deeper than {DEEPEST} levels")
    return body


def _deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects stand inside one another more than `levels` deep; found without recursion."""
    level = [value]
    for _ in range(levels + 1):
        level = [part for part in level if isinstance(part, (dict, list))]
        if not level:
            return False
        level = [part for outer in level for part in (outer.values() if isinstance(outer, dict) else outer)]
    return True
