import orjson
import pytest

from contracts.validation import check, response_schema
from tests.mock_sessionm.connect.selling import ADA, COFFEE, GRACE, HELD, OFFERS, TEA, UNKNOWN, redeem, shop, wallet

ISSUE = f"{OFFERS}acquisition/issue"
DOCUMENT = ("user", "user_id", "user_offers", "total_records", "offer_groups", "offer_categories")
"""Members of the payload in the order of the document; points follow."""


def test_the_wallet_has_the_members_of_the_document_in_its_order() -> None:
    fake = shop()
    answer = fake.connect(f"{OFFERS}get_user_offers", {"user_id": ADA})
    assert list(answer.body) == ["status", "payload"]
    assert tuple(answer.body["payload"]) == (*DOCUMENT, "total_points", "available_points")
    assert answer.body["payload"]["available_points"] == 250
    assert answer.body["payload"]["offer_groups"] == [
        {"id": "00000000-0000-0000-0000-000000000000", "name": "All Offers", "sort_order": 0}
    ]


def test_an_offer_goes_from_issue_through_the_wallet_to_redemption_and_is_gone() -> None:
    fake = shop()
    (made,) = fake.connect(ISSUE, {"user_id": GRACE, "offer_id": TEA}).body["payload"]["status_list"]
    assert [row["id"] for row in wallet(fake, GRACE)["user_offers"]] == [made["user_offer_id"]]
    assert redeem(fake, made["user_offer_id"], GRACE).body["payload"]["user_offer_id"] == made["user_offer_id"]
    assert wallet(fake, GRACE)["user_offers"] == []
    again = redeem(fake, made["user_offer_id"], GRACE)
    assert (again.body["status"], again.rules) == ("error", ["sessionm.redeem-issued"])
    assert "the user offer is redeemed" in again.message


def test_the_timeline_tells_the_story_of_an_offer() -> None:
    fake = shop()
    fake.connect(ISSUE, {"user_id": ADA, "offer_id": TEA})
    redeem(fake)
    fake.tenant.clock.advance("1h")
    fake.connect(f"{OFFERS}rewardstores/purchase_offer", {"user_id": ADA, **sold()})
    fake.tenant.clock.advance("30d")
    kinds = [note.kind for note in fake.tenant.timelines.of(ADA) if note.kind.startswith("offer_")]
    assert kinds == [
        "offer_issued",
        "offer_issued",
        "offer_redeemed",
        "offer_issued",
        "offer_purchased",
        "offer_expired",
    ]


def test_what_is_known_of_a_customer_has_the_offers_with_their_states() -> None:
    fake = shop()
    redeem(fake)
    fake.connect(ISSUE, {"user_id": ADA, "offer_id": TEA})
    offers = fake.admin("GET", f"/tenants/key/users/{ADA}").body["offers"]
    assert [(row["offer_id"], row["state"], row["source"]) for row in offers] == [
        (COFFEE, "redeemed", ""),
        (TEA, "issued", "issue"),
    ]


def test_offers_go_out_with_the_state_and_in_again() -> None:
    fake = shop()
    redeem(fake)
    payload = {"user_offer_id": HELD, "employee_id": "E"}
    body = {"store_id": "S", "client_id": "C", "request_id": "R", "request_payload": payload}
    assert fake.connect("/api/2.0/reinstate", body).body["status"] == "OK"
    state = fake.admin("GET", "/state").body
    fake.afresh()
    redeem(fake)
    assert fake.admin("PUT", "/state", state).status == 200
    assert [row["id"] for row in wallet(fake)["user_offers"]] == [HELD]
    assert fake.admin("GET", "/state").body["tenants"][0]["stores"]["pos_requests"].keys() == {"R"}


def test_every_operation_refuses_a_stranger_before_it_looks_at_anything() -> None:
    fake = shop()
    for path in ("acquisition/issue", "redemption/manual_redeem", "rewardstores/purchase_offer", "get_user_offers"):
        answer = fake.connect(f"{OFFERS}{path}", {"user_id": UNKNOWN, "offer_id": TEA, "user_offer_id": HELD, **sold()})
        assert answer.rules == ["sessionm.connect-user-exists"]
        assert answer.code == "user_not_found"


def test_a_thousand_offers_come_in_one_answer_that_keeps_the_contract() -> None:
    fake = shop()
    for _ in range(999):
        fake.tenant.wallets.issue(ADA, TEA)
    body = fake.connect(f"{OFFERS}get_user_offers", {"user_id": ADA, "skip": 0, "take": 1000}).body
    assert len(body["payload"]["user_offers"]) == body["payload"]["total_records"] == 1000
    schema = response_schema("sessionm", "getUserOffers", 200)
    assert schema is not None
    assert check("sessionm", schema, body) == []


@pytest.mark.parametrize("number", ["1e400", "99999999999999999999999999", "2.0"])
def test_numbers_that_no_machine_counts_to_are_no_mistake_of_the_fake(number: str) -> None:
    fake = shop()
    own = fake.tenant.settings.partners["connect"]["retailer_id"]
    raw = orjson.dumps({"retailer_id": own, "user_id": ADA, "take": 7}).replace(b"7}", number.encode() + b"}")
    assert fake.connect(f"{OFFERS}get_user_offers", raw=raw).status == 200


def sold() -> dict[str, str]:
    return {
        "reward_store_id": "6e4b2c1a-0d3f-4a5b-8c7d-9e0f1a2b3c4d",
        "reward_store_offer_id": "bbbbbbbb-0000-4000-8000-000000000001",
    }
