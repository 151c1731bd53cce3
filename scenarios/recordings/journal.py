"""The fake's own journal, as `GET /__admin/requests` shows it; with `exact=true` its bodies are to the byte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from contracts import Violation

from .har import from_base64, listed
from .pieces import Broken, Pieces, Stream, ended
from .recorded import Bad, Recorded
from .wire import Headers, Unusable, dumped, moment, pair, unpacked, written

ORIGIN = "http://sessionm-harness.invalid"
"""A journal does not say where the fake listened."""


def requests(name: str, stream: Stream, _duplicate_keys: str = "last") -> Iterator[Recorded | Bad]:
    """The interactions of a journal. What it had let go of before it was asked is told at the end."""
    pieces = Pieces(stream, {("requests",)})
    try:
        for piece in pieces:
            place = f"{name} request {piece.number}"
            if piece.why:
                yield Bad(place, f"line {piece.line}: {piece.why}")
                continue
            try:
                yield _interaction(place, piece.number, piece.value)
            except Unusable as error:
                yield Bad(place, str(error))
    except Broken as broken:
        yield ended(name, pieces, broken, "request")
    dropped = pieces.beside.get("dropped", "0")
    if dropped.isdecimal() and int(dropped):
        yield Bad(name, f"the journal had let go of {int(dropped)} requests before these; ask it sooner")


def _interaction(place: str, number: int, read: Any) -> Recorded:
    if not isinstance(read, Mapping) or not isinstance(read.get("request"), Mapping):
        raise Unusable("has no request")
    asked, answer = read["request"], read.get("response")
    exact = isinstance(read.get("seconds"), int | float)
    method, target = asked.get("method"), asked.get("target")
    if not isinstance(method, str):
        raise Unusable("request.method is no method")
    if not isinstance(target, str) or not target.startswith("/"):
        raise Unusable("request.target is no path")
    headers = listed(asked.get("headers"))
    body, headers = _body(asked.get("body"), headers, exact=exact)
    answered = None
    if isinstance(answer, Mapping):
        status = answer.get("status")
        if not isinstance(status, int) or not 100 <= status <= 599:
            raise Unusable("response.status is no status")
        content, given = _body(answer.get("body"), listed(answer.get("headers")), exact=exact)
        answered = (status, given, content)
    at = float(read["seconds"]) if exact else moment(read.get("at"))
    tenant, operation = (text if isinstance(text := read.get(one), str) else "" for one in ("tenant", "operation"))
    made = pair(place, number, at, (method.upper(), ORIGIN + target, headers, body), answered, tenant, operation)
    return replace(made, interaction=replace(made.interaction, violations=tuple(_violations(read.get("violations")))))


def _body(shown: Any, headers: Headers, *, exact: bool) -> tuple[bytes | None, Headers]:
    if shown is None:
        return b"", headers
    if isinstance(shown, str):
        return unpacked(written(shown), headers)
    if exact and isinstance(shown, Mapping) and isinstance(packed := shown.get("base64"), str):
        return unpacked(from_base64(packed, "body"), headers)
    return dumped(shown), headers


def _violations(shown: Any) -> Iterator[Violation]:
    for one in shown if isinstance(shown, list) else ():
        if isinstance(one, Mapping):
            rule, where, message, got, allowed = (
                text if isinstance(text := one.get(name), str) else ""
                for name in ("rule", "pointer", "message", "got", "allowed")
            )
            nearest = one.get("nearest")
            yield Violation(rule, where, message, got, allowed, nearest if isinstance(nearest, str) else None)
