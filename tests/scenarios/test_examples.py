from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from contracts import Rule, rules
from forwarder import Batch
from scenarios.examples import FIRST_MPID, REWRITES, filler, of_example, of_person, of_register, own


def rule(*examples: dict[str, Any]) -> Rule:
    return Rule("sessionm.x", "It is so.", "forwarder", "send", "a#b", "documented", examples=examples)


def test_an_example_becomes_a_scenario_of_its_rule_and_side() -> None:
    example = {
        "title": "a",
        "side": "above",
        "batch": {"user_attributes": {"a": 1}},
        "assume": {"empty-key": "dropped"},
    }
    made = of_example(rule(example), 4, example, 9)
    assert (made.id, made.rule, made.side, made.title) == ("sessionm.x/5", "sessionm.x", "above", "a")
    assert made.batches[0]["mpid"] == FIRST_MPID + 9
    assert made.assume == {"empty-key": "dropped"}


def test_adding_an_example_adds_a_case() -> None:
    def number(wanted: str) -> int:
        return len(list(of_register(lambda one, _example: one.id == wanted, count(1))))

    for one in rules().values():
        own = [example for example in one.examples if "side" in example and "everywhere" not in example]
        assert number(one.id) == len(own)


def test_a_person_is_logged_in_on_ios_unless_the_example_says_otherwise() -> None:
    made = of_person({}, 3)
    assert made["user_identities"] == {"customer_id": "customer-id-3"}
    assert made["device_info"] == {"platform": "iOS"}
    assert of_person({"device_info": None, "mpid": None}, 3)["mpid"] is None


def test_two_people_share_no_identity_in_either_form() -> None:
    as_map = {"user_identities": {"customer_id": "c", "email": "ada@example.com", "other": ""}}
    as_array = {"user_identities": [{"identity_type": "email", "identity": "ada@example.com"}, {"identity_type": "x"}]}
    assert of_person(as_map, 1)["user_identities"] == {"customer_id": "c-1", "email": "ada-1@example.com", "other": ""}
    assert [one["identity"] for one in of_person(as_array, 2)["user_identities"]] == ["ada-2@example.com", None]
    arrives = {"user": {"email": "ada@example.com"}, "phones": ["+1"], "identifiers": {"customer_id": "c"}}
    assert own(arrives, 1) == {
        "user": {"email": "ada-1@example.com"},
        "phones": ["+1-1"],
        "identifiers": {"customer_id": "c-1"},
    }


def test_repeat_stands_for_so_many_attributes_in_its_place() -> None:
    example = {"title": "a", "side": "at", "batch": {"user_attributes": {"first": 1, "$repeat": 3, "last": 2}}}
    made = of_example(rule(example), 0, example, 1)
    assert list(made.batches[0]["user_attributes"]) == ["first", *filler(3), "last"]


def test_fillers_that_follow_one_another_share_no_name() -> None:
    assert not filler(5).keys() & filler(5, 5).keys()
    assert len(filler(1000)) == 1000


@pytest.mark.parametrize("one", [one for one in rules().values() if one.examples], ids=lambda one: one.id)
def test_every_batch_of_an_example_is_a_batch_that_is_taken(one: Rule) -> None:
    for made in of_register(lambda other, _example: other.id == one.id, count(1)):
        for batch in made.batches:
            assert Batch.from_json(batch).body is batch


def test_an_example_names_only_rules_that_there_are() -> None:
    named = {example["rule"] for one in rules().values() for example in one.examples if "rule" in example}
    assert named == set(REWRITES)
