from typing import Any

import pytest

from mock_sessionm.partners.braze.profiles import Profile
from tests.mock_sessionm.asking import NOON, Asker
from tests.mock_sessionm.campaigning import ADA, BOB, campaigning

LISTED: list[dict[str, Any]] = [
    {
        "external_id": "ada",
        "braze_id": "b-1",
        "email": "Ada@example.com",
        "first_name": "Ada",
        "language": "de",
        "home_city": "Bonn",
        "dob": "1990-01-01",
        "phone": "+49",
        "email_subscribe": "opted_in",
        "custom_attributes": {"tier": "gold"},
        "aliases": [{"alias_name": "ada-web", "alias_label": "web"}],
        "last_used_app": "2026-06-15T12:00:00Z",
        "updated": "2026-06-15T12:00:00Z",
    },
    {"external_id": "bob"},
    {"email": "ada@example.com"},
]


def listed() -> Asker:
    return campaigning(braze={"users": LISTED})


def found(fake: Asker, **recipient: Any) -> Profile | None:
    return fake.tenant.workspace.profiles.find(recipient)


def test_a_listed_user_has_everything_that_the_file_says() -> None:
    ada = found(listed(), external_user_id="ada")
    assert ada is not None
    assert (ada.braze_id, ada.attributes, ada.last_used_app, ada.updated) == ("b-1", {"tier": "gold"}, NOON, NOON)
    assert ada.for_template() == {
        "user_id": "ada",
        "braze_id": "b-1",
        "email_address": "Ada@example.com",
        "first_name": "Ada",
        "language": "de",
        "city": "Bonn",
        "date_of_birth": "1990-01-01",
        "phone_number": "+49",
    }


@pytest.mark.parametrize(
    ("recipient", "who"),
    [
        ({"external_user_id": "ada"}, "b-1"),
        ({"external_user_id": "Ada"}, None),
        ({"user_alias": {"alias_name": "ada-web", "alias_label": "web"}}, "b-1"),
        ({"user_alias": {"alias_name": "web", "alias_label": "ada-web"}}, None),
        ({"braze_id": "b-1"}, "b-1"),
        ({"braze_id": "b-2"}, None),
        ({"email": "ADA@EXAMPLE.COM", "prioritization": ["identified"]}, "b-1"),
        ({}, None),
    ],
)
def test_a_recipient_is_found_by_its_identifier(recipient: dict[str, Any], who: str | None) -> None:
    made = found(listed(), **recipient)
    assert (made.braze_id if made else None) == who


def test_with_a_list_nobody_else_is_in_the_workspace() -> None:
    fake = listed()
    assert [one.external_id for one in fake.tenant.workspace.profiles] == ["ada", "bob", None]
    assert found(fake, external_user_id=ADA) is None
    assert "braze-users" not in fake.tenant.used


def test_an_empty_list_is_a_workspace_without_users() -> None:
    assert list(campaigning(braze={"users": []}).tenant.workspace.profiles) == []


def test_without_a_list_the_customers_are_the_users_as_they_are_now() -> None:
    fake = campaigning()
    fake.core("PUT", "/external/users/ada", {"user": {"locale": "de-DE", "city": "Bonn", "email": "new@example.com"}})
    ada = found(fake, external_user_id=ADA)
    assert ada is not None
    told = ada.for_template()
    assert (told["user_id"], told["email_address"], told["language"], told["city"]) == (
        ADA,
        "new@example.com",
        "de",
        "Bonn",
    )
    assert [one.external_id for one in fake.tenant.workspace.profiles] == [ADA, BOB]
    again = found(fake, email="new@example.com", prioritization=["identified"])
    assert again is not None
    assert (again.braze_id, again.external_id) == (ada.braze_id, ADA)


def test_a_customer_who_is_deleted_is_no_user_any_more() -> None:
    fake = campaigning()
    fake.core("DELETE", "/external/users/ada")
    assert found(fake, external_user_id=ADA) is None


def test_where_only_listed_users_are_there_the_customers_are_not() -> None:
    fake = campaigning(assume={"braze-users": "listed"})
    assert found(fake, external_user_id=ADA) is None
    assert list(fake.tenant.workspace.profiles) == []


def test_what_is_written_of_a_customer_stays_over_what_sessionm_knows() -> None:
    fake = campaigning()
    profiles, ada = fake.tenant.workspace.profiles, found(fake, external_user_id=ADA)
    assert ada is not None
    profiles.write(ada, {"first_name": "Grace", "tier": "gold", "push_subscribe": "unsubscribed"})
    again = found(fake, external_user_id=ADA)
    assert again is not None
    assert (again.fields["first_name"], again.attributes, again.fields["push_subscribe"]) == (
        "Grace",
        {"tier": "gold"},
        "unsubscribed",
    )
    customer = fake.tenant.customers.by_id(ADA)
    assert customer is not None
    assert customer.fields["first_name"] == "Ada"


def test_subscription_groups_are_kept_as_they_come() -> None:
    one = Profile("a", "b")
    one.write({"subscription_groups": [{"id": 1}]}, 5.0)
    assert (one.subscription_groups, one.attributes, one.updated) == ([{"id": 1}], {}, 5.0)
    one.write({"subscription_groups": {"id": 2}}, 6.0)
    assert one.subscription_groups == [{"id": 2}]


def test_who_is_created_is_found_by_what_named_the_user() -> None:
    fake = listed()
    profiles = fake.tenant.workspace.profiles
    for recipient in ({"external_user_id": "cyd"}, {"email": "cyd@example.com"}, {"braze_id": "b-9"}):
        made = profiles.create(recipient)
        assert found(fake, **recipient) is made
    assert len({one.braze_id for one in profiles}) == 6


def test_users_and_what_was_written_of_them_come_back_after_an_import() -> None:
    one, other = campaigning(), campaigning()
    profiles, ada = one.tenant.workspace.profiles, found(one, external_user_id=ADA)
    assert ada is not None
    profiles.write(ada, {"first_name": "Grace"})
    profiles.write(profiles.create({"external_user_id": "cyd"}), {"tier": "gold"})
    assert other.admin("PUT", "/state", one.admin("GET", "/state").body).status == 200
    again, cyd = found(other, external_user_id=ADA), found(other, external_user_id="cyd")
    assert again is not None
    assert cyd is not None
    assert (again.fields["first_name"], cyd.attributes) == ("Grace", {"tier": "gold"})
