from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.reading import DEEPEST, Unreadable, parsed

LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(JSON)
def test_whatever_was_written_is_read(value: object) -> None:
    assert parsed(orjson.dumps(value)) == value


@given(st.binary())
def test_any_bytes_are_json_or_unreadable(raw: bytes) -> None:
    with suppress(Unreadable):
        parsed(raw)


@pytest.mark.parametrize("raw", [b"", b"{", b'"\\ud800"', b'"\xff"', b"[" * 5000, b"NaN", b"1e400", b"{} {}"])
def test_what_is_no_json_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        parsed(raw)


def test_nesting_is_followed_to_its_limit_and_no_further() -> None:
    assert parsed(b"[" * DEEPEST + b"]" * DEEPEST)
    with pytest.raises(Unreadable, match="100 levels"):
        parsed(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1))


def test_a_wide_body_is_not_a_deep_one() -> None:
    assert len(parsed(b"[" + b",".join([b"[{}]"] * 1000) + b"]")) == 1000
