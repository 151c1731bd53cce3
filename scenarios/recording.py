"""Recordings: interactions out of a HAR file, or batches out of NDJSON.

What cannot be read is named with its place, and the rest is kept. No line that is made here holds a value.
"""

from __future__ import annotations

import gzip
import re
import zlib
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import orjson

from contracts import Interaction, Request, Response
from forwarder import Batch
from forwarder.sources.ndjson import GZIP, BadRecord, Record, Skipped, SourceError, records

Missing = Literal["request body", "answer body"]

KEPT_OUT = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that say how a body travelled; a recording has it unpacked."""
METHOD = re.compile(r"[A-Z]+")
UTF16 = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"
SURELY = re.compile(rb'\{\s*"log"\s*:\s*\{')
"""How a HAR file begins, and no batch does: an attribute may be a `log`, and stands further inside."""
PEEKED = 4096
LARGEST = 256 * 1024 * 1024
"""Bytes of a packed body or file beyond which it is not unpacked."""


class RecordingError(ValueError):
    """A recording cannot be read at all; the text is one line that says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One interaction, and where it stands: `traffic.har entry 12`, counted from 1.

    `missing` names the bodies that were there and that the recording does not have: what is in their place is
    empty. `origin` is scheme and host. The numbers of `interaction` are those of the entries; its tenant and its
    operation are known only of the fake's own journal.
    """

    place: str
    interaction: Interaction
    origin: str
    missing: frozenset[Missing] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordedBatch:
    """One batch, and where it stands: `batches.ndjson:12`."""

    place: str
    batch: Batch


@dataclass(frozen=True, slots=True)
class Bad:
    """What could not be read, and why; never with a value in it."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


@dataclass(frozen=True, slots=True)
class Recording:
    """What is in a file: interactions, or batches; `bad` is what is there and is neither."""

    path: str
    kind: Literal["interactions", "batches"]
    interactions: tuple[Recorded, ...] = ()
    batches: tuple[RecordedBatch, ...] = ()
    bad: tuple[Bad, ...] = field(default_factory=tuple)


def read_recording(path: str | Path, *, duplicate_keys: str = "last") -> Recording:
    """Everything in a HAR 1.2 file, or in a file or folder of mParticle batches; packed with gzip or not.

    Which of them it is shows in the text, not in the name. `duplicate_keys` as in `Batch.read`. Raises
    `RecordingError` where nothing can be read at all.
    """
    path = Path(path)
    if not path.is_dir():
        head = _head(path)
        if head.startswith(UTF16):
            raise RecordingError(f"{path}: is UTF-16; save it as UTF-8")
        if _named_har(path) or SURELY.match(head) or (head.startswith(b"{") and b"}" not in head.partition(b"\n")[0]):
            raw = _bytes(path)
            if _named_har(path) or SURELY.match(head) or _has_entries(raw):
                return _har(path, raw)
    return _batches(path, duplicate_keys)


# --- batches ----------------------------------------------------------------------------------------------


def _batches(path: Path, duplicate_keys: str) -> Recording:
    good: list[RecordedBatch] = []
    bad: list[Bad] = []
    try:
        for found in records([str(path)], duplicate_keys=duplicate_keys):
            match found:
                case Record():
                    good.append(RecordedBatch(f"{found.source}:{found.line}", found.batch))
                case BadRecord():
                    bad.append(Bad(f"{found.source}:{found.line}", f"{found.pointer}: {found.why}".removeprefix(": ")))
                case Skipped():
                    bad.append(Bad(found.source, found.why))
    except SourceError as error:
        raise RecordingError(str(error)) from error
    return Recording(str(path), "batches", batches=tuple(good), bad=tuple(bad))


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
        raw = _unpacked(raw) if raw.startswith(GZIP) else raw
    except (EOFError, zlib.error) as error:
        raise RecordingError(f"{path}: the gzip file is damaged: {error}") from error
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    return raw.removeprefix(UTF8_MARK)


def _unpacked(raw: bytes) -> bytes:
    unpack = zlib.decompressobj(wbits=31)
    made = unpack.decompress(raw, LARGEST)
    if unpack.unconsumed_tail:
        raise OSError(f"more than {LARGEST} bytes unpacked")
    if not unpack.eof:
        raise EOFError("it is cut short")
    return made if not unpack.unused_data else gzip.decompress(raw)


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


