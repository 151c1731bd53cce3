"""Connected audiences: a tree of AND and OR over what is known of a user (source: braze-audience)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .profiles import Profile, instant

DAY = 86_400.0
Compare = Callable[[Any, Any, float], bool]
SUBSCRIPTION_OF = {"push_subscription_status": "push_subscribe", "email_subscription_status": "email_subscribe"}
SUBSCRIBED = "subscribed"
"""What a user is of whom nothing else was said."""


def holds(tree: Mapping[str, Any], user: Profile, now: float) -> bool:
    """Whether an audience has a user in it at `now`, in seconds since 1970."""
    if "AND" in tree:
        return all(holds(branch, user, now) for branch in tree["AND"])
    if "OR" in tree:
        return any(holds(branch, user, now) for branch in tree["OR"])
    if "custom_attribute" in tree:
        return _attribute(tree["custom_attribute"], user, now)
    for name, own in SUBSCRIPTION_OF.items():
        if name in tree:
            same = user.fields.get(own, SUBSCRIBED) == tree[name]["value"]
            return same is (tree[name]["comparison"] == "is")
    wanted = tree["last_used_app"]
    if user.last_used_app is None:
        return False
    line = instant(wanted["value"])
    return user.last_used_app > line if wanted["comparison"] == "after" else user.last_used_app < line


def leaves(tree: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every custom attribute filter of an audience, with its JSON pointer."""
    for joint in ("AND", "OR"):
        for index, branch in enumerate(tree.get(joint, ())):
            yield from leaves(branch, f"{place}/{joint}/{index}")
    if "custom_attribute" in tree:
        yield f"{place}/custom_attribute", tree["custom_attribute"]


def unusable(leaf: Mapping[str, Any]) -> str:
    """Why a custom attribute filter cannot be followed; empty where it can."""
    comparison = leaf["comparison"]
    if comparison not in KNOWN:
        return "a comparison that there is not"
    if comparison in {"exists", "does_not_exist"}:
        return ""
    if "value" not in leaf:
        return "no value to compare with"
    value = leaf["value"]
    kinds = [kind for kind, table in COMPARISONS.items() if comparison in table]
    if kinds == ["number"] and not _is_number(value):
        return "a value that is no number"
    if kinds == ["time"]:
        by_days = "days" in comparison
        if by_days != _is_number(value) or (not by_days and not _is_time(value)):
            return "a value that is no number of days" if by_days else "a value that is no time"
    if comparison.endswith("_regex"):
        try:
            re.compile(str(value))
        except re.error:
            return "a pattern that cannot be read"
    return ""


def _attribute(leaf: Mapping[str, Any], user: Profile, now: float) -> bool:
    held = user.attributes.get(leaf["custom_attribute_name"])
    comparison, wanted = leaf["comparison"], leaf.get("value")
    if comparison in {"exists", "does_not_exist"}:
        return (held is not None) is (comparison == "exists")
    if held is None:
        return False
    compare = next((COMPARISONS[kind][comparison] for kind in _kinds(held) if comparison in COMPARISONS[kind]), None)
    return compare is not None and not unusable(leaf) and compare(held, wanted, now)


def _kinds(held: Any) -> tuple[str, ...]:
    """How an attribute can be compared, by what it is."""
    if isinstance(held, bool):
        return ("boolean",)
    if _is_number(held):
        return ("number",)
    if isinstance(held, list):
        return ("array",)
    return ("time", "string") if _is_time(held) else ("string",)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(re.match(r"\d{4}-\d\d-\d\d", value)) and instant(value) is not None
    except ValueError:
        return False


def _days(held: Any, now: float) -> float:
    return (now - instant(held)) / DAY


COMPARISONS: dict[str, dict[str, Compare]] = {
    "string": {
        "equals": lambda held, wanted, _now: bool(held == wanted),
        "not_equal": lambda held, wanted, _now: bool(held != wanted),
        "matches_regex": lambda held, wanted, _now: re.search(str(wanted), str(held)) is not None,
        "does_not_match_regex": lambda held, wanted, _now: re.search(str(wanted), str(held)) is None,
    },
    "array": {
        "includes_value": lambda held, wanted, _now: wanted in held,
        "does_not_include_value": lambda held, wanted, _now: wanted not in held,
    },
    "number": {
        "equals": lambda held, wanted, _now: bool(held == wanted),
        "not_equal": lambda held, wanted, _now: bool(held != wanted),
        "greater_than": lambda held, wanted, _now: bool(held > wanted),
        "greater_than_or_equal_to": lambda held, wanted, _now: bool(held >= wanted),
        "less_than": lambda held, wanted, _now: bool(held < wanted),
        "less_than_or_equal_to": lambda held, wanted, _now: bool(held <= wanted),
    },
    "boolean": {
        "equals": lambda held, wanted, _now: held is wanted,
        "does_not_equal": lambda held, wanted, _now: held is not wanted,
    },
    "time": {
        "less_than_x_days_ago": lambda held, wanted, now: 0 <= _days(held, now) < wanted,
        "greater_than_x_days_ago": lambda held, wanted, now: _days(held, now) > wanted,
        "less_than_x_days_in_the_future": lambda held, wanted, now: 0 <= -_days(held, now) < wanted,
        "greater_than_x_days_in_the_future": lambda held, wanted, now: -_days(held, now) > wanted,
        "after": lambda held, wanted, _now: instant(held) > instant(wanted),
        "before": lambda held, wanted, _now: instant(held) < instant(wanted),
    },
}
"""Kind of an attribute -> its comparisons beside `exists` and `does_not_exist`, which all kinds have."""
KNOWN = frozenset({"exists", "does_not_exist", *(name for table in COMPARISONS.values() for name in table)})
