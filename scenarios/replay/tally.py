"""What a replay found, in a form that adds up: the parts of a recording give one sum, whoever played them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from scenarios.recordings.recorded import Bad
from scenarios.verdict import Case, Finding, Heard, ScenarioResult, Side, SideName

WORD, SPREAD = 1 << 64, 0x9E3779B97F4A7C15
"""A sum of numbers that are spread over a word first tells sets of numbers apart."""
PLACES = 5
"""Places that are named of one mistake, however often it was made."""
HEARD = 20
"""People whose requests are kept where somebody wants to see them."""
ADDED = ("counts", "fates", "noticed", "used", "raised")
"""The counters of a tally."""
COUNTED = ("batches", "requests", "data_points", "violations")

NAMED = 100
"""Records that are named one by one; of the others it is told how many there are."""
Named = TypeVar("Named", str, tuple[str, str])
Key = tuple[str, str]
"""Rule and fingerprint: the same for the same mistake."""


@dataclass(slots=True)
class Noted:
    """Records about which there is something to say: how many, and where the first of them stand."""

    count: int = 0
    first: list[Bad] = field(default_factory=list)

    def add(self, one: Bad) -> None:
        self.count += 1
        if len(self.first) < NAMED:
            self.first.append(one)

    def merge(self, later: Noted) -> None:
        self.count += later.count
        self.first = [*self.first, *later.first][:NAMED]

    def told(self) -> dict[str, Any]:
        return {"count": self.count, "first": [{"place": one.place, "why": one.why} for one in self.first]}


@dataclass(slots=True)
class Mistake:
    """The same finding in several people: its first form, how many people, and the first places.

    `places` are numbers of batches with the ids of stories, in their order. `whose` is the same for two mistakes that
    were made in the same people.
    """

    finding: Finding
    people: int = 0
    places: list[tuple[int, str, str]] = field(default_factory=list)
    whose: int = 0

    @classmethod
    def made(cls, finding: Finding, place: tuple[int, str, str]) -> Mistake:
        """A mistake that was made once."""
        return cls(finding, 1, [place], place[0] * SPREAD % WORD)

    def told(self) -> dict[str, Any]:
        return {
            "rule": self.finding.rule,
            "fingerprint": self.finding.fingerprint,
            "people": self.people,
            "with": f"{self.whose:016x}",
            "places": [id_ for _, id_, _ in self.places],
        }

    def add(self, other: Mistake) -> None:
        self.people += other.people
        self.whose = (self.whose + other.whose) % WORD
        if other.places[0] < self.places[0]:
            self.finding = other.finding
        self.places = sorted([*self.places, *other.places])[:PLACES]


@dataclass(slots=True)
class Tally:
    """The sum of what was found of some people.

    counts     scenarios, which are people, and `COUNTED`
    fates      (rule, name, fate) -> data points
    noticed    (rule, name, nearest) -> times the fake noticed a violation
    used       assumption -> times it made a difference
    sides      (rule, side) -> its cases
    mistakes   by rule and fingerprint
    untried    why -> how many people, and the first place
    raised     how the user's own forwarder failed -> batches
    bad        records that cannot be read
    """

    counts: Counter[str] = field(default_factory=Counter)
    fates: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    noticed: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    sides: dict[tuple[str, SideName], Side] = field(default_factory=dict)
    mistakes: dict[Key, Mistake] = field(default_factory=dict)
    untried: dict[str, Mistake] = field(default_factory=dict)
    raised: Counter[str] = field(default_factory=Counter)
    bad: Noted = field(default_factory=Noted)
    heard: list[Heard] = field(default_factory=list)

    def add(self, number: int, result: ScenarioResult) -> None:
        """What was found of one person, whose first batch has this number. People come in their order."""
        self.counts["scenarios"] += 1
        place = (number, result.id, result.title)
        if result.untried:
            mistake = Mistake.made(Finding("", result.untried), place)
            _into(self.untried, result.untried, mistake)
            return
        for name in COUNTED:
            self.counts[name] += getattr(result, name)
        for case in result.cases:
            self._side(case).add(case, result.id)
        for key, finding in {(one.rule, one.fingerprint): one for one in reversed(result.findings)}.items():
            _into(self.mistakes, key, Mistake.made(finding, place))

    def merge(self, later: Tally) -> None:
        """Add what was found of people who come later; the sum is the same as if one had played them all."""
        for name in ADDED:
            getattr(self, name).update(getattr(later, name))
        self.bad.merge(later.bad)
        for place, side in later.sides.items():
            self.sides.setdefault(place, Side()).merge(side)
        for key, mistake in later.mistakes.items():
            _into(self.mistakes, key, mistake)
        for why, mistake in later.untried.items():
            _into(self.untried, why, mistake)
        self.heard = (self.heard + later.heard)[:HEARD]

    def _side(self, case: Case) -> Side:
        return self.sides.setdefault((case.rule, case.side), Side())


def _into(found: dict[Named, Mistake], key: Named, mistake: Mistake) -> None:
    if key in found:
        found[key].add(mistake)
    else:
        found[key] = replace(mistake, places=list(mistake.places))
