from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from forwarder.names import NORMALISATION, dumped, normalised, text_of
from scenarios import reading
from tests.forwarder.recorded import LAW, choices, names, values


@LAW
@given(names)
def test_a_normalised_name_has_letters_digits_and_underscores_only_and_none_in_front(name: str) -> None:
    assert re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9_]*)?", normalised(name, "replaced")[0], re.ASCII)


@LAW
@given(names, st.sampled_from(["replaced", "kept"]))
def test_a_normalised_name_stays_as_it_is(name: str, non_ascii: str) -> None:
    once, _ = normalised(name, non_ascii)
    assert normalised(once, non_ascii) == (once, None)


@LAW
@given(names, st.sampled_from(["replaced", "kept"]))
def test_a_rule_is_named_just_where_the_name_changed(name: str, non_ascii: str) -> None:
    after, rule = normalised(name, non_ascii)
    assert (rule is None) == (after == name)
    assert rule in {None, *(known for known, _ in NORMALISATION)}


@LAW
@given(names, st.sampled_from(["replaced", "kept"]))
def test_two_readings_of_the_two_steps_agree(name: str, non_ascii: str) -> None:
    assert normalised(name, non_ascii) == reading.normal_name(name, Choices({"non-ascii-letters": non_ascii}))


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("Favorite-Store", "Favorite_Store"),
        ("_-Favorite", "Favorite"),
        ("a  b", "a__b"),
        ("---", ""),
        ("", ""),
        ("a_", "a_"),
        ("1", "1"),
        ("\u0661", ""),
        ("x\u00b2", "x_"),
        ("\x00a", "a"),
        ("\U0001f600a", "a"),
        ("cafe\u0301", "cafe_"),
    ],
)
def test_the_steps_are_taken_in_their_order(name: str, after: str) -> None:
    assert normalised(name, "replaced")[0] == after


@pytest.mark.parametrize(
    ("name", "after"), [("caf\u00e9", "caf\u00e9"), ("\u540d-\u524d", "\u540d_\u524d"), ("\U0001f600", "")]
)
def test_letters_of_other_scripts_may_be_kept(name: str, after: str) -> None:
    assert normalised(name, "kept")[0] == after


@LAW
@given(values, choices)
def test_every_value_has_a_text_and_two_readings_of_it_agree(value: Any, assume: dict[str, str]) -> None:
    chosen = Choices(assume)
    assert text_of(value, chosen) == reading.text_of(value, chosen)


@pytest.mark.parametrize(
    ("value", "assume", "text"),
    [
        ("1.0", {}, "1.0"),
        (True, {}, "true"),
        (True, {"boolean-as-string": "capitalised"}, "True"),
        (False, {"boolean-as-string": "digit"}, "0"),
        (1.0, {}, "1.0"),
        (1.0, {"number-as-string": "shortest"}, "1"),
        (-0.0, {"number-as-string": "shortest"}, "0"),
        (1e22, {"number-as-string": "shortest"}, "10000000000000000000000"),
        (2**64, {}, "18446744073709551616"),
        (None, {}, ""),
        (None, {"null-as-string": "null"}, "null"),
        ([], {}, "[]"),
        ([], {"list-as-string": "comma"}, ""),
        (["a", [True, None]], {"list-as-string": "comma"}, "a,true,"),
        ({"a": ["\u00e9"]}, {}, '{"a":["\u00e9"]}'),
        ({"a": 1}, {"list-as-string": "comma"}, '{"a":1}'),
        ([1e16, 1e-7], {}, "[1e+16,1e-07]"),
        ([2**64, 1e16], {}, "[18446744073709551616,1e+16]"),
    ],
)
def test_a_value_has_the_text_that_is_chosen(value: Any, assume: dict[str, str], text: str) -> None:
    assert text_of(value, Choices(assume)) == text


@LAW
@given(values)
def test_what_is_dumped_is_json_of_the_same_value(value: Any) -> None:
    assert json.loads(dumped(value)) == value
