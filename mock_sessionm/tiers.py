"""Tiers: which level a customer has reached by points, or was moved to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from contracts import Choices

from .books import Books
from .clock import Clock
from .points import own_id, twice
from .timelines import Timelines

BEHAVIOURS = frozenset({"sessionm.tier-by-points", "sessionm.tier-qualifying"})
"""Rules that are kept by how levels are reached, not by a check of the gate."""
DEFAULT_SYSTEM = own_id("tier system", "Tiers")


@dataclass(frozen=True, slots=True)
class Tier:
    """A level of a tier system. `rank` counts from 1, the level with the fewest points first."""

    id: str
    name: str
    points: int
    rank: int
    system_id: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The level that a customer is at, and since when (seconds since 1970)."""

    tier: Tier
    since: float


class Tiers:
    """The levels of every customer of one tenant."""

    __slots__ = ("_behaviours", "_books", "_choices", "_clock", "_reached", "_timelines", "_used", "systems")

    def __init__(
        self,
        tables: Mapping[str, Any],
        clock: Clock,
        books: Books,
        timelines: Timelines,
        choices: Choices,
        used: Counter[str],
        behaviours: frozenset[str] = BEHAVIOURS,
    ) -> None:
        self.systems = ladders(tables)
        self._clock = clock
        self._books = books
        self._timelines = timelines
        self._choices = choices
        self._used = used
        self._behaviours = behaviours
        self._reached: dict[str, dict[str, tuple[str, float]]] = {}

    def tier(self, tier_id: str) -> Tier | None:
        """A level by its id, in whichever case."""
        return next((tier for ladder in self.systems.values() for tier in ladder if tier.id == tier_id.lower()), None)

    def level(self, customer_id: str, system_id: str | None = None) -> Tier | None:
        """The level that a customer is at, in the first tier system where none is named; None for none."""
        standing = self.standing(customer_id, system_id)
        return standing.tier if standing else None

    def standing(self, customer_id: str, system_id: str | None = None) -> Standing | None:
        """The same with its time. A level for which no points are wanted is everybody's, from the start."""
        system_id = system_id or next(iter(self.systems), "")
        ladder = self.systems.get(system_id, ())
        reached = self._reached.get(customer_id, {}).get(system_id)
        if reached is not None:
            return next((Standing(tier, reached[1]) for tier in ladder if tier.id == reached[0]), None)
        return Standing(ladder[0], 0.0) if ladder and ladder[0].points <= 0 else None

    def next(self, customer_id: str, system_id: str) -> Tier | None:
        """The level above the customer's; None at the top."""
        rank = _rank(self.level(customer_id, system_id))
        return next((tier for tier in self.systems[system_id] if tier.rank > rank), None)

    def counted(self, customer_id: str) -> int:
        """The points that count for a level."""
        self._used["tier-points"] += 1
        of_life = self._choices["tier-points"] == "earned"
        return self._books.earned(customer_id) if of_life else self._books.available(customer_id)

    def moved(self, customer_id: str) -> None:
        """The customer's points changed."""
        if not self.systems or "sessionm.tier-by-points" not in self._behaviours:
            return
        self._used["tier-qualifying"] += 1
        if self._choices["tier-qualifying"] == "with-points":
            self.qualify(customer_id)

    def qualify(self, customer_id: str) -> list[Standing]:
        """Put a customer where the points lead, in every system; the levels that are new to the customer."""
        points = self.counted(customer_id)
        changed = []
        for system_id, ladder in self.systems.items():
            now = self.level(customer_id, system_id)
            earned = next((tier for tier in reversed(ladder) if tier.points <= points), None)
            if _rank(earned) < _rank(now):
                self._used["tier-falls"] += 1
                if self._choices["tier-falls"] == "never":
                    continue
            if earned != now:
                self._put(customer_id, system_id, earned)
                changed.extend([Standing(earned, self._clock.now())] if earned else [])
        return changed

    def move(self, customer_id: str, tier: Tier, *, through: bool) -> None:
        """Put a customer at a level; `through` notes every level between on the way up."""
        rank = _rank(self.level(customer_id, tier.system_id))
        if through:
            for between in self.systems[tier.system_id]:
                if rank < between.rank < tier.rank:
                    self._timelines.note(customer_id, "tier_passed", _told(between))
        self._put(customer_id, tier.system_id, tier)

    def export(self) -> Any:
        return {
            customer_id: {system: {"tier": tier, "since": since} for system, (tier, since) in reached.items()}
            for customer_id, reached in self._reached.items()
        }

    def restore(self, kept: Any) -> None:
        self._reached = {
            customer_id: {system: (entry["tier"], entry["since"]) for system, entry in reached.items()}
            for customer_id, reached in kept.items()
        }

    def _put(self, customer_id: str, system_id: str, tier: Tier | None) -> None:
        reached = self._reached.setdefault(customer_id, {})
        reached[system_id] = (tier.id if tier else "", self._clock.now())
        if tier:
            self._timelines.note(customer_id, "tier_entered", _told(tier))


def ladders(tables: Mapping[str, Any]) -> dict[str, tuple[Tier, ...]]:
    """The levels of each tier system of `[[tiers]]`, the one with the fewest points first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for entry in tables.get("tiers", ()):
        found.setdefault(entry.get("tier_system_id", DEFAULT_SYSTEM).lower(), []).append(entry)
    return {
        system_id: tuple(
            Tier(
                entry.get("id", own_id("tier", entry["name"])).lower(), entry["name"], entry["points"], rank, system_id
            )
            for rank, entry in enumerate(sorted(entries, key=lambda entry: entry["points"]), start=1)
        )
        for system_id, entries in found.items()
    }


def wrong_tiers(document: Mapping[str, Any]) -> Iterator[str]:
    """What no schema can say of `[[tiers]]`: `<key>: <what is wrong>`."""
    yield from twice(document.get("tiers", ()), "tiers", "tier")


def _rank(tier: Tier | None) -> int:
    return tier.rank if tier else 0


def _told(tier: Tier) -> dict[str, Any]:
    told = asdict(tier)
    return {"tier_level_id": told["id"], "tier_system_id": told["system_id"], "name": tier.name, "rank": tier.rank}
