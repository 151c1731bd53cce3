import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.partners.braze import TEMPLATE_BEHAVIOURS, Person, Renderer, TemplateError
from mock_sessionm.partners.braze.liquid.filters import BY_RULE, unsupported

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NOON = 1_767_268_800.0


def rendered(source: str, **fields: object) -> str:
    return Renderer(clock=lambda: NOON).render(source, Person(fields)).text


@given(TEXT)
def test_an_escaped_text_between_quotes_is_json_of_the_text(text: str) -> None:
    assert json.loads('"' + rendered("{{${t} | json_escape}}", t=text) + '"') == text


@given(st.integers(-(10**15), 10**15))
def test_delimiters_change_no_digit(number: int) -> None:
    made = rendered("{{${n} | number_with_delimiter}}", n=number)
    assert int(made.replace(",", "")) == number
    assert all(len(part) == 3 for part in made.split(",")[1:])


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT, st.lists))
def test_what_was_written_as_json_is_read_again(value: object) -> None:
    # A list, since nothing can be told of a nil that a variable holds.
    assert json.loads(rendered("{{${v} | as_json_string}}", v=[value])) == [value]
    assert rendered("{{${v} | as_json_string | json_parse | as_json_string}}", v=[value]) == rendered(
        "{{${v} | as_json_string}}", v=[value]
    )


def test_nothing_is_null_in_json() -> None:
    assert rendered("{{nothing | as_json_string}}") == "null"


@pytest.mark.parametrize("name", unsupported())
def test_what_braze_does_not_have_is_refused_by_name(name: str) -> None:
    with pytest.raises(TemplateError, match=f"line 2: Braze does not have the filter '{name}'"):
        rendered("\n{{ 'a' | " + name + " }}")


@pytest.mark.parametrize("name", sorted({name for filters in BY_RULE.values() for name in filters}))
def test_every_filter_of_braze_is_known_to_liquid(name: str) -> None:
    assert name in Renderer()._environment.filters


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ 'now' | date: '%Y-%m-%d %H:%M' }}", "2026-01-01 12:00"),
        ("{{ 'today' | date: '%s' }}", "1767268800"),
        ("{{ 1767268800 | date: '%H:%M' }}", "12:00"),
        ("{{ '1767268800' | date: '%H:%M %s' }}", "12:00 1767268800"),
        ("{{ '2026-01-01T12:00:00+02:00' | date: '%H:%M %s' }}", "12:00 1767261600"),
        ("{{ 'soon' | date: '%Y' }}", "soon"),
        ("[{{ nothing | date: '%Y' }}]", "[]"),
        ("{{ true | date: '%Y' }}", "true"),
        ("{{ '2026-01-01' | date }}", "2026-01-01"),
        ("{{ '99999999999999999999' | date: '%Y' }}", "99999999999999999999"),
        ("{{ 'soon' | time_zone: 'UTC' }}", "soon"),
        ("{{ '2026-01-01 12:00' | time_zone: 'Europe/Berlin' | date: '%H:%M %z' }}", "13:00 +0100"),
    ],
)
def test_a_moment_is_written_in_utc_whatever_this_machine_thinks(source: str, text: str) -> None:
    assert rendered(source) == text


def test_without_a_clock_there_is_no_now() -> None:
    with pytest.raises(TemplateError, match="was given no clock"):
        Renderer().render("{{ 'now' | date: '%Y' }}", Person())


@pytest.mark.parametrize(
    "source",
    [
        "{{ ${big} | join: ${long} }}",
        "{{ ${long} | replace: 'x', ${long} }}",
        "{{ (1..9999999999) | join: ',' }}",
        "{{ (1..9999999999) | size }}",
        "{% assign n = 9 %}{% for i in (1..20) %}{% assign n = n | times: n %}{% endfor %}{{n}}",
    ],
)
def test_a_filter_makes_no_more_than_a_message_may_hold(source: str) -> None:
    with pytest.raises(TemplateError):
        rendered(source, big=["y"] * 1000, long="x" * 100_000)


def test_text_filters_take_numbers_and_objects_as_they_are_printed() -> None:
    assert rendered("{{ ${o} | size }}{{ ${o} | upcase }}", o={"a": 1}) == '1{"A"=>1}'
    assert rendered("{{ ${l} | slice: 1, 2 | join: '' }}", l=["a", "b", "c"]) == "bc"
    assert rendered("{{ 'abcdef' | truncate: 4 }}") == "a..."


def test_a_plain_liquid_has_none_of_them() -> None:
    plain = Renderer(behaviours=TEMPLATE_BEHAVIOURS - set(BY_RULE))
    with pytest.raises(TemplateError, match="unknown filter 'md5'"):
        plain.render("{{ 'a' | md5 }}", Person())