def _har(path: Path, raw: bytes) -> Recording:
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RecordingError(f"{path}:{error.lineno}: not JSON: {error.msg}; a HAR file is one JSON object") from error
    log = parsed.get("log") if isinstance(parsed, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise RecordingError(f"{path}: is no HAR file: it has no list log.entries")
    good: list[Recorded] = []
    bad: list[Bad] = []
    for number, entry in enumerate(entries, start=1):
        place = f"{path} entry {number}"
        try:
            good.append(_entry(place, number, entry))
        except _NoEntry as error:
            bad.append(Bad(place, str(error)))
    return Recording(str(path), "interactions", interactions=tuple(good), bad=tuple(bad))


class _NoEntry(ValueError):
    """An entry cannot be used; the text says why."""


def _entry(place: str, number: int, entry: Any) -> Recorded:
    asked, answered = (_mapping(_mapping(entry, "entry").get(part), part) for part in ("request", "response"))
    method, url = asked.get("method"), asked.get("url")
    if not isinstance(method, str) or not METHOD.fullmatch(method.upper()):
        raise _NoEntry("request.method is no method")
    if not isinstance(url, str):
        raise _NoEntry("request.url is no text")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _NoEntry("request.url is no address") from None
    if parts.scheme not in {"http", "https"}:
        raise _NoEntry("request.url is no http or https address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request_body, without_request = _request_body(asked)
    response, without_answer = _response(answered)
    missing: set[Missing] = set()
    missing |= {"request body"} if without_request else set()
    missing |= {"answer body"} if without_answer else set()
    interaction = Interaction(
        number=number,
        at=_time(entry.get("startedDateTime")),
        tenant=_text(entry.get("_tenant")),
        vendor="",
        operation=_text(entry.get("_operation")),
        request=Request(method.upper(), target, _headers(asked), request_body),
        response=response,
    )
    return Recorded(place, interaction, f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", frozenset(missing))


def _request_body(asked: Mapping[str, Any]) -> tuple[bytes, bool]:
    """The body that was sent, and whether there was one that is not in the recording."""
    posted = asked.get("postData")
    if posted is None:
        size = asked.get("bodySize")
        return b"", isinstance(size, int) and size > 0
    posted = _mapping(posted, "request.postData")
    encoding = posted.get("encoding", posted.get("_encoding"))
    body = _body(posted.get("text"), encoding, _headers(asked, whole=True), "request.postData")
    if body is not None:
        return body, False
    pairs = posted.get("params")
    if isinstance(pairs, list) and pairs:
        # A form, taken apart by the browser.
        named = [(_text(pair.get("name")), _text(pair.get("value"))) for pair in pairs if isinstance(pair, Mapping)]
        return urlencode(named).encode(), False
    return b"", True


def _response(answered: Mapping[str, Any]) -> tuple[Response | None, bool]:
    """The answer; None where none came, which HAR says with the status 0."""
    status = answered.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or not (status == 0 or 100 <= status <= 599):
        raise _NoEntry("response.status is no status")
    if status == 0:
        return None, False
    content = _mapping(answered.get("content", {}), "response.content")
    body = _body(content.get("text"), content.get("encoding"), _headers(answered, whole=True), "response.content")
    sizes = (content.get("size"), answered.get("bodySize"))
    there = any(isinstance(size, int) and size > 0 for size in sizes)
    return Response(status, _headers(answered), body or b""), body is None and there


def _body(text: Any, encoding: Any, headers: Mapping[str, str], place: str) -> bytes | None:
    """A body as bytes; None where the recording has none."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise _NoEntry(f"{place}.text is no text")
    if encoding in {None, ""}:
        # A browser writes what is no text as it can; half a surrogate pair is the least of it.
        return text.encode("utf-8", "surrogatepass")
    if encoding != "base64":
        raise _NoEntry(f"{place} has an encoding other than base64")
    try:
        body = b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise _NoEntry(f"{place}.text is not base64") from None
    if "gzip" in headers.get("content-encoding", "") and body.startswith(GZIP):
        try:
            return _unpacked(body)
        except (OSError, EOFError, zlib.error):
            raise _NoEntry(f"{place}.text is a damaged gzip body") from None
    return body


def _headers(message: Mapping[str, Any], *, whole: bool = False) -> dict[str, str]:
    """Names in lower case; HTTP/2's own, which start with a colon, are none."""
    listed = message.get("headers")
    found = {
        _text(pair.get("name")).lower(): _text(pair.get("value"))
        for pair in (listed if isinstance(listed, list) else ())
        if isinstance(pair, Mapping)
    }
    return {
        name: value
        for name, value in found.items()
        if name and not name.startswith(":") and (whole or name not in KEPT_OUT)
    }


def _mapping(part: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(part, Mapping):
        raise _NoEntry(f"{name} is no object" if part is not None else f"has no {name}")
    return part


def _time(text: Any) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        return 0.0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
