"""A recording read twice: once to learn who is in it, once to write it with others in their place."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, quote, unquote, unquote_plus

import orjson

from contracts import Interaction, Request, Response

from .fictions import ADDRESS
from .finding import Known, encoded_like
from .kinds import Kind, kind_of, secret_name
from .leaves import Leaf, edited, leaves
from .pseudonym import EMAIL, Pseudonyms

INTERNATIONAL = re.compile(r"\+[1-9]\d{7,14}")
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_PLAIN = re.compile(r"[^@+{\[%\d][^@%\d]*|\d*")
MASK = "***"
API_KEY = "{api_key}"
FORM = "application/x-www-form-urlencoded"
_PEOPLE = frozenset({"users", "user", "customers", "customer", "external", "profiles", "members", "people"})
"""Parts of a path after which somebody's identifier stands."""
_WORDS = """
    users user external search events tags offers tiles campaigns timelines timeline points rewards orders purchases
    transactions unsubscribe suppress unsuppress devices segments merge batch me self status summary balance info
    retail referrals achievements activity track identify delete export ids new
"""
_ROUTES = frozenset(_WORDS.split())
"""Parts of a path after those that are nobody's identifier."""
_ADDRESSES = frozenset(
    {"x-forwarded-for", "x-real-ip", "true-client-ip", "cf-connecting-ip", "x-client-ip", "forwarded"}
)
_PLACES = frozenset({"referer", "location", "origin", "content-location", ":path"})
_AS_IS = frozenset({"user-agent", "host", "content-type", "accept", "date"})
_SOMETIMES = frozenset({"region", "age", "latitude", "longitude"})
_SCHEME = re.compile(r"(Basic|Bearer|Digest|Token|Hawk)\b", re.IGNORECASE)


class CannotBeRead(ValueError):
    """Nobody can say whether people are in it; the text says why, without a value."""


