from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.mock_sessionm.asking import Answer, Asker
from tests.mock_sessionm.connect.selling import ADA, COFFEE, OFFERS, SOLD, STORE, shop, wallet

BUYING = {"reward_store_id": STORE, "reward_store_offer_id": SOLD}
SHOP = shop()


def buy(fake: Asker, **body: Any) -> Answer:
    return fake.connect(f"{OFFERS}rewardstores/purchase_offer", {"user_id": ADA, **BUYING, **body})


@given(st.lists(st.integers(1, 4), max_size=6))
def test_points_and_offers_always_balance(quantities: list[int]) -> None:
    """Whatever is bought: each offer was paid, no point is lost, and the inventory is never below zero."""
    fake = SHOP.afresh()
    for quantity in quantities:
        answer = buy(fake, quantity=quantity)
        assert answer.status == 200
        if answer.body["status"] == "ok":
            assert answer.body["payload"]["points_remaining"] == fake.tenant.books.available(ADA)
    bought = len(fake.tenant.wallets.held(ADA)) - 1
    assert fake.tenant.books.available(ADA) == 250 - 100 * bought >= 0
    left = fake.tenant.wallets.inventory(fake.tenant.catalogue.offers[COFFEE])
    assert left == 4 - bought


def test_two_purchases_that_race_for_the_last_points_are_not_both_served() -> None:
    fake = shop()
    answers = [buy(fake, quantity=2), buy(fake, quantity=1)]
    assert [answer.body["status"] for answer in answers] == ["ok", "error"]
    assert answers[1].rules == ["sessionm.purchase-affordable"]
    assert wallet(fake)["available_points"] == 50


def test_the_audit_log_names_what_was_bought() -> None:
    fake = shop()
    buy(fake)
    path = "/incentives/api/2.0/user_points/fetch_point_audit_logs"
    rows = fake.connect(path, {"user_id": ADA}).body["payload"]["results"]
    assert sorted(row["modification"] for row in rows) == [-100, 250]


def test_a_store_lists_nothing_of_a_store_that_sells_nothing() -> None:
    fake = shop(reward_stores=[{"id": STORE}])
    answer = fake.connect(f"{OFFERS}rewardstores/get_reward_store_offers", {})
    assert answer.body["payload"] == {"reward_store_offers": [], "total_rows": 0, "skip": 0, "take": 0}
