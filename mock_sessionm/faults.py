"""Trouble on purpose: which request of a tenant is struck, and by what.

A schedule is a list of entries. Each says which requests it means (`match`), how many of them pass first
(`after`), how many are struck then (`times`), and with what (`fault`). The first entry that strikes, strikes alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

Kind = Literal["status", "latency", "reset", "reset-after-apply", "truncate", "quota"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request. Only the fields of its kind mean something.

    status       answer `status` with `body` and `headers`; the request is not applied
    latency      apply it, answer `seconds` later
    reset        close the connection; not applied
    reset-after-apply  apply it, then close the connection
    truncate     apply it, send `bytes` of the answer's body, close the connection
    quota        at most `limit` requests in `window` seconds of the tenant's clock, then 429 with Retry-After
    """

    kind: Kind
    status: int = 500
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    bytes: int = 0
    limit: int = 0
    window: float = 0.0
    retry_after: int | None = None

    @property
    def applies(self) -> bool:
        """Whether the request takes effect in spite of the fault."""
        return self.kind in {"latency", "reset-after-apply", "truncate"}

    @property
    def loses_answer(self) -> bool:
        return self.kind in {"reset", "reset-after-apply"}


@dataclass(slots=True)
class Entry:
    """One line of a schedule, and how far it has come."""

    match: Mapping[str, str]
    fault: Fault
    after: int = 0
    times: int | None = None
    seen: int = 0
    struck: int = 0
    window_from: float = 0.0
    in_window: int = 0

    def strikes(self, vendor: str, method: str, path: str, now: float) -> Fault | None:
        """The fault for this request, if it is its turn; counts the request either way."""
        if not self._means(vendor, method, path):
            return None
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.struck >= self.times):
            return None
        fault = self.fault if self.fault.kind != "quota" else self._over_quota(now)
        if fault is not None:
            self.struck += 1
        return fault

    def _means(self, vendor: str, method: str, path: str) -> bool:
        return (
            self.match.get("vendor", vendor) == vendor
            and self.match.get("method", method).upper() == method
            and path_matches(self.match.get("path", ""), path)
        )

    def _over_quota(self, now: float) -> Fault | None:
        fault = self.fault
        if not self.window_from <= now < self.window_from + fault.window:
            self.window_from = now
            self.in_window = 0
        self.in_window += 1
        if self.in_window <= fault.limit:
            return None
        rest = self.window_from + fault.window - now
        wait = fault.retry_after if fault.retry_after is not None else max(1, -int(-rest // 1))
        return Fault("quota", status=429, body=fault.body, headers={**fault.headers, "Retry-After": str(wait)})


class Schedule:
    """The faults of one tenant, or of all of them."""

    __slots__ = ("_document", "entries")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._document: list[Mapping[str, Any]] = []

    def __bool__(self) -> bool:
        return bool(self.entries)

    def set(self, schedule: Iterable[Mapping[str, Any]]) -> None:
        """Replace all entries. `schedule` has the shape that the admin contract describes."""
        self._document = list(schedule)
        self.entries = [
            Entry(
                {name: value for name, value in entry.get("match", {}).items() if value},
                Fault(**entry["fault"]),
                entry.get("after", 0),
                entry.get("times"),
            )
            for entry in self._document
        ]

    def clear(self) -> None:
        self.set(())

    def next(self, vendor: str, method: str, path: str, now: float) -> Fault | None:
        """What strikes this request; None where nothing does."""
        for entry in self.entries:
            fault = entry.strikes(vendor, method, path, now)
            if fault is not None:
                return fault
        return None

    def document(self) -> list[dict[str, Any]]:
        """The schedule as it was set, each entry with how many requests it saw and struck."""
        return [
            {**written, "seen": entry.seen, "struck": entry.struck}
            for written, entry in zip(self._document, self.entries, strict=True)
        ]


def path_matches(wanted: str, path: str) -> bool:
    """Whether a path holds `wanted`, or fits it where `wanted` has a `*` in it."""
    if "*" not in wanted:
        return wanted in path
    return fnmatchcase(path, wanted.replace("[", "[[]"))
