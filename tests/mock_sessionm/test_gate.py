from collections.abc import Iterator
from typing import Any

import pytest

from contracts import Violation, rules
from contracts.register import marks, openapi
from mock_sessionm import GATE
from mock_sessionm.call import Call
from mock_sessionm.surfaces import VENDORS
from mock_sessionm.tenant import ON_VIOLATION, OnViolation
from tests.mock_sessionm.asking import NOON, SETTINGS, Answer, Asker, asker, basic

PROFILE = {"user": {"external_id": "e"}}
TEN = {f"a{number}": "1" for number in range(10)}


def user(**fields: Any) -> dict[str, Any]:
    return {"user": fields}


def event(context: dict[str, Any]) -> dict[str, Any]:
    return {"events": {"visit": {"context": context}}}


BREAKS: dict[str, tuple[str, str, Any, dict[str, Any]]] = {
    "sessionm.credentials": ("POST", "/users", PROFILE, {"auth": basic("key", "wrong")}),
    "sessionm.api-key-in-path": ("POST", "/users", PROFILE, {"key": "other"}),
    "sessionm.contract": ("PUT", "/external/users/known", user(ip=5), {}),
    "sessionm.identity-required": ("POST", "/users", user(city="Boston"), {}),
    "sessionm.values-are-strings": ("PUT", "/external/users/known", user(zip=2134), {}),
    "sessionm.key-replace": ("PUT", "/external/users/known", user(user_profile={"a-b": "1"}), {}),
    "sessionm.key-strip": ("PUT", "/external/users/known", user(user_profile={"_a": "1"}), {}),
    "sessionm.user-attributes-max": (
        "PUT",
        "/external/users/known",
        user(user_profile={f"a{number}": "1" for number in range(201)}),
        {},
    ),
    "sessionm.event-attributes-max": ("POST", "/external/users/known/events", event({**TEN, "more": "1"}), {}),
    "sessionm.event-values-are-strings": ("POST", "/external/users/known/events", event({"a": 1}), {}),
    "sessionm.event-context-flat": ("POST", "/external/users/known/events", event({"a": []}), {}),
    "sessionm.tag-ttl-positive": ("POST", "/external/users/known/tags", {"tags": ["a"], "ttl": 0}, {}),
    "sessionm.user-exists": ("PUT", "/external/users/unknown", user(city="Boston"), {}),
    "sessionm.undefined-event": ("POST", "/external/users/known/events", {"events": {"other": 1}}, {}),
    "sessionm.miscased-attribute": ("PUT", "/external/users/known", user(user_profile={"favoritestore": "1"}), {}),
    "sessionm.undefined-attribute": ("PUT", "/external/users/known", user(user_profile={"Other": "1"}), {}),
    "sessionm.profile-attributes-max": (
        "PUT",
        "/external/users/full",
        user(user_profile={"one": "1", "FavoriteStore": "Boston"}),
        {},
    ),
    "sessionm.under-age": ("PUT", "/external/users/known", user(dob="2020-01-01"), {}),
    "sessionm.email-unique": ("PUT", "/external/users/known", user(email="TAKEN@b.c"), {}),
    "sessionm.external-id-unique": ("PUT", "/external/users/known", user(external_id="full"), {}),
    "sessionm.tag-kind-change": ("POST", "/external/users/known/tags", {"tags": ["counts"], "ttl": 5}, {}),
}
STRICT = {"tag-kind-change": "refused"}
ASSUMED = {"sessionm.undefined-attribute": {"undefined-attribute": "ignored"}}
"""What must be chosen for a case to break its rule at all."""
BESIDES = {
    "sessionm.event-context-flat": {"sessionm.event-values-are-strings"},
    "sessionm.user-attributes-max": {"sessionm.profile-attributes-max"},
}
"""What else one case cannot help breaking."""


def peopled(**how: Any) -> Asker:
    return people(asker(assume={**STRICT, **(how.pop("assume", None) or {})}, **how))


def people(fake: Asker) -> Asker:
    """Two customers and nobody else: one who is known, and one whose profile is full."""
    customers = fake.afresh().tenant.customers
    known = customers.create({"external_id": "known"})
    customers.tag(known, ["counts"], None)
    customers.create(
        {"external_id": "full", "email": "taken@b.c", "user_profile": {f"n{number}": "1" for number in range(198)}}
    )
    return fake


