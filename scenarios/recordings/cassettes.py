"""Cassettes of VCR: of vcrpy, of betamax and of Ruby's own, in YAML and in JSON, one interaction after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from .har import from_base64, listed
from .pieces import Broken, Pieces, Stream, ended
from .recorded import Bad, Recorded
from .wire import Elsewhere, Headers, Unusable, dumped, moment, pair, unpacked, written

LISTS = ("interactions", "http_interactions")
"""vcrpy's name for them, and that of the others."""


def from_json(name: str, stream: Stream, _duplicate_keys: str = "last") -> Iterator[Recorded | Bad]:
    """The interactions of a cassette in JSON."""
    pieces = Pieces(stream, {(one,) for one in LISTS})
    try:
        for piece in pieces:
            place = f"{name} interaction {piece.number}"
            if piece.why:
                yield Bad(place, f"line {piece.line}: {piece.why}")
            else:
                yield from interaction(place, piece.number, piece.value)
    except Broken as broken:
        yield ended(name, pieces, broken, "interaction")


def from_yaml(name: str, stream: Any, _duplicate_keys: str = "last") -> Iterator[Recorded | Bad]:
    """The interactions of a cassette in YAML. What an anchor names is held, since it may be referred to later."""
    number = 0
    reader = _Reader(_Readable(stream))
    try:
        for number, read in enumerate(reader.interactions(), start=1):
            yield from interaction(f"{name} interaction {number}", number, read)
    except Broken as broken:
        yield Bad(f"{name} interaction {number + 1}", broken.why)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "a character that YAML does not allow"
        yield Bad(f"{name} interaction {number + 1}", f"{where}not YAML: {problem}; what comes before is read")
    except (ValueError, RecursionError, TypeError) as error:
        why = "goes too deep" if isinstance(error, RecursionError) else "holds a value that is none of its kind"
        yield Bad(f"{name} interaction {number + 1}", f"{why}; what comes before is read")
    finally:
        reader.dispose()


class _Readable:
    """A stream for YAML's reader, which asks for as much as it likes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        made: bytes = self._stream.read(size)
        return made


class _Reader(yaml.composer.Composer, yaml.CSafeLoader):
    """YAML's safe loader, which composes one interaction where the usual one composes the whole file."""

    def __init__(self, stream: Any) -> None:
        yaml.CSafeLoader.__init__(self, stream)
        yaml.composer.Composer.__init__(self)

    def interactions(self) -> Iterator[Any]:
        for opening in (yaml.StreamStartEvent, yaml.DocumentStartEvent, yaml.MappingStartEvent):
            if not isinstance(self.get_event(), opening):
                raise Broken(1, "a cassette is one object, with its interactions in it")
        while not self.check_event(yaml.MappingEndEvent):
            name = self.compose_node(None, None)  # type: ignore[arg-type]
            if getattr(name, "value", None) in LISTS and self.check_event(yaml.SequenceStartEvent):
                self.get_event()
                while not self.check_event(yaml.SequenceEndEvent):
                    yield self.construct_document(self.compose_node(None, None))  # type: ignore[arg-type]
                self.get_event()
            else:
                self.compose_node(None, None)  # type: ignore[arg-type]


def _plainly(reader: Any, _tag: str, node: yaml.Node) -> Any:
    """A value of a kind that only the writer's language knows: its plain form, and never an object of that language."""
    if isinstance(node, yaml.MappingNode):
        return reader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return reader.construct_sequence(node, deep=True)
    return node.value


def _binary(reader: Any, node: yaml.Node) -> Any:
    return reader.construct_yaml_binary(node)


_Reader.add_multi_constructor("", _plainly)
_Reader.add_constructor("!binary", _binary)


def interaction(place: str, number: int, read: Any) -> Iterator[Recorded | Bad]:
    """What one interaction of a cassette is, whichever VCR wrote it."""
    try:
        yield from _interaction(place, number, read)
    except Elsewhere as error:
        yield Bad(place, str(error), wrong=False)
    except Unusable as error:
        yield Bad(place, str(error))


def _interaction(place: str, number: int, read: Any) -> Iterator[Recorded | Bad]:
    asked = read.get("request") if isinstance(read, Mapping) else None
    if not isinstance(asked, Mapping):
        raise Unusable("has no request")
    method, url = asked.get("method"), asked.get("uri", asked.get("url"))
    if not isinstance(method, str):
        raise Unusable("request.method is no method")
    if not isinstance(url, str):
        raise Unusable("request.uri is no text")
    headers = listed(asked.get("headers"))
    body, headers = _body(asked.get("body"), headers, "request.body")
    answered, spoilt, answer = None, "", read.get("response")
    if isinstance(answer, Mapping):
        given = listed(answer.get("headers"))
        status = _status(answer)
        try:
            content, given = _body(answer.get("body", answer.get("content")), given, "response.body")
        except Unusable as error:
            content, spoilt = None, str(error)
        answered = (status, given, content)
        # Only Ruby's VCR and betamax say when; else the server may have.
        at = moment(read.get("recorded_at")) or moment(dict(given).get("date"))
    else:
        at = moment(read.get("recorded_at"))
    yield pair(place, number, at, (method.upper(), url, headers, body), answered)
    if spoilt:
        yield Bad(place, spoilt)


def _status(answer: Mapping[str, Any]) -> int:
    status = answer.get("status", answer.get("status_code"))
    if isinstance(status, Mapping):
        status = status.get("code")
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise Unusable("response.status is no status")
    return status


def _body(recorded: Any, headers: Headers, place: str) -> tuple[bytes | None, Headers]:
    """A body as text, as bytes, as JSON, or in an object that says which."""
    if isinstance(recorded, Mapping) and recorded.keys() & {"string", "base64_string"}:
        packed = recorded.get("base64_string")
        recorded = from_base64(packed, f"{place}.base64_string") if isinstance(packed, str) else recorded.get("string")
    if not recorded:
        return b"", headers
    match recorded:
        case bytes():
            body = recorded
        case str():
            body = written(recorded)
        case dict() | list():
            body = _as_json(recorded, place)
        case _:
            raise Unusable(f"{place} is no text")
    try:
        return unpacked(body, headers)
    except Unusable as error:
        raise Unusable(f"{place} {error}") from None


def _as_json(recorded: Any, place: str) -> bytes:
    try:
        return dumped(recorded)
    except (TypeError, ValueError, RecursionError):
        raise Unusable(f"{place} is no text") from None
