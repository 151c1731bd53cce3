import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.clock import Clock
from mock_sessionm.customers import BEHAVIOURS, Customers
from tests.mock_sessionm.asking import NOON


def store(without: str | None = None, seed: int = 0) -> Customers:
    return Customers(Clock(NOON, frozen=True), random.Random(seed), BEHAVIOURS - {without})


def test_ids_look_like_those_of_live_tenants_and_follow_the_seed() -> None:
    one, same, other = store(seed=1).create({}), store(seed=1).create({}), store(seed=2).create({})
    assert one.id == same.id != other.id
    assert [len(part) for part in one.id.split("-")] == [8, 4, 4, 4, 12]
    assert (one.id[14], one.id[19] in "89ab", one.id) == ("1", True, one.id.lower())


def test_a_customer_is_found_by_id_external_id_and_email() -> None:
    customers = store()
    ada = customers.create({"external_id": "e", "email": "Ada@Example.com"})
    assert customers.by_id(ada.id) is customers.by_external("e") is customers.by_email("ADA@example.com") is ada
    assert customers.by_any("e") is customers.by_any(ada.id) is ada


def test_the_latest_external_id_is_shown_and_every_one_leads_there() -> None:
    customers = store()
    ada = customers.create({"external_id": "1", "identifiers": [{"external_id": "2", "external_id_type": "t"}]})
    assert ada.record(profile=False, identifiers=True)["identifiers"] == [
        {"external_id": "2", "external_id_type": "t"},
        {"external_id": "1"},
    ]
    customers.write(ada, {"external_id": "2"})
    assert ada.record(profile=False, identifiers=False)["external_id"] == "2"
    assert ada.identifiers == {"1": None, "2": "t"}
    assert customers.by_external("1") is ada


def test_a_shared_external_id_leads_to_whoever_got_it_last() -> None:
    customers = store()
    ada, bob = customers.create({"external_id": "e"}), customers.create({"external_id": "e"})
    assert customers.by_external("e") is bob
    customers.remove(bob)
    assert customers.by_external("e") is ada


def test_a_removed_customer_is_found_by_nothing() -> None:
    customers = store()
    ada = customers.create({"external_id": "e", "email": "a@b.c", "phone_numbers": [{"phone_number": "1"}]})
    customers.remove(ada)
    assert customers.by_any(ada.id) is customers.by_any("e") is customers.by_email("a@b.c") is None
    assert customers.search({"phone": "1"}) is None
    assert len(customers) == 0


def test_a_new_email_frees_the_old_one() -> None:
    customers = store()
    ada = customers.create({"email": "old@b.c"})
    customers.write(ada, {"email": "new@b.c"})
    assert customers.by_email("old@b.c") is None
    assert customers.by_email("new@b.c") is ada


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"email": "a@b.c"}, True),
        ({"external_id": "e"}, True),
        ({"mobile_number": "1"}, True),
        ({"email": "a@b.c", "phone": "1"}, True),
        ({"email": "a@b.c", "phone": "2"}, False),
        ({"email": "a@b.c", "external_id": "f"}, False),
        ({"phone": "1", "mobile_number": "2"}, False),
        ({}, False),
    ],
)
def test_a_search_wants_everything_to_be_exactly_so(wanted: dict[str, str], *, found: bool) -> None:
    customers = store()
    customers.create({"email": "x@b.c"})
    customers.create({"email": "a@b.c", "external_id": "e", "phone_numbers": [{"phone_number": "1"}]})
    assert (customers.search(wanted) is not None) is found


