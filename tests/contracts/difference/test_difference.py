"""Laws of the comparison, held against the real contracts."""

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.difference import REVERSED, differences
from contracts.difference.keywords import LOWER, NUMBERS, UPPER
from contracts.register import openapi
from contracts.revision import load
from tests.contracts.difference.laws import SCHEMAS, contract, edited, plain, sense, spots, value_at

IN_NUMBERS = [spot for keyword in NUMBERS for spot in spots().get(keyword, ())]
IN_OTHERS = [
    spot
    for keyword in ("pattern", "format", "enum", "const", "type", "required", "additionalProperties", "anyOf", "oneOf")
    for spot in spots().get(keyword, ())
]


def test_there_is_something_to_try() -> None:
    assert len(IN_NUMBERS) > 100
    assert len(IN_OTHERS) > 500


def test_a_contract_does_not_differ_from_itself() -> None:
    assert differences(load("contracts"), load("contracts")) == ()


@pytest.mark.parametrize("vendor", SCHEMAS)
def test_a_copy_without_shared_parts_does_not_differ(vendor: str) -> None:
    twin = copy.deepcopy(dict(openapi(vendor)))
    assert differences(contract(**{vendor: openapi(vendor)}), contract(**{vendor: twin})) == ()


@given(spot=st.sampled_from(IN_NUMBERS), by=st.integers(1, 3))
def test_every_number_that_changes_is_found_where_it_stands_and_in_its_direction(spot: Any, by: int) -> None:
    value = value_at(spot) + by
    up = spot.keyword in UPPER
    wanted = ["changed", "loosened" if up else "tightened", "tightened" if up else "loosened"][sense(spot)]
    (found,) = differences(plain(spot), edited(spot, value))
    assert (found.kind, found.keyword, found.change, found.old, found.new) == (
        "limit", spot.keyword, wanted, value_at(spot), value
    )  # fmt: skip
    (other,) = differences(plain(spot), edited(spot, value + 1))
    assert other.fingerprint == found.fingerprint


@given(spot=st.sampled_from(IN_NUMBERS))
def test_every_number_that_is_taken_away_is_found_and_is_breaking(spot: Any) -> None:
    found = [one for one in differences(plain(spot), edited(spot, ...)) if one.kind == "limit"]
    if value_at(spot) == 0 and spot.keyword in LOWER and spot.keyword not in {"minimum", "exclusiveMinimum"}:
        assert found == []  # at least none is no limit
        return
    (one,) = found
    wanted = ["changed", "removed", "tightened"][sense(spot)]
    assert (one.keyword, one.change, one.severity) == (spot.keyword, wanted, "error")
