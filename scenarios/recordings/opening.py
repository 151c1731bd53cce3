"""Recordings opened: whatever stands in the sources, one after another, in their order.

What cannot be read is named with its place, and the rest is kept. No line that is made here holds a value.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from contracts import Choices
from forwarder.sources.mixed import records
from forwarder.sources.ndjson import GZIP, STDIN, BadRecord, Record, Skipped, SourceError
from forwarder.sources.progress import Progress
from forwarder.sources.s3 import SCHEME, Buckets, Remark

from .har import NoEntry, entry, unpacked
from .recorded import Bad, Recorded, RecordedBatch, Recording, RecordingError

UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
SURELY = re.compile(rb'\{\s*"log"\s*:\s*\{')
"""How a HAR file begins, and no batch does: an attribute may be a `log`, and stands further inside."""
PEEKED = 4096


def entries(sources: Iterable[str], *, duplicate_keys: str = "last") -> Iterator[RecordedBatch | Recorded | Bad]:
    """Everything in the sources, in their order: files, folders, `-` for standard input, `s3://bucket/prefix`.

    What a file is shows in its text, not in its name. `duplicate_keys` as in `Batch.read`. Raises `RecordingError`
    where a source cannot be read at all.
    """
    for source in sources:
        if source != STDIN and not source.startswith(SCHEME) and not Path(source).is_dir() and _is_har(Path(source)):
            yield from _har(Path(source), _bytes(Path(source)))
        else:
            yield from _batches(source, duplicate_keys)


def read_recording(path: str | Path, *, duplicate_keys: str = "last") -> Recording:
    """Everything in a HAR 1.2 file, or in a file or folder of mParticle batches; packed with gzip or not.

    As `entries`, and all of it at once. Raises `RecordingError` where nothing can be read at all.
    """
    found = list(entries([str(path)], duplicate_keys=duplicate_keys))
    interactions = tuple(one for one in found if isinstance(one, Recorded))
    batches = tuple(one for one in found if isinstance(one, RecordedBatch))
    bad = tuple(one for one in found if isinstance(one, Bad))
    har = interactions or (not Path(path).is_dir() and _is_har(Path(path)))
    return Recording(str(path), "interactions" if har else "batches", interactions, batches, bad)


def _is_har(path: Path) -> bool:
    head = _head(path)
    if head.startswith(UTF16):
        raise RecordingError(f"{path}: is UTF-16; save it as UTF-8")
    if _named_har(path) or SURELY.match(head):
        return True
    return head.startswith(b"{") and b"}" not in head.partition(b"\n")[0] and _has_entries(_bytes(path))


# --- batches ----------------------------------------------------------------------------------------------


def _batches(source: str, duplicate_keys: str) -> Iterator[RecordedBatch | Bad]:
    try:
        for found in records([source], _buckets, duplicate_keys=duplicate_keys):
            match found:
                case Record():
                    yield RecordedBatch(f"{found.source}:{found.line}", found.batch)
                case BadRecord():
                    yield Bad(f"{found.source}:{found.line}", f"{found.pointer}: {found.why}".removeprefix(": "))
                case Skipped() | Remark(kind="foreign" | "unread"):
                    yield Bad(found.source, found.why)
    except SourceError as error:
        raise RecordingError(str(error)) from error


def _buckets() -> Buckets:
    from forwarder.sources.amazon import Amazon

    return Buckets(Amazon, Progress(None, ""), Choices())


# --- HAR --------------------------------------------------------------------------------------------------


def _named_har(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith(".har")


def _head(path: Path) -> bytes:
    """The beginning of a file's text: a file of batches may be larger than what one wants to hold."""
    try:
        with path.open("rb") as stream:
            head = stream.read(PEEKED)
            if head.startswith(GZIP):
                head = zlib.decompressobj(wbits=31).decompress(head, PEEKED)
    except zlib.error:
        return b""
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}; name a HAR or NDJSON file") from error
    except ValueError:
        raise RecordingError(f"{str(path)!r}: is no name of a file") from None
    return head.removeprefix(UTF8_MARK).lstrip()


def _bytes(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        raw = unpacked(raw) if raw.startswith(GZIP) else raw
    except (EOFError, zlib.error) as error:
        raise RecordingError(f"{path}: the gzip file is damaged: {error}") from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    return raw.removeprefix(UTF8_MARK)


def _has_entries(raw: bytes) -> bool:
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(parsed, dict)
        and isinstance(parsed.get("log"), dict)
        and isinstance(parsed["log"].get("entries"), list)
    )


def _har(path: Path, raw: bytes) -> Iterator[Recorded | Bad]:
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RecordingError(f"{path}:{error.lineno}: not JSON: {error.msg}; a HAR file is one JSON object") from error
    log = parsed.get("log") if isinstance(parsed, dict) else None
    listed = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(listed, list):
        raise RecordingError(f"{path}: is no HAR file: it has no list log.entries")
    for number, one in enumerate(listed, start=1):
        place = f"{path} entry {number}"
        try:
            yield entry(place, number, one)
        except NoEntry as error:
            yield Bad(place, str(error))