def broken(fake: Asker, rule: str) -> Answer:
    method, path, body, how = BREAKS[rule]
    return fake.core(method, path, body, **how)


def test_every_check_has_a_case_here_and_every_rule_one_check() -> None:
    checked = [(check.surface, check.rule) for check in GATE]
    assert sorted(checked) == sorted(set(checked))
    assert {rule for surface, rule in checked if surface == "core"} >= set(BREAKS)
    assert {rule for _, rule in checked} <= set(rules())


def test_every_mark_of_the_contract_is_in_the_gate() -> None:
    marked = {rule for vendor in VENDORS for _, _, rule in marks(dict(openapi(vendor)))}
    assert marked <= {check.rule for check in GATE}


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_rule_is_named_in_answer_and_journal(rule: str) -> None:
    fake = peopled(assume=ASSUMED.get(rule))
    answer = broken(fake, rule)
    assert rule in answer.rules
    assert set(answer.rules) - {rule} <= BESIDES.get(rule, set())
    assert rule in fake.rules_of_last()


@pytest.mark.parametrize("rule", BREAKS)
def test_without_its_check_a_rule_is_not_enforced_and_the_others_are(rule: str) -> None:
    gate = tuple(check for check in GATE if check.rule != rule)
    assert rule not in broken(peopled(gate=gate, assume=ASSUMED.get(rule)), rule).rules
    plain = peopled(gate=gate)
    for other in set(BREAKS) - {rule}:
        fake = peopled(gate=gate, assume=ASSUMED[other]) if other in ASSUMED else people(plain)
        assert other in broken(fake, other).rules


@pytest.mark.parametrize("rule", BREAKS)
@pytest.mark.parametrize("mode", ON_VIOLATION)
def test_who_owns_a_rule_and_the_mode_decide_what_is_refused(rule: str, mode: OnViolation) -> None:
    fake = peopled(on_violation=mode, assume=ASSUMED.get(rule))
    before = fake.tenant.customers.export()
    answer = broken(fake, rule)
    kept_in_part = rule in {
        "sessionm.miscased-attribute",
        "sessionm.undefined-attribute",
        "sessionm.profile-attributes-max",
    }
    let_through = rules()[rule].owner == "forwarder" and mode == "note"
    refused = mode == "reject-all" or not (kept_in_part or let_through)
    assert (answer.body["status"] == "error") is refused
    if refused:
        assert fake.tenant.customers.export() == before


def test_a_request_that_breaks_nothing_says_nothing() -> None:
    fake = peopled()
    answer = fake.core("PUT", "/external/users/known", user(user_profile={"FavoriteStore": "Boston"}))
    assert "x-harness-rule" not in answer.headers
    assert fake.rules_of_last() == []


def test_several_rules_are_named_in_the_order_of_the_gate_once_each() -> None:
    fake = peopled()
    answer = fake.core(
        "PUT", "/external/users/known", user(zip=1, city=2, email="taken@b.c", user_profile={"a-b": "1", "c-d": "2"})
    )
    order = [check.rule for check in GATE]
    assert answer.rules == sorted(set(answer.rules), key=order.index)
    assert {"sessionm.values-are-strings", "sessionm.key-replace", "sessionm.email-unique"} <= set(answer.rules)


def test_defined_names_always_fit_and_undefined_ones_only_while_there_is_room() -> None:
    fake = peopled()
    answer = fake.core("PUT", "/external/users/full", user(user_profile={"one": "1", "FavoriteStore": "B", "n5": "2"}))
    full = fake.tenant.customers.by_external("full")
    assert full is not None
    assert (full.attributes.get("FavoriteStore"), full.attributes["n5"], "one" in full.attributes) == ("B", "2", False)
    assert "one" in answer.message


def test_of_too_many_undefined_names_those_that_came_first_are_kept() -> None:
    fake = asker(on_violation="note")
    fake.create(external_id="e")
    names = [f"n{number}" for number in range(250)]
    fake.core("PUT", "/external/users/e", user(user_profile=dict.fromkeys(names, "1")))
    kept = fake.tenant.customers.by_external("e")
    assert kept is not None
    assert list(kept.attributes) == names[: 200 - len(SETTINGS.attributes)]


