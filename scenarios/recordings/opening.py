"""Recordings opened: whatever stands in the sources, one after another, in their order.

What cannot be read is named with its place, and the rest is kept. No line that is made here holds a value. One
record is held at a time, whatever the size of its file.
"""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any

from contracts import Choices
from forwarder import Batch, BatchError
from forwarder.sources.mixed import records
from forwarder.sources.ndjson import (
    GZIP,
    PROBE,
    STDIN,
    TRIED,
    BadRecord,
    Numbered,
    Record,
    Skipped,
    SourceError,
    found_files,
    texts,
)
from forwarder.sources.progress import Progress
from forwarder.sources.s3 import SCHEME, Buckets, Remark

from . import cassettes, flows, journal
from .har import entry
from .kinds import PEEKED, Kind, is_zlib, kind_of, unpacked_head
from .pieces import Broken, Pieces, ended
from .recorded import Bad, Recorded, RecordedBatch, Recording, RecordingError, Unread
from .wire import written

Found = RecordedBatch | Recorded | Bad
Lines = Callable[[str, Iterator[Numbered | BadRecord]], Iterator[Any]]
"""What becomes of the lines of a file of batches, by its name."""
ENTRIES = ("log", "entries")
PART = 1024 * 1024
"""Bytes of a file that are read at once."""


def entries(sources: Iterable[str], *, duplicate_keys: str = "last") -> Iterator[Found]:
    """Everything in the sources, in their order: files, folders, `-` for standard input, `s3://bucket/prefix`.

    What a file is shows in its text, not in its name. Every source is looked at before the first record comes.
    `duplicate_keys` as in `Batch.read`. Raises `RecordingError` where a source cannot be read at all.
    """
    return _entries(sources, partial(_parsed, duplicate_keys=duplicate_keys), duplicate_keys)


def unread(sources: Iterable[str], *, duplicate_keys: str = "last") -> Iterator[Found | Unread]:
    """The same, but batches that stand one a line in files are not parsed: somebody else does, in another process."""
    return _entries(sources, _as_they_are, duplicate_keys)


def _entries(sources: Iterable[str], lines: Lines, duplicate_keys: str) -> Iterator[Any]:
    opened: list[Iterator[Found]] = []
    for source in sources:
        if source.startswith(SCHEME):
            opened.append(_bucket(source, duplicate_keys))
        else:
            alone = source == STDIN or not _is_folder(source)
            opened += [_file(path, lines, duplicate_keys, alone=alone) for path in _files(source)]
    for one in opened:
        yield from one


def read_recording(path: str | Path, *, duplicate_keys: str = "last") -> Recording:
    """All of one recording at once, as `entries` reads it. Raises `RecordingError` where it cannot be read at all."""
    found = list(entries([str(path)], duplicate_keys=duplicate_keys))
    interactions = tuple(one for one in found if isinstance(one, Recorded))
    batches = tuple(one for one in found if isinstance(one, RecordedBatch))
    bad = tuple(one for one in found if isinstance(one, Bad))
    kind: Any = "interactions" if interactions or (not batches and _holds_interactions(Path(path))) else "batches"
    return Recording(str(path), kind, interactions, batches, bad)


