"""An mParticle batch as it was recorded: read tolerantly, or refused with the place and the reason.

What mParticle's SDKs and outputs have been seen to write is taken: identities as a map or as an array, 64-bit
numbers as numbers or as text, three spellings of the customer id, names that nobody has described.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.interaction import pointer
from contracts.validation import check, compiled

SCHEMA = "#/components/schemas/RecordedBatch"
AUDIENCES = "audience_membership"
"""The `type` of an input that says which audiences somebody is in; a batch of events has none."""
DEEPEST = 100
"""How many lists and objects may stand inside one another in an attribute's value."""
DEEPEST_BATCH = 200
"""The same in everything else of a batch: what writes JSON must be able to write it again."""

INT64 = range(-(2**63), 2**63)

# The fast reader turns integers that fit into no 64 bits into floats; they are rare, and a digit must not be lost.
# Beyond the upper end they have 20 digits, beyond the lower one 19 may be enough.
_DIGITS_ALIKE = bytes(ord("0") if chr(byte).isdecimal() and byte < 128 else ord(" ") for byte in range(256))
_TWENTY_DIGITS = b"0" * 20
_BELOW_64_BITS = re.compile(rb"-9[2-9]\d{17}")

_is_recorded = compiled("mparticle", SCHEMA).is_valid


class BatchError(ValueError):
    """A batch cannot be used. `pointer` leads to the place (RFC 6901); the text is one line with the reason."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}" if place else reason)
        self.pointer = place
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch. `body` is the parsed JSON and must not be changed; `mpid` is None where there is none, or zero."""

    body: dict[str, Any]
    mpid: int | None

    @classmethod
    def read(cls, raw: bytes, *, duplicate_keys: str = "last") -> Batch:
        """A batch from JSON text. Raises `BatchError`.

        `duplicate_keys` is the choice of the assumption of that name: which of two equal names in one object
        holds, the `last` or the `first`.
        """
        # What has few brackets cannot go deep, and need not be looked through.
        deep = raw.count(b"[") + raw.count(b"{") > DEEPEST
        if duplicate_keys == "last" and not _may_have_huge_integers(raw):
            try:
                return cls._of(orjson.loads(raw), deep=deep)
            except orjson.JSONDecodeError:
                pass  # the careful reader says what is wrong, and where
        return cls._of(_read_carefully(raw, first_wins=duplicate_keys == "first"), deep=deep)

    @classmethod
    def from_json(cls, body: Any) -> Batch:
        """A batch from parsed JSON. Raises `BatchError` where a known field has a kind that it never has."""
        return cls._of(body, deep=True)

    @classmethod
    def again(cls, body: dict[str, Any]) -> Batch:
        """A batch that was read before, from its parsed JSON, of which nothing is looked at once more."""
        return cls(body, _int64(body.get("mpid"), "/mpid"))

    @classmethod
    def _of(cls, body: Any, *, deep: bool) -> Batch:
        if not _is_recorded(body):
            violation = check("mparticle", SCHEMA, body)[0]
            raise BatchError(violation.pointer, violation.message.partition(": ")[2])
        if deep:
            _check_depths(body)
        return cls(body, _int64(body.get("mpid"), "/mpid"))


def duplicate_names(raw: bytes) -> list[str]:
    """Names that stand twice in one object of a JSON text, each once, in order. Empty where it is not JSON."""
    found: dict[str, None] = {}

    def watch(pairs: list[tuple[str, Any]]) -> None:
        seen = set()
        for name, _ in pairs:
            if name in seen:
                found[name] = None
            seen.add(name)

    try:
        json.loads(raw, object_pairs_hook=watch)
    except (ValueError, RecursionError):
        return []
    return list(found)


def identities(body: dict[str, Any]) -> Iterable[tuple[str, str, str | None]]:
    """The user identities of a batch: (pointer, type as mParticle's schema spells it, value or None)."""
    found = body.get("user_identities")
    if isinstance(found, dict):
        for name, value in found.items():
            yield pointer("user_identities", name), identity_type(name), value
    elif found:
        for index, entry in enumerate(found):
            yield f"/user_identities/{index}", identity_type(entry["identity_type"]), entry.get("identity")


def identity_type(name: str) -> str:
    """The schema's spelling: SDKs write `customerid`, partners `customer`, mParticle's schema `customer_id`."""
    return "customer_id" if name in {"customerid", "customer", "CustomerId"} else name


def _check_depths(body: dict[str, Any]) -> None:
    """What a schema cannot say: how deep a value goes."""
    for name, value in (body.get("user_attributes") or {}).items():
        if isinstance(value, (list, dict)):
            _check_depth(value, ("user_attributes", name))
    for index, event in enumerate(body.get("events") or ()):
        for name, value in ((event.get("data") or {}).get("custom_attributes") or {}).items():
            if isinstance(value, (list, dict)):
                _check_depth(value, ("events", index, "data", "custom_attributes", name))
    for name, value in body.items():
        if isinstance(value, (list, dict)):
            _check_depth(value, (name,), DEEPEST_BATCH)


def _check_depth(value: Any, place: tuple[str | int, ...], deepest: int = DEEPEST) -> None:
    level = [value]
    for _ in range(deepest):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (list, dict))
        ]
        if not level:
            return
    raise BatchError(pointer(*place), f"lists and objects stand more than {deepest} deep; flatten the value")


def _int64(value: Any, place: str) -> int | None:
    if value is None or value == "":
        return None
    number = int(value)
    if number not in INT64:
        raise BatchError(place, f"{value} is not a signed 64-bit integer")
    return number or None


def _may_have_huge_integers(raw: bytes) -> bool:
    return _TWENTY_DIGITS in raw.translate(_DIGITS_ALIKE) or _BELOW_64_BITS.search(raw) is not None


def _read_carefully(raw: bytes, *, first_wins: bool) -> Any:
    def keep_first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in pairs:
            made.setdefault(name, value)
        return made

    def refuse(name: str) -> Any:
        raise BatchError("", f"not JSON: {name} is not a JSON number")

    try:
        text = raw.decode("utf-8-sig")
        body = json.loads(text, parse_constant=refuse, object_pairs_hook=keep_first if first_wins else None)
    except UnicodeDecodeError as error:
        raise BatchError("", f"not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        # A record is one line of its file; a batch in a file of its own may have many.
        line = f"line {error.lineno} " if error.lineno > 1 else ""
        raise BatchError("", f"not JSON: {error.msg} at {line}column {error.colno}".replace("at at", "at")) from error
    except RecursionError as error:
        raise BatchError("", "lists and objects stand too deep inside one another to be read") from error
    except ValueError as error:
        # More than 4,300 digits: Python declines to make an integer of them.
        raise BatchError("", f"not usable JSON: {error}".partition(";")[0]) from error
    place = _unencodable(body)
    if place is not None:
        raise BatchError(place, "holds half of a surrogate pair, which no text can carry; send the whole character")
    return body


def _unencodable(body: Any) -> str | None:
    """Where a text stands that UTF-8 cannot carry, or an infinite number."""
    waiting: list[tuple[str, Any]] = [("", body)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict):
            for name, inner in value.items():
                if not _encodable(name):
                    return place
                waiting.append((place + pointer(name), inner))
        elif isinstance(value, list):
            waiting.extend((f"{place}/{index}", inner) for index, inner in enumerate(value))
        elif isinstance(value, str) and not _encodable(value):
            return place
        elif isinstance(value, float) and value in {float("inf"), float("-inf")}:
            raise BatchError(place, "a number too large for any reader")
    return None


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