def test_names_that_are_ignored_take_no_room() -> None:
    fake = peopled(assume={"miscased-attribute": "ignored"})
    full = fake.tenant.customers.by_external("full")
    assert full is not None
    del full.attributes["n0"]
    fake.core("PUT", "/external/users/full", user(user_profile={"favoritestore": "x", "one": "1"}))
    assert "one" in full.attributes
    assert "favoritestore" not in full.attributes


@pytest.mark.parametrize(
    ("choice", "dob", "old_enough", "matters"),
    [
        ("thirteenth-birthday", "2013-06-15", True, True),
        ("thirteenth-birthday", "2013-06-16", False, False),
        ("fourteenth-birthday", "2012-06-15", True, False),
        ("fourteenth-birthday", "2012-06-16", False, True),
        ("thirteenth-birthday", "1970-02-28", True, False),
    ],
)
def test_age_is_counted_in_birthdays_and_the_choice_only_where_it_matters(
    choice: str, dob: str, *, old_enough: bool, matters: bool
) -> None:
    fake = asker(assume={"under-age": choice})
    answer = fake.core("POST", "/users", user(external_id="e", dob=dob))
    assert (answer.body["status"] == "ok") is old_enough
    assert bool(fake.tenant.used["under-age"]) is matters


def test_somebody_born_on_the_29th_of_february_is_old_enough_on_the_first_of_march() -> None:
    fake = asker()
    fake.tenant.clock.set("2021-02-28T12:00:00Z")
    assert fake.core("POST", "/users", user(external_id="e", dob="2008-02-29")).rules == ["sessionm.under-age"]
    fake.tenant.clock.set("2021-03-01T00:00:00Z")
    assert fake.core("POST", "/users", user(external_id="e", dob="2008-02-29")).body["status"] == "ok"


@pytest.mark.parametrize(
    "query",
    [
        "user[user_profile]=yes",
        "user[user_profile]=true&user[user_profile]=true",
        "show_identifiers=",
        "email=",
        "email=a&email=b",
    ],
)
def test_a_query_of_another_form_is_refused(query: str) -> None:
    answer = asker().core("GET", f"/users/search?{query}")
    assert answer.rules == ["sessionm.contract"]


def test_no_value_of_a_person_is_in_any_message() -> None:
    fake = peopled()
    secret = "s3cr3t-value"
    bodies: list[tuple[str, str, Any]] = [
        ("POST", "/users", user(email=secret, zip=[secret], dob=secret, user_profile={"a-b": secret, "c": [secret]})),
        ("PUT", "/external/users/known", user(email="taken@b.c", phone_numbers=secret, opted_in=secret)),
        ("PUT", "/external/users/known", user(external_id="full", identifiers=[secret])),
        ("POST", "/external/users/known/events", event({"a": {"b": secret}})),
        ("POST", f"/external/users/{secret}/events", {"events": {"visit": secret}}),
        ("POST", "/external/users/known/tags", {"tags": [secret, 5], "ttl": secret}),
        ("GET", f"/users/search?email={secret}", None),
        ("GET", f"/users/{secret}", None),
    ]
    for method, path, body in bodies:
        answer = fake.core(method, path, body)
        assert answer.body["status"] == "error"
        for hidden in (secret, "taken@b.c"):
            assert hidden not in answer.message
    for entry in fake.world.journal:
        for violation in entry.violations:
            for hidden in (secret, "taken@b.c"):
                assert hidden not in repr(violation)


def test_time_decides_what_is_a_change_of_kind() -> None:
    fake = peopled()
    fake.core("POST", "/external/users/known/tags", {"tags": ["lives"], "ttl": 5})
    assert fake.core("POST", "/external/users/known/tags", {"tags": ["lives"]}).rules == ["sessionm.tag-kind-change"]
    fake.tenant.clock.set(NOON + 6)
    assert fake.core("POST", "/external/users/known/tags", {"tags": ["lives"]}).body["tags"]["lives"] == {"count": 1}


def test_a_check_of_ones_own_can_be_a_plain_function() -> None:
    def no_bob(call: Call) -> Iterator[Violation]:
        if call.user.get("first_name") == "Bob":
            yield Violation("sessionm.contract", "/user/first_name", "/user/first_name: not Bob")

    fake = asker(gate=(*GATE, no_bob))
    assert fake.core("POST", "/users", {"user": {"external_id": "1", "first_name": "Ada"}}).body["status"] == "ok"
    assert fake.core("POST", "/users", {"user": {"external_id": "2", "first_name": "Bob"}}).body["status"] == "error"
