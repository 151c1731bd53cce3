"""Parse, plan and serialise batches on one core, a fate for every data point; beside the JSON alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import cycle
from typing import Any

import orjson

from forwarder import Batch, Connection, Plan, plan
from scenarios.destinations import FORWARDED

from .figure import Figure, rate

AIM = 10_000
DIFFERENT = 200
"""So many batches of different people take turns; the names in them are the same, as they are in a shop."""


def figures() -> Iterator[Figure]:
    raws = [orjson.dumps(batch(number)) for number in range(DIFFERENT)]
    connection = Connection.default()
    turn = cycle(raws)

    def work() -> Plan:
        # The bodies of a plan's requests are JSON already: serialising is part of planning.
        return plan(Batch.read(next(turn)), connection)

    made = work()
    planned = rate(work, times=2_000)
    floor = rate(lambda: orjson.dumps(orjson.loads(next(turn))), times=20_000)
    remark = f"{len(raws[0]):,} bytes, {len(made.requests)} requests, {len(made.fates)} fates"
    yield Figure(
        "parse + plan + serialise", planned, "batches/s", AIM, beside=(("floor", planned / floor),), remark=remark
    )
    yield Figure("  floor: orjson.loads + dumps", floor, "batches/s")
    for name in FORWARDED[1:]:
        other = Connection.default(destination=name)
        alike = rate(partial(_planned, turn, other), times=2_000)
        beside = ((FORWARDED[0], alike / planned), ("floor", alike / floor))
        yield Figure(f"  the same to {name}", alike, "batches/s", beside=beside)


def _planned(turn: Iterator[bytes], connection: Connection) -> Plan:
    return plan(Batch.read(next(turn)), connection)


def batch(number: int) -> dict[str, Any]:
    """A batch of about 1.7 KB: three events, and thirty attributes of the person and the events together."""
    cart = {"sku": f"sku-{number}", "price": 79.5, "size": "M", "color": "red", "quantity": 2, "member": True}
    page = {"page": f"/shoes/{number}", "rank": 3, "list": "new in", "source": "mail"}
    buy = {"order": f"o-{number}", "total": 159.0, "coupon code": "SPRING", "store": "0417", "note": "gift"}
    return {
        "mpid": 3_000_000_000_000_000_000 + number,
        "source_request_id": f"5d2b9c6e-0000-4000-8000-{number:012d}",
        "environment": "production",
        "schema_version": 2,
        "timestamp_unixtime_ms": 1_767_225_600_000 + 1_000 * number,
        "application_info": {
            "application_name": "Shop",
            "application_version": "4.2.1",
            "package": "com.example.shop",
            "os": "IOS",
        },
        "device_info": {"platform": "iOS", "device_model": "iPhone14,5", "os_version": "17.2", "locale_country": "US"},
        "user_identities": {"customer_id": f"member-{number}", "email": f"ada.{number}@example.com"},
        "user_attributes": {
            "$FirstName": "Ada",
            "$LastName": "Byron",
            "$City": "Springfield",
            "$Zip": "01101",
            "FavoriteStore": "0417",
            "LoyaltyTier": "gold",
            "ShoeSize": 38,
            "birthday month": "December",
            "last-visit": "2026-01-01",
            "opt in?": True,
            "Lifetime Spend": 1234.5,
            "PreferredLanguage": "en",
            "interests": ["shoes", "hats"],
            "tier:points": 4170,
            "has app": True,
        },
        "events": [
            _event("add_to_cart", number, 1, cart),
            _event("Offer Viewed", number, 2, page),
            _event("purchase", number, 3, buy),
        ],
    }


def _event(name: str, number: int, place: int, attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_type": "custom_event",
        "data": {
            "event_name": name,
            "custom_event_type": "transaction",
            "timestamp_unixtime_ms": 1_767_225_600_000 + 1_000 * number + place,
            "source_message_id": f"7f3c2a10-0000-4000-800{place}-{number:012d}",
            "custom_attributes": attributes,
        },
    }
