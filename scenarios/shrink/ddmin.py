"""Delta debugging: out of many things, the few without any of which it would no longer happen.

The algorithm is Zeller's ddmin in the form that only leaves parts out. It asks in rounds, so that whoever answers
may try all candidates of a round side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Happens = Callable[[Sequence[tuple[T, ...]]], Sequence[bool]]
"""Says of each of some candidates whether it still happens with that alone."""


def smallest(items: Sequence[T], happens: Happens[T]) -> tuple[T, ...]:
    """The items in their order, so few that it no longer happens when any one of them is left out.

    It must happen with all of them. Chunks of half of the items are left out first, then of a quarter, and so on.
    """
    kept = tuple(items)
    if not kept or happens([()])[0]:
        return ()
    size = max(len(kept) // 2, 1)
    while True:
        starts = range(0, len(kept), size) if len(kept) > size else range(0)
        still = happens([_without(kept, size, [start]) for start in starts])
        spare = [start for start, happened in zip(starts, still, strict=True) if happened]
        if spare:
            kept = _leave_out(kept, size, spare, happens)
            size = max(min(size, len(kept) // 2), 1)
        elif size == 1:
            return kept
        else:
            size //= 2


def _leave_out(kept: tuple[T, ...], size: int, spare: Sequence[int], happens: Happens[T]) -> tuple[T, ...]:
    """Without as many of the chunks as can be left out together; each alone can be."""
    if len(spare) > 1:
        counts = [len(spare)]
        while counts[-1] > 2:
            counts.append(counts[-1] // 2)
        for count in counts:
            rest = _without(kept, size, spare[:count])
            if happens([rest])[0]:
                return rest
    return _without(kept, size, spare[:1])


def _without(kept: tuple[T, ...], size: int, starts: Sequence[int]) -> tuple[T, ...]:
    gone = {start // size for start in starts}
    return tuple(item for index, item in enumerate(kept) if index // size not in gone)
