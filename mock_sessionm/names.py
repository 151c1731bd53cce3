"""The names that a tenant defines, and which of them a strange name was probably meant to be."""

from __future__ import annotations

from functools import lru_cache

from contracts.register import nearest

LONGEST = 100
"""A longer name has no nearest one: comparing it would take longer than the answer is worth."""
REMEMBERED = 5_000


class Names:
    """Defined names, in their order. Names are case-sensitive."""

    __slots__ = ("_folded", "_nearest", "defined", "ordered")

    def __init__(self, ordered: tuple[str, ...]) -> None:
        self.ordered = ordered
        self.defined = frozenset(ordered)
        self._folded = {name.casefold(): name for name in reversed(ordered)}
        self._nearest: dict[str, str | None] = {}

    def __len__(self) -> int:
        return len(self.defined)

    def in_other_casing(self, name: str) -> str | None:
        """The defined name that differs from `name` in casing alone; None where there is none."""
        return None if name in self.defined else self._folded.get(name.casefold())

    def nearest(self, name: str) -> str | None:
        """The defined name that `name` was probably meant to be; None where none is near."""
        if name not in self._nearest:
            if len(self._nearest) >= REMEMBERED:
                self._nearest.clear()
            self._nearest[name] = nearest(name, self.ordered) if len(name) <= LONGEST else None
        return self._nearest[name]


@lru_cache(maxsize=512)
def names(ordered: tuple[str, ...]) -> Names:
    """The same `Names` for the same tuple: tenants are made by the hundred, and most define the same."""
    return Names(ordered)
