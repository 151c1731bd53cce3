import pytest

from scenarios.pseudonyms.finding import Known, phones_in, unescaped
from scenarios.pseudonyms.kinds import Kind


@pytest.fixture
def known() -> Known:
    made = Known()
    values: list[tuple[str, Kind]] = [
        ("Jane Doe", "name"),
        ("jane.doe@shop.io", "email"),
        ("+14155552671", "phone"),
        ("member-42", "id"),
        ("7", "id"),
        ("New York", "place"),
        ("3000000000000000001", "id"),
    ]
    for value, kind in values:
        made.add(value, kind)
    return made


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thank you JANE!", ["JANE"]),
        ("Dear Jane Doe, from New York", ["Jane Doe", "New York"]),
        ("mail Jane.Doe@Shop.io or Jane", ["Jane.Doe@Shop.io", "Jane"]),
        ("/u/member-42?x=jane.doe%40shop.io&n=%20jane", ["member-42", "jane.doe%40shop.io", "jane"]),
        ("call (415) 555-2671 or 415.555.2671", ["(415) 555-2671", "415.555.2671"]),
        ("janet, member-421, new yorker, 7, 77", []),
        ("id 3000000000000000001.", ["3000000000000000001"]),
    ],
)
def test_known_values_are_found_as_whole_words_in_any_casing_and_encoding(
    known: Known, text: str, found: list[str]
) -> None:
    assert [text[hit.start : hit.end] for hit in known.hits(text)] == found


def test_a_value_that_is_a_telephone_number_anywhere_is_one_everywhere(known: Known) -> None:
    known.add("member-42", "phone")
    assert known.kind(" MEMBER-42 ") == "phone"
    assert known.kind("nobody") is None


def test_a_number_alone_is_somebodys_only_where_it_is_long(known: Known) -> None:
    assert known.number("3000000000000000001") == "id"
    assert known.number("7") is None


def test_what_is_nobodys_name_is_not_sought() -> None:
    made = Known()
    for value in ("Test User", "null", "Al", "0", ""):
        made.add(value, "name")
    assert made.hits("a test for every user is null, al") == []


def test_percent_encoding_is_undone_with_the_places_kept() -> None:
    plain, at = unescaped("a%C3%A9%zz%41b")
    assert plain == "a\u00e9%zzAb"
    assert at == [0, 1, 7, 8, 9, 10, 13, 14]


def test_what_looks_like_a_telephone_number_does_so_in_its_usual_spellings() -> None:
    text = "+44 7911 123456, (415) 555-2671, 415-555-2671; 2026-01-02 10:00, 123-4567, 1.2.3.4, 12345678901234"
    assert [found[0] for found in phones_in(text)] == ["+44 7911 123456", "(415) 555-2671", "415-555-2671"]
