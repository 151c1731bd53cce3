from typing import Any

import pytest

from contracts import rules
from tests.mock_sessionm.asking import Asker, asker
from tests.mock_sessionm.connect.test_incentive_checks import DEPOSIT, NOBODYS, SETTINGS, SOURCE, SPEND, A

REASONS = rules()["sessionm.partial-success"].table


@pytest.fixture
def ada() -> tuple[Asker, str]:
    fake = asker(SETTINGS)
    return fake, fake.tenant.customers.create({}).id


def test_every_reason_has_a_number_of_its_own_and_success_is_zero() -> None:
    assert REASONS["booked"] == 0
    assert len(set(REASONS.values())) == len(REASONS)


def test_what_came_with_a_deposit_is_in_the_books(ada: tuple[Asker, str]) -> None:
    fake, id_ = ada
    detail = {
        "amount": 5,
        "point_account_id": A,
        "point_source_id": SOURCE.upper(),
        "reference_id": "r",
        "reference_type": "Order",
        "rank": 3,
    }
    fake.connect(DEPOSIT, {"user_id": id_, "deposit_details": [detail], "culture": "en-US"})
    (entry,) = fake.tenant.books.log(id_)
    assert (entry.amount, entry.kind, entry.origin.source) == (5, "issued", SOURCE)
    assert (entry.origin.reference_id, entry.origin.reference_type, entry.origin.published) == ("r", "Order", True)


def test_what_came_with_a_spend_is_in_the_books(ada: tuple[Asker, str]) -> None:
    fake, id_ = ada
    fake.tenant.books.deposit(id_, 10)
    detail = {
        "id": "d",
        "amount": 5,
        "point_account_ids": [A.upper()],
        "transaction_id": "t",
        "timestamp": "2026-01-01T00:00:00Z",
        "idempotency_id": "i",
        "overdraft_id": "o",
        "overdraft_timestamp": "whenever",
    }
    body = {"user_id": id_, "spend_details": [detail], "parallel_mode": 1, "disable_event_publishing": True}
    answer = fake.connect(SPEND, body)
    assert answer.body["payload"]["details"][0]["idempotency_id"] == "i"
    entry = fake.tenant.books.log(id_)[-1]
    assert (entry.amount, entry.kind, entry.origin.transaction_id) == (-5, "spent", "t")
    assert (entry.origin.occurred, entry.origin.published) == ("2026-01-01T00:00:00Z", False)


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ({"amount": 1, "point_account_ids": [A, NOBODYS]}, "unknown-account"),
        ({"amount": 1, "point_account_ids": [A], "point_source_id": NOBODYS}, "unknown-source"),
        ({"amount": 9, "point_account_ids": [A]}, "too-few"),
        ({"amount": 9, "point_account_ids": [A], "force_spend": True}, "booked"),
        ({"amount": 8, "point_account_ids": [A]}, "booked"),
    ],
)
def test_each_detail_of_a_partial_success_says_what_became_of_it(
    ada: tuple[Asker, str], detail: dict[str, Any], reason: str
) -> None:
    fake, id_ = ada
    fake.tenant.books.deposit(id_, 8)
    body = {"user_id": id_, "spend_details": [detail], "allow_partial_success": True}
    (told,) = fake.connect(SPEND, body).body["payload"]["details"]
    assert told["fail_reason"] == REASONS[reason]
    assert (told["request_id"] is not None) is (reason == "booked")
    assert told["amount"] == (detail["amount"] if reason == "booked" else 0)
    assert fake.tenant.books.available(id_) == 8 - told["amount"]


@pytest.mark.parametrize("given", [0, -1, 1.5, "5", None, 2**31])
@pytest.mark.parametrize("path", [DEPOSIT, SPEND])
def test_what_is_no_number_of_points_is_refused(ada: tuple[Asker, str], given: Any, path: str) -> None:
    fake, id_ = ada
    details = {
        "deposit_details": [{"amount": given, "point_account_id": A}],
        "spend_details": [{"amount": given, "point_account_ids": [A]}],
    }
    answer = fake.connect(path, {"user_id": id_, **details})
    assert answer.rules == ["sessionm.contract"]
    assert fake.tenant.books.log(id_) == []


def test_a_whole_number_may_come_with_a_point_and_is_kept_as_one(ada: tuple[Asker, str]) -> None:
    fake, id_ = ada
    fake.connect(DEPOSIT, {"user_id": id_, "deposit_details": [{"amount": 5.0, "point_account_id": A}]})
    fake.connect(SPEND, {"user_id": id_, "spend_details": [{"amount": 2.0, "point_account_ids": [A]}]})
    assert [repr(entry.amount) for entry in fake.tenant.books.log(id_)] == ["5", "-2"]
    body = {"user_id": id_, "skip": 1.0, "take": 1.0}
    page = fake.connect("/incentives/api/2.0/user_points/fetch_point_audit_logs", body).body["payload"]["results"]
    assert [row["modification"] for row in page] == [5]


@pytest.mark.parametrize("odd", [[1], {"a": 1}, 7, True])
def test_an_idempotency_id_that_is_no_text_is_none(ada: tuple[Asker, str], odd: object) -> None:
    fake, id_ = ada
    detail = {"amount": 5.0, "point_account_id": A, "idempotency_id": odd}
    for _ in range(2):
        answer = fake.connect(DEPOSIT, {"user_id": id_, "deposit_details": [detail], "culture": "en-US"})
        assert answer.status == 200
