from typing import Any

import pytest

from mock_sessionm.connect.pos import success
from tests.mock_sessionm.asking import Answer, Asker
from tests.mock_sessionm.connect.selling import ADA, COFFEE, HELD, redeem, shop, wallet


def till(fake: Asker, what: str, request_id: str, **payload: Any) -> Answer:
    """A call of a point of sale; without a payload it is about the offer that Ada holds."""
    by_id = {"user_offer_id": HELD, "employee_id": "E1"}
    by_code = {"offer_lookup_code": HELD, "offer_lookup_type": "UserOfferId", "transaction": {"transaction_id": "T1"}}
    whole = {**(by_code if what in {"lock", "redeem"} else by_id), **payload}
    body = {"store_id": "S1", "client_id": "C1", "request_id": request_id, "request_payload": whole}
    return fake.connect(f"/api/2.0/{what}", body)


def test_a_redemption_at_the_till_can_be_undone_and_done_again() -> None:
    fake = shop()
    story = [("redeem", "R1"), ("reinstate", "R2"), ("lock", "R3"), ("unlock", "R4"), ("redeem", "R5")]
    assert [till(fake, what, id_).body["status"] for what, id_ in story] == ["OK"] * 5
    assert wallet(fake)["user_offers"] == []
    kinds = [note.kind.removeprefix("offer_") for note in fake.tenant.timelines.of(ADA) if "offer" in note.kind]
    assert kinds == ["issued", "redeemed", "reinstated", "locked", "unlocked", "redeemed"]


def test_an_answer_has_a_payload_only_where_there_is_a_discount() -> None:
    fake = shop()
    assert till(fake, "lock", "R1").body == {"status": "OK", "payload": {"reference_id": HELD}}
    assert till(fake, "unlock", "R2").body == {"status": "OK"}
    assert till(fake, "redeem", "R3").body == {"status": "OK", "payload": {"reference_id": HELD}}
    assert till(fake, "reinstate", "R4").body == {"status": "OK"}


def test_a_repetition_does_nothing_and_says_what_was_said_refusals_included() -> None:
    fake = shop()
    refused = till(fake, "unlock", "R1")
    assert (refused.body["status"], refused.rules) == ("ERROR", ["sessionm.pos-unlock-locked"])
    till(fake, "lock", "R2")
    before = fake.tenant.wallets.export()
    for _ in range(3):
        again = till(fake, "unlock", "R1")
        assert (again.status, again.body, again.rules) == (refused.status, refused.body, refused.rules)
        till(fake, "lock", "R2")
    assert fake.tenant.wallets.export() == before
    assert till(fake, "unlock", "R3").body["status"] == "OK"


@pytest.mark.parametrize(
    ("what", "before"), [("lock", ""), ("unlock", "lock"), ("redeem", ""), ("reinstate", "redeem")]
)
def test_a_repetition_of_what_was_done_is_no_violation_in_the_journal(what: str, before: str) -> None:
    fake = shop({"reinstate-expired": "refused"})
    if before:
        till(fake, before, "R0")
    first = till(fake, what, "R1")
    fake.tenant.clock.advance("31d")
    fake.tenant.customers.remove(fake.tenant.customers.search({"external_id": "ada"}))  # type: ignore[arg-type]
    assert till(fake, what, "R1").body == first.body
    assert fake.rules_of_last() == []


def test_what_was_not_kept_is_said_beside_an_answer() -> None:
    assert success({}, "not kept").body == b'{"status":"OK","message":"not kept"}'


def test_a_request_that_nobody_could_do_is_not_remembered() -> None:
    fake = shop()
    assert till(fake, "unlock", "R1", employee_id="").rules == ["sessionm.contract"]
    assert len(fake.tenant.repeats) == 0
    till(fake, "lock", "R2")
    assert till(fake, "unlock", "R1").body["status"] == "OK"


def test_a_request_in_flight_is_told_so_and_changes_nothing() -> None:
    fake = shop({"pos-pending": "one-second"})
    first = till(fake, "redeem", "R1")
    pending = till(fake, "redeem", "R1")
    assert (pending.code, pending.rules) == ("pending processing", ["sessionm.pos-pending"])
    fake.tenant.clock.advance(1)
    assert till(fake, "redeem", "R1").body == first.body


@pytest.mark.parametrize(("pos", "connect", "status"), [("200", "422", 200), ("400", "200", 400), ("409", "422", 409)])
def test_refusals_at_the_till_have_a_status_of_their_own(pos: str, connect: str, status: int) -> None:
    fake = shop({"pos-error-status": pos, "connect-error-status": connect})
    assert till(fake, "unlock", "R1").status == status
    assert till(fake, "unlock", "R2", user_offer_id="no guid").status == status
    assert redeem(fake, COFFEE).status == int(connect)


def test_what_nobody_serves_below_the_tills_path_is_refused_in_their_shape() -> None:
    answer = shop().connect("/api/2.0/relock", {})
    assert (answer.status, answer.body["status"], answer.code) == (404, "ERROR", "not_found")
