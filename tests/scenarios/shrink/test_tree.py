from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scenarios.shrink.tree import level, places, renamed, replaced, without

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_without_anything_gone_and_with_nothing_replaced_a_tree_is_what_it_was(value: Any) -> None:
    assert without(value, ()) == value
    assert replaced(value, {}) == value


@given(JSON)
def test_every_place_is_on_one_level_and_leads_to_what_stands_there(value: Any) -> None:
    found = dict(places(value))
    assert sorted(found, key=str) == sorted((path for depth in range(1, 14) for path in level(value, depth)), key=str)
    for path, there in found.items():
        here = value
        for step in path:
            here = here[step]
        assert here is there


def test_what_loses_everything_in_it_goes_too_and_what_was_empty_stays() -> None:
    batch = {"a": {"b": [1, 2]}, "c": [], "d": 1}
    assert without(batch, {("a", "b", 0), ("a", "b", 1)}) == {"c": [], "d": 1}
    assert without(batch, {("a", "b", 0)}) == {"a": {"b": [2]}, "c": [], "d": 1}
    assert without({"a": 1}, {("a",)}) == {}


def test_a_value_is_replaced_and_a_name_changed_in_its_place() -> None:
    assert replaced({"a": [1, {"b": 2}]}, {("a", 1, "b"): 3, ("a", 0): "x"}) == {"a": ["x", {"b": 3}]}
    assert list(renamed({"a": [{"b": 1, "c": 2}]}, ("a", 0, "b"), "x")["a"][0]) == ["x", "c"]
