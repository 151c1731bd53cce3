"""Journeys to SessionM: hand-written stories of people, each through several batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from scenarios.examples import CUSTOMER, custom, of_person, screen
from scenarios.scenario import Scenario

SIGN_UP = {"customer_id": CUSTOMER, "email": "ada@example.com"}


def journeys(first: int = 500_001) -> Iterator[Scenario]:
    """Every journey; `first` is the first number for people of their own."""
    unused = count(first)
    for make in (
        _member_from_sign_up_to_lapse,
        _anonymous_then_logged_in,
        _two_devices_two_casings,
        _one_person_on_every_platform,
        _identities_change,
        _a_full_profile,
        _a_rule_for_casing,
        _offline_batches_arrive_late,
        _what_the_filter_lets_through,
    ):
        yield make(next(unused))


def _journey(name: str, title: str, number: int, batches: list[Mapping[str, Any]], **more: Any) -> Scenario:
    return Scenario(
        id=f"journey/{name}",
        title=title,
        suite="journeys",
        batches=tuple(of_person(batch, number) for batch in batches),
        **more,
    )


def _member_from_sign_up_to_lapse(number: int) -> Scenario:
    batches: list[Mapping[str, Any]] = [
        {
            "user_identities": SIGN_UP,
            "user_attributes": {"$FirstName": "Ada", "$LastName": "Byron", "$Zip": 2134, "LoyaltyTier": "new"},
            "events": [custom("sign_up", "user_content", channel="app", offers=True)],
        },
        {
            "events": [
                screen("Menu"),
                screen("Shoes", page=2),
                custom("product_viewed", "navigation", sku="s-1", price=79.5),
            ]
        },
        {
            "user_attributes": {"LoyaltyTier": "silver", "LifetimeSpend": 79.5},
            "events": [custom("purchase", "transaction", sku="s-1", price=79.5, size="L", color="red", gift=False)],
        },
        {"events": [custom("offer_redeemed", "transaction", offer="welcome", points=100)]},
        {"user_attributes": {"LoyaltyTier": "lapsed", "Vip": None}, "events": [custom("win_back_shown", "other")]},
    ]
    return _journey(
        "member",
        "a person signs up, browses, buys, redeems and lapses",
        number,
        batches,
        pauses={1: "10m", 2: "5m", 3: "7d", 4: "90d"},
    )


def _anonymous_then_logged_in(number: int) -> Scenario:
    batches: list[Mapping[str, Any]] = [
        {"user_identities": None, "user_attributes": {"Visits": 1}, "events": [screen("Menu")]},
        {"user_identities": {"email": "ada@example.com"}, "events": [screen("Shoes")]},
        {"user_identities": SIGN_UP, "user_attributes": {"Visits": 2}, "events": [custom("login", "other")]},
    ]
    return _journey(
        "logs-in", "somebody browses unknown and then logs in: only what comes after arrives", number, batches
    )


def _two_devices_two_casings(number: int) -> Scenario:
    batches: list[Mapping[str, Any]] = [
        {"device_info": {"platform": "iOS"}, "user_attributes": {"FavoriteStore": "Boston", "ShoeSize": "9"}},
        {"device_info": {"platform": "Android"}, "user_attributes": {"favoritestore": "Quincy", "shoeSize": "10"}},
        {
            # mParticle adds what it knows of the person: both spellings come in one batch.
            "device_info": {"platform": "web"},
            "user_attributes": {"favoritestore": "Quincy", "FavoriteStore": "Salem", "ShoeSize": "9", "shoeSize": "10"},
        },
    ]
    return _journey(
        "two-casings",
        "two devices write one attribute in two casings: only the defined one is kept",
        number,
        batches,
        tenant={"profile_attributes": {"names": ["FavoriteStore", "ShoeSize"]}},
    )


def _one_person_on_every_platform(number: int) -> Scenario:
    platforms = [
        "alexa",
        "Android",
        "fire_tv",
        "iOS",
        "web",
        "out_of_band",
        "roku",
        "smart_tv",
        "tvOS",
        "xbox",
        "desktop",
    ]
    batches: list[Mapping[str, Any]] = [
        {"device_info": {"platform": platform}, "events": [custom("opened", "other", place=platform)]}
        for platform in platforms
    ]
    return _journey("platforms", "one person on all ten platforms, and on one that is not taken", number, batches)


def _identities_change(number: int) -> Scenario:
    batches: list[Mapping[str, Any]] = [
        {"user_identities": SIGN_UP},
        {"user_identities": {"customerid": CUSTOMER, "email": "Ada.Byron@Example.com", "mobile_number": "+15550100"}},
        {
            "user_identities": [
                {"identity_type": "customer_id", "identity": CUSTOMER},
                {"identity_type": "other", "identity": "x"},
            ]
        },
    ]
    return _journey(
        "identities", "a person gets another email and a phone number, in three forms of batches", number, batches
    )


def _a_full_profile(number: int) -> Scenario:
    batches: list[Mapping[str, Any]] = [
        {"user_attributes": {f"spring_{index}": "a" for index in range(120)}},
        {"user_attributes": {f"summer_{index}": "b" for index in range(120)}},
        {"user_attributes": {"spring_0": "changed", "FavoriteStore": "Boston", "one_more": "c"}},
    ]
    return _journey(
        "full-profile",
        "a profile fills up over months; defined attributes and those that are there still change",
        number,
        batches,
        tenant={"profile_attributes": {"names": ["FavoriteStore"]}},
        pauses={1: "90d", 2: "90d"},
    )


def _a_rule_for_casing(number: int) -> Scenario:
    def standardise(batch: dict[str, Any]) -> dict[str, Any]:
        wanted = {"favoritestore": "FavoriteStore", "shoesize": "ShoeSize"}
        found = batch.get("user_attributes") or {}
        batch["user_attributes"] = {wanted.get(name.casefold(), name): value for name, value in found.items()}
        return batch

    return _journey(
        "casing-rule",
        "a Rule brings every casing to the defined one",
        number,
        [
            {"user_attributes": {"favoriteStore": "Boston"}},
            {"user_attributes": {"FAVORITESTORE": "Quincy", "shoesize": 9}},
        ],
        tenant={"profile_attributes": {"names": ["FavoriteStore", "ShoeSize"]}},
        rewrite=standardise,
    )


def _offline_batches_arrive_late(number: int) -> Scenario:
    def at(name: str, moment: int) -> dict[str, Any]:
        event = custom(name, "other")
        event["data"]["timestamp_unixtime_ms"] = moment
        return event

    batches: list[Mapping[str, Any]] = [
        {"events": [at("second", 1_767_312_000_000), at("third", 1_767_312_000_001)]},
        {"events": [at("first", 1_767_225_600_000), at("undated", 0), at("far", 253_402_300_799_999)]},
    ]
    return _journey(
        "offline", "a device was offline: its events keep their own times and the order of arrival", number, batches
    )


def _what_the_filter_lets_through(number: int) -> Scenario:
    enabled = {
        "events": {"transaction/*": True, "transaction/refund": False},
        "event_attributes": {"*": {"sku": True}, "transaction/purchase": {"price": True}},
        "screens": {"Menu": True},
        "user_attributes": {"*": True, "Secret": False},
        "user_identities": {"customer_id": True},
    }
    batch = {
        "user_identities": SIGN_UP,
        "user_attributes": {"LoyaltyTier": "gold", "Secret": "x"},
        "events": [
            custom("purchase", "transaction", sku="s-1", price=1, size="L"),
            custom("refund", "transaction", sku="s-1"),
            custom("preorder", "transaction", sku="s-2", price=2),
            custom("purchase", "other", sku="s-1"),
            screen("Menu", sku="s-1"),
            screen("Home"),
        ],
    }
    return _journey(
        "filter",
        "a data filter with exceptions lets through just what it names",
        number,
        [batch],
        settings={"data_filter": enabled},
    )
