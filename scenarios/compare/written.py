"""A request as it is compared: its parts in one form, however they were written, and the place of each."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from contracts.register import openapi
from contracts.validation import operations
from mock_sessionm import SURFACE_OF

from .sent import Sent

Place = tuple[str, ...]
"""Where something stands: `method`, `path`, `query`, `header` or `body`, and the names below that.

`*` stands for any entry of a list, and for any name of a table whose names somebody gave.
"""

PASSED_OVER = {
    "content-length": "follows from the body",
    "host": "each forwarder is told where the fake is",
    "connection": "how the connection is kept",
    "keep-alive": "how the connection is kept",
    "transfer-encoding": "how the body travels",
    "accept-encoding": "how the answer may travel",
}
"""Headers that are not compared, and why."""
NAMING = frozenset({"events"})
"""Below these stand names that somebody gave, where it is a table."""
TELLING = ("external_id_type", "identity_type", "event_type", "phone_type", "type", "action")
"""Fields of an entry of a list that say which it is, the first one first; what stands there is a name of a vendor's."""
ANY = "*"
_LONG = re.compile(rb"\d{19}")
_NEAR = 0.7
"""How like a known word a part of a path must be to be shown."""
_GZIP = b"\x1f\x8b"


class Opaque(bytes):
    """A body that is no JSON and no form."""

    __slots__ = ()


@dataclass(slots=True)
class Form:
    """One request, taken apart. `names` are those of headers as they came; `packed` says that the body was gzip."""

    sent: Sent
    segments: tuple[str, ...]
    query: dict[str, str]
    headers: dict[str, str]
    names: tuple[str, ...]
    body: Any
    packed: bool

    @classmethod
    def of(cls, sent: Sent) -> Form:
        path, _, query = sent.target.partition("?")
        headers = {name.lower(): text for name, text in sent.headers}
        raw, packed = _unpacked(sent.body)
        return cls(
            sent,
            tuple(path.split("/")[1:]),
            dict(parse_qsl(query, keep_blank_values=True)),
            {name: text for name, text in headers.items() if name not in PASSED_OVER},
            tuple(sorted(name for name, _ in sent.headers)),
            _parsed(raw, headers.get("content-type", "")),
            packed,
        )

    @property
    def operation(self) -> str:
        """`POST /priv/v1/apps/{api_key}/users`: method and path, with no value in it."""
        return f"{self.sent.method} {template(self.sent.method, self.segments)}"

    @property
    def named(self) -> str:
        """The event that it carries, where it carries one, or what it does."""
        if not isinstance(self.body, dict):
            return ""
        events = self.body.get("events")
        if isinstance(events, dict):
            return ", ".join(events)
        for key in ("name", "action"):
            if isinstance(self.body.get(key), str):
                return str(self.body[key])
        return ""

    def digest(self, noise: frozenset[Place] = frozenset()) -> bytes:
        """The same for requests that say the same, apart from what is noise."""
        if noise:
            said: Any = [(place, name, value) for place, name, value in leaves(self) if place not in noise]
        else:
            path = [unquote(part) for part in self.segments]
            body = list(self.body) if isinstance(self.body, Opaque) else alike(self.body)
            said = [self.sent.method, path, sorted(self.query.items()), sorted(self.headers.items()), body]
        return hashlib.blake2b(_dumped(said), digest_size=12).digest()


def leaves(form: Form) -> Iterator[tuple[Place, str, Any]]:
    """Every single part of a request: its place, the names that `*` stands for in it, and what stands there."""
    yield ("method",), "", form.sent.method
    for index, part in enumerate(form.segments):
        yield ("path", str(index)), "", unquote(part)
    for name, text in form.query.items():
        yield ("query", name), "", text
    for name, text in form.headers.items():
        yield ("header", name), "", text
    yield from _leaves(("body",), (), form.body)


