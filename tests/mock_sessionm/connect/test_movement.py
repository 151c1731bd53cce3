from mock_sessionm import GATE
from tests.mock_sessionm.asking import asker
from tests.mock_sessionm.connect.test_incentive_checks import GOLD, NOBODYS, SETTINGS, SYSTEM

MOVE = "/incentives/api/1.0/movement/move_user"


def test_a_customer_is_moved_and_looked_at_again_in_one_call() -> None:
    fake = asker(SETTINGS, assume={"tier-falls": "when-evaluated"})
    id_ = fake.tenant.customers.create({}).id
    body = {"user_id": id_, "tier_system_id": SYSTEM, "tier_level_id": GOLD}
    levels = fake.connect(MOVE, body).body["payload"]["tier_levels"]
    assert [level["tier_level_id"] for level in levels] == [GOLD]
    levels = fake.connect(MOVE, {**body, "evaluate_qualifying_rules": True}).body["payload"]["tier_levels"]
    assert levels == []


def test_a_gate_that_lets_an_unknown_level_through_moves_nobody() -> None:
    fake = asker(SETTINGS, gate=tuple(check for check in GATE if check.rule != "sessionm.tier-known"))
    id_ = fake.tenant.customers.create({}).id
    answer = fake.connect(MOVE, {"user_id": id_, "tier_system_id": SYSTEM, "tier_level_id": NOBODYS})
    assert answer.body["payload"]["tier_levels"] == []
