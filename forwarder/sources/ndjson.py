"""Batches from files: one a line (mParticle's S3 layout), gzip or not, from paths, folders and standard input.

Nothing is passed over in silence: what is no batch comes as a `BadRecord`, what is not read as a `Skipped`.
A file of lines is read line by line, whatever its size.
"""

from __future__ import annotations

import bisect
import errno
import gzip
import itertools
import json
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import orjson

from forwarder.batch import Batch, BatchError

from .elements import NotAnArray, elements

STDIN = "-"
PROBE = "mParticle_Bucket_Verification"
"""mParticle writes a file of this name into a bucket when the output is set up; it holds no batch."""
TRIED = "the file with which mParticle tries a bucket, not a batch"

LONGEST = 64 * 1024 * 1024
"""Bytes of a line beyond which it is not read: 500 times what mParticle lets a batch be."""

GZIP = b"\x1f\x8b"
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


Numbered = tuple[int, bytes]
"""A line's number and its text."""


class SourceError(OSError):
    """A source cannot be read; the text is one line that says which, why, and what to do."""


class Unreadable(SourceError):
    """One part of a source cannot be read, the others can."""


class Place(Protocol):
    """Where a batch stands in a source that remembers what is settled."""

    @property
    def parts(self) -> frozenset[str]:
        """Keys of the requests of this batch that are settled."""
        ...

    def settle_part(self, key: str) -> None:
        """One request need not be sent again."""
        ...

    def settle(self) -> None:
        """Nothing of the batch need be sent again."""
        ...

    def leave(self) -> None:
        """Something of the batch must be sent at a later start."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """One batch and where it stands; lines count from 1, `-` is standard input.

    `place` is None where the source remembers nothing.
    """

    source: str
    line: int
    batch: Batch
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class BadRecord:
    """What should have been a batch and is none. `pointer` leads into the batch; `why` holds no value of it."""

    source: str
    line: int
    pointer: str
    why: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}{f' {self.pointer}' if self.pointer else ''}: {self.why}"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not read, and why."""

    source: str
    why: str


def records(
    sources: Iterable[str], *, stdin: IO[bytes] | None = None, duplicate_keys: str = "last"
) -> Iterator[Record | BadRecord | Skipped]:
    """Everything in the sources, in their order; a folder stands for its files, by name, in all its folders.

    Every source is looked at before the first record comes. `duplicate_keys` as in `Batch.read`.
    Raises `SourceError`.
    """
    yield from from_files(found_files(sources), stdin=stdin, duplicate_keys=duplicate_keys)


def from_files(
    files: Iterable[Path | None], *, stdin: IO[bytes] | None = None, duplicate_keys: str = "last"
) -> Iterator[Record | BadRecord | Skipped]:
    """Everything in the files; None is standard input. Raises `SourceError`."""
    for path in files:
        if path is None:
            yield from _from_stream(STDIN, stdin or sys.stdin.buffer, duplicate_keys)
        elif path.name.startswith(PROBE):
            yield Skipped(str(path), TRIED)
        else:
            with _open(path) as stream:
                yield from _from_stream(str(path), stream, duplicate_keys)


def found_files(sources: Iterable[str]) -> list[Path | None]:
    """The files of sources; None for standard input. Raises `SourceError`."""
    found: list[Path | None] = []
    for source in sources:
        path = Path(source)
        if source == STDIN:
            found.append(None)
        elif path.is_dir():
            inside = (part.relative_to(path) for part in path.rglob("*") if part.is_file())
            found += [path / part for part in sorted(inside) if not any(name.startswith(".") for name in part.parts)]
        else:
            # Looked at without opening it: what writes into a named pipe must not lose its reader.
            if not os.access(path, os.R_OK):
                raise _unreadable(path, os.strerror(errno.EACCES if path.exists() else errno.ENOENT))
            found.append(path)
    return found


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    try:
        stream = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    with stream:
        yield stream


def _unreadable(path: Path, why: str) -> SourceError:
    return SourceError(f"{path}: cannot be read: {why}; name a file, a folder, or - for standard input")


def _from_stream(name: str, stream: IO[bytes], duplicate_keys: str) -> Iterator[Record | BadRecord]:
    for found in texts(name, stream):
        yield found if isinstance(found, BadRecord) else read_text(name, found, duplicate_keys)


