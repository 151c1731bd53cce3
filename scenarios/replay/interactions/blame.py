"""Which mismatch is the cause, and which only follows from it.

One wrong answer or one lost write makes the recording and the fake know different things of the same person, and
every later answer about that would be wrong again. The first is a finding; what follows from it is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from .equivalence import Difference

FOLLOWS = "follows from an earlier mismatch"
APART, VALUE = "apart", "value"


class About(NamedTuple):
    """Whom or what an interaction is about: the account, and the person as the fake knows it."""

    account: int
    person: str


@dataclass(slots=True)
class Blame:
    """What is known to differ, by whom it is about. Of those about whom nothing is wrong it holds nothing.

    `doubtful` are those of whom nobody can say what was done: a request about them was refused on one side alone, or
    came to no answer.
    """

    _known: dict[About, dict[str, tuple[str, Any]]] = field(default_factory=dict)
    _doubtful: set[About] = field(default_factory=set)

    def doubt(self, about: About) -> None:
        """From here on the two sides may know different things of somebody."""
        self._doubtful.add(about)

    def causes(self, about: About, differences: Iterable[Difference]) -> list[Difference]:
        """The differences that do not follow from what is known to differ; they are known from here on."""
        found = []
        for one in differences:
            known = self._known.setdefault(about, {})
            sign = _sign(one)
            before = known.get(one.name)
            # The same points are told in several places; where they are as far apart, it is for the same reason.
            follows = sign == before or (sign[0] == APART and sign in known.values())
            known[one.name] = sign
            if follows or (before is None and about in self._doubtful):
                continue
            # Numbers that are apart already may come to be further apart by the same mistake.
            if before is None or before[0] == sign[0] == VALUE:
                found.append(one)
        return found


def _sign(one: Difference) -> tuple[str, Any]:
    """How to know a difference again: by how much numbers are apart, else by what was recorded."""
    there, here = one.recorded, one.own
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (there, here))
    if numbers:
        return APART, there - here
    text = orjson.dumps(there, default=str) if not isinstance(there, str) else there.encode("utf-8", "replace")
    return VALUE, blake2b(text, digest_size=8).digest()
