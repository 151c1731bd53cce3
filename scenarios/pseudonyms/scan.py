"""Looks through a text for what must not be committed: addresses, numbers, cards, credentials, and names that stayed.

It reads what was written as a stranger would, and takes nothing from the part that wrote it but the values that are
known of people, and those that were invented. A place is named, a value never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .cards import looks_like_card
from .fictions import ADDRESS, fictional, reserved, unrouted
from .finding import Hit, Known, phones_in, unescaped
from .kinds import secret_name
from .leaves import Leaf, leaves, pointers
from .rewriting import decoded, is_json

DOMAIN = re.compile(r"@((?:[^\W_]|-)+(?:\.(?:[^\W_]|-)+)*\.[^\W\d_]{2,})")
NO_NAME = frozenset(" \t\r\n@,;:<>()[]{}\"'/\\=&?|")
"""What does not stand before the @ of an address."""
CARD = re.compile(r"(?<![\w.-])(?:\d{14,16}|\d{4}([ -])\d{4}\1\d{4}\1\d{2,4}|\d{4}([ -])\d{6}\2\d{4,5})(?![\w-]|\.\d)")
TOKENS = re.compile(
    r"\beyJ[\w-]{8,}\.[\w-]{8,}"  # JWT
    r"|\bBearer\s+(?=\S*\d)[\w.~+/-]{12,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"  # Amazon
    r"|\bAIza[\w-]{35}"  # Google
    r"|\bya29\.[\w-]{20,}"
    r"|\b[sr]k_(?:live|test)_[0-9A-Za-z]{10,}"  # Stripe
    r"|\bgh[pousr]_[0-9A-Za-z]{30,}|\bgithub_pat_\w{30,}|\bglpat-[\w-]{18,}"
    r"|\bxox[abeoprs]-[\w-]{10,}"  # Slack
    r"|\bSG\.[\w-]{16,}\.[\w-]{16,}"  # SendGrid
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|://[^\s/:@{}]+:[^\s/@{}*]+@"  # a password in an address
)
_BASIC = re.compile(r"\bBasic\s+([A-Za-z0-9+/]{4,}={0,2})")
ASSIGNED = re.compile(
    r"""["']?\b([\w-]*(?:api[_-]?key|secret|password|passwd|access[_-]?token|authorization))["']?\s*[:=]\s*["']([^"'\s{}$<>]{8,})["']""",
    re.IGNORECASE,
)
_ALWAYS = re.compile(r"passw|authorization|cookie", re.IGNORECASE)
_SHORTEST = 12
"""Fewer signs are no key that somebody drew."""
HARMLESS = re.compile(
    r"[*x0]+|(?:Basic|Bearer|Digest|Token|Hawk) \*+|.*[{<$].*|\*+.*|(?:your|my|test|fake|dummy|example|changeme)\b.*|",
    re.IGNORECASE,
)
_COUNTERS = frozenset({"batch_id", "event_id", "session_id", "message_id", "job_id"})
"""Numbers of 64 bits that mParticle gives out: one in ten of them would pass for a card."""
_CARRIERS = re.compile(r'"([A-Za-z0-9+/]{6,}={0,2})"')
_TELLING = frozenset({"secret", "phone", "ip"})
"""Kinds of fields whose values may be somebody's without looking like it."""
STAYED = "a value of a person's"
_MARKS = (
    "eyJ",
    "Bearer",
    "Basic",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29",
    "k_live_",
    "k_test_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat",
    "glpat-",
    "xox",
    "SG.",
    "-----BEGIN",
    "://",
)
"""Without any of these there is no credential; to ask for them is quicker than to look for it."""
_CARDLIKE = re.compile(r"\d{14}|\d{4}[ -]\d{4}[ -]|\d{4}[ -]\d{6}[ -]")


class Leftover(NamedTuple):
    """Something that must not stay: where, and what it looks like; never what it is."""

    place: str
    pointer: str
    kind: str

    def __str__(self) -> str:
        return f"{self.place}{f' {self.pointer}' if self.pointer else ''}: {self.kind}"


def kinds_in(text: str, *, card: bool = True) -> Iterator[str]:
    """What a text holds, each kind once: `an email address`, `a telephone number`, `a payment card`, `a credential`."""
    forms = (text, unescaped(text)[0]) if "%" in text else (text,)
    if any("@" in form and _has_address(form) for form in forms):
        yield "an email address"
    if any(not fictional(found[0]) for form in forms for found in phones_in(form)):
        yield "a telephone number"
    if card and any(
        _CARDLIKE.search(form) and any(looks_like_card(found[0]) for found in CARD.finditer(form)) for form in forms
    ):
        yield "a payment card"
    if any(any(mark in form for mark in _MARKS) and (TOKENS.search(form) or _has_pair(form)) for form in forms):
        yield "a credential"


def _has_pair(text: str) -> bool:
    """Whether user and password stand in a text as HTTP sends them; the word Basic alone is none."""
    return any(":" in (decoded(found[1], 4) or "") for found in _BASIC.finditer(text))


def is_secret(name: str, value: str) -> bool:
    """Whether a value in a field of this name is a credential; what somebody made up to show something is none."""
    if HARMLESS.fullmatch(value):
        return False
    if _ALWAYS.search(name):
        return True
    return len(value) >= _SHORTEST and re.search(r"\d", value) is not None and re.search(r"[A-Za-z]", value) is not None


def _has_address(text: str) -> bool:
    return any(
        found.start() and text[found.start() - 1] not in NO_NAME and not reserved(found[1])
        for found in DOMAIN.finditer(text)
    )


class Scan:
    """Looks through JSON texts. `known`: the values of people, which must not stand where they stood before.

    `named` are words in the names of fields and events that are somebody's name as well: these stay.
    """

    def __init__(self, known: Known | None = None) -> None:
        self._known = known
        self.named: set[str] = set()

    def leftovers(self, place: str, text: str, before: str = "") -> Iterator[Leftover]:
        """What is left in a JSON text, which was `before` that. Both must be JSON."""
        only = self._spots(text, before)
        if only is not None and not only:
            return
        where: list[str] = []
        was = leaves(before)
        for at, leaf in enumerate(leaves(text)):
            if only is not None and not any(leaf.start <= spot < leaf.end for spot in only):
                continue
            for kind in dict.fromkeys(self._of(leaf, was[at].value if at < len(was) else "")):
                where = where or list(pointers(text))
                line = f":{text.count(chr(10), 0, leaf.start) + 1}" if not before and "\n" in text else ""
                yield Leftover(place + line, shown(where[at]), kind)

    def _spots(self, text: str, before: str) -> list[int] | None:
        """Where in a text anything may be left, seen as a whole: most have nothing. None: it must be read closely."""
        if "\\" in text or next(kinds_in(text), None):
            return None
        if any(decoded(found[1]) for found in _CARRIERS.finditer(text)):
            return None
        if self._known is None or not before:
            return [leaf.start for leaf in leaves(text, names=False) if leaf.kind in _TELLING]
        if len(text) != len(before):
            return None
        return [hit.start for hit in self._known.hits(text) if _alike(hit, text, before)]

    def _of(self, leaf: Leaf, was: str) -> Iterator[str]:
        value = leaf.value
        yield from kinds_in(value, card=not (leaf.path and leaf.path[-1] in _COUNTERS))
        kind = None if leaf.is_name else leaf.kind
        if kind == "secret" and leaf.is_text and is_secret(leaf.frame.named or leaf.path[-1], value):
            yield "a credential"
        elif kind == "phone" and _is_number(value) and not fictional(value):
            yield "a telephone number"
        elif kind == "ip" and not all(map(unrouted, ADDRESS.findall(value))):
            yield "an address of a machine"
        if not leaf.is_text or not value:
            return
        if self._known is not None:
            if leaf.is_name or kind == "kept":
                self.named.update(hit.known for hit in self._known.hits(value) if hit.kind in {"name", "email"})
            elif self._stayed(value, was):
                yield STAYED
        yield from self._inside(value, was)

    def _stayed(self, value: str, was: str) -> bool:
        """Whether a known value stands where it stood. Elsewhere it is an invented one that looks the same."""
        if self._known is None:
            return False
        return any(_alike(hit, value, was) for hit in self._known.hits(value))

    def _inside(self, value: str, was: str) -> Iterator[str]:
        """The same for what a text carries: JSON, or base64."""
        if value[0] in "{[" and is_json(value):
            yield from (found.kind for found in self.leftovers("", value, was if is_json(was) else ""))
        carried = decoded(value)
        if carried:
            if is_json(carried):
                yield from self._inside(carried, decoded(was) or "")
            yield from kinds_in(carried)
            if self._stayed(carried, decoded(was) or ""):
                yield STAYED


def _alike(hit: Hit, text: str, was: str) -> bool:
    return text[hit.start : hit.end].lower() == was[hit.start : hit.end].lower()


def _is_number(value: str) -> bool:
    return 7 <= sum(char.isdigit() for char in value) <= 15 and not re.search(r"[^\W\d_]{4}", value)


def lines_of(place: str, text: str) -> Iterator[Leftover]:
    """What is left in a line that is no JSON."""
    for kind in kinds_in(text):
        yield Leftover(place, "", kind)
    for name, value in ASSIGNED.findall(text):
        if secret_name(name.rpartition("-")[2]) and is_secret(name, value):
            yield Leftover(place, "", "a credential")
            return


def shown(where: str) -> str:
    """A pointer without what its names may give away: an address as a field's name is no place to be printed."""
    return "/".join("…" if any(kinds_in(part)) else part for part in where.split("/"))
