"""Which characters can stand in one another's place: alike in kind, in casing and in bytes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
HEX = "abcdef"
CROCKFORD = "abcdefghjkmnpqrstvwxyz"
"""The letters of a ULID."""

_WIDE = (range(0x4E00, 0xA000), range(0xAC00, 0xD7A4), range(0x3041, 0x3097), range(0x30A1, 0x30FB))
"""Scripts whose letters fill more than one row: Han, Hangul, Hiragana, Katakana."""
_ROW = 128


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a character stands: the characters that may take its place, its index among them, its casing."""

    alphabet: str
    index: int
    upper: bool = False

    def char(self, index: int) -> str:
        made = self.alphabet[index]
        return made.upper() if self.upper else made


@lru_cache(maxsize=65_536)
def spot(char: str) -> Spot | None:
    """The spot of a character; None where it stays as it is: punctuation, spaces, marks, pictures."""
    if char in DIGITS:
        return Spot(DIGITS, int(char))
    low = char.lower()
    if low in LETTERS and char.isascii():
        return Spot(LETTERS, LETTERS.index(low), char != low)
    if char.isascii():
        return None
    upper = char != low and _pair(low, char)
    plain = low if upper else char
    alphabet = _alike(plain)
    return Spot(alphabet, alphabet.index(plain), upper) if plain in alphabet else None


def _pair(low: str, char: str) -> bool:
    """Whether the two are one letter in its two casings, of as many bytes."""
    return len(low) == 1 and low.upper() == char and len(low.encode()) == len(char.encode())


def _alike(char: str) -> str:
    code = ord(char)
    for wide in _WIDE:
        if code in wide:
            return _letters(wide.start, wide.stop, "Lo", False)
    kind = unicodedata.category(char)
    if kind == "Nd":
        zero = code - unicodedata.decimal(char)
        return "".join(map(chr, range(zero, zero + 10)))
    if kind not in {"Ll", "Lo"}:
        return ""
    start = code - code % _ROW
    return _letters(start, start + _ROW, kind, kind == "Ll" and _has_upper(char))


@lru_cache(maxsize=1024)
def _letters(start: int, stop: int, kind: str, paired: bool) -> str:
    found = (chr(code) for code in range(start, stop))
    return "".join(
        one
        for one in found
        if unicodedata.category(one) == kind
        and unicodedata.is_normalized("NFC", one)
        and (kind != "Ll" or _has_upper(one) == paired)
        and len(one.encode()) == len(chr(start or 0x80).encode())
    )


def _has_upper(low: str) -> bool:
    upper = low.upper()
    return len(upper) == 1 and upper != low and upper.lower() == low and _pair(low, upper)
