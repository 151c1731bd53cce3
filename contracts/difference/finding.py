"""What one change of a contract is, before and after it is judged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Change = Literal["added", "removed", "tightened", "loosened", "changed", "moved"]
Direction = Literal["request", "answer"]
Severity = Literal["error", "warn", "info"]
Side = Literal["none", "consumer", "provider", "both"]

REVERSED: dict[Change, Change] = {
    "added": "removed",
    "removed": "added",
    "tightened": "loosened",
    "loosened": "tightened",
    "changed": "changed",
    "moved": "moved",
}
"""What a change is called by who looks from NEW to OLD."""


class Use(NamedTuple):
    """Who sends what: an operation, and whether it is in its request or in its answer."""

    operation: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Found:
    """One change, and what is known where it is found.

    kind       what changed: a `limit`, a `field`, an `operation`, a `rule`, …
    file       the file that has it, `pointer` the place in it (in NEW; in OLD where it is gone)
    place      the same without numbers that shift when something is put before it
    keyword    the keyword of the schema, or the part of an operation or a rule
    subject    which of several under one keyword: the name of a field, a status, a media type
    old, new   what it was and is; None for nothing
    hint       what decides how bad it is, where keyword and direction do not
    """

    kind: str
    change: Change
    vendor: str
    file: str
    pointer: str
    place: str
    keyword: str
    subject: str = ""
    old: Any = None
    new: Any = None
    rule: str | None = None
    hint: str = ""


@dataclass(slots=True)
class Collected:
    """Changes, each once, with everybody whom it concerns."""

    _made: dict[tuple[str, ...], tuple[Found, set[Use]]] = field(default_factory=dict)

    def add(self, found: Found, uses: Iterable[Use] = ()) -> None:
        values = (json.dumps(value, sort_keys=True, default=str) for value in (found.old, found.new))
        key = (found.kind, found.change, found.pointer, found.place, found.keyword, found.subject, *values)
        self._made.setdefault(key, (found, set()))[1].update(uses)

    def __iter__(self) -> Iterator[tuple[Found, set[Use]]]:
        return iter(self._made.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """One change of a contract, judged.

    `breaks` is the side that was right by OLD and may be wrong by NEW. `fingerprint` stays the same while kind,
    change, place, keyword and subject do: lines, values, and what stands beside it do not matter.
    """

    severity: Severity
    breaks: Side
    kind: str
    change: Change
    vendor: str
    operations: tuple[str, ...]
    directions: tuple[Direction, ...]
    file: str
    pointer: str
    keyword: str
    subject: str
    old: Any
    new: Any
    rule: str | None
    message: str
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "breaks": self.breaks,
            "kind": self.kind,
            "change": self.change,
            "vendor": self.vendor,
            "operations": list(self.operations),
            "directions": list(self.directions),
            "file": self.file,
            "pointer": self.pointer,
            "keyword": self.keyword,
            "subject": self.subject,
            "old": self.old,
            "new": self.new,
            "rule": self.rule,
            "message": self.message,
            "fingerprint": self.fingerprint,
        }


def fingerprint(found: Found) -> str:
    """Twelve characters that name a change for a baseline."""
    parts = (found.vendor, found.kind, found.change, found.place, found.keyword, found.subject)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=6).hexdigest()
