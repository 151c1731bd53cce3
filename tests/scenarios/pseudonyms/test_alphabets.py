import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.pseudonyms.alphabets import spot


@given(st.characters(exclude_categories=["Cs"]))
def test_whatever_takes_a_characters_place_is_as_long_in_bytes_and_of_the_same_kind_and_casing(char: str) -> None:
    found = spot(char)
    if found is None:
        return
    assert found.char(found.index) == char
    for index in (0, len(found.alphabet) // 2, -1):
        other = found.char(index)
        assert len(other.encode()) == len(char.encode())
        assert unicodedata.category(other)[0] == unicodedata.category(char)[0]
        assert (other.isupper(), other.islower()) == (char.isupper(), char.islower())
        assert spot(other) is not None
        assert unicodedata.is_normalized("NFC", other)


@pytest.mark.parametrize("char", [" ", "-", "@", "_", "\u00df", "\u0301", "\U0001f600", "\u200d"])
def test_signs_spaces_marks_and_pictures_stay(char: str) -> None:
    found = spot(char)
    assert found is None or len(found.alphabet) <= 2


def test_the_two_casings_of_a_letter_stand_in_the_same_place() -> None:
    for low, high in ("aA", "\u00e9\u00c9", "\u044f\u042f"):
        assert (spot(low).index, spot(low).alphabet) == (spot(high).index, spot(high).alphabet)  # type: ignore[union-attr]
