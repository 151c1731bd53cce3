"""One entry of a HAR file, as the interaction that it is."""

from __future__ import annotations

import gzip
import re
import zlib
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from contracts import Interaction, Request, Response

from .recorded import Missing, Recorded

KEPT_OUT = ("content-encoding", "content-length", "transfer-encoding")
"""Headers that say how a body travelled; a recording has it unpacked."""
METHOD = re.compile(r"[A-Z]+")
GZIP = b"\x1f\x8b"
LARGEST = 256 * 1024 * 1024
"""Bytes of a packed body or file beyond which it is not unpacked."""


class NoEntry(ValueError):
    """An entry cannot be used; the text says why."""


def entry(place: str, number: int, entry: Any) -> Recorded:
    asked, answered = (_mapping(_mapping(entry, "entry").get(part), part) for part in ("request", "response"))
    method, url = asked.get("method"), asked.get("url")
    if not isinstance(method, str) or not METHOD.fullmatch(method.upper()):
        raise NoEntry("request.method is no method")
    if not isinstance(url, str):
        raise NoEntry("request.url is no text")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise NoEntry("request.url is no address") from None
    if parts.scheme not in {"http", "https"}:
        raise NoEntry("request.url is no http or https address")
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
        raise NoEntry("response.status is no status")
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
        raise NoEntry(f"{place}.text is no text")
    if encoding in {None, ""}:
        # A browser writes what is no text as it can; half a surrogate pair is the least of it.
        return text.encode("utf-8", "surrogatepass")
    if encoding != "base64":
        raise NoEntry(f"{place} has an encoding other than base64")
    try:
        body = b64decode("".join(text.split()), validate=True)
    except ValueError:
        raise NoEntry(f"{place}.text is not base64") from None
    if "gzip" in headers.get("content-encoding", "") and body.startswith(GZIP):
        try:
            return unpacked(body)
        except (OSError, EOFError, zlib.error):
            raise NoEntry(f"{place}.text is a damaged gzip body") from None
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
        raise NoEntry(f"{name} is no object" if part is not None else f"has no {name}")
    return part


def _time(text: Any) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        return 0.0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def unpacked(raw: bytes) -> bytes:
    unpack = zlib.decompressobj(wbits=31)
    made = unpack.decompress(raw, LARGEST)
    if unpack.unconsumed_tail:
        raise OSError(f"more than {LARGEST} bytes unpacked")
    if not unpack.eof:
        raise EOFError("it is cut short")
    return made if not unpack.unused_data else gzip.decompress(raw)
