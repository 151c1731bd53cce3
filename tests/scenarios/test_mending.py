import pytest

from contracts import rules
from contracts.settings import parse
from scenarios.mending import FILTERS, SETTINGS, mending


@pytest.mark.parametrize(
    ("rule", "name", "setting"),
    [
        ("sessionm.data-filter", "user attribute loyalty_tier", "[data_filter.user_attributes] loyalty_tier = true"),
        (
            "sessionm.new-data-points-off",
            "event search/Store Located",
            '[data_filter.events] "search/Store Located" = true',
        ),
        ("sessionm.new-data-points-off", "screen Home", "[data_filter.screens] Home = true"),
        ("sessionm.identities-by-filter", "user identity email", "[data_filter.user_identities] email = true"),
        ("customerio.data-filter", "event attribute size", '[data_filter.event_attributes."*"] size = true'),
        ("customerio.include-user-attributes", "user attribute x", "[customerio] include_user_attributes = true"),
        ("sessionm.other-kinds-unsupported", "event session_start", ""),
    ],
)
def test_what_stopped_a_name_says_which_setting_would_let_it_through(rule: str, name: str, setting: str) -> None:
    assert mending(rule, name) == setting


@pytest.mark.parametrize(
    "name", ["user attribute a", "user identity email", "event attribute x", "screen A", "event o/B"]
)
def test_a_setting_of_the_data_filter_is_one_that_a_connection_takes(name: str) -> None:
    table, _, key = mending("sessionm.data-filter", name).partition("] ")
    assert parse(f"{table}]\n{key}\n", "connection.schema.yaml", "made")


def test_every_rule_that_is_named_is_one() -> None:
    assert {*FILTERS, *SETTINGS} <= set(rules())
