"""One entry of a HAR file, as the interaction that it is, in the dialects of browsers, proxies and API clients.

HAR 1.2 is a page of prose; who writes it leaves out, renames and adds. What is read here beyond the page:

    bodies      base64 in one piece or several, lists of texts, forms taken apart, chunks with their sizes
    headers     objects, or pairs in a list
    addresses   without host, or none at all, where HTTP/2's own headers have them
    answers     none, null, or with status 0 or -1: nothing came
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from .recorded import Bad, Recorded
from .wire import Elsewhere, Headers, Unusable, dumped, moment, pair, unpacked, written

PADDED = re.compile(r"[^=]+={0,2}")
AS_TEXT = frozenset({"", "utf-8", "utf8", "text"})


def entry(place: str, number: int, read: Any) -> Iterator[Recorded | Bad]:
    """What an entry of a HAR file holds. Where only the answer's body is spoilt, both are told."""
    try:
        yield from _entry(place, number, read)
    except Elsewhere as error:
        yield Bad(place, str(error), wrong=False)
    except Unusable as error:
        yield Bad(place, str(error))


def _entry(place: str, number: int, read: Any) -> Iterator[Recorded | Bad]:
    if not isinstance(read, Mapping):
        raise Unusable("entry is no object")
    asked = _object(read.get("request"), "request")
    headers = listed(asked.get("headers"))
    method, url = asked.get("method") or dict(headers).get(":method"), asked.get("url") or ""
    if not isinstance(method, str):
        raise Unusable("request.method is no method")
    if not isinstance(url, str):
        raise Unusable("request.url is no text")
    missing = read.get("_missing")
    ours = isinstance(missing, list)
    body, headers = _request_body(asked, headers, ours=ours)
    answered, spoilt = _answer(read, ours=ours)
    if isinstance(missing, list):
        # Our own files say which bodies they never had, and have the others unpacked.
        body = None if "request body" in missing else body
        if answered is not None and "answer body" in missing:
            answered = (*answered[:2], None)
    at = moment(read.get("startedDateTime"))
    tenant, operation = (text if isinstance(text := read.get(name), str) else "" for name in ("_tenant", "_operation"))
    yield pair(place, number, at, (method.upper(), url, headers, body), answered, tenant, operation)
    if spoilt:
        yield Bad(place, spoilt)


def listed(headers: Any) -> Headers:
    """Headers as objects with name and value, as pairs, or as one object; names in small letters."""
    if isinstance(headers, Mapping):
        headers = [
            (name, one) for name, value in headers.items() for one in (value if isinstance(value, list) else [value])
        ]
    found: Headers = []
    for one in headers if isinstance(headers, list) else ():
        # An entry may have a hundred headers: nothing here is slower than it must be.
        if isinstance(one, dict):
            name, value = one.get("name"), one.get("value")
        elif isinstance(one, list | tuple) and len(one) == 2:
            name, value = one
        else:
            continue
        if isinstance(name, str):
            found.append((name.strip().lower(), value if isinstance(value, str) else _plain(value)))
    return found


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, list | dict) else str(value)


def _request_body(asked: Mapping[str, Any], headers: Headers, *, ours: bool) -> tuple[bytes | None, Headers]:
    """The body that was sent; None where there was one that is not in the recording."""
    sent = _size(asked.get("bodySize"))
    posted = asked.get("postData")
    if posted is None:
        return (None if sent else b""), headers
    posted = _object(posted, "request.postData")
    encoding = posted.get("encoding", posted.get("_encoding"))
    body = recorded_body(posted.get("text"), encoding, "request.postData")
    if body:
        return (body, headers) if ours else _freed(body, headers, "request.postData.text")
    pairs = posted.get("params")
    if isinstance(pairs, list) and pairs:
        # A form, taken apart by the browser.
        if "multipart" in _plain(posted.get("mimeType")):
            return None, headers
        return urlencode(
            [(_plain(one.get("name")), _plain(one.get("value"))) for one in pairs if isinstance(one, Mapping)]
        ).encode(), headers
    return (None if sent or (body is None and asked.get("bodySize") != 0) else b""), headers


def _answer(read: Mapping[str, Any], *, ours: bool) -> tuple[tuple[int, Headers, bytes | None] | None, str]:
    """The answer, None where none came; and what is wrong with its body."""
    if read.get("response") is None:
        return None, ""
    answered = _object(read["response"], "response")
    status = answered.get("status")
    if isinstance(status, str) and status.strip().isdecimal():
        status = int(status)
    if status is None or status == "" or (isinstance(status, int) and status in {0, -1}):
        return None, ""
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise Unusable("response.status is no status")
    headers = listed(answered.get("headers"))
    content = answered.get("content") or {}
    there = (isinstance(content, Mapping) and _size(content.get("size"))) or _size(answered.get("bodySize"))
    try:
        content = _object(content, "response.content")
        body = recorded_body(content.get("text"), content.get("encoding"), "response.content")
        if body and not ours:
            body, headers = _freed(body, headers, "response.content.text")
        elif not body:
            body = None if there else b""
    except Unusable as error:
        return (status, headers, None), str(error)
    return (status, headers, body), ""


def _freed(body: bytes, headers: Headers, place: str) -> tuple[bytes | None, Headers]:
    try:
        return unpacked(body, headers)
    except Unusable as error:
        raise Unusable(f"{place} {error}") from None


def recorded_body(text: Any, encoding: Any, place: str) -> bytes | None:
    """A body as it was recorded; None where it was not. Raises `Unusable`."""
    if text is None:
        return None
    if isinstance(text, list) and all(isinstance(part, str) for part in text):
        parts = [recorded_body(part, encoding, place) or b"" for part in text]
        return b"".join(parts)
    if isinstance(text, dict):
        return dumped(text)
    if not isinstance(text, str):
        raise Unusable(f"{place}.text is no text")
    if not isinstance(encoding, str | None):
        raise Unusable(f"{place} has an encoding other than base64")
    if encoding is None or encoding.lower() in AS_TEXT:
        return written(text)
    if encoding.lower() != "base64":
        raise Unusable(f"{place} has an encoding other than base64")
    return from_base64(text, f"{place}.text")


def from_base64(text: str, place: str) -> bytes:
    """Bytes out of base64, in either alphabet, over several lines, or as several parts put together."""
    packed = "".join(text.split()).replace("-", "+").replace("_", "/")
    if packed.startswith("="):
        raise Unusable(f"{place} is not base64")
    try:
        return b"".join(b64decode(part + "=" * (-len(part) % 4), validate=True) for part in PADDED.findall(packed))
    except ValueError:
        raise Unusable(f"{place} is not base64") from None


def _size(value: Any) -> bool:
    """Whether a size says that there is something."""
    return isinstance(value, int | float) and value > 0


def _object(part: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(part, Mapping):
        raise Unusable(f"{name} is no object" if part is not None else f"has no {name}")
    return part
