"""The offers that a tenant defines, in every language, and the reward stores that sell them.

Nothing in here changes while the fake runs; what customers hold is in `wallets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .clock import LAST, duration

NONE = "00000000-0000-0000-0000-000000000000"
"""Connect's way to say that something belongs to no group (source: braze-sessionm#step-2)."""
CULTURE = "en-US"
"""The culture where a request names none (source: braze-sessionm#step-2)."""
ALL_OFFERS = {"name": "All Offers", "sort_order": 0}
DEFAULT_GROUP: Mapping[str, Any] = {"id": NONE, **ALL_OFFERS}
DEFAULT_CATEGORY: Mapping[str, Any] = {"id": "00000000-0000-4000-8000-00000000000a", **ALL_OFFERS}
"""What every tenant has that defines no groups and categories of its own."""


DATES = frozenset(
    {
        "acquisition_end_date",
        "acquisition_start_date",
        "end_date",
        "redemption_end_date",
        "redemption_start_date",
        "start_date",
    }
)
"""Every date of an offer and of what a reward store sells."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What an offer says in one culture."""

    title: str
    description: str
    terms: str
    media: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """One offer as it is defined. Times are seconds since 1970, periods are seconds; None for no such limit.

    texts           by culture, the offer's own in `CULTURE`
    root_offer_id   the first version of the offer; its own id where it is that
    opens_after     from issue to the first moment of redemption; expires_after from issue to the end of it
    inventory       how many there are in all; per_user how many one customer can get
    pending         whether an issued one still waits for its extended data
    """

    id: str
    root_offer_id: str
    offer_type: str
    name: str
    texts: Mapping[str, Texts]
    group_id: str = NONE
    logo: str = ""
    pos_discount_id: str = ""
    points: int = 0
    active: bool = True
    acquisition_start: float | None = None
    acquisition_end: float | None = None
    redemption_start: float | None = None
    redemption_end: float | None = None
    opens_after: float | None = None
    expires_after: float | None = None
    inventory: int | None = None
    per_user: int | None = None
    pending: bool = False

    @property
    def title(self) -> str:
        return self.texts[CULTURE].title

    @property
    def description(self) -> str:
        return self.texts[CULTURE].description

    @property
    def terms(self) -> str:
        return self.texts[CULTURE].terms

    @property
    def media(self) -> tuple[Mapping[str, Any], ...]:
        return self.texts[CULTURE].media

    def redeem_from(self, acquired: float) -> float:
        """The first moment at which one that was issued at `acquired` can be redeemed."""
        return min(max(self.redemption_start or 0.0, acquired + (self.opens_after or 0.0)), LAST)

    def expires(self, acquired: float) -> float | None:
        """The moment from which one that was issued at `acquired` is expired; None for never."""
        ends = [self.redemption_end, None if self.expires_after is None else acquired + self.expires_after]
        return min((min(end, LAST) for end in ends if end is not None), default=None)


@dataclass(frozen=True, slots=True, eq=False)
class StoreOffer:
    """One offer for sale in a reward store, for points."""

    id: str
    reward_store_id: str
    offer: Offer
    price: int
    start: float | None
    end: float | None

    def on_sale(self, now: float) -> bool:
        return (self.start is None or self.start <= now) and (self.end is None or now < self.end)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every offer of a tenant by its id, in small letters and in the order of the tenant's file."""

    offers: Mapping[str, Offer] = field(default_factory=dict)
    groups: tuple[Mapping[str, Any], ...] = (DEFAULT_GROUP,)
    categories: tuple[Mapping[str, Any], ...] = (DEFAULT_CATEGORY,)
    for_sale: tuple[StoreOffer, ...] = ()

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> Catalogue:
        """From the tables of a tenant file, in which `wrong_offers` finds nothing."""
        offers = {offer.id: offer for offer in map(_offer, tables.get("offers", ()))}
        return cls(
            offers,
            _sorted(tables.get("offer_groups")) or (DEFAULT_GROUP,),
            _sorted(tables.get("offer_categories")) or (DEFAULT_CATEGORY,),
            tuple(
                StoreOffer(
                    entry["id"].lower(),
                    store["id"].lower(),
                    offers[entry["offer_id"].lower()],
                    entry["price"],
                    _seconds(entry, "start_date"),
                    _seconds(entry, "end_date"),
                )
                for store in tables.get("reward_stores", ())
                for entry in store.get("offers", ())
            ),
        )

    def offer(self, offer_id: str) -> Offer | None:
        """The offer of an id, in whatever letters the id comes."""
        return self.offers.get(offer_id) or self.offers.get(offer_id.lower())

    def newest(self, offer: Offer) -> Offer:
        """The last active offer of the file that has the same root; the offer itself where none has."""
        found = [other for other in self.offers.values() if other.root_offer_id == offer.root_offer_id and other.active]
        return found[-1] if found else offer

    def store_offer(self, id_: str) -> StoreOffer | None:
        """What a reward store sells under an id, in whatever letters the id comes."""
        return next((entry for entry in self.for_sale if entry.id == id_.lower()), None)


