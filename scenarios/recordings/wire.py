"""What messages have in common, whoever recorded them: address, headers, and a body freed from how it travelled."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlsplit

from contracts import Interaction, Request, Response

from .recorded import Missing, Recorded

TRAVELLED = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that say how a body travelled; a recording has it unpacked."""
BODILESS = frozenset({204, 304})
"""Statuses of answers that have no body, whatever their headers say."""
GZIP = b"\x1f\x8b"
YEAR_10000 = 253_402_300_800
"""Seconds from 1970; no calendar goes further."""
LARGEST = 256 * 1024 * 1024
"""Bytes of a packed body beyond which it is not unpacked."""

_METHOD = re.compile(r"[A-Z]+(?:-[A-Z]+)?")
_UNFIT = re.compile(r"[^\x21-\x7e]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_CHARSET = re.compile(r"(charset\s*=\s*)\"?([\w.:-]+)\"?", re.IGNORECASE)
_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_PACKINGS = 4
"""How often a body may be packed."""

Headers = list[tuple[str, str]]
"""Names in small letters, in their order; a name may stand more than once."""


class Unusable(ValueError):
    """A message cannot be used; the text says why, and holds no value of it."""


class Elsewhere(Unusable):
    """There is nothing wrong, and nothing that could be asked of a server either."""


def pair(
    place: str,
    number: int,
    at: float,
    asked: tuple[str, str, Headers, bytes | None],
    answered: tuple[int, Headers, bytes | None] | None,
    tenant: str = "",
    operation: str = "",
) -> Recorded:
    """One interaction. What was asked is method, address, headers and body; what was answered begins with the status.

    A body that was there and is not in the recording is None. Raises `Unusable`.
    """
    method, url, headers, body = asked
    if not _METHOD.fullmatch(method):
        raise Unusable("request.method is no method")
    origin, target = address(url, headers)
    missing: set[Missing] = {"request body"} if body is None else set()
    response = None
    if answered is not None:
        status, given, content = answered
        if content is None and (method == "HEAD" or status in BODILESS):
            content = b""
        missing |= {"answer body"} if content is None else set()
        response = Response(status, folded(given), content or b"")
    request = Request(method, target, folded(headers), body or b"")
    at = at if 0 <= at < YEAR_10000 else 0.0
    interaction = Interaction(number, at, tenant, "", operation, request, response)
    return Recorded(place, interaction, origin, frozenset(missing))


def address(url: str, headers: Headers) -> tuple[str, str]:
    """Origin and target. What an address lacks is looked for in `host`, and in HTTP/2's own headers.

    Raises `Unusable`.
    """
    known = dict(headers)
    url = url.strip() or known.get(":path", "")
    if url.startswith("/"):
        host = known.get(":authority") or known.get("host")
        if not host:
            raise Unusable("request.url has no host, and no header names one")
        url = f"{known.get(':scheme') or 'https'}://{host}{url}"
    try:
        parts = urlsplit(url)
        scheme, host = _SCHEMES.get(parts.scheme, ""), parts.hostname
    except ValueError:
        raise Unusable("request.url is no address") from None
    if not scheme or not host:
        raise (Elsewhere if parts.scheme else Unusable)("request.url is no http or https address")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    fit = _UNFIT.sub(lambda found: quote(found[0].encode("utf-8", "surrogateescape")), escaped(target))
    return f"{scheme}://{parts.netloc.rpartition('@')[2]}", fit


