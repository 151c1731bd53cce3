"""Chance out of a seed: always the same for the same seed, and made only when somebody draws."""

from __future__ import annotations

import random
from typing import Protocol


class Drawn(Protocol):
    """What can be drawn from."""

    def getrandbits(self, bits: int, /) -> int: ...


class Chance:
    """Draws like `random.Random(seed)`. A tenant has many, and most of them are never asked."""

    __slots__ = ("_random", "_seed")

    def __init__(self, seed: int | str) -> None:
        self._seed = seed
        self._random: random.Random | None = None

    def getrandbits(self, bits: int, /) -> int:
        if self._random is None:
            self._random = random.Random(self._seed)
        return self._random.getrandbits(bits)