def wrong_offers(document: Mapping[str, Any]) -> Iterator[str]:
    """What a schema cannot see is wrong with the offers of a tenant file, each in one line."""
    defined: set[str] = set()
    for index, entry in enumerate(document.get("offers", ())):
        yield from _wrong_dates(entry, f"offers.{index}")
        if entry["id"].lower() in defined:
            yield f"offers.{index}.id stands there twice; each offer has an id of its own"
        defined.add(entry["id"].lower())
    places = [
        *((f"reward_stores.{number}", entry) for number, entry in enumerate(document.get("reward_stores", ()))),
        *((f"users.{number}", entry) for number, entry in enumerate(document.get("users", ()))),
    ]
    used: set[str] = set()
    for place, holder in places:
        for index, entry in enumerate(holder.get("offers", ())):
            yield from _wrong_dates(entry, f"{place}.offers.{index}")
            if entry["offer_id"].lower() not in defined:
                yield f"{place}.offers.{index}.offer_id names no offer; define it under [[offers]]"
            if entry.get("id", "").lower() in used:
                yield f"{place}.offers.{index}.id stands there twice; each has an id of its own"
            used.update({entry["id"].lower()} if "id" in entry else ())


def _offer(entry: Mapping[str, Any]) -> Offer:
    own = Texts(
        entry.get("title", entry.get("name", "")),
        entry.get("description", ""),
        entry.get("terms", ""),
        tuple(entry.get("media", ())),
    )
    texts = {CULTURE: own}
    for culture, other in entry.get("texts", {}).items():
        texts[culture] = Texts(
            other.get("title", own.title),
            other.get("description", own.description),
            other.get("terms", own.terms),
            tuple(other.get("media", own.media)),
        )
    id_ = entry["id"].lower()
    return Offer(
        id=id_,
        root_offer_id=entry.get("root_offer_id", id_).lower(),
        offer_type=entry.get("offer_type", "manual_fulfillment"),
        name=entry.get("name", own.title),
        texts=texts,
        group_id=entry.get("offer_group_id", NONE).lower(),
        logo=entry.get("logo", ""),
        pos_discount_id=entry.get("pos_discount_id", ""),
        points=entry.get("points", 0),
        active=entry.get("active", True),
        acquisition_start=_seconds(entry, "acquisition_start_date"),
        acquisition_end=_seconds(entry, "acquisition_end_date"),
        redemption_start=_seconds(entry, "redemption_start_date"),
        redemption_end=_seconds(entry, "redemption_end_date"),
        opens_after=duration(entry["opens_after"]) if "opens_after" in entry else None,
        expires_after=duration(entry["expires_after"]) if "expires_after" in entry else None,
        inventory=entry.get("total_inventory"),
        per_user=entry.get("per_user"),
        pending=entry.get("pending_extended_data", False),
    )


def _sorted(entries: Any) -> tuple[Mapping[str, Any], ...]:
    """Groups or categories as an answer lists them."""
    made = [
        {"id": entry["id"], "name": entry["name"], "sort_order": entry.get("sort_order", number)}
        for number, entry in enumerate(entries or ())
    ]
    return tuple(sorted(made, key=lambda entry: entry["sort_order"]))


def _wrong_dates(entry: Mapping[str, Any], place: str) -> Iterator[str]:
    for key in sorted(DATES & entry.keys()):
        try:
            _seconds(entry, key)
        except ValueError:
            yield f"{place}.{key} is no day of the calendar; a date such as 2026-06-15 is wanted"


def _seconds(entry: Mapping[str, Any], key: str) -> float | None:
    """A day (its beginning, in UTC) or a moment in seconds since 1970. Raises `ValueError`."""
    if key not in entry:
        return None
    read = datetime.fromisoformat(entry[key])
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