@dataclass(slots=True)
class Rewriter:
    """Learns with `learn…`, then writes with `written…`; counts what it replaced.

    `replaced` values stood in fields of their own, `found` in other texts.
    """

    pseudonyms: Pseudonyms
    known: Known = field(default_factory=Known)
    replaced: int = 0
    found: int = 0

    # --- learning -------------------------------------------------------------------------------------------

    def learn(self, text: str) -> None:
        """Who is in a JSON text."""
        for leaf in leaves(text, names=False):
            kind = leaf.kind or (_by_look(leaf.value) if leaf.is_text else None)
            if kind is None:
                if leaf.is_text and is_json(leaf.value):
                    self.learn(leaf.value)
                continue
            if kind not in {"kept", "secret"}:
                self._learnt(leaf.value, kind)

    def learn_interaction(self, one: Interaction) -> None:
        for value, kind in _in_target(one.request.target):
            if kind not in {"kept", "secret"}:
                self._learnt(value, kind)
        for name, value in one.request.headers.items():
            if name in _ADDRESSES:
                for address in ADDRESS.findall(value):
                    self._learnt(address, "ip")
        for message in (one.request, one.response):
            if message is not None and message.body:
                body = _text(message.body)
                if is_json(body):
                    self.learn(body)
                elif message.headers.get("content-type", "").startswith(FORM):
                    for name, value in parse_qsl(body, keep_blank_values=True):
                        known_as = kind_of((name,)) or _by_look(value)
                        if known_as is not None and known_as not in {"kept", "secret"}:
                            self._learnt(value, known_as)

    def _learnt(self, value: str, kind: Kind) -> None:
        self.known.add(value, kind)
        if kind in {"phone", "email", "id"} and ("@" in value or kind == "phone"):
            self.pseudonyms.of(value, kind)

    # --- writing --------------------------------------------------------------------------------------------

    def written(self, text: str) -> str:
        """A JSON text with other people in it."""
        # Escaped words cannot be seen from outside: then every text is looked at by itself.
        live = None if "\\u" in text else self.known.live(text)
        return edited(text, lambda leaf: self._other(leaf, live))

    def written_interaction(self, one: Interaction) -> Interaction:
        """An interaction with other people in it, and without credentials."""
        asked, answer = one.request, one.response
        request = Request(
            asked.method,
            self._target(asked.target),
            self._headers(asked.headers),
            self._body(asked.body, asked.headers),
        )
        response = answer and Response(
            answer.status, self._headers(answer.headers), self._body(answer.body, answer.headers)
        )
        return replace(one, request=request, response=response, tenant="")

    def _other(self, leaf: Leaf, live: Collection[str] | None) -> str | None:
        kind = leaf.kind
        if kind == "kept":
            return None
        if kind is not None:
            other = self._replaced(leaf.value, kind)
            # What is no state or no coordinate after all is a text like any other.
            return self.free(other) if other == leaf.value and kind in _SOMETIMES and leaf.is_text else other
        if not leaf.is_text:
            number = self.known.number(leaf.value)
            return None if number is None else self._recurred(leaf.value, number)
        value = leaf.value
        if live is not None and (len(value) < 8 or (len(value) < 16 and len(value) % 4)) and _PLAIN.fullmatch(value):
            low = value.lower()
            if not any(word in low for word in live):
                return None  # most texts end here
        return self.free(value)

    def free(self, value: str) -> str:
        """A text in which anything may stand: what is known of people in it is replaced."""
        kind = _by_look(value)
        if kind is not None:
            return self._replaced(value, kind)
        if is_json(value):
            return self.written(value)
        carried = decoded(value)
        if carried is not None:
            other = self.written(carried) if is_json(carried) else self._sought(carried)
            return base64.b64encode(other.encode()).decode() if other != carried else value
        return self._sought(value)

    def _sought(self, value: str) -> str:
        if value.isdigit() and self.known.number(value) is None:
            return value
        parts: list[str] = []
        last = 0
        for hit in self.known.hits(value):
            old = value[hit.start : hit.end]
            new = self._recurred(unquote(old) if "%" in old else old, hit.kind)
            parts += (value[last : hit.start], encoded_like(new, old))
            last = hit.end
        return "".join((*parts, value[last:])) if parts else value

    def _replaced(self, value: str, kind: Kind) -> str:
        other = self.pseudonyms.of(value, self.known.kind(value) or kind)
        self.replaced += other != value
        return other

    def _recurred(self, value: str, kind: Kind) -> str:
        other = self.pseudonyms.of(value, kind)
        self.found += 1
        return other

    # --- parts of an interaction ----------------------------------------------------------------------------

    def _target(self, target: str) -> str:
        """Path and query, percent-encoding kept."""
        path, mark, query = target.partition("?")
        made = [self._segment(part, kind) for part, kind in _segments(path)]
        pairs = []
        for pair in query.split("&") if query else []:
            name, equals, value = pair.partition("=")
            kind = kind_of((unquote_plus(name),))
            if kind == "secret":
                value = MASK if value else value
            elif kind != "kept":
                plain = unquote_plus(value)
                other = self._replaced(plain, kind) if kind else self.free(plain)
                if other != plain:
                    value = quote(other, safe="@:" if "@" in value or ":" in value else "")
                    value = value.replace("%20", "+") if "+" in pair and "%20" not in pair else value
            pairs.append(f"{name}{equals}{value}")
        return "/".join(made) + mark + "&".join(pairs)

    def _segment(self, part: str, kind: Kind | None) -> str:
        plain = unquote(part)
        if kind == "secret":
            return API_KEY
        other = self._replaced(plain, kind) if kind else self.free(plain)
        return (
            part if other == plain else encoded_like(other, part) if "%" in part else quote(other, safe="@:+$,;=!*'()")
        )

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        return {name: self._header(name, value) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        if secret_name(name) or re.search(r"auth|cookie|secret|token|api-?key", name):
            scheme = _SCHEME.match(value)
            return f"{scheme[0]} {MASK}" if scheme else MASK
        if name in _AS_IS:
            return value
        if name in _ADDRESSES:
            return ADDRESS.sub(lambda found: self._replaced(found[0], "ip"), value)
        if name in _PLACES:
            head, sign, rest = value.partition("://")
            host, slash, target = rest.partition("/")
            return f"{head}{sign}{host}{slash}{self._target(target)}" if sign else self._target(value)
        return self.free(value)

    def _body(self, body: bytes, headers: dict[str, str]) -> bytes:
        if not body:
            return body
        text = _text(body)
        if is_json(text):
            return self.written(text).encode()
        if headers.get("content-type", "").startswith(FORM):
            return self._target("?" + text)[1:].encode()
        return self._sought(text).encode()


def _segments(path: str) -> list[tuple[str, Kind | None]]:
    """The parts of a path, each with what it is to a person."""
    made: list[tuple[str, Kind | None]] = []
    before = ""
    for part in path.split("/"):
        kind: Kind | None = None
        if before == "apps" and part:
            kind = "secret"
        elif before in _PEOPLE and part and part not in _ROUTES:
            kind = "id"
        made.append((part, kind))
        before = part
    return made


def _in_target(target: str) -> list[tuple[str, Kind]]:
    path, _, query = target.partition("?")
    made = [(unquote(part), kind) for part, kind in _segments(path) if kind]
    for name, value in parse_qsl(query, keep_blank_values=True):
        kind = kind_of((name,)) or _by_look(value)
        if kind:
            made.append((value, kind))
    return made


def _by_look(value: str) -> Kind | None:
    """What a whole value surely is, whatever its field is called."""
    core = value.strip()
    if "@" in core and EMAIL.fullmatch(core):
        return "email"
    return "phone" if core[:1] == "+" and INTERNATIONAL.fullmatch(core) else None


def is_json(text: str) -> bool:
    """Whether a text is a JSON object or list."""
    if text.lstrip()[:1] not in {"{", "["}:
        return False
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def decoded(value: str, shortest: int = 8) -> str | None:
    """The text that a value carries in base64; None where it carries none."""
    if len(value) < shortest or not BASE64.fullmatch(value):
        return None
    try:
        text = base64.b64decode(value, validate=True).decode("utf-8")
    except ValueError:
        return None
    return text if text.isprintable() or is_json(text) else None


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise CannotBeRead("a body is no text, and cannot be looked through") from None
