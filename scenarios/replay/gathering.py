"""A recording of batches, put in the order of its people, on disk: a recording may be larger than memory."""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from scenarios.recordings.recorded import Bad, RecordedBatch

from .people import People
from .tally import Noted

PART = 512
"""Batches of one part, at least: what one worker plays at a time, and what is played again if it dies."""
AT_ONCE = 1000
"""Batches that are written at a time."""


class Kept(NamedTuple):
    """One batch of a recording: its number in it, counted from 1, where it stands, and what is there."""

    number: int
    place: str
    body: dict[str, Any]


Person = tuple[Kept, ...]
"""The batches of one person, or of several who share an identity, in the order of the recording."""


@dataclass(slots=True)
class Gathering:
    """The batches of a recording, added one by one and given back person by person. A context manager.

    In memory are the names of people and one time for each of them; batches are in a file that goes with it.
    `backwards` are batches that are stamped before the one of the same person that stands before them.
    """

    people: People = field(default_factory=People)
    batches: int = 0
    backwards: Noted = field(default_factory=Noted)
    _latest: dict[int, int] = field(default_factory=dict)
    _waiting: list[tuple[int, int, str, bytes]] = field(default_factory=list)
    _folder: Any = None
    _store: Any = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="sessionm-harness-")
        self._store = sqlite3.connect(Path(self._folder.name) / "batches")
        # The file is nobody's but ours, and does not outlive us: nothing need survive a crash.
        for setting in ("journal_mode=OFF", "synchronous=OFF", "temp_store=FILE"):
            self._store.execute(f"PRAGMA {setting}")
        self._store.execute("CREATE TABLE batch (person INTEGER, number INTEGER, place TEXT, body BLOB)")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()
        self._folder.cleanup()

    def add(self, found: RecordedBatch) -> None:
        body = found.batch.body
        self.batches += 1
        person = self.people.number(body)
        self._watch_clock(person, found.place, body)
        self._waiting.append((person, self.batches, found.place, pickle.dumps(body, protocol=5)))
        if len(self._waiting) >= AT_ONCE:
            self._write()

    def stories(self) -> Iterator[Person]:
        """Every person's batches, people in the order of their first batch."""
        self._write()
        store = self._store
        store.execute("CREATE TEMP TABLE linked (person INTEGER PRIMARY KEY, first INTEGER)")
        store.executemany("INSERT INTO linked VALUES (?, ?)", self.people.linked())
        rows = store.execute(
            "SELECT coalesce(first, batch.person) AS whose, number, place, body "
            "FROM batch LEFT JOIN linked ON linked.person = batch.person ORDER BY whose, number"
        )
        for _, several in groupby(rows, key=lambda row: row[0]):
            yield tuple(Kept(number, place, pickle.loads(body)) for _, number, place, body in several)  # noqa: S301 - written above
        store.execute("DROP TABLE linked")

    def parts(self) -> Iterator[list[Person]]:
        """The same in parts, which are the same ones however many workers there are."""
        part: list[Person] = []
        size = 0
        for person in self.stories():
            part.append(person)
            size += len(person)
            if size >= PART:
                yield part
                part, size = [], 0
        if part:
            yield part

    def _write(self) -> None:
        self._store.executemany("INSERT INTO batch VALUES (?, ?, ?, ?)", self._waiting)
        self._waiting.clear()

    def _watch_clock(self, person: int, place: str, body: Mapping[str, Any]) -> None:
        stamped = body.get("timestamp_unixtime_ms")
        if not isinstance(stamped, int):
            return
        if stamped < self._latest.get(person, stamped):
            self.backwards.add(Bad(place, "is stamped earlier than the batch of the same person before it"))
        else:
            self._latest[person] = stamped