def texts(name: str, stream: IO[bytes]) -> Iterator[Numbered | BadRecord]:
    """What should be batches, unparsed, each with the number of its line. Raises `SourceError`."""
    lines = _lines(name, stream)
    return _documents(name, lines) if name.removesuffix(".gz").endswith(".json") else lines


def read_text(name: str, found: Numbered, duplicate_keys: str, place: Place | None = None) -> Record | BadRecord:
    """The batch that a text is, or what is wrong with it."""
    line, raw = found
    try:
        return Record(name, line, Batch.read(raw, duplicate_keys=duplicate_keys), place)
    except BatchError as error:
        return BadRecord(name, line, error.pointer, error.reason)


def _lines(name: str, stream: IO[bytes]) -> Iterator[Numbered | BadRecord]:
    """The lines of a stream that are not blank; unpacked, without byte order mark and line end."""
    number = 0
    try:
        whole = _Rejoined(stream.read(len(GZIP)), stream)
        unpacked: Any = gzip.GzipFile(fileobj=whole) if whole.head == GZIP else whole  # type: ignore[call-overload]
        while text := unpacked.readline(LONGEST):
            number += 1
            if number == 1:
                if text.startswith(UTF16_MARKS):
                    yield BadRecord(name, 1, "", "is UTF-16; save it as UTF-8")
                    return
                text = text.removeprefix(UTF8_MARK)
            if len(text) == LONGEST and not text.endswith(b"\n"):
                yield BadRecord(name, number, "", f"the line is longer than {LONGEST} bytes")
                while (text := unpacked.readline(LONGEST)) and not text.endswith(b"\n"):
                    pass
            elif text.strip():
                yield number, text.strip()
    except EOFError:
        yield BadRecord(name, number + 1, "", "the gzip file is cut short; what comes before is read")
    except (gzip.BadGzipFile, zlib.error) as error:
        yield BadRecord(name, number + 1, "", f"the gzip file is damaged: {error}; what comes before is read")
    except OSError as error:
        kind = type(error) if isinstance(error, SourceError) else SourceError
        raise kind(f"{name}: cannot be read: {error.strerror or error}; stopped after line {number}") from error


def _documents(name: str, lines: Iterator[Numbered | BadRecord]) -> Iterator[Numbered | BadRecord]:
    """The same for a .json file, which may also hold one batch, or an array of them, over many lines.

    Where its first line is a whole object it is a file of lines. Otherwise it is read whole.
    """
    first = next(lines, None)
    if first is None or isinstance(first, BadRecord) or is_object(first[1]):
        yield from itertools.chain([] if first is None else [first], lines)
        return
    numbered = [first]
    rest: list[BadRecord] = []
    for found in lines:
        if isinstance(found, BadRecord):
            rest.append(found)
        else:
            numbered.append(found)
    yield from _document(name, numbered)
    yield from rest


def _document(name: str, numbered: list[Numbered]) -> Iterator[Numbered | BadRecord]:
    text = b"\n".join(line for _, line in numbered)
    starts = list(itertools.accumulate((len(line) + 1 for _, line in numbered), initial=0))

    def at(offset: int) -> int:
        return numbered[min(bisect.bisect_right(starts, offset), len(numbered)) - 1][0]

    if text.startswith(b"["):
        try:
            for offset, element in elements(text):
                yield at(offset), element
        except NotAnArray as error:
            yield BadRecord(name, at(error.offset), "", f"not JSON: {error.reason}")
    elif any(is_object(line) for _, line in numbered):
        yield from numbered  # lines after all, and only the first of them is broken
    else:
        try:
            json.loads(text)
        except json.JSONDecodeError as error:
            yield BadRecord(name, numbered[error.lineno - 1][0], "", f"not JSON: {error.msg}")
        except (ValueError, RecursionError):
            yield numbered[0][0], text  # the batch reader says what is wrong with it
        else:
            yield numbered[0][0], text


def is_object(text: bytes) -> bool:
    """Whether a text is one whole JSON object."""
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


class _Rejoined:
    """A stream whose first bytes were taken off to look at them."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self.head = head
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        head, self.head = self.head, b""
        return head or self._stream.read(size)

    def readline(self, limit: int) -> bytes:
        head, self.head = self.head, b""
        end = head.find(b"\n") + 1
        if end:
            head, self.head = head[:end], head[end:]
            return head
        return head + self._stream.readline(limit - len(head))
