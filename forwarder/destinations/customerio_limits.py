"""The numbers and tables of the rules on the way to Customer.io, read from the register once; bytes counted and cut."""

from __future__ import annotations

from typing import Any

from contracts import rules
from forwarder.limits import limit
from forwarder.names import dumped

ID_BYTES = limit("customerio.id-max")
NAME_BYTES = limit("customerio.attribute-name-max")
VALUE_BYTES = limit("customerio.attribute-value-max")
EVENT_NAME_BYTES = limit("customerio.event-name-max")
EVENT_BYTES = limit("customerio.event-data-max")
ATTRIBUTES = limit("customerio.identify-attributes-max")
LONGEST = 4
"""Bytes of UTF-8 that one character has at most: what has fewer characters than a quarter need not be counted."""

EVENTS: dict[str, str] = dict(rules()["customerio.other-kinds-unsupported"].table["events"])
ALWAYS: dict[str, str] = dict(rules()["customerio.first-last-always"].table["names"])
RESERVED: dict[str, str] = dict(rules()["customerio.reserved-attributes"].table["names"])
OWN_KEYS = frozenset(rules()["customerio.reserved-keys"].table["names"])
OWN_PREFIXES: tuple[str, ...] = tuple(rules()["customerio.reserved-keys"].table["prefixes"])
SCREEN: tuple[str, str] = tuple(rules()["customerio.screen-view-type"].table["round"])
MEMBERSHIP: str = rules()["customerio.segment-membership"].table["attribute"]
IN: str = rules()["customerio.one-attribute-per-segment"].table["prefix"]


def size(value: Any) -> int:
    """The bytes of a value: of a text itself, of anything else its JSON."""
    return len(value.encode()) if isinstance(value, str) else len(dumped(value))


def cut(text: str, most: int) -> str:
    """As much of a text as has at most so many bytes, without half a character at its end."""
    return text.encode()[:most].decode(errors="ignore")
