"""Invented people and what they do: identities, attributes, events and whole batches, from Faker, seeded.

Faker is asked once for pools of a few hundred values, from which people are drawn: a person then costs
microseconds. Everything that Faker makes is invented; email addresses stay within reserved domains.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts import rules

FIRST_MPID = 3_000_000_000_000_000_000
START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z, the first moment at which something can happen."""

PLATFORMS = ("alexa", "Android", "fire_tv", "iOS", "web", "out_of_band", "roku", "smart_tv", "tvOS", "xbox")
SYSTEMS = ("Alexa", "Android", "FireTV", "IOS", "MobileWeb", "OutOfBand", "Roku", "SmartTV", "TVOS", "Xbox")
EVENT_TYPES = (
    "navigation",
    "location",
    "search",
    "transaction",
    "user_content",
    "user_preference",
    "social",
    "other",
    "media",
)
OTHER_EVENTS: tuple[Mapping[str, Any], ...] = (
    {"event_type": "session_start", "data": {}},
    {"event_type": "session_end", "data": {"session_duration_ms": 61_000}},
    {
        "event_type": "commerce_event",
        "data": {"product_action": {"action": "purchase", "products": [{"id": "s-1", "price": 79.5}]}},
    },
    {"event_type": "application_state_transition", "data": {"application_transition_type": "application_background"}},
    {
        "event_type": "user_attribute_change",
        "data": {"user_attribute_name": "LoyaltyTier", "old": "silver", "new": "gold"},
    },
)
EVENT_NAMES = (
    "purchase",
    "add_to_cart",
    "Offer Viewed",
    "offer_redeemed",
    "Store Located",
    "survey-done",
    "app opened",
)
SCREEN_NAMES = ("Home", "Menu", "Offers", "Checkout", "My Account", "Store Locator")
ATTRIBUTE_NAMES = (
    "FavoriteStore",
    "LoyaltyTier",
    "ShoeSize",
    "birthday month",
    "last-visit",
    "_internal.score",
    "opt in?",
    "Lifetime Spend",
    "interests",
    "tier:points",
    "caf\u00e9 fan",
    "$Age",
    "$Mobile",
    "PreferredLanguage",
    "has app",
)
EVENT_ATTRIBUTE_NAMES = (
    "sku",
    "price",
    "size",
    "color",
    "store",
    "quantity",
    "coupon code",
    "source",
    "member",
    "note",
    "page",
    "list",
    "rank",
)


@dataclass(frozen=True, slots=True)
class Names:
    """The names that people use; a tenant's own where it has declared any."""

    events: Sequence[str] = EVENT_NAMES
    screens: Sequence[str] = SCREEN_NAMES
    attributes: Sequence[str] = ATTRIBUTE_NAMES


class Population:
    """People drawn from one seed; the same seed gives the same people."""

    def __init__(self, seed: int, names: Names | None = None, *, first: int = 0) -> None:
        from faker import Faker

        self.chance = random.Random(seed)
        self.names = names or Names()
        fake = Faker("en_US", use_weighting=False)
        fake.seed_instance(seed)
        self._first_names = [fake.first_name() for _ in range(300)]
        self._last_names = [fake.last_name() for _ in range(300)]
        self._streets = [fake.street_address() for _ in range(300)]
        self._cities = [(fake.city(), fake.state_abbr(), fake.postcode()) for _ in range(300)]
        self._words = [fake.word() for _ in range(300)]
        self._number = first

    def batch(self) -> dict[str, Any]:
        """One batch of a person who has not been seen before, valid against the strict schema."""
        self._number += 1
        chance = self.chance
        platform = chance.randrange(len(PLATFORMS))
        made: dict[str, Any] = {
            "environment": "development",
            "mpid": FIRST_MPID + self._number,
            "source_request_id": f"{chance.getrandbits(64):016x}",
            "user_identities": self.identities(),
            "device_info": {"platform": PLATFORMS[platform]},
            "application_info": {"application_name": "Shop", "os": SYSTEMS[platform]},
            "user_attributes": self.attributes(),
            "events": [self.event() for _ in range(chance.randrange(5))],
        }
        if chance.random() < 0.1:
            made["deleted_user_attributes"] = [chance.choice(self.names.attributes)]
        if chance.random() < 0.05:
            made["device_info"] = {"platform": "desktop"}
        return made

    def identities(self) -> dict[str, str]:
        """A customer id for nine in ten, an email for most, now and then another identity."""
        chance, number = self.chance, self._number
        made = {}
        if chance.random() < 0.9:
            made["customer_id"] = f"member-{number}"
        if chance.random() < 0.8:
            first, last = chance.choice(self._first_names), chance.choice(self._last_names)
            made["email"] = f"{first}.{last}.{number}@example.com"
        if chance.random() < 0.3:
            made["mobile_number"] = f"+1555{number % 10_000_000:07d}"
        if chance.random() < 0.2:
            made[chance.choice(("facebook", "google", "other", "other_id_2"))] = f"id-{number}"
        return made

    def attributes(self) -> dict[str, Any]:
        """What is known of a person: some of the reserved attributes, some custom ones."""
        chance = self.chance
        city, state, postcode = chance.choice(self._cities)
        reserved = {
            "$FirstName": chance.choice(self._first_names),
            "$LastName": chance.choice(self._last_names),
            "$Gender": chance.choice("mf"),
            "$Country": "USA",
            "$State": state,
            "$City": city,
            "$Zip": chance.choice((postcode, int(postcode.partition("-")[0]))),
            "$Address": chance.choice(self._streets),
        }
        made: dict[str, Any] = {name: value for name, value in reserved.items() if chance.random() < 0.5}
        for name in self.names.attributes:
            if chance.random() < 0.5:
                made[name] = self.value(lists=True)
        if chance.random() < 0.01:
            limit = rules()["sessionm.user-attributes-max"].limit or 0
            made.update({f"extra {index}": chance.choice(self._words) for index in range(limit)})
        return made

    def event(self) -> dict[str, Any]:
        """A custom event, a screen view, or now and then something that SessionM does not take."""
        chance = self.chance
        kind = chance.random()
        if kind < 0.15:
            return {**chance.choice(OTHER_EVENTS)}
        count = chance.choice((0, 1, 2, 3, 5, 8, 10, 11, 13))
        data: dict[str, Any] = {
            "timestamp_unixtime_ms": START_MS + chance.randrange(86_400_000),
            "source_message_id": f"{chance.getrandbits(128):032x}",
            "custom_attributes": {name: self.value() for name in chance.sample(EVENT_ATTRIBUTE_NAMES, count)},
        }
        if kind < 0.35:
            return {"event_type": "screen_view", "data": {"screen_name": chance.choice(self.names.screens), **data}}
        name = {"event_name": chance.choice(self.names.events), "custom_event_type": chance.choice(EVENT_TYPES)}
        return {"event_type": "custom_event", "data": {**name, **data}}

    def word(self) -> str:
        return self.chance.choice(self._words)

    def value(self, *, lists: bool = False) -> Any:
        """A value of any kind that an attribute can have."""
        chance = self.chance
        kind = chance.randrange(10 if lists else 9)
        if kind < 4:
            return chance.choice(self._words)
        if kind < 6:
            return chance.randrange(-10, 10_000)
        if kind == 6:
            return round(chance.uniform(0, 500), 2)
        if kind == 7:
            return chance.random() < 0.5
        if kind == 8:
            return None
        return [chance.choice(self._words) for _ in range(chance.randrange(4))]
