from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.shrink.values import plain, simpler, wordy


@pytest.mark.parametrize(
    ("value", "simple"),
    [
        ("Ada", "x"),
        ("ada@lovelace.example", "x@example.com"),
        ("", ""),
        (17, 1),
        (-2.5, 1.0),
        (0, 0),
        (True, True),
        (None, None),
        ([1], [1]),
    ],
)
def test_a_plain_value_is_of_the_same_kind_and_never_emptier_than_the_value_was(value: Any, simple: Any) -> None:
    assert plain(value) == simple
    assert type(plain(value)) is type(value)


def test_a_word_stands_for_whatever_is_none() -> None:
    assert [wordy(one) for one in (1, 2.5, True, "Ada", None)] == ["x", "x", "x", "Ada", None]


@given(st.integers(1, 300), st.text(min_size=1, max_size=400))
def test_a_text_is_cut_to_the_characters_that_it_takes(limit: int, text: str) -> None:
    if len(text) >= limit:
        assert simpler(text, lambda some: len(some) >= limit) == "x" * limit


@given(st.integers(1, 300), st.text(alphabet="ab\u00e9\u20ac\U0001f600", min_size=1, max_size=200))
def test_a_text_is_cut_to_the_bytes_that_it_takes(limit: int, text: str) -> None:
    if len(text.encode()) >= limit:
        made = simpler(text, lambda some: len(some.encode()) >= limit)
        assert limit <= len(made.encode()) < limit + 4
        assert len(made) <= len(text)


def test_bytes_that_are_more_than_characters_stay_more() -> None:
    text = "\u00fcber stra\u00dfe \u20ac" * 20
    made = simpler(text, lambda some: len(some.encode()) > 300 >= len(some))
    assert len(made.encode()) > 300 >= len(made)


def test_of_a_text_only_the_sign_stays_that_it_is_about() -> None:
    assert simpler("Grace B. Hopper", lambda some: "." in some) == "."
    assert simpler("one two three", lambda some: some.count(" ") == 2) == "  "


@given(st.integers(1, 2**63), st.integers(0, 2**63))
def test_a_number_is_brought_down_to_the_limit_that_it_breaks(limit: int, more: int) -> None:
    assert simpler(limit + more, lambda number: number >= limit) == limit


def test_a_number_keeps_its_sign_and_its_fraction_only_where_they_are_needed() -> None:
    assert simpler(-77, lambda number: number != 0) == 1
    assert simpler(-77, lambda number: number < -5) == -6
    assert simpler(12.75, lambda number: number > 3) == 4
    assert simpler(12.75, lambda number: number % 1 != 0) == 1.5
    assert simpler(float("inf"), lambda _number: True) == float("inf")
