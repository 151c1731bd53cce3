"""Batches out of buckets, where mParticle puts them: one a line, gzip or not, dated folders or not.

The bucket is dedicated: what is no object of mParticle's is told and not read (madconnect.foreign-objects). Objects
are read in parts, never whole, and what was settled at an earlier start is passed over (harness.reads-on).
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Literal, Protocol

from .ndjson import (
    PROBE,
    TRIED,
    BadRecord,
    Record,
    Skipped,
    SourceError,
    Unreadable,
    is_object,
    read_text,
    texts,
)
from .progress import Progress

SCHEME = "s3://"
PART = 8 * 1024 * 1024
"""Bytes that are asked for at once; more of an object is never held."""

OURS = re.compile(r".+_\d{20}_\d{5}(?:\.[\w.]+)?")
"""<app>_<time to the microsecond>_<five digits>; after that the ending, which mParticle leaves open for gzip."""
MAY_BE = re.compile(r"\.(?:txt|json|ndjson|jsonl)(?:\.gz)?$", re.IGNORECASE)
"""Endings under which somebody else's object is looked into before it is called foreign."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One object as the bucket lists it: size in bytes, `modified` in seconds since 1970."""

    bucket: str
    key: str
    etag: str
    size: int
    modified: float

    @property
    def address(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}"

    @property
    def name(self) -> str:
        """What stands behind the last folder."""
        return self.key.rpartition("/")[2]


class Chosen(Protocol):
    """What holds where the documents are silent, such as `Choices`."""

    def __getitem__(self, assumption: str, /) -> str: ...


class Store(Protocol):
    """Where buckets are."""

    def listed(self, bucket: str, prefix: str) -> Iterator[Stored]:
        """Every object whose key begins with `prefix`, in no order. Raises `SourceError`."""
        ...

    def part(self, stored: Stored, start: int, size: int) -> bytes:
        """So many bytes of that version of an object.

        Raises `Unreadable` where others can still be read, `SourceError` where none can.
        """
        ...


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said of one object.

    read     it was read to its end          before   it was read at an earlier start
    again    it is read from its start again, though an earlier start had begun or finished it
    foreign  it is not mParticle's           unread   it could not be read, or not to its end
    """

    source: str
    kind: Literal["read", "before", "again", "foreign", "unread"]
    why: str = ""

    def __str__(self) -> str:
        return f"{self.source}: {self.kind}: {self.why}"


Found = Record | BadRecord | Skipped | Remark


class Buckets:
    """Reads buckets for one receiver.

    store       makes the store, when the first bucket is named
    only        the bucket that the connection names; None lets any be read
    from_start  reads everything again that the sources hold
    """

    def __init__(
        self,
        store: Callable[[], Store],
        progress: Progress,
        choices: Chosen,
        *,
        only: str | None = None,
        from_start: bool = False,
    ) -> None:
        self._make = store
        self._store: Store | None = None
        self._progress = progress
        self._choices = choices
        self._only = only
        self._from_start = from_start
        self._seen: set[str] = set()

    def opened(self, source: str) -> Iterator[Found]:
        """What `s3://bucket/prefix` holds. It is listed at once, and read when the records are taken.

        Raises `SourceError`, now or later.
        """
        bucket, _, prefix = source.removeprefix(SCHEME).partition("/")
        if not bucket:
            raise SourceError(f"{source}: names no bucket; write s3://bucket or s3://bucket/prefix")
        if self._only is not None and bucket != self._only:
            raise SourceError(f"{source}: is not in the bucket {self._only} that madconnect.bucket names; mend either")
        if self._store is None:
            self._store = self._make()
        # A prefix is what S3 takes for one: folders of days below it are no hindrance (madconnect.dated-folders).
        objects = sorted(self._store.listed(bucket, prefix), key=self._order())
        if self._from_start:
            self._progress.forget(one.address for one in objects)
        return self._all(self._store, objects)

    def _order(self) -> Callable[[Stored], tuple[float, str]]:
        """Where an object stands among the others (madconnect.object-order)."""
        if self._choices["s3-order"] == "key":
            return lambda stored: (0.0, stored.key)
        return lambda stored: (stored.modified, stored.key)

    def _all(self, store: Store, objects: Sequence[Stored]) -> Iterator[Found]:
        for stored in objects:
            if stored.address not in self._seen:
                self._seen.add(stored.address)
                yield from self._one(store, stored)

    def _one(self, store: Store, stored: Stored) -> Iterator[Found]:
        """One object, if it is to be read (madconnect.verification-file, madconnect.object-changed)."""
        address, name = stored.address, stored.name
        if not name:
            yield Skipped(address, "the mark of a folder, not an object with batches")
        elif name.startswith(PROBE):
            yield Skipped(address, TRIED)
        elif self._foreign_by_name(name):
            yield Remark(address, "foreign", "its name is none of mParticle's; it is not read")
        elif self._progress.done(address, stored.etag):
            yield Remark(address, "before")
        else:
            former = self._progress.etag(address)
            if former not in {None, stored.etag}:
                if self._choices["s3-changed"] == "passed-over":
                    yield Remark(address, "before")
                    return
                yield Remark(address, "again", "it was changed since it was read; all of it is sent once more")
            yield from self._through(store, stored)

    def _foreign_by_name(self, name: str) -> bool:
        return not OURS.fullmatch(name) and not (self._choices["s3-foreign"] == "looked-into" and MAY_BE.search(name))

    def _through(self, store: Store, stored: Stored) -> Iterator[Found]:
        """The records of one object that are not settled (madconnect.batch-per-line, madconnect.compression).

        It is done once the last of them was taken and settled.
        """
        address = stored.address
        number = 0
        try:
            with _stream(store, stored) as stream:
                found = texts(address, stream)
                first = next(found, None)
                if first is not None and not OURS.fullmatch(stored.name) and _no_record(first):
                    yield Remark(address, "foreign", "its first record is no JSON object; it is not read")
                    return
                reading = self._progress.at(address, stored.etag)
                whole = itertools.chain([] if first is None else [first], found)
                # Counted by records: an array has many of them in one line.
                for number, one in enumerate(whole, start=1):
                    if not reading.wants(number):
                        continue
                    place = reading.place(number)
                    made = one if isinstance(one, BadRecord) else read_text(address, one, self._twice, place)
                    yield made
                    if isinstance(made, BadRecord):
                        place.settle()
        except Unreadable as error:
            yield Remark(address, "unread", str(error).removeprefix(f"{address}: "))
            return
        reading.finish(number)
        yield Remark(address, "read")

    @property
    def _twice(self) -> str:
        return self._choices["duplicate-keys"]


def _no_record(first: tuple[int, bytes] | BadRecord) -> bool:
    return isinstance(first, BadRecord) or not is_object(first[1])


def _stream(store: Store, stored: Stored) -> IO[bytes]:
    return io.BufferedReader(_Parts(store, stored), max(1, min(PART, stored.size)))


class _Parts(io.RawIOBase):
    """An object as a stream. The end is where the listing said: a part that breaks off is never taken for it."""

    def __init__(self, store: Store, stored: Stored) -> None:
        self._store = store
        self._stored = stored
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = min(len(buffer), self._stored.size - self._at)
        if size <= 0:
            return 0
        part = self._store.part(self._stored, self._at, size)
        buffer[:size] = part
        self._at += size
        return size
