"""Keyed substitution that keeps a shape: each value of a domain becomes another one of it, no two the same.

Two known constructions. A small domain is shuffled into a single cycle (Sattolo), by numbers drawn from SHAKE-256.
A larger one goes through an alternating Feistel network over the product of two numbers, with cycle walking back
into the domain (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002), its rounds keyed BLAKE2. Where a
value could by chance become itself, the network is put round a step to the next number, which makes one cycle of it.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b, scrypt, shake_256
from math import isqrt

from .alphabets import DIGITS, Spot

SMALL = 4096
"""Domains up to this size are tables."""
CHANCE = 2**36
"""In a domain of this size and more, nobody becomes himself by chance."""
ROUNDS = 10
BITS = 256
"""So large is a domain at most; a longer text is taken in parts."""
_SALT = b"sessionm-harness.pseudonyms/1"


def key_of(word: str) -> bytes:
    """The 32 bytes that a word from a command line stands for. Slow on purpose: words can be guessed."""
    return scrypt(word.encode("utf-8", "surrogatepass"), salt=_SALT, n=2**14, r=8, p=1, dklen=32)


class Turning:
    """Substitution under one key. The same key turns the same value the same way, everywhere and always."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._table = lru_cache(maxsize=512)(self._cycle)
        self._round = blake2b(key=key, digest_size=24)

    def drawn(self, tweak: bytes, count: int) -> list[int]:
        """So many numbers below 2**64 that only the key and the tweak decide."""
        raw = shake_256(self._key + tweak).digest(8 * count)
        return [int.from_bytes(raw[at : at + 8]) for at in range(0, len(raw), 8)]

    def number(self, value: str, size: int, tweak: bytes) -> int:
        """A number below `size` for a text: not one for each, where there are more texts."""
        made = self._round.copy()
        made.update(tweak + b"\0" + value.encode("utf-8", "surrogatepass"))
        return int.from_bytes(made.digest()) % size

    def turned(self, index: int, size: int, tweak: bytes) -> int:
        """Another number below `size`, and for no two numbers the same one. Of a domain of one, that one."""
        if size <= 1:
            return index
        if size <= SMALL:
            return self._table(size, tweak)[index]
        if size >= CHANCE:
            return self._forth(index, size, tweak)
        return self._forth((self._back(index, size, tweak) + 1) % size, size, tweak)

    def text(self, spots: list[Spot | str], tweak: bytes) -> str:
        """A text turned as a whole. A spot is what may change, a character what stays."""
        made: list[str] = []
        part: list[Spot | str] = []
        size = 1
        for one in spots:
            if isinstance(one, Spot) and (size * len(one.alphabet)).bit_length() > BITS:
                made.append(self._part(part, size, tweak))
                # What came before decides how the rest is turned, or long texts would share their ends.
                tweak = blake2b("".join(_plain(part)).encode("utf-8", "surrogatepass") + tweak, digest_size=16).digest()
                part, size = [], 1
            part.append(one)
            size *= len(one.alphabet) if isinstance(one, Spot) else 1
        return "".join(made) + self._part(part, size, tweak)

    def _part(self, spots: list[Spot | str], size: int, tweak: bytes) -> str:
        index = 0
        for one in spots:
            if isinstance(one, Spot):
                index = index * len(one.alphabet) + one.index
        shape = "".join(one if isinstance(one, str) else f"\0{one.alphabet[0]}{len(one.alphabet)}" for one in spots)
        index = self.turned(index, size, tweak + b"\0" + shape.encode("utf-8", "surrogatepass"))
        made = []
        for one in reversed(spots):
            if isinstance(one, Spot):
                index, at = divmod(index, len(one.alphabet))
                made.append(one.char(at))
            else:
                made.append(one)
        return "".join(reversed(made))

    def _cycle(self, size: int, tweak: bytes) -> list[int]:
        order = list(range(size))
        drawn = self.drawn(b"cycle\0" + size.to_bytes(4) + tweak, size)
        for at in range(size - 1, 0, -1):
            other = drawn[at] % at  # never itself: that is what makes one cycle
            order[at], order[other] = order[other], order[at]
        return order

    def _forth(self, index: int, size: int, tweak: bytes) -> int:
        a, b = _sides(size)
        keyed = self._keyed(size, tweak)
        while True:
            left, right = divmod(index, b)
            for step in range(0, ROUNDS, 2):
                left = (left + _mixed(keyed, step, right)) % a
                right = (right + _mixed(keyed, step + 1, left)) % b
            index = left * b + right
            if index < size:
                return index

    def _back(self, index: int, size: int, tweak: bytes) -> int:
        a, b = _sides(size)
        keyed = self._keyed(size, tweak)
        while True:
            left, right = divmod(index, b)
            for step in range(ROUNDS - 2, -1, -2):
                right = (right - _mixed(keyed, step + 1, left)) % b
                left = (left - _mixed(keyed, step, right)) % a
            index = left * b + right
            if index < size:
                return index

    def _keyed(self, size: int, tweak: bytes) -> blake2b:
        made = self._round.copy()
        made.update(size.to_bytes(40) + len(tweak).to_bytes(4) + tweak)
        return made


def _sides(size: int) -> tuple[int, int]:
    a = isqrt(size - 1) + 1
    return a, -(-size // a)


def _mixed(keyed: blake2b, step: int, half: int) -> int:
    made = keyed.copy()
    made.update(half.to_bytes(21) + bytes((step,)))
    return int.from_bytes(made.digest())


def _plain(spots: list[Spot | str]) -> list[str]:
    return [one if isinstance(one, str) else one.alphabet[one.index] for one in spots]


def digits(text: str) -> list[Spot | str]:
    """The spots of a text in which only ASCII digits may change, whatever they are."""
    return [Spot(DIGITS, int(char)) if char in DIGITS else char for char in text]
