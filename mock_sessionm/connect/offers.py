"""Offers over the wire."""

from __future__ import annotations

from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.surface import View

NONE = "00000000-0000-0000-0000-000000000000"
"""Connect's way to say that something belongs to no group."""


def get_user_offers(call: Call) -> dict[str, Any]:
    """The offer wallet: every offer that was issued and can still be used."""
    customer = call.customer
    return {
        "user": {"opted_in": bool(customer and customer.fields.get("opted_in")), "activated": False},
        "user_id": call.body["user_id"],
        "user_offers": [],
        "total_records": 0,
        "offer_groups": [],
        "offer_categories": [],
        "total_points": 0,
        "available_points": 0,
    }


VIEWS: dict[str, View] = {"getUserOffers": get_user_offers}