def folded(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """One value for each name. HTTP/2's own names, which start with a colon, are none, nor are those of the journey."""
    made: dict[str, str] = {}
    for name, value in headers:
        if name and not name.startswith(":") and name not in TRAVELLED:
            fit = _fit(value)
            made[name] = f"{made[name]}{'; ' if name == 'cookie' else ', '}{fit}" if name in made else fit
    return made


def _fit(value: str) -> str:
    """A value as a header can carry it: no line ends, and nothing beyond Latin-1."""
    if value.isascii() and value.isprintable():
        return value.strip()
    value = _CONTROLS.sub(" ", value).strip()
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return escaped(value).encode("utf-8", "surrogateescape").decode("latin-1")
    return value


def escaped(text: str) -> str:
    """A text that can be written with `surrogateescape`: halves of a pair that stand for no byte become marks."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return "".join(
            "\ufffd" if "\ud800" <= sign <= "\udfff" and not "\udc80" <= sign <= "\udcff" else sign for sign in text
        )
    return text


# --- bodies -----------------------------------------------------------------------------------------------


def written(text: str) -> bytes:
    """A body that was recorded as text. Bytes that were no UTF-8 come out as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # A browser writes what is no text as it can; half a surrogate pair is the least of it.
        return text.encode("utf-8", "surrogatepass")


def unpacked(raw: bytes, headers: Headers) -> tuple[bytes | None, Headers]:
    """A body without chunks, packing and odd character sets; None where it cannot be had. Its headers say so.

    Raises `Unusable` where it is damaged.
    """
    known = dict(headers)
    body: bytes | None = _joined(raw, chunked="chunked" in known.get("transfer-encoding", "").lower())
    if body is None:
        return None, headers
    packings = [one.strip() for one in known.get("content-encoding", "").lower().split(",")]
    if body.startswith(GZIP) and ("json" in known.get("content-type", "") or "gzip" in packings[-1]):
        body = _gunzipped(body)
    for packing in reversed(packings):
        opener = _OPENERS.get(packing)
        body = opener(body) if opener and body else body
    return (None, headers) if body is None else _in_utf8(body, headers)


def _joined(raw: bytes, *, chunked: bool) -> bytes | None:
    """The chunks of a body without their sizes, where they were recorded; None where the last is missing."""
    parts: list[bytes] = []
    at = 0
    while found := _CHUNK.match(raw, at):
        size, start = int(found[1], 16), found.end()
        if size == 0:
            return b"".join(parts) if parts or chunked else raw
        end = start + size
        after = raw[end : end + 2]
        if end > len(raw) or not (after == b"\r\n" or after[:1] == b"\n"):
            break
        parts.append(raw[start:end])
        at = end + (2 if after == b"\r\n" else 1)
    # Begun as chunks, and broken off; a body that is no chunks was joined by whoever recorded it.
    return None if chunked and parts else raw


def _gunzipped(body: bytes) -> bytes:
    """Also what was packed twice, by an app and then by its server."""
    for _ in range(_PACKINGS):
        if not body.startswith(GZIP):
            break
        body = gunzipped(body)
    return body


def gunzipped(body: bytes) -> bytes:
    """Every member of a gzip text. Raises `Unusable` where it is damaged, cut, or too large."""
    parts, left = [], LARGEST
    while body.startswith(GZIP):
        unpack = zlib.decompressobj(wbits=31)
        try:
            parts.append(unpack.decompress(body, left))
        except zlib.error:
            raise Unusable("is damaged gzip") from None
        left -= len(parts[-1])
        if unpack.unconsumed_tail or left <= 0:
            raise Unusable(f"is more than {LARGEST} bytes, unpacked")
        if not unpack.eof:
            raise Unusable("is gzip, cut short")
        body = unpack.unused_data
    return b"".join(parts)


def _inflated(body: bytes) -> bytes | None:
    for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        unpack = zlib.decompressobj(wbits=bits)
        try:
            made = unpack.decompress(body, LARGEST)
        except zlib.error:
            continue
        if unpack.eof:
            return made
    return body if _is_utf8(body) else None


def _by(module: str) -> Callable[[bytes], bytes | None]:
    """A packing for which Python has nothing of its own: opened where somebody installed what does."""

    def opened(body: bytes) -> bytes | None:
        if _is_utf8(body):
            return body  # whoever recorded it has unpacked it
        try:
            made: bytes = import_module(module).decompress(body)
        except Exception:  # noqa: BLE001  what these modules raise has no common root
            return None
        return made

    return opened


_OPENERS: Mapping[str, Callable[[bytes], bytes | None]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _inflated,
    "br": _by("brotli"),
    "zstd": _by("zstandard"),
}


def _in_utf8(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    """A text in UTF-8, whichever character set it came in; where that is not the declared one, the header is right."""
    declared = next(
        (found[2].lower() for name, value in headers if name == "content-type" and (found := _CHARSET.search(value))),
        "",
    )
    if body.startswith((b"\xff\xfe", b"\xfe\xff")) and not declared:
        declared = "utf-16"
    if not declared or (not declared.startswith(("utf-16", "utf-32")) and _is_utf8(body)):
        return body, headers
    try:
        made = body.decode(declared).removeprefix("\ufeff").encode()
    except (LookupError, UnicodeError):
        return body, headers
    renamed = [(name, _CHARSET.sub(r"\1utf-8", value) if name == "content-type" else value) for name, value in headers]
    return made, renamed


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


# --- times ------------------------------------------------------------------------------------------------


def moment(text: Any) -> float:
    """Seconds since 1970 of an ISO time, in UTC where it names no zone, or of HTTP's; 0.0 where it is neither."""
    if not isinstance(text, str):
        return 0.0
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found: datetime = read(text.strip())
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (TypeError, ValueError, OverflowError, OSError, IndexError):
            continue
    return 0.0


def dumped(value: Any) -> bytes:
    """JSON, numbers of any size whole."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
