"""What was read out of buckets and need not be sent again: one append-only file that survives a kill.

The first line says for whom, each further one is a JSON list:

    ["progress", 1, "sessionm https://api.sessionm.com"]
    ["object", 3, "s3://bucket/key", "etag"]     from here on it is number 3, and nothing of it is settled
    ["part", 3, 17, "request key"]               one request of its record 17 is settled
    ["record", 3, 17]                            record 17 is settled, and what comes before it was passed
    ["open", 3, 18]                              record 18 was passed, and must be sent at a later start
    ["done", 3]                                  it was read to its end, and nothing of it is open

A `part` is on the disk (fsync) before the next request leaves. The other entries are not waited for: where the
machine stops before they are written, what they say follows from the parts.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from forwarder.spool import opened, sync_folder

from .ndjson import SourceError

FORM = ["progress", 1]


class ProgressError(SourceError):
    """The file cannot be used; the text is one line that says which, why, and what to do."""


@dataclass(slots=True)
class _Passed:
    """How far one object was read. `reached` is the last record that was passed; those in `open` are not settled."""

    number: int
    etag: str
    reached: int = 0
    done: bool = False
    open: set[int] = field(default_factory=set)
    parts: dict[int, set[str]] = field(default_factory=dict)


class Progress:
    """What was settled before and is now, for one receiver: `scope` says which in a word or two.

    path     None remembers for the life of this object only
    writing  False reads what is known, and changes nothing on the disk

    Raises `ProgressError` where the file cannot be used, is in use, is damaged, or belongs to another receiver.
    """

    def __init__(self, path: Path | None, scope: str, *, writing: bool = True) -> None:
        self._path = path
        self._scope = scope
        self._objects: dict[str, _Passed] = {}
        self._file = self._guard = -1
        self._next = 1
        if path is None:
            return
        try:
            if writing:
                self._begin(path)
            elif path.exists():
                self._replay(path)
        except ProgressError:
            self.close()
            raise
        except BlockingIOError as error:
            self.close()
            raise ProgressError(f"{path}: is in use by another process; choose another --progress") from error
        except OSError as error:
            self.close()
            raise ProgressError(f"{path}: cannot keep progress: {error.strerror}; choose another --progress") from error

    def etag(self, address: str) -> str | None:
        """The version of an object of which something is remembered; None where nothing is."""
        found = self._objects.get(address)
        return found.etag if found else None

    def done(self, address: str, etag: str) -> bool:
        """Whether this version of an object need not be read again."""
        found = self._objects.get(address)
        return found is not None and found.done and found.etag == etag

    def at(self, address: str, etag: str) -> Reading:
        """An object to read on in; from its start where another version of it, or nothing, is remembered."""
        found = self._objects.get(address)
        if found is None or found.etag != etag:
            found = self._anew(address, etag)
        return Reading(self, found)

    def forget(self, addresses: Iterable[str]) -> None:
        """Objects to read from their start, whatever is remembered."""
        for address in addresses:
            if address in self._objects:
                self._anew(address, self._objects[address].etag)
        self.sync()

    def close(self) -> None:
        for handle in (self._file, self._guard):
            if handle >= 0:
                os.close(handle)
        self._file = self._guard = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def sync(self) -> None:
        """Wait until everything that was written is on the disk."""
        if self._file >= 0:
            os.fsync(self._file)

    def write(self, *entry: Any) -> None:
        """Write one entry at the end; all of it, or nothing. Raises `ProgressError`."""
        if self._file < 0:
            return
        text = memoryview(orjson.dumps(entry) + b"\n")
        start = os.lseek(self._file, 0, os.SEEK_END)
        try:
            while text:
                text = text[os.write(self._file, text) :]
        except OSError as error:
            os.ftruncate(self._file, start)
            raise ProgressError(
                f"{self._path}: cannot be written: {error.strerror}; make room and start again"
            ) from error

    def _anew(self, address: str, etag: str) -> _Passed:
        found = self._objects[address] = _Passed(self._next, etag)
        self._next += 1
        self.write("object", found.number, address, etag)
        return found

    def _begin(self, path: Path) -> None:
        """Take the file for this process alone, read it, and rewrite it without what no longer matters."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._guard = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.exists():
            self._replay(path)
        fresh = path.with_name(path.name + ".new")
        fresh.unlink(missing_ok=True)
        self._file = opened(fresh)
        self.write(*FORM, self._scope)
        for address, known in self._objects.items():
            for entry in _entries(address, known):
                self.write(*entry)
        self.sync()
        fresh.replace(path)
        sync_folder(path.parent)

    def _replay(self, path: Path) -> None:
        """Read what a former process left. A half line at the end is what a kill leaves, and is passed over."""
        numbered: dict[int, _Passed] = {}
        with path.open("rb") as file:
            for count, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):
                    break
                try:
                    entry = orjson.loads(line)
                    if count == 1:
                        self._expect(path, entry)
                    elif entry[0] == "object":
                        _, number, address, etag = entry
                        self._objects[address] = numbered[number] = _Passed(number, etag)
                        self._next = max(self._next, number + 1)
                    else:
                        _apply(numbered[entry[1]], entry)
                except (ValueError, LookupError, TypeError) as error:
                    raise ProgressError(
                        f"{path}: line {count} is damaged; move the file away to start with nothing remembered"
                    ) from error

    def _expect(self, path: Path, entry: Any) -> None:
        if entry[:2] != FORM:
            raise ProgressError(f"{path}: is no progress file; choose another --progress")
        if entry[2] != self._scope:
            raise ProgressError(
                f"{path}: is the progress of {entry[2]}, not of {self._scope}; choose another --progress"
            )


