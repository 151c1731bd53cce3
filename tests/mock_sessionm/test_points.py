import uuid
from typing import Any

import pytest

from contracts.settings import SettingsError, checked
from mock_sessionm import TenantSettings
from mock_sessionm.points import PointsSetup, Posting, TooFew, derived_id, own_id, wrong_tables

GUID = "10000000-0000-4000-8000-00000000000a"


def test_a_tenant_without_accounts_has_one() -> None:
    setup = PointsSetup.of({})
    assert [account.name for account in setup.accounts.values()] == ["Points"]
    assert setup.default.expires_after is None
    assert setup.sources == {}


def test_the_first_account_gets_what_names_none() -> None:
    setup = PointsSetup.of({"point_accounts": [{"name": "B"}, {"name": "A"}]})
    assert setup.default.name == "B"


def test_accounts_and_sources_are_as_the_tables_say_with_ids_in_small_letters() -> None:
    setup = PointsSetup.of(
        {
            "point_accounts": [{"id": GUID.upper(), "name": "A", "grouping_label": "G", "expires_after": "1d"}],
            "point_sources": [{"id": GUID.upper(), "name": "S"}],
        }
    )
    account = setup.accounts[GUID]
    assert (account.id, account.label, account.expires_after) == (GUID, "G", 86_400)
    assert setup.sources[GUID].name == "S"


def test_an_id_that_follows_from_a_name_is_always_the_same_and_differs_by_kind() -> None:
    assert own_id("a", "x") == own_id("a", "x") != own_id("b", "x")
    assert derived_id(GUID, "x") == derived_id(GUID, "x") != derived_id(GUID, "y")
    assert str(uuid.UUID(own_id("a", "x"))) == own_id("a", "x")


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"point_accounts": [{"name": "A"}, {"name": "A"}]}, "point_accounts.1"),
        ({"point_accounts": [{"id": GUID, "name": "A"}, {"id": GUID.upper(), "name": "B"}]}, "point_accounts.1"),
        ({"point_sources": [{"name": "A"}, {"name": "A"}]}, "point_sources.1"),
        ({"users": [{"points": [{"amount": 1}, {"amount": 1, "point_account_id": GUID}]}]}, "users.0.points.1"),
    ],
)
def test_what_no_schema_can_say_of_the_tables_is_said(document: dict[str, Any], says: str) -> None:
    (complaint,) = wrong_tables(document)
    assert complaint.startswith(says)


def test_tables_that_agree_are_not_complained_of() -> None:
    document = {
        "point_accounts": [{"id": GUID, "name": "A"}, {"name": "B"}],
        "point_sources": [{"name": "A"}],
        "users": [{"points": [{"amount": 1, "point_account_id": GUID.upper()}, {"amount": 2}]}, {}],
    }
    assert list(wrong_tables(document)) == []


def test_a_complaint_about_too_few_points_does_not_say_how_many_there_are() -> None:
    error = TooFew(10, 7)
    assert (error.wanted, error.there) == (10, 7)
    assert "7" not in str(error)


@pytest.mark.parametrize(("now", "gone"), [(9.0, False), (10.0, True), (11.0, True)])
def test_points_are_gone_at_their_second_and_not_before(now: float, gone: bool) -> None:
    assert Posting("i", "a", "issued", 1, 0.0, None, 10.0).gone(now) is gone  # type: ignore[arg-type]
    assert not Posting("i", "a", "issued", 1, 0.0, None).gone(now)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"point_accounts": []}, "point_accounts must not be empty"),
        ({"point_accounts": [{"id": GUID}]}, "missing required setting point_accounts.0.name"),
        ({"point_accounts": [{"name": "A", "expires_after": "a year"}]}, "expected a time such as 365d"),
        ({"point_accounts": [{"name": "A", "expires": "1d"}]}, "did you mean 'expires_after'?"),
        ({"point_accounts": [{"name": "A"}, {"name": "A"}]}, "tenant: point_accounts.1: an earlier entry"),
        ({"tiers": [{"name": "Gold", "points": -1}]}, "tiers.0.points must be at least 0"),
        (
            {"tiers": [{"name": "Gold", "points": 1}, {"name": "Gold", "points": 2}]},
            "tenant: tiers.1: an earlier entry",
        ),
        ({"users": [{"user": {"email": "a@b.c"}, "points": [{"amount": 0}]}]}, "users.0.points.0.amount"),
        (
            {"users": [{"user": {"email": "a@b.c"}, "points": [{"amount": 1, "point_account_id": GUID}]}]},
            "users.0.points.0.point_account_id: no [[point_accounts]] has this id",
        ),
    ],
)
def test_a_wrong_table_is_one_line_that_says_what_is_wanted(document: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as told:
        TenantSettings.of(checked(document, "tenant.schema.yaml", "tenant"))
    assert says in str(told.value)
    assert "\n" not in str(told.value)
