"""What a forwarder sent, kept on disk: batches, and requests with their answers, by batch and by person."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal, NamedTuple

import orjson

By = Literal["batch", "person"]
Row = tuple[int, bytes]

UNKNOWN = -1
"""The number of a batch or a person that nobody can tell."""
PENDING = 2_000
"""So many rows are held before they are written."""


class Sent(NamedTuple):
    """One request as it came, and how it was answered. A recording leads to millions, hence the plain tuple.

    batch    the number of the batch that led to it, from 0; -1 where that is not known
    person   the number of whom it is about; -1 for nobody who is known
    target   path and query, percent-encoded as they came, with the names of credentials in their place
    headers  as they came; credentials by their names
    status   HTTP status of the answer; None where none came
    code     the vendor's own word for what was wrong; empty where nothing was
    """

    batch: int
    person: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int | None
    code: str

    @property
    def taken(self) -> bool:
        return self.status is not None and self.status < 400 and not self.code

    def packed(self) -> bytes:
        """The same in bytes; what was sent and answered alike for the same batch is packed alike."""
        head = [self.batch, self.person, self.method, self.target, self.headers, self.status, self.code]
        return orjson.dumps(head) + b"\n" + self.body


def unpacked(row: bytes) -> Sent:
    head, _, body = row.partition(b"\n")
    batch, person, method, target, headers, status, code = orjson.loads(head)
    return Sent(batch, person, method, target, tuple((name, text) for name, text in headers), body, status, code)


class Spill:
    """A file for what must not be held: any number of requests and batches. A context manager.

    Runs are known by name. It may be written from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._rows: dict[str, list[tuple[int, int, bytes]]] = {}
        self._lock = threading.Lock()
        self._database = sqlite3.connect(folder / "sent.sqlite", check_same_thread=False)
        for line in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA temp_store=FILE"):
            self._database.execute(line)
        self._database.execute(
            "CREATE TABLE batches (number INTEGER PRIMARY KEY, person INTEGER, place TEXT, body BLOB)"
        )
        self._batches: list[tuple[int, int, str, bytes]] = []
        self.batches = 0

    def close(self) -> None:
        self._database.close()

    # --- batches ------------------------------------------------------------------------------------------

    def add_batch(self, person: int, place: str, body: bytes) -> int:
        """Keep a batch; gives its number."""
        number, self.batches = self.batches, self.batches + 1
        self._batches.append((number, person, place, body))
        if len(self._batches) >= PENDING:
            self._write_batches()
        return number

    def bodies(self) -> Iterator[tuple[int, int, bytes]]:
        """Every batch in its order: number, person, JSON."""
        self._write_batches()
        yield from self._database.execute("SELECT number, person, body FROM batches ORDER BY number")

    def batch(self, number: int) -> tuple[str, bytes]:
        """Where a batch stands in its recording, and what it is. Raises `LookupError`."""
        self._write_batches()
        found: tuple[str, bytes] | None = self._database.execute(
            "SELECT place, body FROM batches WHERE number = ?", (number,)
        ).fetchone()
        if found is None:
            raise LookupError(number)
        return found

    def batches_of(self, person: int) -> list[tuple[int, bytes]]:
        self._write_batches()
        self._database.execute("CREATE INDEX IF NOT EXISTS whose ON batches (person)")
        return self._database.execute(
            "SELECT number, body FROM batches WHERE person = ? ORDER BY number", (person,)
        ).fetchall()

    def _write_batches(self) -> None:
        if self._batches:
            self._database.executemany("INSERT INTO batches VALUES (?, ?, ?, ?)", self._batches)
            self._batches.clear()

    # --- requests -----------------------------------------------------------------------------------------

    def begin(self, run: str) -> None:
        """Make room for a run; what an earlier one of this name sent is forgotten."""
        self._rows[run] = []
        self._database.execute(f'DROP TABLE IF EXISTS "{run}"')
        self._database.execute(f'CREATE TABLE "{run}" (batch INTEGER, person INTEGER, row BLOB)')

    def add(self, run: str, sent: Sent) -> None:
        with self._lock:
            rows = self._rows[run]
            rows.append((sent.batch, sent.person, sent.packed()))
            if len(rows) >= PENDING:
                self._write(run)

    def count(self, run: str) -> int:
        with self._lock:
            self._write(run)
            found: int = self._database.execute(f'SELECT count(*) FROM "{run}"').fetchone()[0]  # noqa: S608  our names
        return found

    def every(self, run: str) -> Iterator[Sent]:
        """What a run sent, in its order."""
        return (unpacked(row) for _, row in self._ordered(run, "rowid"))

    def groups(self, one: str, other: str, by: By) -> Iterator[tuple[int, list[bytes], list[bytes]]]:
        """What two runs sent for each batch, or about each person: the packed requests of both, in their order."""
        left = groupby(self._ordered(one, by), itemgetter(0))
        right = groupby(self._ordered(other, by), itemgetter(0))
        mine, theirs = next(left, None), next(right, None)
        while mine is not None or theirs is not None:
            number = min(part[0] for part in (mine, theirs) if part is not None)
            ours: list[bytes] = []
            yours: list[bytes] = []
            if mine is not None and mine[0] == number:
                ours = [row for _, row in mine[1]]
                mine = next(left, None)
            if theirs is not None and theirs[0] == number:
                yours = [row for _, row in theirs[1]]
                theirs = next(right, None)
            yield number, ours, yours

    def _ordered(self, run: str, by: str) -> Iterator[Row]:
        with self._lock:
            self._write(run)
            if by != "rowid":
                self._database.execute(f'CREATE INDEX IF NOT EXISTS "{run} {by}" ON "{run}" ({by})')
        column = "batch" if by == "rowid" else by
        cursor: Any = self._database.execute(
            f'SELECT {column}, row FROM "{run}" ORDER BY {by}, rowid'  # noqa: S608  both names are ours
        )
        return iter(cursor)

    def _write(self, run: str) -> None:
        rows = self._rows.get(run)
        if rows:
            self._database.executemany(f'INSERT INTO "{run}" VALUES (?, ?, ?)', rows)  # noqa: S608  our names
            rows.clear()
