from typing import Any

import pytest

from contracts import rules
from mock_sessionm import GATE, TenantSettings
from mock_sessionm.connect.incentive_checks import GATE as OWN
from tests.mock_sessionm.asking import Answer, Asker, asker

A, SOURCE, GOLD = (f"10000000-0000-4000-8000-00000000000{digit}" for digit in "abc")
NOBODYS = "11111111-2222-4333-8444-555555555555"
SYSTEM = "30000000-0000-4000-8000-00000000000f"
SETTINGS = TenantSettings(
    events=("visit",),
    tables={
        "point_accounts": [{"id": A, "name": "A"}],
        "point_sources": [{"id": SOURCE, "name": "S"}],
        "tiers": [{"id": GOLD, "name": "Gold", "points": 10, "tier_system_id": SYSTEM}],
    },
)
ASSUMED = {"idempotency-other-amount": "refused"}
SPEND = "/incentives/api/1.0/user_points/spend_multiple"
DEPOSIT = "/incentives/api/1.0/user_points/deposit"
BREAKS: dict[str, tuple[str, dict[str, Any]]] = {
    "sessionm.point-account-known": (DEPOSIT, {"deposit_details": [{"amount": 1, "point_account_id": NOBODYS}]}),
    "sessionm.point-source-known": (
        DEPOSIT,
        {"deposit_details": [{"amount": 1, "point_account_id": A, "point_source_id": NOBODYS}]},
    ),
    "sessionm.idempotency-other-amount": (
        SPEND,
        {"spend_details": [{"amount": 2, "point_account_ids": [A], "idempotency_id": "known"}]},
    ),
    "sessionm.points-enough": (SPEND, {"spend_details": [{"amount": 100, "point_account_ids": [A]}]}),
    "sessionm.tier-known": (
        "/incentives/api/1.0/movement/move_user",
        {"tier_system_id": SYSTEM, "tier_level_id": NOBODYS},
    ),
    "sessionm.connect-event-defined": (
        "/incentives/api/1.0/user_events/trigger_user_event",
        {"event_lookup": "Visit"},
    ),
}


def peopled(**how: Any) -> tuple[Asker, str]:
    """A fake with one customer, who had ten points and spent one of them under the id `known`."""
    fake = asker(SETTINGS, assume=ASSUMED, **how)
    id_ = fake.tenant.customers.create({"external_id": "e"}).id
    fake.tenant.books.deposit(id_, 10)
    fake.tenant.books.spend(id_, 1, idempotency_id="known")
    return fake, id_


def broken(fake: Asker, id_: str, rule: str) -> Answer:
    path, body = BREAKS[rule]
    return fake.connect(path, {"user_id": id_, **body})


def test_every_check_has_a_case_here() -> None:
    assert {check.rule for check in OWN} == set(BREAKS) <= set(rules())


@pytest.mark.parametrize("rule", BREAKS)
def test_what_breaks_a_rule_is_refused_and_changes_nothing(rule: str) -> None:
    fake, id_ = peopled()
    before = {name: store.export() for name, store in fake.tenant.stores.items()}
    answer = broken(fake, id_, rule)
    assert (answer.status, answer.body["status"], answer.rules) == (200, "error", [rule])
    assert {name: store.export() for name, store in fake.tenant.stores.items()} == before


@pytest.mark.parametrize("rule", BREAKS)
def test_without_its_check_a_rule_is_not_enforced_and_the_others_are(rule: str) -> None:
    fake, id_ = peopled(gate=tuple(check for check in GATE if check.rule != rule))
    assert broken(fake, id_, rule).body["status"] == "ok"
    for other in set(BREAKS) - {rule}:
        assert broken(fake, id_, other).rules == [other]


@pytest.mark.parametrize("status", ["200", "400", "422"])
def test_a_refusal_has_the_status_of_the_choice(status: str) -> None:
    fake = asker(SETTINGS, assume={"connect-error-status": status})
    id_ = fake.tenant.customers.create({}).id
    assert broken(fake, id_, "sessionm.points-enough").status == int(status)


def test_a_nearest_name_is_told_of_an_event_that_is_not_defined() -> None:
    answer = broken(*peopled(), "sessionm.connect-event-defined")
    assert "'visit'" in answer.message


def test_no_message_tells_how_many_points_somebody_has() -> None:
    answer = broken(*peopled(), "sessionm.points-enough")
    assert "9" not in answer.message


def test_each_unknown_account_is_named_by_its_place() -> None:
    fake, id_ = peopled()
    body = {"user_id": id_, "point_account_ids": [NOBODYS, A, NOBODYS]}
    answer = fake.connect("/incentives/api/1.0/user_points/balance", body)
    assert "/point_account_ids/0" in answer.message
    assert "/point_account_ids/1" not in answer.message
    assert "/point_account_ids/2" in answer.message


def test_a_detail_on_an_unknown_account_does_not_hide_that_another_wants_too_much() -> None:
    fake, id_ = peopled()
    details = [{"amount": 1, "point_account_ids": [NOBODYS]}, {"amount": 10, "point_account_ids": [A]}]
    answer = fake.connect(SPEND, {"user_id": id_, "spend_details": details})
    assert answer.rules == ["sessionm.point-account-known", "sessionm.points-enough"]
    assert "/spend_details/1/amount" in answer.message
    assert "/spend_details/0/amount" not in answer.message
