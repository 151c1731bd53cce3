"""Flow files of mitmproxy, read without it: each flow is one tnetstring, and no more than one is held.

Files of all its versions are read, from 0.10 on: names changed between them, and texts were bytes once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .pieces import LONGEST, Stream
from .recorded import Bad, Recorded
from .wire import Elsewhere, Headers, Unusable, pair, unpacked

DEEPEST = 100
_LITERALS = {b"true": True, b"false": False}


class _Damaged(ValueError):
    """The file cannot be read any further."""


def flows(name: str, stream: Stream, _duplicate_keys: str = "last") -> Iterator[Recorded | Bad]:
    """The HTTP flows of a file; those of other protocols are told."""
    number = 0
    try:
        while True:
            number += 1
            text = _one(stream)
            if text is None:
                return
            place = f"{name} flow {number}"
            try:
                value, rest = _value(text, 0)
            except (_Damaged, RecursionError):
                yield Bad(place, "is no flow of mitmproxy")
            else:
                yield from flow(place, number, value if rest == len(text) else None)
    except _Damaged as error:
        yield Bad(f"{name} flow {number}", f"{error}; what comes before is read")
    except ValueError as error:  # out of a packed file
        yield Bad(f"{name} flow {number}", str(error))


# --- tnetstrings --------------------------------------------------------------------------------------------


def _one(stream: Stream) -> bytes | None:
    """The text of the next flow, from its length to its last sign; None at the end of the file."""
    digits = b""
    while (sign := _exactly(stream, 1)) != b":":
        if not sign and not digits:
            return None
        if not sign.isdigit() or len(digits) > 12:
            raise _Damaged("is cut short" if not sign else "has no length, as a flow of mitmproxy has")
        digits += sign
    if not digits or int(digits) > LONGEST:
        raise _Damaged(f"is longer than {LONGEST} bytes" if digits else "has no length, as a flow of mitmproxy has")
    size = int(digits) + 1
    text = _exactly(stream, size)
    if len(text) < size:
        raise _Damaged("is cut short")
    return digits + b":" + text


def _exactly(stream: Stream, size: int) -> bytes:
    parts, left = [], size
    while left and (part := stream.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _value(text: bytes, start: int, depth: int = 0) -> tuple[Any, int]:
    """The value that begins there, and where it ends. Texts and names are texts where they are UTF-8, else bytes."""
    colon = text.find(b":", start, start + 13)
    digits = text[start:colon]
    if colon < 0 or not digits.isdigit() or depth > DEEPEST:
        raise _Damaged
    first, last = colon + 1, colon + 1 + int(digits)
    inside, kind = text[first:last], text[last : last + 1]
    match kind:
        case b"," | b";":
            return inside, last + 1
        case b"#" | b"^":
            return _number(inside), last + 1
        case b"!":
            return _LITERALS.get(inside), last + 1
        case b"~":
            return None, last + 1
        case b"]" | b"}":
            found = []
            at = first
            while at < last:
                one, at = _value(text, at, depth + 1)
                found.append(one)
            if at != last or (kind == b"}" and len(found) % 2):
                raise _Damaged
            return (found if kind == b"]" else _paired(found)), last + 1
    raise _Damaged


def _number(inside: bytes) -> float:
    try:
        return float(inside)
    except ValueError:
        raise _Damaged from None


def _paired(found: list[Any]) -> dict[str, Any]:
    return {_text(name): value for name, value in zip(found[::2], found[1::2], strict=True)}


def _text(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else ""


# --- flows --------------------------------------------------------------------------------------------------


def flow(place: str, number: int, read: Any) -> Iterator[Recorded | Bad]:
    """What one flow is; `read` has bytes for all texts."""
    if not isinstance(read, Mapping) or not isinstance(read.get("request"), Mapping):
        kind = _text(read.get("type")) if isinstance(read, Mapping) else ""
        if kind in {"tcp", "udp", "dns", "websocket"}:
            yield Bad(place, f"is a {kind} flow, and no interaction", wrong=False)
        else:
            yield Bad(place, "has no request")
        return
    try:
        yield from _flow(place, number, read)
    except Elsewhere as error:
        yield Bad(place, str(error), wrong=False)
    except Unusable as error:
        yield Bad(place, str(error))


def _flow(place: str, number: int, read: Mapping[str, Any]) -> Iterator[Recorded | Bad]:
    asked, answer = read["request"], read.get("response")
    headers = _headers(asked)
    body, headers = _body(asked, headers, "request")
    answered, spoilt = None, ""
    if isinstance(answer, Mapping):
        given = _headers(answer)
        status = answer.get("status_code", answer.get("code"))
        if not isinstance(status, float) or not 100 <= status <= 599:
            raise Unusable("response.status is no status")
        try:
            content, given = _body(answer, given, "response")
        except Unusable as error:
            content, spoilt = None, str(error)
        answered = (int(status), given, content)
    at = asked.get("timestamp_start")
    method = _text(asked.get("method")).upper()
    yield pair(
        place, number, at if isinstance(at, float) else 0.0, (method, _address(asked, headers), headers, body), answered
    )
    if spoilt:
        yield Bad(place, spoilt)


def _address(asked: Mapping[str, Any], headers: Headers) -> str:
    """Where the request went, under the name by which its sender called it."""
    scheme, host, path = (_text(asked.get(name)) for name in ("scheme", "host", "path"))
    port = asked.get("port")
    named = _text(asked.get("authority")) or dict(headers).get("host", "")
    usual = {"http": 80.0, "https": 443.0}.get(scheme)
    where = named or (f"[{host}]" if ":" in host else host) + ("" if port in {usual, None} else f":{port:.0f}")
    if not path.startswith("/"):
        path = "" if path.startswith(("http:", "https:")) or not path else f"/{path}"
    return f"{scheme or 'http'}://{where}{path}"


def _headers(message: Mapping[str, Any]) -> Headers:
    found = message.get("headers")
    return [
        (_text(one[0]).strip().lower(), _text(one[1]))
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, list) and len(one) == 2
    ]


def _body(message: Mapping[str, Any], headers: Headers, name: str) -> tuple[bytes | None, Headers]:
    """A body as it travelled; None where mitmproxy let it through without keeping it."""
    body = message.get("content", message.get("body"))
    if not isinstance(body, bytes):
        known = dict(headers)
        there = known.get("content-length", "0") not in {"", "0"} or "transfer-encoding" in known
        return (None if there else b""), headers
    try:
        return unpacked(body, headers)
    except Unusable as error:
        raise Unusable(f"{name}.content {error}") from None
