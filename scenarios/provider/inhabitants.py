"""A tenant in which there is something to ask for: people with points and offers, a store, tiers, campaigns.

A tool that makes up ids finds nobody; so its contract is narrowed to those that stand here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ADA, GRACE = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
PEOPLE = {ADA: "1001", GRACE: "1002"}
EMAIL, PHONE = "ada@example.com", "+15550100"
COFFEE, CAKE = "1a2b3324-1da6-4e49-b921-afc386dabb60", "2b3c4435-2eb7-4f5a-8a32-bfd497ebcc71"
HELD, LOCKED, REDEEMED = (f"50000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
POINTS, BONUS = "10000000-0000-4000-8000-000000000001", "10000000-0000-4000-8000-000000000002"
SOURCE = "20000000-0000-4000-8000-000000000001"
SILVER, SYSTEM = "30000000-0000-4000-8000-000000000001", "31000000-0000-4000-8000-000000000001"
STORE, REWARD = "6e4b2c1a-0d3f-4a5b-8c7d-9e0f1a2b3c4d", "0f1e2d3c-4b5a-4697-8877-665544332211"
NOON = "2026-06-15T12:00:00Z"
SEGMENT = 1
PERSON, MPID = "ada", "1001"
"""Somebody whom Customer.io knows, and somebody whom mParticle knows."""
EVENTS = ("purchase", "visit_store")
ATTRIBUTES = ("FavoriteStore", "LoyaltyTier")
CAMPAIGN, CANVAS = "welcome", "first-week"

TENANT: Mapping[str, Any] = {
    "profile_attributes": {"names": list(ATTRIBUTES)},
    "events": {"defined": list(EVENTS)},
    "point_accounts": [{"id": POINTS, "name": "Points", "expires_after": "365d"}, {"id": BONUS, "name": "Bonus"}],
    "point_sources": [{"id": SOURCE, "name": "Purchases"}],
    "tiers": [
        {"id": SILVER, "name": "Silver", "points": 1000, "tier_system_id": SYSTEM},
        {"name": "Gold", "points": 10_000_000, "tier_system_id": SYSTEM},
    ],
    "offers": [
        {
            "id": COFFEE,
            "offer_type": "manual_fulfillment",
            "name": "coffee",
            "title": "A coffee on us",
            "description": "Any size, in any store.",
            "terms": "One per visit.",
            "media": [{"uri": "https://example.com/c.png", "category_name": "logo", "content_type": "image/png"}],
            "expires_after": "30d",
            "texts": {"de-DE": {"title": "Ein Kaffee auf uns"}},
        },
        {"id": CAKE, "title": "A cake", "pos_discount_id": "cake-1", "pending_extended_data": False},
    ],
    "reward_stores": [
        {"id": STORE, "name": "Rewards", "offers": [{"id": REWARD, "offer_id": COFFEE, "price": 1}]},
    ],
    "users": [
        {
            "id": ADA,
            "user": {
                "external_id": PEOPLE[ADA],
                "email": EMAIL,
                "first_name": "Ada",
                "phone_numbers": [
                    {
                        "phone_number": PHONE,
                        "phone_type": "mobile",
                        "preference_flags": ["sms"],
                        "verified_ownership": True,
                    }
                ],
                "identifiers": [{"external_id": "crm-1001", "external_id_type": "crm"}],
                "user_profile": {"FavoriteStore": "Boston"},
            },
            "tags": [{"tags": ["gold"], "ttl": 2592000}],
            "points": [{"amount": 100000}, {"amount": 100000, "point_account_id": BONUS}],
            "offers": [
                {"offer_id": COFFEE, "id": HELD},
                {"offer_id": CAKE, "id": LOCKED},
                {"offer_id": CAKE, "id": REDEEMED},
            ],
        },
        {"id": GRACE, "user": {"external_id": PEOPLE[GRACE], "email": "grace@example.com", "first_name": "Grace"}},
    ],
    "campaigns": [
        {
            "id": "every-purchase",
            "name": "Points for every purchase",
            "trigger": {"event": "purchase"},
            "starts": "2026-01-01T00:00:00Z",
            "ends": "2027-01-01T00:00:00Z",
            "template": {"image": "points.png"},
            "repeats": True,
            "outcomes": [{"points": 10}],
        }
    ],
    "customerio": {"segments": [{"id": SEGMENT, "name": "gold"}]},
    "braze": {
        "campaigns": [{"id": CAMPAIGN, "name": "Welcome", "message": "Hello"}],
        "canvases": [{"id": CANVAS, "message": "Hello"}],
        "users": [{"external_id": "1001", "first_name": "Ada"}],
    },
}
"""Tables of a tenant file; the credentials are made up by whoever makes the tenant."""
LISTED = {"undefined-event": "refused", "undefined-attribute": "refused", "miscased-attribute": "refused"}
"""The tenant's contract lists its names, so a name that is not in the list must be refused."""

_SOMEBODY = {
    "external_id": "2001",
    "email": "edsger@example.com",
    "opted_in": True,
    "locale": "en-US",
    "ip": "203.0.113.7",
    "dob": "1980-01-02",
    "first_name": "Edsger",
    "last_name": "Dijkstra",
    "gender": "m",
    "country": "NL",
    "state": "Zuid-Holland",
    "city": "Rotterdam",
    "zip": "3011",
    "address": "Coolsingel 1",
    "address2": "left",
    "phone_numbers": [
        {"phone_number": "+15550199", "phone_type": "home", "preference_flags": ["call"], "verified_ownership": False}
    ],
    "user_profile": {"FavoriteStore": "Rotterdam", "LoyaltyTier": "silver"},
}
_HAPPENED = {
    "events": {
        "purchase": {
            "qty": 2,
            "transaction_id": "t-2001",
            "date": "2026-06-15T10:00:00Z",
            "context": {"sku": "coffee", "size": "large"},
        }
    }
}
WHOLE: Mapping[str, Mapping[str, Any]] = {
    "createUser": {"user": _SOMEBODY},
    "updateUser": {"user": _SOMEBODY},
    "updateUserByExternalId": {"user": _SOMEBODY},
    "postEvents": _HAPPENED,
    "postEventsByExternalId": _HAPPENED,
    "postTags": {"tags": ["bronze", "lapsed"], "ttl": 3600},
    "postTagsByExternalId": {"tags": ["bronze", "lapsed"], "ttl": 3600},
    "triggerCampaign": {
        "campaign_id": CAMPAIGN,
        "trigger_properties": {"offer_title": "Coffee"},
        "recipients": [{"external_user_id": "1001", "trigger_properties": {"size": "large"}}],
    },
    "triggerCanvas": {"canvas_id": CANVAS, "context": {"a": "b"}, "recipients": [{"external_user_id": "1001"}]},
    "identifyPerson": {"email": "edsger@example.com", "created_at": 1767225600, "plan": "gold"},
    "trackEvent": {"name": "visit", "timestamp": 1767225600, "data": {"size": "large"}},
}
"""Operation -> a body with everything in it that counts, which luck alone would seldom put together."""
