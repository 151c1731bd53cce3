import orjson

from tests.mock_sessionm.asking import Asker, asker
from tests.mock_sessionm.connect.test_incentive_checks import DEPOSIT, SETTINGS, SPEND, A

LOG = "/incentives/api/2.0/user_points/fetch_point_audit_logs"


def ada() -> tuple[Asker, str]:
    fake = asker(SETTINGS)
    return fake, fake.tenant.customers.create({"external_id": "ada"}).id


def test_a_story_of_points_adds_up_in_the_audit_log() -> None:
    fake, id_ = ada()
    fake.connect(DEPOSIT, {"user_id": id_, "deposit_details": [{"amount": 100, "point_account_id": A}]})
    fake.connect(SPEND, {"user_id": id_, "spend_details": [{"amount": 30, "point_account_ids": [A]}]})
    rows = fake.connect(LOG, {"user_id": id_, "skip": 0, "take": 50}).body["payload"]["results"]
    balances = fake.connect("/incentives/api/1.0/user_points/all_balances", {"user_id": id_}).body["payload"]
    assert sum(row["modification"] for row in rows) == balances["details"][0]["available_balance"] == 70


def test_the_answer_names_the_customer_as_the_question_did() -> None:
    fake, id_ = ada()
    body = {"user_id": id_.upper(), "deposit_details": [{"amount": 1, "point_account_id": A}]}
    assert fake.connect(DEPOSIT, body).body["payload"]["user_id"] == id_.upper()


def test_both_paths_of_a_version_do_the_same() -> None:
    fake, id_ = ada()
    for path in (DEPOSIT, DEPOSIT.replace("1.0", "2.0")):
        fake.connect(path, {"user_id": id_, "deposit_details": [{"amount": 1, "point_account_id": A}]})
    old = "/incentives/api/1.0/point_audit_logs/fetch_point_audit_logs"
    assert fake.connect(old, {"user_id": id_}).body == fake.connect(LOG, {"user_id": id_}).body
    assert fake.tenant.books.available(id_) == 2


def test_sums_beyond_every_whole_number_of_a_machine_can_still_be_told() -> None:
    fake, id_ = ada()
    fake.tenant.books.deposit(id_, 2**31 - 1)
    details = [{"amount": 2**31 - 1, "point_account_id": A}] * 5
    fake.connect(DEPOSIT, {"user_id": id_, "deposit_details": details})
    body = fake.connect("/incentives/api/1.0/user_points/all_balances", {"user_id": id_}).body
    assert body["payload"]["summary"]["total_points"] == 6 * (2**31 - 1)


def test_what_the_fake_knows_of_a_customer_has_accounts_lines_and_tiers() -> None:
    fake, id_ = ada()
    fake.tenant.books.deposit(id_, 10)
    known = fake.admin("GET", f"/tenants/{fake.tenant.api_key}/users/ada").body
    (account,) = known["points"]
    assert (account["available_balance"], account["log"][0]["modification"]) == (10, 10)
    assert known["user"]["tier_details"]["tier_levels"][0]["tier_overview"]["name"] == "Gold"


def test_points_survive_export_and_import_and_end_with_a_reset() -> None:
    fake, id_ = ada()
    fake.connect(DEPOSIT, {"user_id": id_, "deposit_details": [{"amount": 10, "point_account_id": A}]})
    spend = {"user_id": id_, "spend_details": [{"amount": 3, "point_account_ids": [A], "idempotency_id": "i"}]}
    fake.connect(SPEND, spend)
    log = fake.connect(LOG, {"user_id": id_}).body
    state = orjson.loads(orjson.dumps(fake.admin("GET", "/state").body))
    fake.world.reset(["state"])
    assert fake.tenant.books.available(id_) == 0
    assert fake.tenant.timelines.of(id_) == []
    assert fake.tenant.tiers.level(id_) is None
    assert fake.admin("PUT", "/state", state).status == 200
    assert fake.connect(LOG, {"user_id": id_}).body == log
    fake.connect(SPEND, spend)
    assert fake.tenant.books.available(id_) == 7
    assert [note.kind for note in fake.tenant.timelines.of(id_)] == [
        "points_deposited",
        "points_spent",
        "tier_entered",
    ]
