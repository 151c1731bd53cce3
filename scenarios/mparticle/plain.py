"""Plain functions for reading batches that go into an input of mParticle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.register import openapi
from scenarios.reading import Batch, below, json_text

NODE = openapi("madconnect")["components"]["schemas"]["EventDataNode"]["properties"]["data"]["properties"]
"""The properties of the event data node: name -> schema."""


def known_as(event: Batch) -> str:
    """The name of an event in the data filter."""
    data = event.get("data") or {}
    if event["event_type"] == "screen_view":
        return data.get("screen_name") or ""
    name = data.get("event_name") if event["event_type"] == "custom_event" else ""
    return f"{data.get('custom_event_type') or 'unknown'}/{name or ''}"


def attributes_of(event: Batch) -> list[str]:
    return list((event.get("data") or {}).get("custom_attributes") or {})


def place_of(index: int, name: str) -> str:
    return below(f"/events/{index}/data/custom_attributes", name)


def number_of(value: Any) -> Any:
    """A text of digits as the number that it is; nothing for an empty text."""
    try:
        return int(value) if isinstance(value, str) and value else value if value != "" else None
    except ValueError:
        return value


def fits(name: str, value: Any) -> bool:
    """Whether a value is of the type that a property of the node has, and within its bounds."""
    schema = NODE[name]
    if not FITS[schema["type"]](value):
        return False
    return "maximum" not in schema or bool(schema["minimum"] <= value <= schema["maximum"])


def _is_whole(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, (int, float)) and value == int(value)


def is_uuid(text: str) -> bool:
    lengths = [len(part) for part in text.split("-")]
    return lengths == [8, 4, 4, 4, 12] and all(letter in "0123456789abcdefABCDEF-" for letter in text)


FITS: dict[str, Callable[[Any], bool]] = {
    "integer": _is_whole,
    "string": lambda value: isinstance(value, str),
    "object": lambda value: isinstance(value, Mapping),
}
"""What the node's types take."""


def bytes_of(value: Any) -> int:
    """How long it is as compact JSON in UTF-8."""
    return len(json_text(value).encode())