@dataclass(frozen=True, slots=True)
class Reading:
    """One object that is being read. Records count from 1, in the order of the object."""

    progress: Progress
    passed: _Passed

    def wants(self, record: int) -> bool:
        """Whether something of a record is still to be sent."""
        return record > self.passed.reached or record in self.passed.open

    def place(self, record: int) -> Spot:
        return Spot(self, record)

    def finish(self, records: int) -> None:
        """The object was read to its end, and had so many records; it is done unless something of it is open."""
        if not self.passed.open and self.passed.reached >= records:
            self._note("done", self.passed.number)

    def _note(self, *entry: Any) -> None:
        _apply(self.passed, entry)
        self.progress.write(*entry)


@dataclass(frozen=True, slots=True)
class Spot:
    """One record of an object: a `Place`."""

    reading: Reading
    record: int

    @property
    def parts(self) -> frozenset[str]:
        return frozenset(self.reading.passed.parts.get(self.record, ()))

    def settle_part(self, key: str) -> None:
        """One request need not be sent again; that is on the disk when this returns."""
        self._note("part", key)
        self.reading.progress.sync()

    def settle(self) -> None:
        self._note("record")

    def leave(self) -> None:
        self._note("open")

    def _note(self, kind: str, *more: str) -> None:
        self.reading._note(kind, self.reading.passed.number, self.record, *more)  # noqa: SLF001  a part of it


def _apply(passed: _Passed, entry: Any) -> None:
    """What an entry says of its object."""
    match entry:
        case ["part", _, int(record), str(key)]:
            passed.parts.setdefault(record, set()).add(key)
        case [("record" | "open") as kind, _, int(record)]:
            passed.reached = max(passed.reached, record)
            if kind == "open":
                passed.open.add(record)
            else:
                passed.open.discard(record)
                passed.parts.pop(record, None)
        case ["done", _]:
            passed.done = True
        case _:
            raise ValueError(entry)


def _entries(address: str, known: _Passed) -> Iterator[tuple[Any, ...]]:
    """What must be written to know as much of an object."""
    number = known.number
    yield "object", number, address, known.etag
    if known.done:
        yield "done", number
        return
    if known.reached:
        yield "record", number, known.reached
    yield from (("open", number, record) for record in sorted(known.open))
    for record, keys in known.parts.items():
        yield from (("part", number, record, key) for key in sorted(keys))
