import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.reports.visible import visible


@given(st.text(alphabet=st.characters(codec=None)))
def test_whatever_the_text_it_becomes_one_line_that_utf8_can_hold(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"])))
def test_text_that_can_be_seen_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[31m", "\\x1b[31m"), ("a\nb", "a\\x0ab"), ("\ud800", "\\ud800"), ("\u202e", "\\u202e"), ("\x00", "\\x00")],
)
def test_what_cannot_be_seen_is_written_as_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown
