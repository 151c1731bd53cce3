from scenarios.pseudonyms.turning import Turning
from scenarios.pseudonyms.words import Words, pool, regions

WORDS = Words(Turning(b"1" * 32))


def test_a_name_that_faker_knows_becomes_one_that_it_does_not_and_no_two_the_same() -> None:
    for length in (3, 4, 5, 7, 9):
        known = pool()[length]
        made = {WORDS.other(word) for word in known}
        assert len(made) == len(known)
        assert not made & known
        assert {len(word) for word in made} == {length}


def test_casing_stays_and_is_no_difference_between_people() -> None:
    assert WORDS.other("JANE").lower() == WORDS.other("Jane").lower() == WORDS.other("jane")
    assert WORDS.other("McDonald")[:3].istitle() or WORDS.other("McDonald")[2].isupper()
    assert WORDS.other("JANE").isupper()


def test_a_word_in_no_list_becomes_other_letters_of_its_alphabet_and_never_a_name_of_the_lists() -> None:
    for word in ("Qqxxzzkk", "\u041e\u043b\u044c\u0433\u0430", "\u738b\u5c0f\u660e", "Zo\u00eb"):
        other = WORDS.other(word)
        assert other != word
        assert len(other.encode()) == len(word.encode())
        assert other.lower() not in pool().get(len(other), ())


def test_a_word_may_be_of_any_length() -> None:
    assert [len(WORDS.other("x" * length)) for length in (1, 2, 20, 21, 300, 5000)] == [1, 2, 20, 21, 300, 5000]


def test_states_stand_for_one_another_in_lists_of_their_own() -> None:
    assert all(len({len(one) for one in group}) == 1 for group in regions())
