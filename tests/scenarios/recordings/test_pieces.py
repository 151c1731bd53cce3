"""A large JSON text is cut into elements, whatever stands in them, and no more of it is held than one."""

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.recordings import pieces as module
from scenarios.recordings.pieces import Broken, Pieces

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)
ENTRIES = ("log", "entries")


def cut(raw: bytes, size: int = 1 << 20, **settings_: Any) -> Pieces:
    return Pieces(io.BytesIO(raw), {ENTRIES}, size=size, **settings_)


def taken(pieces: Pieces) -> tuple[list[Any], Broken | None]:
    """What comes out of a text, and where it broke."""
    found: list[Any] = []
    try:
        found.extend(piece.value for piece in pieces)
    except Broken as broken:
        return found, broken
    return found, None


@given(st.lists(values, max_size=5), values, st.sampled_from([None, 1]), st.integers(1, 40), st.booleans())
@settings(max_examples=80, deadline=None)
def test_every_element_comes_as_it_is(listed: list[Any], beside: Any, indent: Any, size: int, ascii_: bool) -> None:
    document = {"a": beside, "log": {"b": beside, "entries": listed, "c": beside}, "entries": [beside]}
    raw = json.dumps(document, indent=indent, ensure_ascii=ascii_).encode()
    found = list(cut(raw, size))
    assert [(piece.number, piece.value) for piece in found] == list(enumerate(listed, start=1))
    assert [json.loads(piece.text) for piece in found] == listed


@given(st.lists(st.dictionaries(st.text(), values, max_size=3), min_size=1, max_size=4), st.data(), st.integers(1, 40))
@settings(max_examples=80, deadline=None)
def test_what_stands_before_a_cut_is_kept(listed: list[Any], data: Any, size: int) -> None:
    raw = json.dumps({"log": {"entries": listed}}).encode()
    ends = data.draw(st.integers(0, len(raw) - 1))
    found, broken = taken(cut(raw[:ends], size))
    assert broken is not None
    assert found == listed[: len(found)]


def test_every_element_before_a_cut_is_kept() -> None:
    raw = b'{"log": {"entries": [{"a": "}, {"}, {"b": [1]}, {"c": "cut'
    found, broken = taken(cut(raw, 7))
    assert found == [{"a": "}, {"}, {"b": [1]}]
    assert broken is not None
    assert (broken.cut, broken.why) == (True, "is cut short")


@given(st.binary(max_size=80) | st.text('{}[]",:\\ e1', max_size=60).map(str.encode), st.integers(1, 9))
@settings(max_examples=200, deadline=None)
def test_junk_never_does_more_than_break(junk: bytes, size: int) -> None:
    for raw in (junk, b'{"log": {"entries": [' + junk, b'{"log": {"entries": [{}, ' + junk + b"]}}"):
        _, broken = taken(cut(raw, size))
        assert broken is None or broken.line >= 1


def test_a_bad_element_spoils_only_itself_and_lines_are_counted() -> None:
    raw = b'{"log":\n {"entries": [\n{"a": 1},\n{"a": tru},\n nope,\n{"a": "\\ud83d"}, 7]}}'
    found = list(cut(raw, 5))
    assert [(piece.line, piece.value) for piece in found] == [
        (3, {"a": 1}),
        (4, None),
        (5, None),
        (6, {"a": "\ud83d"}),
        (6, 7),
    ]
    assert found[1].why.startswith("not JSON")


def test_an_element_that_is_too_long_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 1000)
    raw = json.dumps({"log": {"entries": [{"a": "x" * 5000, "b": [1]}, "y" * 5000, {"b": 2}]}}).encode()
    first, second, third = cut(raw, 100)
    assert first.why == second.why == "is longer than 1000 characters"
    assert third.value == {"b": 2}


def test_values_beside_the_lists_are_kept_where_they_are_short() -> None:
    pieces = Pieces(io.BytesIO(b'{"dropped": 3, "requests": [1], "total": 4, "x": {"y": 1}}'), {("requests",)})
    assert [piece.value for piece in pieces] == [1]
    assert (pieces.beside, pieces.found) == ({"dropped": "3", "total": "4"}, {("requests",)})


class Endless:
    """A text of so many entries, made while it is read."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.entry = b'{"a": "' + b"x" * 10_000 + b'"},'

    def read(self, _size: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            return b""
        return self.entry


def test_memory_stays_that_of_one_element() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        pieces = Pieces(Endless(count), {ENTRIES})
        pieces._text = '{"log": {"entries": ['
        for piece in pieces:
            assert piece.number <= count
            if piece.number == count:
                break
        made = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return made

    assert peak(2000) < 2 * peak(20)
