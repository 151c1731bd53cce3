"""Laws of the comparison, held against the real contracts."""

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.difference import REVERSED, differences
from contracts.difference.keywords import LOWER, NUMBERS, UPPER
from contracts.register import openapi
from contracts.revision import load
from tests.contracts.difference.laws import (
    SCHEMAS,
    Spot,
    between,
    contract,
    edited,
    plain,
    sense,
    shuffled,
    spots,
    value_at,
)

IN_NUMBERS = [spot for keyword in NUMBERS for spot in spots().get(keyword, ())]
OTHERS = ("pattern", "format", "enum", "const", "type", "required", "additionalProperties", "anyOf", "oneOf")
IN_OTHERS = [spot for keyword in OTHERS for spot in spots().get(keyword, ())]
SOME = settings(max_examples=20)
"""A whole contract is compared for each example; all of its limits come by in time."""


def test_there_is_something_to_try() -> None:
    assert len(IN_NUMBERS) > 100
    assert len(IN_OTHERS) > 500


def test_a_contract_does_not_differ_from_itself() -> None:
    assert differences(load("contracts"), load("contracts")) == ()


@pytest.mark.parametrize("vendor", SCHEMAS)
def test_a_copy_without_shared_parts_does_not_differ(vendor: str) -> None:
    twin = copy.deepcopy(dict(openapi(vendor)))
    assert differences(contract(**{vendor: openapi(vendor)}), contract(**{vendor: twin})) == ()


@SOME
@given(spot=st.sampled_from(IN_NUMBERS), by=st.integers(1, 3))
def test_every_number_that_changes_is_found_where_it_stands_and_in_its_direction(spot: Spot, by: int) -> None:
    value = value_at(spot) + by
    up = spot.keyword in UPPER
    wanted = ["changed", "loosened" if up else "tightened", "tightened" if up else "loosened"][sense(spot)]
    (found,) = differences(plain(spot), edited(spot, value))
    assert (found.kind, found.keyword, found.change, found.old, found.new) == (
        "limit", spot.keyword, wanted, value_at(spot), value
    )  # fmt: skip
    (other,) = differences(plain(spot), edited(spot, value + 1))
    assert other.fingerprint == found.fingerprint


@SOME
@given(spot=st.sampled_from(IN_NUMBERS))
def test_every_number_that_is_taken_away_is_found_and_is_breaking(spot: Spot) -> None:
    found = [one for one in differences(plain(spot), edited(spot, ...)) if one.kind == "limit"]
    if value_at(spot) == 0 and spot.keyword in LOWER and spot.keyword not in {"minimum", "exclusiveMinimum"}:
        assert found == []  # at least none is no limit
        return
    (one,) = found
    wanted = ["changed", "removed", "tightened"][sense(spot)]
    assert (one.keyword, one.change, one.severity) == (spot.keyword, wanted, "error")


def mutants(spot: Spot) -> list[tuple[Any, str]]:
    """Other values for a keyword that is no number, each with the change that it is."""
    value = value_at(spot)
    match spot.keyword:
        case "pattern" | "format":
            return [(f"{value}x", "changed"), (..., "removed")]
        case "const":
            return [(f"{value}x", "changed"), (..., "removed")]
        case "enum":
            return [
                ([*value, "another"], "loosened"),
                ([*value[1:], "another"], "tightened loosened"),
                (..., "removed"),
            ]
        case "type":
            kinds = [value] if isinstance(value, str) else value
            more = "null" if "null" not in kinds else "array" if "array" not in kinds else "object"
            # Where several layers say it, one of them is enough.
            return [([*kinds, more], "loosened"), *([(..., "removed")] if "allOf" not in spot.under else [])]
        case "required":
            return [([*value, "another"], "tightened"), (value[1:], "loosened")]
        case "anyOf" | "oneOf":
            return [([*value, {"const": "another"}], "loosened"), (value[1:], "tightened")]
        case _:
            return [(..., "removed")]


UNDER_NOT = {"loosened": "tightened", "tightened": "loosened", "removed": "tightened", "changed": "changed"}


@SOME
@given(spot=st.sampled_from(IN_OTHERS), number=st.integers(0, 5))
def test_every_other_limit_that_changes_is_found_where_it_stands_and_in_its_direction(spot: Spot, number: int) -> None:
    made = mutants(spot)
    value, change = made[number % len(made)]
    if value_at(spot) in (True, {}):
        return  # additionalProperties that limit nothing
    old, new = plain(spot), edited(spot, value)
    wanted = [{1: one, -1: UNDER_NOT[one], 0: "changed"}[sense(spot)] for one in change.split()]
    found = [one for one in differences(old, new) if one.kind == "limit"]
    assert sorted(one.change for one in found) == sorted(wanted)
    assert {one.keyword for one in found} == {spot.keyword}
    back = [one for one in differences(new, old) if one.kind == "limit"]
    # What is under `not` keeps no word for coming and going.
    if sense(spot) == 1:
        assert sorted(one.change for one in back) == sorted(REVERSED[one.change] for one in found)


@SOME
@given(
    first=st.lists(st.sampled_from(IN_NUMBERS + IN_OTHERS), min_size=1, max_size=4),
    seed=st.integers(0, 100),
)
def test_looked_at_from_the_other_side_each_change_is_the_opposite_and_the_order_of_names_is_nothing(
    first: list[Spot], seed: int
) -> None:
    vendor = first[0].vendor
    new = plain(first[0])
    for spot in [one for one in first if one.vendor == vendor]:
        try:
            new = edited(spot, 3 if spot.keyword in NUMBERS else mutants(spot)[0][0], new)
        except (LookupError, TypeError):
            continue  # an earlier edit took its place away
    old = plain(first[0])
    there, back = differences(old, new), differences(new, old)
    if all(sense(spot) == 1 for spot in first):
        assert sorted((REVERSED[one.change], one.keyword, one.subject) for one in there) == sorted(
            (one.change, one.keyword, one.subject) for one in back
        )
    mixed = contract(**{vendor: shuffled(new.documents[vendor], random.Random(seed))})
    assert [one.fingerprint for one in differences(old, mixed)] == [one.fingerprint for one in there]


KEYWORDS = sorted(
    {
        *NUMBERS,
        *OTHERS,
        "properties",
        "allOf",
        "items",
        "if",
        "then",
        "else",
        "not",
        "contains",
        "prefixItems",
        "uniqueItems",
    }
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 9)
    | st.floats(allow_nan=False)
    | st.sampled_from(["string", "a", "^a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYWORDS), inner, max_size=4),
    max_leaves=12,
)


@given(old=JUNK, new=JUNK)
def test_whatever_stands_where_a_schema_should_is_compared_and_mirrored(old: Any, new: Any) -> None:
    assert between(old, old) == ()
    there, back = between(old, new), between(new, old)
    assert len({one.fingerprint for one in there}) <= len(there)
    assert len(there) == len(back)


def test_a_schema_that_leads_to_itself_is_compared_once() -> None:
    tree = {"properties": {"left": {"$ref": "#/components/schemas/It"}, "size": {"maximum": 5}}, "maxProperties": 9}
    twin = {**tree, "properties": {**tree["properties"], "size": {"maximum": 4}}}  # type: ignore[dict-item]
    (one,) = between(tree, twin, answer=True)
    assert (one.pointer, one.breaks) == ("/components/schemas/It/properties/size/maximum", "both")
    ring = {"allOf": [{"$ref": "#/components/schemas/It"}], "maxItems": 5}
    (one,) = between(ring, {**ring, "maxItems": 4})
    assert (one.keyword, one.change) == ("maxItems", "tightened")