def _leaves(place: Place, names: tuple[str, ...], value: Any) -> Iterator[tuple[Place, str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            below, named = step(place, names, key, inner)
            yield from _leaves(below, named, inner)
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            label = told_by(inner)
            yield from _leaves((*place, ANY), (*names, label or str(index)), inner)
    else:
        yield place, "\n".join(names), list(value) if isinstance(value, Opaque) else alike(value)


def has(form: Form, place: Place) -> bool:
    """Whether a request has a field."""
    kind, *names = place
    if kind == "body":
        return _has(form.body, names)
    if kind in {"header", "query"}:
        return names[0] in (form.headers if kind == "header" else form.query)
    return kind == "method" or not names or names[0] in parameters(form.sent.method, form.segments)


def _has(value: Any, names: list[str]) -> bool:
    if not names:
        return True
    name, *rest = names
    if name == ANY:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return any(_has(one, rest) for one in inner)
    return isinstance(value, dict) and name in value and _has(value[name], rest)


def step(place: Place, names: tuple[str, ...], key: str, inner: Any) -> tuple[Place, tuple[str, ...]]:
    """One name further into a body; a name that somebody gave and that is not the last one is any name."""
    below = isinstance(inner, dict | list) and bool(inner)
    if (place[-1] in NAMING and below) or (below and len(place) > 1 and key not in known_names()):
        return (*place, ANY), (*names, key)
    return (*place, key), names


def told_by(entry: Any) -> str:
    """What an entry of a list says of itself; empty where it says nothing."""
    if isinstance(entry, dict):
        for key in TELLING:
            if isinstance(entry.get(key), str):
                return str(entry[key])
    return ""


def alike(value: Any) -> Any:
    """A value in which a number has one form: 1 and 1.0 are the same."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: alike(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [alike(inner) for inner in value]
    return value


def shown(place: Place) -> str:
    """A place for people and tools: a pointer into the body, or `header:content-type`."""
    if place[0] == "body":
        return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in place[1:]) or "body"
    return ":".join(place[:2])


# --- what contracts know ----------------------------------------------------------------------------------


@cache
def known_names() -> frozenset[str]:
    """Every name of a field in any contract."""
    found: set[str] = set()
    waiting: list[Any] = [openapi(vendor) for vendor in _vendors()]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            inner = part.get("properties")
            found.update(inner if isinstance(inner, Mapping) else ())
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return frozenset(found)


@cache
def _templates() -> dict[int, list[tuple[str, list[str]]]]:
    found: dict[int, list[tuple[str, list[str]]]] = {}
    for vendor in _vendors():
        for method, path in operations(vendor).values():
            parts = path.split("/")[1:]
            found.setdefault(len(parts), []).append((method, parts))
    for several in found.values():
        several.sort(key=lambda one: sum(part.startswith("{") for part in one[1]))
    return found


@cache
def _static() -> frozenset[str]:
    known = {part for several in _templates().values() for _, parts in several for part in parts}
    return frozenset(part for part in known if not part.startswith("{"))


def _vendors() -> list[str]:
    return sorted({surface.vendor for surface in SURFACE_OF.values()})


def template(method: str, segments: tuple[str, ...]) -> str:
    """A path with the names of its parameters, as a contract has it; where none has it, without what may be a value."""
    return "/" + "/".join(parameters(method, segments))


def parameters(method: str, segments: tuple[str, ...]) -> tuple[str, ...]:
    """Each part of a path as it may be shown."""
    for same in (True, False):
        for known, parts in _templates().get(len(segments), ()):
            if same == (known == method) and all(
                wanted == part or (wanted.startswith("{") and part not in _static())
                for wanted, part in zip(parts, segments, strict=True)
            ):
                return tuple(parts)
    return tuple(map(_safe, segments))


@lru_cache(maxsize=4096)
def _safe(part: str) -> str:
    """A part of an unknown path: a word that is known or nearly so, as it is; anything else may be a value."""
    if part in _static() or part.startswith("{api_key"):
        return part
    return part if get_close_matches(part.lower(), _static(), n=1, cutoff=_NEAR) else "{…}"


# --- bodies -----------------------------------------------------------------------------------------------


def _unpacked(body: bytes) -> tuple[bytes, bool]:
    if body.startswith(_GZIP):
        try:
            return gzip.decompress(body), True
        except (OSError, EOFError, zlib.error):
            pass
    return body, False


def _parsed(raw: bytes, kind: str) -> Any:
    if not raw:
        return None
    try:
        # The fast reader makes floats of what fits into no 64 bits.
        return json.loads(raw) if _LONG.search(raw) else orjson.loads(raw)
    except (ValueError, RecursionError):
        pass
    if "form" in kind:
        return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    return Opaque(raw)


def _dumped(said: Any) -> bytes:
    try:
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer of more than 64 bits, half of a surrogate pair
        return json.dumps(said, sort_keys=True).encode("utf-8", "surrogatepass")
