"""Names in steps, days that were so long ago, and steps as lines without credentials."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm import TenantSettings
from scenarios.probing.periods import seconds
from scenarios.probing.script import Script, shown

SETTINGS = TenantSettings(
    api_key="the-key",
    api_secret="the-secret",
    partners={"connect": {"key": "ck", "secret": "cs", "retailer_id": "00000000-0000-4000-8000-000000000001"}},
)


def script(today: date = date(2026, 6, 15)) -> Script:
    return Script(SETTINGS, {"run": "r-1", "word": "w_1"}, today, {"one": "id-1"})


def test_names_are_filled_in_as_keys_and_as_values() -> None:
    assert script().filled({"events": {"{word}": ["{run}", "{one}", "{run}-two"]}}) == {
        "events": {"w_1": ["r-1", "id-1", "r-1-two"]}
    }


@pytest.mark.parametrize(
    ("today", "born"),
    [
        (date(2026, 6, 15), "2013-06-14"),
        (date(2026, 3, 1), "2013-02-28"),
        (date(2028, 3, 1), "2015-02-28"),
        (date(2028, 2, 29), "2015-02-28"),
    ],
)
def test_somebody_is_thirteen_years_and_one_day_old(today: date, born: str) -> None:
    assert script(today).filled({"dob": {"$ago": {"years": 13, "days": 1}}}) == {"dob": born}


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 1, 1)))
def test_the_day_thirteen_years_and_a_day_ago_is_past_the_thirteenth_birthday_and_before_the_fourteenth(
    today: date,
) -> None:
    born = date.fromisoformat(script(today).filled({"$ago": {"years": 13, "days": 1}}))
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert age == 13
    assert (today.month, today.day) != (born.month, born.day)


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ({"do": "getUser", "who": "one", "query": "a=b"}, "GET /priv/v1/apps/{api_key}/users/id-1?a=b"),
        (
            {"do": "getUserOffers", "who": "one", "body": {"take": 1}},
            'POST /offers/api/2.0/offers/get_user_offers  {"retailer_id":"{retailer_id}","user_id":"id-1","take":1}',
        ),
        ({"pause": "2s"}, "(wait 2s)"),
        ({"wait": "2d"}, "(left pending; from 2d later on, with --resume:)"),
        ({"answers": [503]}, "(the receiver answers 503)"),
        ({"hear": 1, "about": ["{one}"], "within": "30s"}, "(what the receiver heard, within 30s)"),
    ],
)
def test_a_step_is_a_line_in_which_credentials_stand_as_their_names(step: dict[str, object], line: str) -> None:
    assert shown(step, script()) == line


@pytest.mark.parametrize(("period", "wanted"), [("2s", 2), ("2m", 120), ("1h", 3600), ("2d", 172800)])
def test_a_period_is_so_many_seconds(period: str, wanted: int) -> None:
    assert seconds(period) == wanted


def test_another_period_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="'soon' is no period"):
        seconds("soon")
