"""What is known of the people in a recording, and where it recurs in any other text.

A text is looked through token by token: only where one begins a known value is anything compared.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

from .fictions import NORTH_AMERICAN
from .kinds import IDENTIFIES, Kind
from .words import WORD

TOKEN = re.compile(r"[^\W_]+")
_ABROAD = re.compile(r"\+\d[\d ().-]{6,18}\d(?![\w-])")
_NORTH_AMERICAN = re.compile(r"(?<![\w+.-])(?:\+?1[ .-])?\(?[2-9]\d{2}\)?[ .-][2-9]\d{2}[ .-]\d{4}(?![\w-])")
_MAYBE = re.compile(r"\d[ .-]\d{4}(?!\d)")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
SHORTEST = {"name": 3, "place": 3, "email": 6, "phone": 7, "ip": 7}
"""Shorter values are not sought: they would be found in every other text. Others: five characters."""
_NOBODY = """
    the and von van der den dos los las della mac null none true false nil test user guest customer member anonymous
    unknown undefined deleted other
"""
NO_NAMES = frozenset(_NOBODY.split())
"""Words in fields for names that are nobody's name."""
_RANK = {"phone": 3, "name": 2, "place": 2}


class Hit(NamedTuple):
    """Where a known value stands in a text, what it is to a person, and how it is known."""

    start: int
    end: int
    kind: Kind
    known: str


class Known:
    """The values of the people in a recording. One entry for each value: memory grows with people, not with traffic."""

    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}
        self._longest: dict[str, int] = {}
        self._sought: dict[str, str] = {}
        self._phones: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._kinds)

    def add(self, value: str, kind: Kind) -> None:
        """A value of a person's, as it stands in a field of this kind."""
        if kind not in IDENTIFIES:
            return
        core = _folded(value.strip())
        before = self._kinds.get(core)
        if before is not None and _RANK.get(before, 1) >= _RANK.get(kind, 1):
            return
        if not core.strip("0-*"):
            return
        self._kinds[core] = kind
        if before is None:
            self._seek(core, kind)
        if kind == "name":
            for word in WORD.findall(core):
                if word != core:
                    self.add(word, kind)
        if kind == "phone":
            self._phones[own_digits(core)] = core

    def _seek(self, core: str, kind: Kind) -> None:
        least = SHORTEST.get(kind, 5) if core.isascii() else 2
        tokens = TOKEN.findall(core)
        if tokens and len(core) >= least and core not in NO_NAMES:
            self._longest[tokens[0]] = max(self._longest.get(tokens[0], 0), len(tokens))
            self._sought.setdefault(_joined(tokens), core)

    def kind(self, value: str) -> Kind | None:
        """As what a whole value is known; None where it is not."""
        return self._kinds.get(_folded(value.strip()))

    def number(self, text: str) -> Kind | None:
        """As what a number alone in a field of no person's is known: small ones count things, and are not asked."""
        kind = self._kinds.get(text) if len(text) >= 7 else None
        return kind if kind in {"id", "phone"} else None

    def hits(self, text: str) -> list[Hit]:
        """Where known values stand in a text, from left to right, the longest first, none over another."""
        if "%" not in text:
            return self._hits(text)
        plain, at = unescaped(text)
        return [Hit(at[hit.start], at[hit.end], hit.kind, hit.known) for hit in self._hits(plain)]

    def _hits(self, text: str) -> list[Hit]:
        folded = _folded(text)
        found: list[Hit] = []
        words = TOKEN.findall(folded)
        if not self._longest.keys().isdisjoint(words):
            found = list(self._named(folded, words))
        phones = self._phone_hits(text) if self._phones else []
        if not phones:
            return found
        taken = [hit for hit in found if not any(hit.start < one.end and one.start < hit.end for one in phones)]
        return sorted([*phones, *taken])

    def _named(self, text: str, words: list[str]) -> Iterator[Hit]:
        tokens = list(TOKEN.finditer(text))
        reached = 0
        for at, token in enumerate(tokens):
            if token.start() < reached:
                continue
            for count in range(self._longest.get(token[0], 0), 0, -1):
                known = self._sought.get(_joined(words[at : at + count]))
                begin = token.start() - (TOKEN.search(known).start() if known else 0)  # type: ignore[union-attr]
                if known is not None and begin >= reached and text.startswith(known, begin):
                    reached = begin + len(known)
                    yield Hit(begin, reached, self._kinds[known], known)
                    break

    def _phone_hits(self, text: str) -> list[Hit]:
        made = []
        for match in phones_in(text):
            known = self._phones.get(own_digits(match[0]))
            if known is not None:
                made.append(Hit(match.start(), match.end(), "phone", known))
        return made

    def live(self, text: str) -> Collection[str]:
        """The words of a text that begin a known value: what has none of them has no known value but numbers."""
        return self._longest.keys() & TOKEN.findall(_folded(text))


def phones_in(text: str) -> list[re.Match[str]]:
    """What looks like a telephone number: international, or the North American way with its signs."""
    found = list(_ABROAD.finditer(text)) if "+" in text else []
    if _MAYBE.search(text):
        spans = [(one.start(), one.end()) for one in found]
        found += [
            one
            for one in _NORTH_AMERICAN.finditer(text)
            if not any(start < one.end() and one.start() < end for start, end in spans)
        ]
    return found


def _folded(text: str) -> str:
    """Without casing, and as long as before."""
    folded = text.lower()
    if len(folded) == len(text):
        return folded
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _joined(tokens: list[str]) -> str:
    return "\0".join(tokens)


def unescaped(text: str) -> tuple[str, list[int]]:
    """A percent-encoded text in plain, and where each character of it stands in what it was, the end included."""
    plain: list[str] = []
    at: list[int] = []
    last = 0
    for found in _ESCAPES.finditer(text):
        plain += text[last : found.start()]
        at += range(last, found.start())
        last = found.start()
        try:
            chars = bytes.fromhex(found[0].replace("%", "")).decode("utf-8")
        except UnicodeDecodeError:
            continue
        for char in chars:
            plain.append(char)
            at.append(last)
            last += 3 * len(char.encode())
    plain += text[last:]
    at += range(last, len(text) + 1)
    return "".join(plain), at


def own_digits(number: str) -> str:
    """The digits of a telephone number as two spellings of it share them: North America's with or without its 1."""
    digits = "".join(char for char in number if char.isascii() and char.isdigit())
    if len(digits) == 11 and digits[0] == "1" and NORTH_AMERICAN.fullmatch(digits[1:]):
        return digits[1:]
    return digits


def encoded_like(new: str, old: str) -> str:
    """A new text percent-encoded as an old one was, whose plain form has the same signs in the same places."""
    if "%" not in old:
        return new
    plain = unquote(old)
    safe = "".join({char for char in plain if char in old and not char.isalnum()})
    made = quote(new, safe=safe if all(char.isascii() for char in safe) else "")
    return (
        made
        if any(char.isupper() for char in re.findall(r"%(..)", old)[0] if char.isalpha())
        or not re.search(r"%[0-9]?[a-f]", old)
        else re.sub(r"%..", lambda code: code[0].lower(), made)
    )
