"""Two schemas of two documents, walked through side by side: what changed, and in whose requests and answers.

Each pair of places is compared once, however many operations lead to it, and however often it leads to itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .finding import Found, Use
from .layers import Document, Place
from .steps import Comparison, Step

Key = tuple[Any, ...]


@dataclass(slots=True)
class _Pair:
    below: list[Key]
    found: list[Found]
    uses: set[Use] = field(default_factory=set)


@dataclass(slots=True)
class Walk:
    """All schemas of one vendor's two documents."""

    vendor: str
    file: str
    old: Document
    new: Document
    _pairs: dict[Key, _Pair] = field(default_factory=dict)

    def visit(self, old: Place, new: Place, use: Use | None) -> None:
        """Compare two schemas, and all below them; `use` is who sends what they describe, None for nobody."""
        first = self._entered(Step((old,), (new,)))
        self._compare(*first)
        waiting, seen = [first[0]], {first[0]}
        while waiting:
            pair = self._pairs[waiting.pop()]
            if use is not None:
                pair.uses.add(use)
            for below in pair.below:
                if below not in seen:
                    seen.add(below)
                    waiting.append(below)

    def found(self) -> Iterator[tuple[Found, set[Use]]]:
        """Every change, with everybody whom it concerns."""
        for pair in self._pairs.values():
            for one in pair.found:
                yield one, pair.uses

    def _entered(self, step: Step) -> tuple[Key, Step]:
        """The step with its references followed, and what it is the same as."""
        old, new = self.old.settled(step.old), self.new.settled(step.new)
        return (_identity(old), _identity(new), step.sense), Step(old, new, step.sense)

    def _compare(self, key: Key, step: Step) -> None:
        """Compare a pair of places with all that lies below it, unless that was done before."""
        waiting = [(key, step)]
        while waiting:
            key, step = waiting.pop()
            if key in self._pairs:
                continue
            made = Comparison(self.vendor, self.file, self.old, self.new, step)
            made.run()
            inner = [self._entered(below) for below in made.below]
            self._pairs[key] = _Pair([one for one, _ in inner], made.found)
            waiting += inner


def _identity(places: tuple[Place, ...]) -> Key:
    """What is one thing under several pointers, as an alias of YAML is, is compared once."""
    return tuple(id(place.node) if isinstance(place.node, dict) else place.pointer for place in places)
