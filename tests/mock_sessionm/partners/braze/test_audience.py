from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.partners.braze.audience import KNOWN, holds, leaves, unusable
from mock_sessionm.partners.braze.profiles import Profile, instant

NOW = instant("2026-06-15T12:00:00Z")
ATTRIBUTES: dict[str, Any] = {
    "tier": "gold",
    "visits": 10,
    "ratio": 0.5,
    "vip": True,
    "tags": ["a", "b"],
    "ten_days_ago": "2026-06-05T12:00:00Z",
    "in_ten_days": "2026-06-25T12:00:00Z",
    "day": "2026-06-05",
    "no_day": "2026-99-99",
    "table": {"a": 1},
}
ADA = Profile("ada", "b-1", attributes=ATTRIBUTES)


def leaf(name: str, comparison: str, *value: Any) -> dict[str, Any]:
    made = {"custom_attribute_name": name, "comparison": comparison}
    return {"custom_attribute": made | ({"value": value[0]} if value else {})}


@pytest.mark.parametrize(
    ("name", "comparison", "value", "holding"),
    [
        ("tier", "equals", "gold", True),
        ("tier", "equals", "Gold", False),
        ("tier", "not_equal", "gold", False),
        ("tier", "not_equal", "silver", True),
        ("tier", "matches_regex", "^g", True),
        ("tier", "matches_regex", "^o", False),
        ("tier", "does_not_match_regex", "^g", False),
        ("tier", "does_not_match_regex", "^o", True),
        ("visits", "equals", 10, True),
        ("visits", "not_equal", 10, False),
        ("visits", "greater_than", 9, True),
        ("visits", "greater_than", 10, False),
        ("visits", "greater_than_or_equal_to", 10, True),
        ("visits", "greater_than_or_equal_to", 11, False),
        ("visits", "less_than", 10, False),
        ("visits", "less_than", 11, True),
        ("visits", "less_than_or_equal_to", 10, True),
        ("visits", "less_than_or_equal_to", 9, False),
        ("ratio", "less_than", 0.6, True),
        ("vip", "equals", True, True),
        ("vip", "equals", False, False),
        ("vip", "does_not_equal", False, True),
        ("vip", "does_not_equal", True, False),
        ("tags", "includes_value", "a", True),
        ("tags", "includes_value", "c", False),
        ("tags", "does_not_include_value", "c", True),
        ("tags", "does_not_include_value", "a", False),
        ("ten_days_ago", "less_than_x_days_ago", 11, True),
        ("ten_days_ago", "less_than_x_days_ago", 10, False),
        ("ten_days_ago", "greater_than_x_days_ago", 9, True),
        ("ten_days_ago", "greater_than_x_days_ago", 10, False),
        ("in_ten_days", "less_than_x_days_ago", 11, False),
        ("in_ten_days", "less_than_x_days_in_the_future", 11, True),
        ("in_ten_days", "less_than_x_days_in_the_future", 10, False),
        ("in_ten_days", "greater_than_x_days_in_the_future", 9, True),
        ("in_ten_days", "greater_than_x_days_in_the_future", 10, False),
        ("ten_days_ago", "less_than_x_days_in_the_future", 11, False),
        ("ten_days_ago", "after", "2026-06-05T11:59:59Z", True),
        ("ten_days_ago", "after", "2026-06-05T12:00:00Z", False),
        ("ten_days_ago", "before", "2026-06-05T12:00:01Z", True),
        ("ten_days_ago", "before", "2026-06-05T12:00:00Z", False),
        ("ten_days_ago", "equals", "2026-06-05T12:00:00Z", True),
        ("day", "before", "2026-06-06T00:00:00Z", True),
        ("no_day", "before", "2026-06-06T00:00:00Z", False),
        ("table", "equals", "a", False),
    ],
)
def test_an_attribute_is_compared_by_what_it_is(name: str, comparison: str, value: Any, *, holding: bool) -> None:
    assert holds(leaf(name, comparison, value), ADA, NOW) is holding


@pytest.mark.parametrize("comparison", sorted(KNOWN - {"exists", "does_not_exist"}))
def test_an_attribute_that_is_not_there_satisfies_no_comparison(comparison: str) -> None:
    value = "2026-06-05T12:00:00Z" if comparison in {"after", "before"} else 1
    assert not holds(leaf("other", comparison, value), ADA, NOW)


