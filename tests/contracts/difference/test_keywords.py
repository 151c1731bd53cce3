"""Each limit keyword of JSON Schema 2020-12, changed in both directions, in requests and in answers."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.difference import REVERSED, Finding
from tests.contracts.difference.laws import between

TEXT = {"type": "string"}
LOOSER_AND_TIGHTER: dict[str, tuple[Any, Any]] = {
    "maxItems": ({"maxItems": 5}, {"maxItems": 4}),
    "minItems": ({"minItems": 1}, {"minItems": 2}),
    "maxLength": ({"maxLength": 36}, {"maxLength": 20}),
    "minLength": ({"minLength": 1}, {"minLength": 2}),
    "maxProperties": ({"maxProperties": 10}, {"maxProperties": 9}),
    "minProperties": ({"minProperties": 1}, {"minProperties": 2}),
    "maximum": ({"maximum": 10}, {"maximum": 9.5}),
    "minimum": ({"minimum": -1}, {"minimum": 0}),
    "exclusiveMaximum": ({"exclusiveMaximum": 10}, {"exclusiveMaximum": 9}),
    "exclusiveMinimum": ({"exclusiveMinimum": 0}, {"exclusiveMinimum": 1}),
    "multipleOf": ({"multipleOf": 0.5}, {"multipleOf": 1}),
    "minContains": ({"contains": TEXT, "minContains": 1}, {"contains": TEXT, "minContains": 2}),
    "maxContains": ({"contains": TEXT, "maxContains": 3}, {"contains": TEXT, "maxContains": 2}),
    "type": ({"type": ["string", "null"]}, {"type": "string"}),
    "enum": ({"enum": ["a", "b"]}, {"enum": ["a"]}),
    "required": ({"required": ["a"]}, {"required": ["a", "b"]}),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["b", "c"]}}),
    "additionalProperties": ({"additionalProperties": TEXT}, {"additionalProperties": False}),
    "unevaluatedProperties": ({"unevaluatedProperties": TEXT}, {"unevaluatedProperties": False}),
    "items": ({"items": TEXT}, {"items": False}),
    "anyOf": ({"anyOf": [TEXT, {"type": "integer"}]}, {"anyOf": [TEXT]}),
    "oneOf": ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"oneOf": [{"required": ["b"]}]}),
}
ALONE: dict[str, Any] = {
    "maxItems": 5, "minItems": 1, "maxLength": 36, "minLength": 1, "maxProperties": 3, "minProperties": 1,
    "maximum": 0, "minimum": 0, "exclusiveMaximum": 1, "exclusiveMinimum": 0, "multipleOf": 2, "pattern": "^a",
    "format": "date", "enum": ["a"], "const": None, "type": "string", "uniqueItems": True,
    "propertyNames": {"maxLength": 3},
    "additionalProperties": False, "unevaluatedProperties": False, "items": TEXT, "unevaluatedItems": False,
    "contains": TEXT, "not": {"type": "null"}, "anyOf": [TEXT], "oneOf": [TEXT], "if": {"type": "object"},
}  # fmt: skip
"""Keywords that come and go as a whole."""
UNCLEAR: dict[str, tuple[Any, Any]] = {
    "pattern": ({"pattern": "^a"}, {"pattern": "^b"}),
    "format": ({"format": "date"}, {"format": "date-time"}),
    "const": ({"const": "a"}, {"const": "b"}),
    "type": ({"type": "string"}, {"type": "integer"}),
    "multipleOf": ({"multipleOf": 2}, {"multipleOf": 3}),
    "maxLength": ({"if": {"maxLength": 3}, "then": TEXT}, {"if": {"maxLength": 4}, "then": TEXT}),
}


def one(old: Any, new: Any, **sides: bool) -> Finding:
    (found,) = between(old, new, **sides)
    return found


def told(found: Finding) -> tuple[str, str, str]:
    return found.change, found.severity, found.breaks


@pytest.mark.parametrize("keyword", LOOSER_AND_TIGHTER)
def test_a_limit_that_is_tightened_breaks_who_kept_to_the_old_one(keyword: str) -> None:
    looser, tighter = LOOSER_AND_TIGHTER[keyword]
    asked = one(looser, tighter)
    assert (asked.keyword, *told(asked)) == (keyword, "tightened", "error", "consumer")
    assert told(one(looser, tighter, request=False, answer=True)) == ("tightened", "error", "provider")
    assert told(one(looser, tighter, answer=True)) == ("tightened", "error", "both")


@pytest.mark.parametrize("keyword", LOOSER_AND_TIGHTER)
def test_a_limit_of_requests_that_is_loosened_is_a_warning(keyword: str) -> None:
    looser, tighter = LOOSER_AND_TIGHTER[keyword]
    found = one(tighter, looser)
    assert (found.keyword, *told(found)) == (keyword, "loosened", "warn", "provider")


NUMERIC = [name for name, (looser, _) in LOOSER_AND_TIGHTER.items() if isinstance(looser.get(name), int | float)]


@pytest.mark.parametrize("keyword", LOOSER_AND_TIGHTER)
def test_what_an_answer_may_bring_that_it_never_brought_breaks_the_consumer_unless_it_is_only_more(
    keyword: str,
) -> None:
    looser, tighter = LOOSER_AND_TIGHTER[keyword]
    found = one(tighter, looser, request=False, answer=True)
    assert told(found) == ("loosened", "warn" if keyword in NUMERIC else "error", "consumer")


@pytest.mark.parametrize("keyword", ALONE)
def test_a_limit_that_goes_is_breaking_like_one_that_comes(keyword: str) -> None:
    with_it = {keyword: ALONE[keyword]}
    gone, come = one(with_it, {}), one({}, with_it)
    assert (gone.keyword, *told(gone)) == (keyword, "removed", "error", "provider")
    assert (come.keyword, *told(come)) == (keyword, "added", "error", "consumer")
    assert told(one(with_it, {}, request=False, answer=True)) == ("removed", "error", "consumer")
    assert told(one({}, with_it, request=False, answer=True)) == ("added", "error", "provider")


@pytest.mark.parametrize("keyword", UNCLEAR)
def test_where_nobody_can_tell_the_direction_both_sides_are_named(keyword: str) -> None:
    found = one(*UNCLEAR[keyword])
    assert (found.keyword, *told(found)) == (keyword, "changed", "error", "both")


def test_the_two_changes_of_the_issue_are_breaking() -> None:
    name = {"type": "string", "maxLength": 36}
    old = {"type": "object", "properties": {"tags": {"type": "array", "maxItems": 5, "items": name}}}
    new = {
        "type": "object",
        "properties": {"tags": {"type": "array", "maxItems": 4, "items": {**name, "maxLength": 20}}},
    }
    found = {finding.keyword: finding for finding in between(old, new)}
    assert [(finding.old, finding.new, finding.severity) for finding in found.values()] == [
        (36, 20, "error"), (5, 4, "error")
    ]  # fmt: skip
    assert found["maxItems"].pointer == "/components/schemas/It/properties/tags/maxItems"
    assert {finding.severity for finding in between(new, old)} == {"warn"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"minItems": 0}, {}),
        ({"uniqueItems": False}, {}),
        ({"additionalProperties": True}, {"additionalProperties": {}}),
        ({"required": []}, {}),
        ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
        ({"const": 1}, {"enum": [1.0]}),
        ({"type": ["string", "null"]}, {"type": ["null", "string"]}),
        ({"type": ["number"]}, {"type": ["number", "integer"]}),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "exclusiveMinimum": 0}),
        ({"maxItems": 5, "title": "old"}, {"maxItems": 5, "description": "new", "examples": [1]}),
        ({"allOf": [{"maxItems": 5}]}, {"maxItems": 5}),
        ({"anyOf": [{"type": "null"}, TEXT]}, {"anyOf": [TEXT, {"type": "null"}]}),
        ({"maxLength": 5, "allOf": [{"maxLength": 5}]}, {"maxLength": 5}),
    ],
)
def test_what_says_the_same_in_other_words_is_no_change(old: Any, new: Any) -> None:
    assert between(old, new) == ()
    assert between(new, old) == ()


@pytest.mark.parametrize("openapi", [{"type": "string", "nullable": True}, {"type": ["string", "null"]}])
def test_null_that_is_no_longer_taken_is_a_tighter_type(openapi: Any) -> None:
    from contracts.difference import differences
    from contracts.schema_dialect import upgraded
    from tests.contracts.difference.laws import contract, with_schema

    old = with_schema(openapi, openapi_version="3.0.3").documents["vendor"]
    (found,) = differences(contract(vendor=upgraded(old)), with_schema(TEXT))
    assert (found.keyword, *told(found)) == ("type", "tightened", "error", "consumer")


def test_under_not_what_is_tighter_is_looser() -> None:
    found = one({"not": {"maxLength": 4}}, {"not": {"maxLength": 3}})
    assert told(found) == ("loosened", "warn", "provider")


def test_a_value_that_goes_and_one_that_comes_are_two_findings() -> None:
    found = between({"enum": ["a", "b"]}, {"enum": ["a", "c"]})
    assert [told(one) for one in found] == [("tightened", "error", "consumer"), ("loosened", "warn", "provider")]


def test_a_member_of_a_choice_that_changed_is_told_from_the_others() -> None:
    first, second = {"type": "string", "maxLength": 9}, {"type": "array", "maxItems": 5}
    (found,) = between({"anyOf": [first, second]}, {"anyOf": [{**second, "maxItems": 4}, first]})
    assert (found.keyword, found.old, found.new) == ("maxItems", 5, 4)


def test_one_schema_that_becomes_a_choice_with_itself_in_it_is_loosened() -> None:
    found = one(TEXT, {"anyOf": [{"type": "integer"}, TEXT]})
    assert (found.keyword, *told(found)) == ("anyOf", "loosened", "warn", "provider")
    assert one({"anyOf": [{"type": "integer"}, TEXT]}, TEXT).change == REVERSED["loosened"]


@pytest.mark.parametrize("keyword", ["then", "else"])
def test_what_follows_from_a_condition_is_a_limit_like_any_other(keyword: str) -> None:
    old, new = ({"if": {"required": ["a"]}, keyword: {"maxProperties": size}} for size in (5, 4))
    found = one(old, new)
    assert (found.keyword, *told(found)) == ("maxProperties", "tightened", "error", "consumer")


@pytest.mark.parametrize(
    "path", ["items", "contains", "additionalProperties", "propertyNames", "not", "unevaluatedItems"]
)
def test_a_limit_is_found_below_a_keyword(path: str) -> None:
    assert one({path: {"maxLength": 5}}, {path: {"maxLength": 4}}).keyword == "maxLength"


@pytest.mark.parametrize("path", ["properties", "patternProperties", "dependentSchemas"])
def test_a_limit_is_found_below_a_name(path: str) -> None:
    found = one({path: {"a~/b": {"maxLength": 5}}}, {path: {"a~/b": {"maxLength": 4}}})
    assert found.pointer == f"/components/schemas/It/{path}/a~0~1b/maxLength"


@pytest.mark.parametrize("path", ["allOf", "anyOf", "oneOf", "prefixItems"])
def test_a_limit_is_found_in_a_list_of_schemas(path: str) -> None:
    found = one({path: [TEXT, {"maxItems": 5}]}, {path: [TEXT, {"maxItems": 4}]})
    assert found.pointer == f"/components/schemas/It/{path}/1/maxItems"


def test_a_pattern_of_names_and_a_position_that_come_or_go_are_limits() -> None:
    assert told(one({}, {"patternProperties": {"^x": TEXT}})) == ("added", "error", "consumer")
    assert told(one({"prefixItems": [TEXT, TEXT]}, {"prefixItems": [TEXT]})) == ("removed", "error", "provider")


def test_a_keyword_that_nobody_knows_is_a_warning() -> None:
    assert told(one({"maxItem": 5}, {"maxItem": 4})) == ("changed", "warn", "both")


def test_limits_that_are_no_numbers_do_not_stop_the_comparison() -> None:
    assert told(one({"maxItems": "five"}, {"maxItems": 4})) == ("changed", "error", "both")
    assert one({"required": "a", "properties": []}, {"required": 7, "anyOf": {}}).change == "added"


def test_a_mark_that_moves_is_informational() -> None:
    old = {"maxItems": 5, "minItems": 1, "x-rules": {"maxItems": "vendor.a-rule"}}
    found = one(old, {**old, "x-rules": {"minItems": "vendor.a-rule"}})
    assert (found.kind, *told(found), found.rule) == ("mark", "moved", "info", "none", "vendor.a-rule")


def test_a_finding_carries_the_rule_of_its_mark() -> None:
    marks = {"x-rules": {"maxItems": "vendor.a-rule"}}
    assert one({"maxItems": 5, **marks}, {"maxItems": 4, **marks}).rule == "vendor.a-rule"
    assert {found.rule for found in between({"maxItems": 5, **marks}, {}) if found.kind == "limit"} == {"vendor.a-rule"}


def test_a_limit_that_another_still_holds_is_told_where_it_carries_a_rule() -> None:
    for keyword, value in (("type", "string"), ("maxLength", 5)):
        twice = {"allOf": [{keyword: value, "x-rules": {keyword: "vendor.a-rule"}}, {keyword: value}]}
        found = [one for one in between(twice, {keyword: value}) if one.kind == "limit"]
        assert [(one.change, one.rule) for one in found] == [("removed", "vendor.a-rule")]
