from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.sources.elements import NotAnArray, elements

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.lists(JSON, max_size=6), st.sampled_from([None, 2]), st.booleans())
def test_each_element_is_cut_out_as_it_was_written(values: list[Any], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    found = list(elements(text))
    assert [json.loads(element) for _, element in found] == values
    assert all(text[offset:].startswith(element) for offset, element in found)


def test_names_that_stand_twice_are_still_there() -> None:
    assert [text for _, text in elements(b' [ {"a":1,"a":2} , 3 ] ')] == [b'{"a":1,"a":2}', b"3"]


def test_depth_costs_nothing() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    assert [text for _, text in elements(b"[%b,1]" % deep)] == [deep, b"1"]


def test_a_long_text_with_many_escapes_is_one_element() -> None:
    text = b'"' + b'\\"]' * 500_000 + b'"'
    assert [found for _, found in elements(b"[" + text + b"]")] == [text]


@pytest.mark.parametrize(
    ("raw", "whole", "offset"),
    [
        (b"", [], 0),
        (b"{}", [], 0),
        (b"[1,2", [b"1"], 4),
        (b'[1,"a', [b"1"], 3),
        (b"[1,{]", [b"1"], 5),
        (b"[1] x", [b"1"], 3),
    ],
)
def test_what_is_no_whole_array_is_said_after_its_whole_elements(raw: bytes, whole: list[bytes], offset: int) -> None:
    found: list[bytes] = []

    def collect() -> None:
        for _, text in elements(raw):
            found.append(text)

    with pytest.raises(NotAnArray) as refused:
        collect()
    assert found == whole
    assert refused.value.offset == offset


def test_an_element_that_is_missing_is_an_empty_text_for_its_reader_to_refuse() -> None:
    assert [text for _, text in elements(b"[1,,2,]")] == [b"1", b"", b"2", b""]