@pytest.mark.parametrize(("given_", "kept"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_opted_in_comes_as_boolean_or_text_and_is_kept_as_boolean(given_: Any, *, kept: bool) -> None:
    assert store().create({"opted_in": given_}).fields["opted_in"] is kept


def test_opted_in_is_true_unless_said() -> None:
    assert store().create({}).fields["opted_in"] is True


def test_the_version_of_the_profile_counts_its_changes() -> None:
    customers = store()
    ada = customers.create({})
    customers.write(ada, {"user_profile": {"a": "1"}})
    customers.write(ada, {"user_profile": {}})
    customers.write(ada, {"user_profile": {"b": "2"}})
    assert ada.record(profile=True, identifiers=False)["user_profile"] == {"a": "1", "b": "2", "_version": 2}


def test_a_tag_named_twice_in_one_call_counts_once() -> None:
    customers = store()
    ada = customers.create({})
    customers.tag(ada, ["gold", "gold"], None)
    assert customers.tags(ada)["gold"].count == 1


def test_a_ttl_beyond_every_calendar_ends_with_it() -> None:
    customers = store()
    ada = customers.create({})
    customers.tag(ada, ["gold"], 1e30)
    assert customers.tags(ada)["gold"].expires == 253_402_300_799


@pytest.mark.parametrize("rule", sorted(BEHAVIOURS))
def test_without_a_behaviour_the_store_is_naive_about_that_rule_alone(rule: str) -> None:
    def story(customers: Customers) -> dict[str, Any]:
        clock: Clock = customers._clock
        ada = customers.create({"email": "A@B.C", "external_id": "1", "phone_numbers": [{"phone_number": "1"}]})
        customers.write(ada, {"external_id": "2", "phone_numbers": [{"phone_number": "2"}], "email": "A@B.C"})
        customers.tag(ada, ["counts"], None)
        customers.tag(ada, ["counts"], None)
        customers.tag(ada, ["expires"], 10)
        bob = customers.create({"city": "Boston"})
        customers.write(bob, {"zip": "1"})
        clock.advance(20)
        tags = customers.tags(ada)
        customers.remove(bob)
        return {
            "sessionm.any-external-id": customers.by_external("1") is ada,
            "sessionm.counter-tag": tags["counts"].count == 2,
            "sessionm.deleted-user-gone": customers.by_id(bob.id) is None,
            "sessionm.email-lower-case": ada.fields["email"] == "a@b.c",
            "sessionm.expiring-tag": "expires" not in tags,
            "sessionm.phones-replaced": len(ada.fields["phone_numbers"]) == 1,
            "sessionm.unmentioned-kept": bob.fields.get("city") == "Boston",
        }

    assert set(story(store()).values()) == {True}
    assert [broken for broken, kept in story(store(without=rule)).items() if not kept] == [rule]


USERS = st.fixed_dictionaries(
    {},
    optional={
        "external_id": st.sampled_from("abc"),
        "email": st.sampled_from(["a@b.c", "B@b.c"]),
        "city": st.text(),
        "phone_numbers": st.lists(st.fixed_dictionaries({"phone_number": st.sampled_from("12")}), max_size=2),
        "user_profile": st.dictionaries(st.sampled_from("xyz"), st.text()),
    },
)


@given(st.lists(USERS, max_size=6), USERS)
def test_what_is_exported_and_restored_is_the_same_world(users: list[dict[str, Any]], change: dict[str, Any]) -> None:
    one, other = store(), store(seed=9)
    for user in users:
        one.tag(one.create(user), ["gold"], None)
    for customer in list(one)[:1]:
        one.write(customer, change)
    other.restore(one.export())
    assert other.export() == one.export()
    for external_id in "abc":
        mine, theirs = one.by_external(external_id), other.by_external(external_id)
        assert (mine is None) == (theirs is None)


@given(USERS, USERS)
def test_the_same_update_twice_changes_nothing_but_the_version(user: dict[str, Any], change: dict[str, Any]) -> None:
    customers = store()
    ada = customers.create(user)
    customers.write(ada, change)
    once = ada.record(profile=True, identifiers=True)
    customers.write(ada, change)
    twice = ada.record(profile=True, identifiers=True)
    for record in (once, twice):
        record["user_profile"].pop("_version")
    assert once == twice
