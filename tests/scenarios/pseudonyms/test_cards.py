import pytest

from scenarios.pseudonyms.cards import looks_like_card


@pytest.mark.parametrize(
    "number", ["4111" + "1" * 12, "4111 1111 1111 1111", "3782-822463-10005", "5555555555554444", "6011111111111117"]
)
def test_issuer_length_and_check_digit_make_a_card(number: str) -> None:
    assert looks_like_card(number)


@pytest.mark.parametrize(
    "number", ["4111111111111112", "1767225600000", "9111111111111111", "411111111111111", "x" * 16]
)
def test_any_other_number_is_none(number: str) -> None:
    assert not looks_like_card(number)
