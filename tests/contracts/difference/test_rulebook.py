"""Rules, assumptions and sources: what comes, what goes, and which part of one changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from contracts.difference import Finding, differences
from contracts.revision import Contract, Entry

RULE = {
    "says": "A call names at most this many tags.",
    "owner": "vendor",
    "effect": "refuse",
    "source": "page#limits",
    "evidence": "documented",
    "limit": 50,
    "table": {"names": {"a": "x"}, "kinds": ["one", "two"]},
}
ASSUMPTION = {"owner": "vendor", "choice": "first", "alternatives": ["last"], "why": "w", "question": "q"}
SOURCE = {"title": "t", "url": None, "read": "2026-01-01"}


def register(
    rule: Mapping[str, Any] | None = RULE,
    assumption: Mapping[str, Any] | None = ASSUMPTION,
    source: Mapping[str, Any] | None = SOURCE,
    file: str = "rules/vendor.yaml",
) -> Contract:
    parts = {"rules": (file, "vendor.tags-max", rule), "assumptions": ("assumptions/vendor.yaml", "kept", assumption)}
    parts["sources"] = ("sources.yaml", "page", source)
    entries = {kind: {name: Entry(at, body)} if body else {} for kind, (at, name, body) in parts.items()}
    entries["rules"] = {**entries["rules"], "vendor.other": Entry(file, {**RULE, "limit": None})}
    return Contract("a test", {}, {}, entries["rules"], entries["assumptions"], entries["sources"])


def one(old: Contract, new: Contract) -> Finding:
    (found,) = differences(old, new)
    return found


def part(**changed: Any) -> Finding:
    return one(register(), register({**RULE, **changed}))


@pytest.mark.parametrize(
    ("parts", "gone", "come"),
    [
        ({}, "error provider", "error provider"),
        ({"owner": "forwarder"}, "error consumer", "error consumer"),
        ({"owner": "customer"}, "warn consumer", "warn consumer"),
        ({"evidence": "assumed"}, "warn provider", "warn provider"),
        ({"evidence": "assumed", "owner": "forwarder"}, "warn consumer", "warn consumer"),
    ],
)
def test_a_rule_that_comes_or_goes_breaks_who_has_to_keep_it(parts: dict[str, Any], gone: str, come: str) -> None:
    there, nothing = register({**RULE, **parts}), register(None)
    lost, won = one(there, nothing), one(nothing, there)
    assert (lost.kind, lost.change, f"{lost.severity} {lost.breaks}") == ("rule", "removed", gone)
    assert (won.kind, won.change, f"{won.severity} {won.breaks}") == ("rule", "added", come)
    assert (won.rule, won.pointer, won.file) == ("vendor.tags-max", "/vendor.tags-max", "rules/vendor.yaml")
    assert won.new == RULE["says"]


def test_the_rules_of_a_vendor_whom_nobody_knew_bind_nobody() -> None:
    nobody = Contract("a test", {}, {}, assumptions=register().assumptions, sources=register().sources)
    assert {found.severity for found in differences(nobody, register())} == {"info"}


@pytest.mark.parametrize(
    ("says", "now", "wanted"),
    [
        ("A call names at most this many tags.", 49, "tightened error consumer"),
        ("A call names at most this many tags.", 51, "loosened warn provider"),
        ("A call names at least this many tags.", 49, "loosened warn provider"),
        ("A call names at least this many tags.", 51, "tightened error consumer"),
        ("A call names at most this many tags.", None, "removed error provider"),
    ],
)
def test_the_number_of_a_rule_is_a_limit_like_that_of_a_schema(says: str, now: Any, wanted: str) -> None:
    found = one(register({**RULE, "says": says}), register({**RULE, "says": says, "limit": now}))
    assert (found.keyword, found.old, found.new) == ("limit", 50, now)
    assert f"{found.change} {found.severity} {found.breaks}" == wanted
    back = one(register({**RULE, "says": says, "limit": now}), register({**RULE, "says": says}))
    assert back.change in {"tightened", "loosened", "added"}


def test_a_number_that_may_limit_either_way_breaks_both() -> None:
    parts = {**RULE, "says": "So many seconds go by.", "effect": "wait"}
    found = one(register(parts), register({**parts, "limit": 60}))
    assert (found.change, found.severity, found.breaks) == ("changed", "error", "both")


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"owner": "forwarder"}, "error both"),
        ({"effect": "ignore"}, "error provider"),
        ({"evidence": "observed"}, "warn both"),
        ({"says": "Otherwise at most."}, "info none"),
        ({"source": "page#elsewhere"}, "info none"),
        ({"examples": [{"title": "a case"}]}, "info none"),
        ({"measure": "tags"}, "error provider"),
    ],
)
def test_each_part_of_a_rule_has_its_weight(changed: dict[str, Any], wanted: str) -> None:
    found = part(**changed)
    assert found.keyword == next(iter(changed))
    assert f"{found.severity} {found.breaks}" == wanted


def test_of_a_rule_that_rests_on_an_assumption_only_the_number_breaks() -> None:
    assumed = {**RULE, "evidence": "assumed"}
    for part, value in (("owner", "forwarder"), ("effect", "ignore"), ("table", {}), ("limit", 49)):
        found = differences(register(assumed), register({**assumed, part: value}))
        assert {one.severity for one in found} == {"error" if part == "limit" else "warn"}


def test_stronger_evidence_is_good_news() -> None:
    weak = {**RULE, "evidence": "observed"}
    assert one(register(weak), register(RULE)).severity == "info"


def test_a_table_is_compared_row_by_row() -> None:
    new = {**RULE, "table": {"names": {"a": "y", "b": "z"}, "kinds": ["two"]}}
    found = differences(register(), register(new))
    assert [(one.subject, one.change, one.old, one.new) for one in found] == [
        ("kinds/one", "removed", "one", None), ("names/a", "changed", "x", "y"), ("names/b", "added", None, "z")
    ]  # fmt: skip
    assert found[0].pointer == "/vendor.tags-max/table/kinds/one"
    assert {one.breaks for one in found} == {"provider"}


def test_the_order_of_a_table_and_the_file_of_a_rule_do_not_matter() -> None:
    turned = {**dict(reversed(RULE.items())), "table": {"kinds": ["two", "one"], "names": {"a": "x"}}}
    assert differences(register(), register(turned, file="rules/elsewhere.yaml")) == ()


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"choice": "last", "alternatives": ["first"]}, ["warn both", "info none"]),
        ({"alternatives": ["last", "none"]}, ["info none"]),
        ({"why": "because", "question": "which?"}, ["info none", "info none"]),
    ],
)
def test_a_choice_that_changes_is_a_warning(changed: dict[str, Any], wanted: list[str]) -> None:
    found = differences(register(), register(assumption={**ASSUMPTION, **changed}))
    assert [f"{one.severity} {one.breaks}" for one in found] == wanted


def test_an_assumption_that_goes_is_a_warning_and_one_that_comes_is_none() -> None:
    assert one(register(), register(assumption=None)).severity == "warn"
    assert one(register(assumption=None), register()).severity == "info"


def test_a_source_is_informational() -> None:
    assert one(register(), register(source={**SOURCE, "read": "2026-02-02"})).severity == "info"
    assert one(register(), register(source=None)).severity == "info"


def test_true_is_not_one() -> None:
    old, new = ({**RULE, "table": {"value": value}} for value in (True, 1))
    assert one(register(old), register(new)).subject == "value"
