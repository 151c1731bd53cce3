"""A tenant with offers, a reward store and two customers, for the tests of offers."""

from __future__ import annotations

from typing import Any

from contracts.settings import checked
from mock_sessionm import TenantSettings
from tests.mock_sessionm.asking import Answer, Asker, asker

COFFEE = "1a2b3324-1da6-4e49-b921-afc386dabb60"
TEA = "2b3c4435-2eb7-4f5a-8a32-b0d497ebcc71"
STORE = "6e4b2c1a-0d3f-4a5b-8c7d-9e0f1a2b3c4d"
SOLD = "bbbbbbbb-0000-4000-8000-000000000001"
ADA = "aaaaaaaa-0000-1000-8000-000000000001"
GRACE = "aaaaaaaa-0000-1000-8000-000000000002"
HELD = "cccccccc-0000-4000-8000-000000000001"
UNKNOWN = "11111111-2222-4333-8444-555555555555"
OFFERS = "/offers/api/2.0/offers/"
TABLES: dict[str, Any] = {
    "core": {"api_key": "key", "api_secret": "secret"},
    "offers": [
        {"id": COFFEE, "title": "Coffee", "total_inventory": 5, "expires_after": "30d"},
        {"id": TEA, "title": "Tea", "texts": {"de-DE": {"title": "Tee"}}},
    ],
    "reward_stores": [{"id": STORE, "offers": [{"id": SOLD, "offer_id": COFFEE, "price": 100}]}],
    "users": [
        {
            "id": ADA,
            "user": {"external_id": "ada"},
            "points": [{"amount": 250}],
            "offers": [{"offer_id": COFFEE, "id": HELD}],
        },
        {"id": GRACE, "user": {"external_id": "grace"}},
    ],
}


def shop(assume: dict[str, str] | None = None, **tables: Any) -> Asker:
    return asker(TenantSettings.of(checked({**TABLES, **tables}, "tenant.schema.yaml", "test")), assume=assume)


def wallet(fake: Asker, user_id: str = ADA, **body: Any) -> Any:
    answer = fake.connect(f"{OFFERS}get_user_offers", {"user_id": user_id, **body})
    assert answer.body["status"] == "ok", answer.body
    return answer.body["payload"]


def redeem(fake: Asker, user_offer_id: str = HELD, user_id: str = ADA) -> Answer:
    return fake.connect(f"{OFFERS}redemption/manual_redeem", {"user_id": user_id, "user_offer_id": user_offer_id})