@pytest.mark.parametrize("comparison", ["greater_than", "includes_value", "does_not_equal", "less_than_x_days_ago"])
def test_a_comparison_for_another_kind_of_attribute_never_holds(comparison: str) -> None:
    assert not holds(leaf("tier", comparison, 1), ADA, NOW)


def test_whether_an_attribute_exists_can_be_asked_of_every_kind() -> None:
    for name in (*ATTRIBUTES, "other"):
        there = name in ATTRIBUTES
        assert holds(leaf(name, "exists"), ADA, NOW) is there
        assert holds(leaf(name, "does_not_exist"), ADA, NOW) is not there


@pytest.mark.parametrize(
    ("name", "own"), [("email_subscription_status", "email_subscribe"), ("push_subscription_status", "push_subscribe")]
)
def test_a_subscription_is_subscribed_until_something_else_is_said(name: str, own: str) -> None:
    silent, opted = Profile("a", "b"), Profile("a", "b", fields={own: "opted_in"})
    for state, user, same in (("subscribed", silent, True), ("opted_in", silent, False), ("opted_in", opted, True)):
        assert holds({name: {"comparison": "is", "value": state}}, user, NOW) is same
        assert holds({name: {"comparison": "is_not", "value": state}}, user, NOW) is not same


def test_the_last_use_of_an_app_is_before_or_after_and_neither_for_whom_it_is_unknown() -> None:
    user = Profile("a", "b", last_used_app=NOW)
    for comparison, value, holding in (
        ("after", "2026-06-15T11:59:59Z", True),
        ("after", "2026-06-15T12:00:00Z", False),
        ("before", "2026-06-15T12:00:01Z", True),
        ("before", "2026-06-15T12:00:00Z", False),
    ):
        tree = {"last_used_app": {"comparison": comparison, "value": value}}
        assert holds(tree, user, NOW) is holding
        assert not holds(tree, ADA, NOW)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (leaf("a", "is", 1), "a comparison that there is not"),
        (leaf("a", "equals"), "no value to compare with"),
        (leaf("a", "greater_than", "9"), "no number"),
        (leaf("a", "greater_than", True), "no number"),
        (leaf("a", "less_than_x_days_ago", "9"), "no number of days"),
        (leaf("a", "after", 9), "no time"),
        (leaf("a", "before", "soon"), "no time"),
        (leaf("a", "matches_regex", "("), "cannot be read"),
        (leaf("a", "does_not_match_regex", "["), "cannot be read"),
        (leaf("a", "exists"), ""),
        (leaf("a", "equals", None), ""),
        (leaf("a", "greater_than", 9), ""),
        (leaf("a", "less_than_x_days_ago", 9), ""),
        (leaf("a", "after", "2026-06-15"), ""),
        (leaf("a", "matches_regex", "^a"), ""),
    ],
)
def test_a_filter_that_cannot_be_followed_says_why(made: dict[str, Any], why: str) -> None:
    found = unusable(made["custom_attribute"])
    assert why in found
    assert bool(found) is bool(why)


def test_every_filter_of_a_tree_is_found_with_its_place() -> None:
    tree = {"AND": [leaf("a", "exists"), {"OR": [{"email_subscription_status": {}}, leaf("b", "exists")]}]}
    assert [(place, one["custom_attribute_name"]) for place, one in leaves(tree, "/audience")] == [
        ("/audience/AND/0/custom_attribute", "a"),
        ("/audience/AND/1/OR/1/custom_attribute", "b"),
    ]


trees = st.recursive(
    st.sampled_from([leaf("tier", "exists"), leaf("other", "exists"), leaf("visits", "greater_than", 9)]),
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda branches: st.sampled_from([{"AND": branches}, {"OR": branches}])
    ),
    max_leaves=8,
)


def turned(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree that holds for just the others."""
    if "AND" in tree:
        return {"OR": [turned(branch) for branch in tree["AND"]]}
    if "OR" in tree:
        return {"AND": [turned(branch) for branch in tree["OR"]]}
    inner = tree["custom_attribute"]
    if inner["comparison"] == "greater_than":
        return leaf(inner["custom_attribute_name"], "less_than_or_equal_to", inner["value"])
    return leaf(inner["custom_attribute_name"], "does_not_exist")


@given(trees)
def test_a_user_is_in_an_audience_or_in_the_opposite_one(tree: dict[str, Any]) -> None:
    assert holds(tree, ADA, NOW) is not holds(turned(tree), ADA, NOW)
