"""Why a field comes and goes: what two forwarders say became of the same data point."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .fields import Difference
from .written import ANY


class Destiny(NamedTuple):
    """What one forwarder says of one data point: `name` is the one under which it went out."""

    fate: str
    rule: str
    name: str


Fates = Mapping[str, Destiny]
"""JSON pointer into the batch -> what became of the point."""
Explain = Callable[[int], "tuple[Fates, Fates] | None"]
"""The number of a batch -> the fates of its points in OLD and in NEW; None where nobody can tell."""
UNTOLD = ("", "")
GENERAL = ".forwards-"
"""In the names of rules under which points go as they are."""


def fates(explained: Any) -> Fates:
    """The fates in what `explain --json` prints. Empty where it has another form."""
    listed = explained.get("fates") if isinstance(explained, dict) else None
    return {
        str(one.get("point")): Destiny(str(one.get("fate")), str(one.get("rule")), str(one.get("as") or ""))
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict)
    }


@dataclass(frozen=True, slots=True)
class Explained:
    """The points of one batch of which two forwarders say different things."""

    points: Mapping[str, tuple[Destiny, Destiny]]

    @classmethod
    def of(cls, told: tuple[Fates, Fates] | None) -> Explained:
        if told is None:
            return cls({})
        old, new = told
        return cls({point: (old[point], new[point]) for point in old if point in new and old[point] != new[point]})

    def field(self, one: Difference) -> tuple[str, str]:
        """Rule and fate of a field that only one side sends; two empty texts where neither tells."""
        name = one.names[-1] if one.place[-1] == ANY and one.names else one.place[-1]
        return self._told(one.change, name)

    def request(self, change: str, names: Iterable[str]) -> tuple[str, str]:
        """The same for a request that only one side makes, by the events that it carries."""
        for name in names:
            told = self._told(change, name)
            if told != UNTOLD:
                return told
        return UNTOLD

    def _told(self, change: str, name: str) -> tuple[str, str]:
        for old, new in self.points.values():
            if change in {"gone", "renamed"} and old.fate in {"sent", "merged"} and old.name == name:
                if new.fate != "sent":
                    return new.rule, new.fate
                if new.rule != old.rule:
                    return (old.rule, "") if GENERAL in new.rule else (new.rule, "")
            elif change == "new" and new.fate in {"sent", "merged"} and new.name == name and old.fate != "sent":
                return old.rule, old.fate
        return UNTOLD
