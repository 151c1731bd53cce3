"""Plain functions for reading batches and settings."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from contracts.interaction import pointer
from scenarios.reading import below, folded, folded_once, said_of_names, text_of

NAMES = st.text(st.sampled_from("ab~/0"), max_size=6)


@given(NAMES)
def test_the_pointer_to_a_name_in_an_object_is_the_one_of_the_standard(name: str) -> None:
    escaped = name.replace("~", "~0").replace("/", "~1")
    assert below("/events/3/data", name) == pointer("events", 3, "data", name) == f"/events/3/data/{escaped}"


@given(st.dictionaries(NAMES, st.booleans(), max_size=3))
def test_tables_that_are_asked_for_again_are_folded_as_the_first_time(tables: dict[str, bool]) -> None:
    assert [folded_once(tables), folded_once(tables)] == [folded(tables)] * 2


def test_what_is_said_of_names_is_known_again_under_the_same_filter_and_choice_alone() -> None:
    folding = Choices()
    settings: dict[str, Any] = {"data_filter": {"events": {}}}
    exact = folding.over({"name-matching": "exact" if folding["name-matching"] != "exact" else "insensitive"})
    said_of_names(settings, folding, "mine")["events", "a", None] = "a rule"
    assert said_of_names(dict(settings), folding, "mine")
    assert not said_of_names({"data_filter": {"events": {}}}, folding, "mine")
    assert not said_of_names(settings, exact, "mine")
    assert not said_of_names(settings, folding, "somebody else's")


@given(st.integers())
def test_the_text_of_a_whole_number_is_its_digits(number: int) -> None:
    assert text_of(number, Choices()) == str(number)
