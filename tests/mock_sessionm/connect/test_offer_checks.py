from typing import Any

import pytest

from contracts import rules
from mock_sessionm.connect.offer_checks import CHECKS, REASONS
from mock_sessionm.connect.pos import GATE
from tests.mock_sessionm.connect.selling import ADA, COFFEE, GRACE, HELD, OFFERS, SOLD, STORE, TEA, UNKNOWN, shop

BUYING = {"user_id": ADA, "reward_store_id": STORE, "reward_store_offer_id": SOLD}
BREAKS: dict[str, tuple[str, dict[str, Any]]] = {
    "sessionm.offer-exists": ("acquisition/issue", {"user_id": ADA, "offer_id": UNKNOWN}),
    "sessionm.user-offer-exists": ("acquisition/revoke", {"user_offer_id": UNKNOWN}),
    "sessionm.user-offer-owner": ("redemption/manual_redeem", {"user_id": GRACE, "user_offer_id": HELD}),
    "sessionm.custom-data-json": (
        "acquisition/update",
        {"user_id": ADA, "user_offer_id": HELD, "custom_data": "secret words"},
    ),
    "sessionm.store-offer-exists": ("rewardstores/purchase_offer", {**BUYING, "reward_store_offer_id": UNKNOWN}),
    "sessionm.purchase-available": ("rewardstores/purchase_offer", {**BUYING, "quantity": 5}),
    "sessionm.purchase-affordable": ("rewardstores/purchase_offer", {**BUYING, "quantity": 3}),
    "sessionm.culture-region": ("get_user_offers", {"user_id": ADA, "culture": "de"}),
}

BESIDES = {"sessionm.purchase-available": ("sessionm.purchase-affordable",)}
"""What else a case cannot help breaking."""


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_rule_is_named_with_its_place_and_no_value_of_a_person(rule: str) -> None:
    fake = shop()
    path, body = BREAKS[rule]
    answer = fake.connect(f"{OFFERS}{path}", body)
    assert answer.rules == fake.rules_of_last() == [rule, *BESIDES.get(rule, ())]
    assert answer.message.startswith(("/", "not kept: /"))
    assert "secret words" not in answer.message
    assert ADA not in answer.message


def test_several_reasons_against_a_purchase_are_all_named() -> None:
    answer = shop().connect(f"{OFFERS}rewardstores/purchase_offer", {**BUYING, "quantity": 9})
    assert answer.rules == ["sessionm.purchase-available", "sessionm.purchase-affordable"]


def test_reject_all_refuses_a_language_that_is_left_aside_otherwise() -> None:
    fake = shop()
    fake.tenant.on_violation = "reject-all"
    answer = fake.connect(f"{OFFERS}get_user_offers", {"user_id": ADA, "culture": "de"})
    assert (answer.body["status"], answer.rules) == ("error", ["sessionm.culture-region"])


def test_a_refused_call_changes_nothing() -> None:
    fake = shop()
    before = fake.admin("GET", "/state").body
    for rule, (path, body) in BREAKS.items():
        if rule != "sessionm.culture-region":
            assert fake.connect(f"{OFFERS}{path}", body).body["status"] == "error"
    assert fake.admin("GET", "/state").body == before


def test_every_check_has_a_rule_and_every_reason_a_sentence_and_a_number() -> None:
    assert {check.rule for check in (*CHECKS, *GATE)} <= rules().keys()
    assert REASONS.keys() == rules()["sessionm.issue-fail-reason"].table["reasons"].keys()
    assert shop().connect(f"{OFFERS}acquisition/issue", {"user_id": ADA, "offer_id": TEA}).rules == []
    assert shop().tenant.catalogue.offer(COFFEE) is not None
