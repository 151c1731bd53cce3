from typing import Any

import pytest

from tests.mock_sessionm.asking import Asker, asker

PATH = "/external/users/e/events"


def kept(fake: Asker) -> list[dict[str, Any]]:
    customer = fake.tenant.customers.by_external("e")
    assert customer is not None
    return customer.events


@pytest.mark.parametrize(
    ("given", "qty"), [(2, 2), ("3", 3), ({}, 1), ({"qty": "4"}, 4), ({"qty": 5}, 5), ("9" * 30, "9" * 30)]
)
def test_an_event_is_a_quantity_or_an_object(fake: Asker, given: Any, qty: Any) -> None:
    fake.create(external_id="e")
    assert fake.core("POST", PATH, {"events": {"visit": given}}).body["status"] == "ok"
    assert kept(fake)[0]["qty"] == qty


def test_an_event_is_kept_with_all_that_came(fake: Asker) -> None:
    fake.create(external_id="e")
    event = {"transaction_id": "t", "qty": 2, "date": "2026-01-01T00:00:00Z", "context": {"size": "L"}}
    fake.core("POST", PATH, {"events": {"visit": event}, "auto_claim": True})
    assert kept(fake) == [{"name": "visit", "received": "2026-06-15T12:00:00.000Z", **event}]


def test_an_event_without_a_date_has_that_of_its_processing(fake: Asker) -> None:
    fake.create(external_id="e")
    fake.tenant.clock.advance("1d")
    fake.core("POST", PATH, {"events": {"visit": 1}})
    assert kept(fake)[0]["date"] == "2026-06-16T12:00:00.000Z"


@pytest.mark.parametrize(("choice", "count"), [("counted-again", 2), ("once", 1)])
def test_a_transaction_that_comes_twice_counts_as_the_choice_says(choice: str, count: int) -> None:
    fake = asker(assume={"event-transactions": choice})
    fake.create(external_id="e")
    for _ in range(2):
        fake.core("POST", PATH, {"events": {"visit": {"transaction_id": "t"}}})
    fake.core("POST", PATH, {"events": {"purchase": {"transaction_id": "t"}}})
    assert [event["name"] for event in kept(fake)] == ["visit"] * count + ["purchase"]
    assert fake.tenant.used["event-transactions"] == 1


@pytest.mark.parametrize(("choice", "keys"), [("behaviours", {"status", "behaviors", "user"}), ("bare", {"status"})])
def test_the_answer_has_the_form_of_the_choice(choice: str, keys: set[str]) -> None:
    fake = asker(assume={"event-answer": choice})
    fake.create(external_id="e")
    assert set(fake.core("POST", PATH, {"events": {"visit": 1}}).body) == keys


@pytest.mark.parametrize(
    "body",
    [
        {"events": {}},
        {"events": []},
        {"events": {"visit": 0}},
        {"events": {"visit": "-1"}},
        {"events": {"visit": []}},
        {"events": {"visit": {"date": "today"}}},
        {},
    ],
)
def test_what_is_no_event_is_refused(fake: Asker, body: Any) -> None:
    fake.create(external_id="e")
    assert fake.core("POST", PATH, body).rules == ["sessionm.contract"]
    assert kept(fake) == []
