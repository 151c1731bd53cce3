"""What happened to each customer, in order of time: noted where it happens, or drawn from what is kept anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from .clock import Clock


@dataclass(frozen=True, slots=True)
class Happening:
    """A kind of entry: the number of its category, and its name for people. Its slug is its key in `KINDS`."""

    category: int
    name: str


POINTS, TIERS, OFFERS, EVENTS, CAMPAIGNS = 1, 2, 3, 4, 5
"""Categories. SessionM's own numbers are not public."""
KINDS: Mapping[str, Happening] = {
    "points_deposited": Happening(POINTS, "Points deposited"),
    "points_spent": Happening(POINTS, "Points spent"),
    "points_expired": Happening(POINTS, "Points expired"),
    "points_adjusted": Happening(POINTS, "Points adjusted"),
    "tier_entered": Happening(TIERS, "Tier entered"),
    "tier_passed": Happening(TIERS, "Tier passed"),
    "offer_issued": Happening(OFFERS, "Offer issued"),
    "offer_purchased": Happening(OFFERS, "Offer purchased"),
    "offer_updated": Happening(OFFERS, "Offer updated"),
    "offer_unlocked": Happening(OFFERS, "Offer unlocked"),
    "offer_redeemed": Happening(OFFERS, "Offer redeemed"),
    "offer_reinstated": Happening(OFFERS, "Offer reinstated"),
    "offer_revoked": Happening(OFFERS, "Offer revoked"),
    "offer_expired": Happening(OFFERS, "Offer expired"),
    "event_received": Happening(EVENTS, "Event received"),
    "campaign_progressed": Happening(CAMPAIGNS, "Campaign progressed"),
    "campaign_completed": Happening(CAMPAIGNS, "Campaign completed"),
    "offer_locked": Happening(OFFERS, "Offer locked"),
}
"""Every kind of entry, by its slug; a new one is a row at the end, since its number is its place."""
NUMBERS: Mapping[str, int] = {slug: number for number, slug in enumerate(KINDS, start=1)}


@dataclass(frozen=True, slots=True)
class Note:
    """One entry: what happened (a key of `KINDS`), when (seconds since 1970), and what there is to say of it."""

    kind: str
    at: float
    payload: Mapping[str, Any] = field(default_factory=dict)


Draw = Callable[[str], Iterable[Note]]
"""A customer's id -> entries that follow from what somebody else keeps."""


class Timelines:
    """The timelines of one tenant. `draw` holds whoever else knows of entries."""

    __slots__ = ("_clock", "_notes", "draw")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._notes: dict[str, list[Note]] = {}
        self.draw: list[Draw] = []

    def note(self, customer_id: str, kind: str, payload: Mapping[str, Any]) -> None:
        """Something happened to a customer just now. Raises `KeyError` for a kind that is not in `KINDS`."""
        NUMBERS[kind]
        self._notes.setdefault(customer_id, []).append(Note(kind, self._clock.now(), dict(payload)))

    def of(self, customer_id: str) -> list[Note]:
        """Everything that happened to a customer, the oldest first."""
        # Of the same moment, cause comes before consequence: an event, points for it, the tier that they reach.
        found = [note for draw in self.draw for note in draw(customer_id)]
        found.extend(self._notes.get(customer_id, ()))
        return sorted(found, key=lambda note: note.at)

    def export(self) -> Any:
        return {customer_id: [asdict(note) for note in notes] for customer_id, notes in self._notes.items()}

    def restore(self, kept: Any) -> None:
        self._notes = {customer_id: [Note(**note) for note in notes] for customer_id, notes in kept.items()}
