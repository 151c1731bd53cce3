from mock_sessionm import GATE
from tests.mock_sessionm.asking import asker


def test_without_the_check_for_people_somebody_is_made_up() -> None:
    fake = asker(gate=tuple(check for check in GATE if check.rule != "sessionm.connect-user-exists"))
    answer = fake.connect(
        "/incentives/api/1.0/user_points/all_balances", {"user_id": "11111111-2222-4333-8444-555555555555"}
    )
    assert answer.body["payload"]["summary"]["total_points"] == 0
    assert len(fake.tenant.customers) == 1
