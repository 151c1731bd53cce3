"""Words of names: a name that Faker knows becomes one that nobody has, made of the halves of two others.

So a name that is read in the output is never a real one, as far as Faker's lists go; the scan can say of a name that
it stayed. A word that is in none of the lists becomes other letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from .alphabets import LETTERS, Spot, spot
from .turning import Turning

LOCALES = ("en_US", "en_GB", "de_DE", "es_ES", "fr_FR", "it_IT", "nl_NL", "pl_PL", "pt_BR", "sv_SE", "tr_TR")
WORD = re.compile(r"[^\W\d_]+")
SHORTEST, LONGEST = 3, 20
"""Shorter words have too few halves, and longer ones are no names."""


class Words:
    """Words turned under one key, whatever their casing; the casing stays."""

    def __init__(self, turning: Turning) -> None:
        self._turning = turning
        self._by_length: dict[int, tuple[dict[str, str], frozenset[str]]] = {}

    def other(self, word: str) -> str:
        """Another word of the same letters' kinds, for no two words the same one; `word` is letters alone."""
        spots = [spot(char) or char for char in word]
        plain = "".join(one if isinstance(one, str) else one.alphabet[one.index] for one in spots)
        if not SHORTEST <= len(plain) <= LONGEST or not plain.isascii():
            return self._turning.text(spots, b"word")
        known, made = self._table(len(plain))
        found = known.get(plain)
        if found is None:
            found = plain
            while True:
                found = self._turning.text([_letter(char) for char in found], b"word")
                if found not in known and found not in made:
                    break
        return "".join(
            new.upper() if isinstance(old, Spot) and old.upper else new for old, new in zip(spots, found, strict=True)
        )

    def _table(self, length: int) -> tuple[dict[str, str], frozenset[str]]:
        """What becomes of each word of a length that Faker knows, and the same words as a set."""
        found = self._by_length.get(length)
        if found is None:
            known = sorted(pool().get(length, ()))
            made = list(self._invented(known, length))
            found = self._by_length[length] = (dict(zip(known, made, strict=False)), frozenset(made))
        return found

    def _invented(self, known: list[str], length: int) -> Iterator[str]:
        """As many words as are known, none of them known: a first half and a second half, drawn by the key."""
        half = length // 2
        first, second = sorted({word[:half] for word in known}), sorted({word[half:] for word in known})
        seen = set(known)
        wanted, size = len(known), len(first) * len(second)
        if size < 4 * wanted:
            return
        tweak = b"halves\0" + length.to_bytes(4)
        for number in self._turning.drawn(tweak, 8 * wanted):
            word = first[number % size // len(second)] + second[number % size % len(second)]
            if word not in seen:
                seen.add(word)
                yield word
                wanted -= 1
                if not wanted:
                    return


def _letter(char: str) -> Spot:
    return Spot(LETTERS, LETTERS.index(char))


@cache
def pool() -> dict[int, frozenset[str]]:
    """The words of the first and last names that Faker has, in lower-case ASCII, by their length."""
    found: dict[int, set[str]] = {}
    for locale in LOCALES:
        lists = vars(import_module(f"faker.providers.person.{locale}").Provider)
        for title, names in lists.items():
            if title.startswith(("first_names", "last_names")):
                for name in names:
                    for word in WORD.findall(name.lower()) if isinstance(name, str) else ():
                        if word.isascii():
                            found.setdefault(len(word), set()).add(word)
    return {length: frozenset(words) for length, words in found.items()}


@cache
def regions() -> tuple[tuple[str, ...], ...]:
    """Codes and names of states, as Faker has them: those of one list and one length may stand for one another."""
    from faker.providers.address import en_CA, en_US

    codes = (tuple(sorted(en_US.Provider.known_usps_abbr)), tuple(sorted(en_CA.Provider.provinces_abbr)))
    names: dict[int, list[str]] = {}
    for name in (*en_US.Provider.states, *en_CA.Provider.provinces):
        names.setdefault(len(name), []).append(name)
    return (*codes, *(tuple(sorted(group)) for group in names.values() if len(group) > 1))
