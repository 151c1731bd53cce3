import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.pseudonyms.cards import looks_like_card
from scenarios.pseudonyms.fictions import fictional, reserved, unrouted
from scenarios.pseudonyms.kinds import Kind
from scenarios.pseudonyms.pseudonym import EMAIL, INT64, Pseudonyms

KEY = b"1" * 32
PEOPLE = Pseudonyms(KEY)
KINDS: list[Kind] = ["id", "name", "email", "phone", "ip", "born", "zip", "place", "region", "latitude", "age"]


@given(st.text(max_size=60), st.sampled_from(KINDS))
def test_length_casing_and_signs_stay_whatever_the_value_is(value: str, kind: Kind) -> None:
    other = PEOPLE.of(value, kind)
    assert len(other) == len(value)
    assert len(other.encode("utf-8", "surrogatepass")) == len(value.encode("utf-8", "surrogatepass"))
    assert [char.isupper() for char in other] == [char.isupper() for char in value]
    assert [char for char in other if not char.isalnum()] == [char for char in value if not char.isalnum()]
    assert (other[:1].isspace(), other[-1:].isspace()) == (value[:1].isspace(), value[-1:].isspace())


@given(st.lists(st.from_regex(r"[A-Za-z]{1,4}-?[0-9]{1,5}", fullmatch=True), unique=True, max_size=40))
def test_two_people_stay_two(values: list[str]) -> None:
    assert len({PEOPLE.of(value, "id") for value in values}) == len(values)


def test_the_same_key_makes_the_same_people_and_another_key_makes_others() -> None:
    values = ["Jane", "jane.doe@shop.io", "+14155552671", "3000000000000000001"]
    again, others = Pseudonyms(KEY), Pseudonyms(b"2" * 32)
    assert [again.of(value, "id") for value in values] == [PEOPLE.of(value, "id") for value in values]
    assert not {others.of(value, "id") for value in values} & {PEOPLE.of(value, "id") for value in values}


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_of_64_bits_stays_one_with_its_sign_and_digits(number: int) -> None:
    other = PEOPLE.of(str(number), "id")
    assert int(other) in INT64
    assert len(other) == len(str(number))
    assert (int(other) < 0) == (number < 0)
    assert (other != str(number)) == (number != 0)
    assert str(int(other)) == other


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 9_999_999_999_999_999_999, 2**64, 10**30])
def test_an_integer_of_more_than_64_bits_stays_one_too(number: int) -> None:
    assert int(PEOPLE.of(str(number), "id")) not in INT64


@pytest.mark.parametrize(
    "value",
    ["jane.doe@gmail.com", "a@b.co", "x+tag@mail.shop.co.uk", "j@firma.online", "k@x.museum", "l@y.photography"],
)
def test_an_address_stays_one_and_leads_nowhere(value: str) -> None:
    other = PEOPLE.of(value, "email")
    assert EMAIL.fullmatch(other)
    assert reserved(other.rpartition("@")[2])
    assert other.count(".") == value.count(".")
    assert other.partition("@")[0] != value.partition("@")[0]


def test_the_domain_is_one_for_all_its_people_and_a_reserved_one_stays() -> None:
    one, two = PEOPLE.of("ada@shop.io", "email"), PEOPLE.of("bob@shop.io", "email")
    assert one.partition("@")[2] == two.partition("@")[2]
    assert PEOPLE.of("ada@example.com", "email").endswith("@example.com")
    assert len({PEOPLE.of(f"ada@shop.{top}", "email") for top in ("de", "fr", "it", "es", "com", "net", "org")}) == 7


def test_an_address_in_two_casings_stays_one_address() -> None:
    assert PEOPLE.of("Jane@Shop.IO", "email").lower() == PEOPLE.of("jane@shop.io", "email")


@pytest.mark.parametrize(
    "value", ["+14155552671", "(415) 555-2671", "1-415-555-2671", "+447911123456", "07911 123456", "+39 06 1234 5678"]
)
def test_a_telephone_number_keeps_its_country_and_is_nobodys(value: str) -> None:
    other = PEOPLE.of(value, "phone")
    assert re.sub(r"\d", "0", other) == re.sub(r"\d", "0", value)
    assert other[:2] == value[:2] or not value.startswith("+")
    assert fictional(other)


def test_one_number_in_two_spellings_stays_one_and_no_two_become_one() -> None:
    assert PEOPLE.of("+14155552671", "phone")[2:] == re.sub(r"\D", "", PEOPLE.of("(415) 555-2671", "phone"))
    numbers = [f"55{number:05d}" for number in range(700)]
    assert len({PEOPLE.of(number, "phone") for number in numbers}) == 700


def test_a_device_id_stays_one_and_one_that_is_not_there_stays_so() -> None:
    other = PEOPLE.of("550E8400-E29B-41D4-A716-446655440000", "id")
    assert re.fullmatch(r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-A[0-9A-F]{3}-[0-9A-F]{12}", other)
    assert PEOPLE.of("00000000-0000-0000-0000-000000000000", "id") == "00000000-0000-0000-0000-000000000000"
    assert PEOPLE.of("cio_0300", "id").startswith("cio_")
    assert re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", PEOPLE.of("01ARZ3NDEKTSV4RRFFQ69G5FAV", "id"))


@pytest.mark.parametrize("value", ["84.17.133.2", "8.8.8.8", "2a00:1450:4001:81b::200e"])
def test_an_address_of_a_machine_stays_one_that_nobody_can_reach(value: str) -> None:
    other = PEOPLE.of(value, "ip")
    assert unrouted(other)
    assert re.sub(r"[0-9a-f]", "0", other) == re.sub(r"[0-9a-f]", "0", value)


@given(st.dates(date(1930, 1, 1), date(2020, 12, 31)))
def test_a_day_of_birth_stays_a_day_of_its_year_and_on_its_side_of_what_counts(born: date) -> None:
    people = Pseudonyms(KEY)
    people.begin(date(2026, 2, 27), date(2026, 3, 2))
    other = date.fromisoformat(people.of(str(born), "born"))
    assert other.year == born.year
    if 11 <= 2026 - born.year <= 22:
        for day in people.window or ():
            assert ((other.month, other.day) <= (day.month, day.day)) == (
                (born.month, born.day) <= (day.month, day.day)
            )


def test_an_age_stays_on_its_side_of_those_that_count() -> None:
    made = [int(PEOPLE.of(str(age), "age")) for age in range(1, 120)]
    assert len(set(made)) == 119
    assert all(age != other for age, other in enumerate(made, 1))
    assert all((age < limit) == (other < limit) for age, other in enumerate(made, 1) for limit in (13, 16, 18, 21))
    assert PEOPLE.of("33", "age") == PEOPLE.of(" 33", "age").strip()


def test_a_state_becomes_another_one_and_what_is_none_stays() -> None:
    assert PEOPLE.of("CA", "region") != "CA"
    assert PEOPLE.of("on", "region") == "on"


@given(st.floats(-89, 89), st.integers(0, 7))
def test_a_latitude_stays_on_its_half_and_as_exact(latitude: float, digits: int) -> None:
    value = f"{latitude:.{digits}f}"
    other = PEOPLE.of(value, "latitude")
    assert -90 < float(other) < 90
    assert other.startswith("-") == value.startswith("-")


def test_no_invented_identifier_passes_for_a_card() -> None:
    assert not any(looks_like_card(PEOPLE.of(f"4{number:015d}", "id")) for number in range(300))


def test_a_credential_is_masked() -> None:
    assert PEOPLE.of("s3cr3t", "secret") == "******"