def _holds_interactions(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return _kind(str(path), stream.read(PEEKED)) not in {"lines", "array", "documents"}


def _files(source: str) -> list[Path | None]:
    try:
        return found_files([source])
    except ValueError:
        raise RecordingError(f"{source!r}: is no name of a file") from None
    except OSError as error:
        raise RecordingError(str(error)) from error


def _is_folder(source: str) -> bool:
    try:
        return Path(source).is_dir()
    except ValueError:
        return False


def _bucket(source: str, duplicate_keys: str) -> Iterator[Found]:
    """A bucket is listed at once, so that what is wrong with it is known before anything starts."""
    try:
        found = records([source], _buckets, duplicate_keys=duplicate_keys)
    except SourceError as error:
        raise RecordingError(str(error)) from error
    return _told(found)


def _buckets() -> Buckets:
    from forwarder.sources.amazon import Amazon

    return Buckets(Amazon, Progress(None, ""), Choices())


def _told(found: Iterator[Any]) -> Iterator[Found]:
    """What the forwarder's own reader found, in the words of recordings."""
    try:
        for one in found:
            match one:
                case Record():
                    yield RecordedBatch(f"{one.source}:{one.line}", one.batch)
                case BadRecord():
                    yield Bad(f"{one.source}:{one.line}", f"{one.pointer}: {one.why}".removeprefix(": "))
                case Skipped() | Remark(kind="foreign"):
                    yield Bad(one.source, one.why, wrong=False)
                case Remark(kind="unread"):
                    yield Bad(one.source, one.why)
    except SourceError as error:
        raise RecordingError(str(error)) from error


# --- one file -----------------------------------------------------------------------------------------------


def _file(path: Path | None, lines: Lines, duplicate_keys: str, *, alone: bool) -> Iterator[Found]:
    """What is in a file; None is standard input. One file of a folder spoils no other."""
    if path is not None and path.name.startswith(PROBE):
        yield Bad(str(path), TRIED, wrong=False)
        return
    name = STDIN if path is None else str(path)
    try:
        with _stream(path) as stream:
            yield from _records(name, stream, lines, duplicate_keys)
    except (RecordingError, OSError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        line = why if isinstance(error, RecordingError | SourceError) else f"{name}: cannot be read: {why}"
        if alone:
            raise RecordingError(line) from error
        yield Bad(name, line.removeprefix(f"{name}: "))


def _stream(path: Path | None) -> IO[bytes]:
    if path is None:
        return io.BufferedReader(_Open(sys.stdin.buffer), PART)
    return path.open("rb", buffering=PART)


class _Open(io.RawIOBase):
    """A stream that somebody else closes, with its beginning given back to it."""

    def __init__(self, stream: Any, head: bytes = b"") -> None:
        self._stream = stream
        self._head = head

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part, self._head = self._head[: len(buffer)], self._head[len(buffer) :]
        part = part or self._stream.read1(len(buffer))
        buffer[: len(part)] = part
        return len(part)


class _Unpacked:
    """A packed stream: gzip, of any number of members. Raises `Broken` where it is damaged, after what is whole."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._file = gzip.GzipFile(fileobj=stream)

    def read(self, size: int) -> bytes:
        try:
            return self._file.read1(size)
        except EOFError:
            raise Broken(0, "the gzip file is cut short; what comes before is read", cut=True) from None
        except (gzip.BadGzipFile, zlib.error):
            raise Broken(0, "the gzip file is damaged; what comes before is read", cut=True) from None


class _Inflated:
    """The same for zlib, in which mitmproxy packs a HAR file that is named `.zhar`."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._unpack = zlib.decompressobj()

    def read(self, size: int) -> bytes:
        made = b""
        while not made and not self._unpack.eof:
            packed = self._unpack.unconsumed_tail or self._stream.read(PART)
            if not packed:
                raise Broken(0, "the packed file is cut short; what comes before is read", cut=True)
            try:
                made = self._unpack.decompress(packed, size)
            except zlib.error:
                raise Broken(0, "the packed file is damaged; what comes before is read", cut=True) from None
        return made


def _kind(name: str, head: bytes) -> Kind:
    kind = kind_of(unpacked_head(head))
    named = name.removesuffix(".gz").endswith(".har")
    return "har" if named and kind in {"lines", "array", "documents"} else kind


def _records(name: str, stream: IO[bytes], lines: Lines, duplicate_keys: str) -> Iterator[Found]:
    head = stream.read(PEEKED)
    kind = _kind(name, head)
    if stream.seekable():
        stream.seek(0)
    else:
        stream = io.BufferedReader(_Open(stream, head), PART)
    if kind == "lines":
        # The name tells the forwarder's reader of documents, and there are none.
        yield from lines(name, texts(name.removesuffix(".gz").removesuffix(".json"), stream))
        return
    unpacked: Any = _Unpacked(stream) if head.startswith(GZIP) else _Inflated(stream) if is_zlib(head) else stream
    yield from READERS[kind](name, unpacked, duplicate_keys)


def _parsed(name: str, lines: Iterable[Numbered | BadRecord], *, duplicate_keys: str) -> Iterator[Found]:
    """Batches, one a line. Millions of them pass here, so there is nothing in between."""
    for one in lines:
        if isinstance(one, BadRecord):
            yield Bad(f"{name}:{one.line}", one.why)
            continue
        number, raw = one
        try:
            batch = Batch.read(raw, duplicate_keys=duplicate_keys)
        except BatchError as error:
            yield Bad(f"{name}:{number}", str(error))
        else:
            yield RecordedBatch(f"{name}:{number}", batch)


def _as_they_are(name: str, lines: Iterator[Numbered | BadRecord]) -> Iterator[Found | Unread]:
    for one in lines:
        if isinstance(one, BadRecord):
            yield Bad(f"{name}:{one.line}", one.why)
        else:
            yield Unread(f"{name}:{one[0]}", one[1])


def _batches(name: str, stream: Any, duplicate_keys: str, *, several: bool = False) -> Iterator[Found]:
    """Batches that are not one a line: a list of them, or one after another over many lines.

    A list may be one of interactions, too, which somebody has taken out of a HAR file or a cassette.
    """
    pieces = Pieces(stream, {()}, several=several)
    try:
        for piece in pieces:
            if piece.why:
                yield Bad(f"{name}:{piece.line}", piece.why)
                continue
            if isinstance(piece.value, Mapping) and isinstance(asked := piece.value.get("request"), Mapping):
                reader = cassettes.interaction if "uri" in asked else entry
                yield from reader(f"{name} entry {piece.number}", piece.number, piece.value)
                continue
            raw = written(piece.text)
            yield from _parsed(name, [(piece.line, raw)], duplicate_keys=duplicate_keys)
    except Broken as broken:
        yield Bad(f"{name}:{broken.line or pieces.line}", broken.why)


def _documents(name: str, stream: Any, duplicate_keys: str) -> Iterator[Found]:
    return _batches(name, stream, duplicate_keys, several=True)


def _har(name: str, stream: Any, _duplicate_keys: str) -> Iterator[Found]:
    pieces = Pieces(stream, {ENTRIES})
    try:
        for piece in pieces:
            place = f"{name} entry {piece.number}"
            if piece.why:
                yield Bad(place, f"line {piece.line}: {piece.why}")
            else:
                yield from entry(place, piece.number, piece.value)
    except Broken as broken:
        if not pieces.found:
            why = broken.why if broken.cut else f"{broken.why}; a HAR file is one JSON object"
            raise RecordingError(f"{name}:{broken.line or pieces.line}: {why}") from broken
        yield ended(name, pieces, broken, "entry")
    else:
        if not pieces.found:
            raise RecordingError(f"{name}: is no HAR file: it has no list log.entries")


READERS: dict[Kind, Callable[[str, Any, str], Iterator[Found]]] = {
    "array": _batches,
    "documents": _documents,
    "har": _har,
    "cassette": cassettes.from_json,
    "yaml cassette": cassettes.from_yaml,
    "journal": journal.requests,
    "flows": flows.flows,
}
