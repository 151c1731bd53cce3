import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.pseudonyms.alphabets import spot
from scenarios.pseudonyms.turning import CHANCE, SMALL, Turning, key_of

ONE, TWO = Turning(b"1" * 32), Turning(b"2" * 32)


@pytest.mark.parametrize("size", [2, 3, 10, 26, 676, SMALL])
def test_in_a_small_domain_everybody_becomes_somebody_else_and_no_two_the_same(size: int) -> None:
    made = [ONE.turned(index, size, b"") for index in range(size)]
    assert sorted(made) == list(range(size))
    assert all(index != other for index, other in enumerate(made))


@pytest.mark.parametrize("size", [SMALL + 1, 26**3, 10**6 + 3, CHANCE, 10**19, 2**255 + 1])
def test_in_a_large_domain_too(size: int) -> None:
    indices = [*range(600), *range(size - 600, size)]
    made = [ONE.turned(index, size, b"") for index in indices]
    assert len(set(made)) == len(made)
    assert all(0 <= other < size and other != index for index, other in zip(indices, made, strict=True))


def test_a_domain_of_one_has_nobody_else() -> None:
    assert ONE.turned(0, 1, b"") == 0


def test_another_key_and_another_tweak_turn_otherwise() -> None:
    of = [
        [turning.turned(index, 10**9, tweak) for index in range(20)] for turning in (ONE, TWO) for tweak in (b"a", b"b")
    ]
    assert len({tuple(one) for one in of}) == 4


@given(st.text(max_size=300), st.text(max_size=300))
def test_two_texts_stay_two(one: str, two: str) -> None:
    made = [ONE.text([spot(char) or char for char in text], b"") for text in (one, two)]
    assert (made[0] == made[1]) == (one == two)
    assert len(made[0]) == len(one)


def test_long_texts_that_differ_at_the_start_share_no_end() -> None:
    made = [ONE.text([spot(char) or char for char in first + "x" * 400], b"") for first in "ab"]
    assert sum(one == two for one, two in zip(*made, strict=True)) < 40


def test_the_same_word_is_the_same_key_and_another_is_not() -> None:
    assert key_of("quiet river") == key_of("quiet river") != key_of("quiet River")
    assert len(key_of("")) == 32
