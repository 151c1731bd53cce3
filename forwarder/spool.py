"""The spool: batches that were accepted and are not settled yet, in one append-only file that survives a crash.

Three kinds of entries. A batch is its number, size and checksum on one line, then its bytes as they came:

    batch 17 1742 9ae1c3f0
    {"events":[…]}
    part 17 4c1d…          one request of batch 17 is settled
    done 17                all of batch 17 is settled

A batch is on the disk (fsync) before `append` returns. The other entries are not waited for: where the machine
stops before they are written, a request is sent once more, and none is lost.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote, unquote

FILE = "batches.spool"
LOCK = "lock"
RENEWED_AT = 16 * 1024 * 1024
"""Bytes at which the file starts anew, once everything in it is settled."""

HEAD = re.compile(
    rb"(?P<kind>batch(?= \d+ \d+ )|part(?= \d+ \S)|done(?= \d+\n)) (?P<number>\d+)"
    rb"(?: (?P<size>\d+) (?P<checksum>[0-9a-f]{8})| (?P<key>\S+)|)\n"
)


class SpoolError(OSError):
    """The spool cannot be used; the text is one line that says which, why, and what to do."""


@dataclass(slots=True)
class _Entry:
    """Where an unsettled batch stands, and which of its requests are settled."""

    offset: int
    size: int
    parts: set[str] = field(default_factory=set)


class Spool:
    """One folder, one process. Its methods may be called from several threads.

    Raises `SpoolError` where the folder cannot be used, is in use, or its file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._lock = threading.Lock()
        self._syncing = threading.Lock()
        self._written = self._synced = 0
        self._entries: dict[int, _Entry] = {}
        self._next = 1
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._guard = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SpoolError(f"{folder}: cannot be a spool: {error.strerror}; choose another --spool") from error
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._replay(folder / FILE)
        except BlockingIOError as error:
            os.close(self._guard)
            raise SpoolError(f"{folder}: is in use by another process; choose another --spool") from error
        except BaseException:
            os.close(self._guard)
            raise

    def append(self, batches: Sequence[bytes]) -> list[int]:
        """Take batches; they are on the disk when this returns. Gives their numbers, which only grow.

        Threads that append at the same time share one fsync. Raises `OSError` where the disk fails: then none
        of them is accepted, and a later process may find them none the less.
        """
        with self._lock:
            numbers = list(range(self._next, self._next + len(batches)))
            self._store(list(zip(numbers, batches, strict=True)))
            self._next += len(batches)
            mine = self._written
        with self._syncing:
            if self._synced < mine:
                reached = self._written
                os.fsync(self._file)
                self._synced = reached
        return numbers

    def unsettled(self) -> list[int]:
        """The numbers of the batches that are not settled, in the order in which they came."""
        with self._lock:
            return list(self._entries)

    def read(self, number: int) -> bytes:
        """The bytes of an unsettled batch, as they came."""
        entry = self._entries[number]
        return os.pread(self._file, entry.size, entry.offset)

    def parts(self, number: int) -> frozenset[str]:
        """The keys of the requests of an unsettled batch that are settled."""
        return frozenset(self._entries[number].parts)

    def settle_part(self, number: int, key: str) -> None:
        """One request of a batch need not be sent again."""
        with self._lock:
            entry = self._entries[number]
            self._write(b"part %d %s\n" % (number, quote(key, safe="").encode("ascii")))
            entry.parts.add(key)

    def settle(self, number: int) -> None:
        """Nothing of a batch need be sent again."""
        with self._lock:
            self._write(b"done %d\n" % number)
            del self._entries[number]
            if not self._entries and os.fstat(self._file).st_size > RENEWED_AT:
                os.ftruncate(self._file, 0)

    def close(self) -> None:
        os.fsync(self._file)
        os.close(self._file)
        os.close(self._guard)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _store(self, batches: Sequence[tuple[int, bytes]]) -> None:
        """Write batches and remember where they stand."""
        heads = [b"batch %d %d %08x\n" % (number, len(body), zlib.crc32(body)) for number, body in batches]
        text = b"".join(head + body + b"\n" for head, (_, body) in zip(heads, batches, strict=True))
        offset = self._write(text)
        for head, (number, body) in zip(heads, batches, strict=True):
            self._entries[number] = _Entry(offset + len(head), len(body))
            offset += len(head) + len(body) + 1

    def _write(self, text: bytes) -> int:
        """Write at the end; gives the offset at which it stands. All of it, or nothing."""
        start = os.lseek(self._file, 0, os.SEEK_END)
        left = memoryview(text)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            os.ftruncate(self._file, start)
            raise
        self._written += 1
        return start

    def _replay(self, path: Path) -> None:
        """Read what a former process left, and rewrite the file without what is settled."""
        found: dict[int, _Entry] = {}
        with _content(path) as content:
            for entry in _entries(content, path):
                number = int(entry["number"])
                self._next = max(self._next, number + 1)
                if entry["kind"] == b"batch":
                    found[number] = _Entry(entry.end(), int(entry["size"]))
                elif entry["kind"] == b"done":
                    found.pop(number, None)
                elif number in found:
                    found[number].parts.add(unquote(entry["key"].decode("ascii")))
            fresh = path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            self._file = opened(fresh)
            for number, old in found.items():
                self._store([(number, content[old.offset : old.offset + old.size])])
                for part in sorted(old.parts):
                    self.settle_part(number, part)
        os.fsync(self._file)
        fresh.replace(path)
        sync_folder(path.parent)


def _entries(content: mmap.mmap | bytes, path: Path) -> Iterator[re.Match[bytes]]:
    """The first line of every whole entry.

    A half entry at the end is what a crash leaves, and is passed over: nobody was told that it was accepted.
    """
    at = 0
    while at < len(content):
        entry = HEAD.match(content, at)
        if entry is None:
            if content.find(b"\n", at) < 0:
                return
            raise SpoolError(f"{path}: is damaged at byte {at}; move the file away to start with an empty spool")
        at = entry.end()
        if entry["kind"] == b"batch":
            at += int(entry["size"]) + 1
            if at > len(content):
                return
            if b"%08x" % zlib.crc32(content[entry.end() : at - 1]) != entry["checksum"]:
                if at == len(content):
                    return
                raise SpoolError(
                    f"{path}: is damaged at byte {entry.start()}; move the file away to start with an empty spool"
                )
        yield entry


@contextmanager
def _content(path: Path) -> Iterator[mmap.mmap | bytes]:
    """The bytes of a file, without reading all of them at once; an empty file cannot be mapped."""
    handle = opened(path)
    try:
        if os.fstat(handle).st_size == 0:
            yield b""
        else:
            with mmap.mmap(handle, 0, access=mmap.ACCESS_READ) as content:
                yield content
    finally:
        os.close(handle)


def opened(path: Path) -> int:
    """A file to read and to add to, its owner's alone."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)


def sync_folder(folder: Path) -> None:
    """A new name in a folder is on the disk only after the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
