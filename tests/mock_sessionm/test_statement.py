from mock_sessionm import TenantSettings
from mock_sessionm.statement import accounts, audit_log, balances, progress, retailer, rule_tree_id, tier_details
from tests.mock_sessionm.asking import asker

A, B = "10000000-0000-4000-8000-00000000000a", "10000000-0000-4000-8000-00000000000b"
TABLES = {
    "point_accounts": [{"id": A, "name": "A"}, {"id": B, "name": "B"}],
    "tiers": [{"name": "Silver", "points": 10}, {"name": "Gold", "points": 20}],
}
FAKE = asker(TenantSettings(tables=TABLES))


def test_balances_are_of_the_accounts_that_are_named_each_once() -> None:
    fake = FAKE.afresh()
    ada = fake.tenant.customers.create({})
    fake.tenant.books.deposit(ada.id, 7, account_id=B)
    assert [one["point_account_id"] for one in balances(fake.tenant, ada, [B, B])["details"]] == [B]
    assert balances(fake.tenant, ada)["summary"] == {"total_points": 7, "life_time_points": 7}


def test_the_id_of_a_customers_account_is_its_own_and_stays() -> None:
    fake = FAKE.afresh()
    ids = [
        detail["user_point_account_id"]
        for customer in (fake.tenant.customers.create({}), fake.tenant.customers.create({}))
        for detail in balances(fake.tenant, customer)["details"]
    ]
    assert len(set(ids)) == 4


def test_each_account_has_its_own_lines_beside_its_balance() -> None:
    fake = FAKE.afresh()
    ada = fake.tenant.customers.create({})
    fake.tenant.books.deposit(ada.id, 7, account_id=B)
    fake.tenant.books.deposit(ada.id, 5, account_id=A)
    shown = accounts(fake.tenant, ada)
    assert [(one["available_balance"], [row["modification"] for row in one["log"]]) for one in shown] == [
        (5, [5]),
        (7, [7]),
    ]


def test_a_line_says_what_was_booked_with_it_and_leaves_the_rest_empty() -> None:
    fake = FAKE.afresh()
    ada = fake.tenant.customers.create({})
    fake.tenant.books.deposit(ada.id, 7, source="a campaign", transaction_id="t")
    (row,) = audit_log(fake.tenant, ada)
    assert (row["point_source_id"], row["point_source_name"], row["transaction_id"]) == (None, "a campaign", "t")
    assert (row["modification_type"], row["modification_entity_id"]) == ("issued", None)
    assert audit_log(fake.tenant, ada, {"issued"}) == []


def test_progress_is_told_towards_one_level() -> None:
    fake = FAKE.afresh()
    ada = fake.tenant.customers.create({})
    fake.tenant.books.deposit(ada.id, 12)
    ladder = next(iter(fake.tenant.tiers.systems.values()))
    silver, gold = (progress(fake.tenant, ada, tier)["rules"][0] for tier in ladder)
    assert (silver["rule_passed"], gold["rule_passed"]) == (True, False)
    assert gold["tree_id"] == rule_tree_id(ladder[1])
    (level,) = tier_details(fake.tenant, ada)["tier_levels"]
    assert [level["tier_overview"]["name"], level["next_tier_overview"]["name"]] == ["Silver", "Gold"]


def test_every_part_names_the_retailer() -> None:
    assert retailer(FAKE.tenant) == FAKE.tenant.settings.partners["connect"]["retailer_id"]
