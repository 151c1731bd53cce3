from __future__ import annotations

from typing import Any

import pytest

from contracts import rules
from forwarder.connection import default_settings
from scenarios.settings_lint import lint

GOOD: dict[str, Any] = {
    "configuration": {"host_name": "https://api.example.com"},
    "platforms": {"default": {"api_key": "k", "api_secret": "s"}},
    "data_filter": {
        "events": {"transaction/purchase": True, "*": False},
        "screens": {"Menu": True},
        "user_attributes": {"FavoriteStore": True},
    },
    "event_mappings": {"Menu": "menu_seen"},
}
TENANT = {"events": {"defined": ["purchase", "menu_seen"]}, "profile_attributes": {"names": ["FavoriteStore"]}}


def found(connection: dict[str, Any], tenant: dict[str, Any] | None = None, **how: bool) -> list[tuple[str, str]]:
    return [
        (one.rule, one.pointer) for one in lint({**GOOD, **connection}, TENANT if tenant is None else tenant, **how)
    ]


def test_settings_that_fit_together_are_found_without_fault() -> None:
    assert found({}) == []


def test_the_embedded_connection_is_found_without_fault() -> None:
    assert lint(default_settings(), {}) == []


def test_every_rule_of_the_customer_that_settings_can_break_is_looked_at() -> None:
    """What no setting shows (data plans, Rules, the tenant's own pages) is left to the scenarios."""
    linted = {
        rule.id
        for rule in rules().values()
        if rule.owner == "customer" and any("connection" in example.get("lint", {}) for example in rule.examples)
    }
    settings: list[dict[str, Any]] = [
        {"event_mappings": {"x": "nowhere"}},
        {"data_filter": {"user_attributes": {"favoriteStore": True, "FavoriteStore": True}}},
        {"data_filter": {}},
        {"configuration": {}, "platforms": {}},
        {"madconnect": {"api_key": "k"}},
        {"madconnect": {"bucket": "b-1"}},
        {"mparticle": {"host": "https://s2s.mparticle.com"}},
        {"customerio": {"host": "https://track.customer.io"}},
    ]
    named = {one.rule for changed in settings for one in lint({**GOOD, **changed}, TENANT)}
    assert named == linted


@pytest.mark.parametrize(
    ("connection", "place"),
    [
        ({"event_mappings": {"Menu": "menu_seen", "Cart": "cart"}}, "event_mappings.Cart"),
        ({"event_mappings": {"Menu": "Menu_Seen"}}, "event_mappings.Menu"),
        ({"data_filter": {"events": {"other/visit": True}}}, "data_filter.visit"),
        ({"data_filter": {"screens": {"Home": True}}}, "data_filter.Home"),
        ({"data_filter": {"events": {"other/Purchase": True}}}, "data_filter.Purchase"),
    ],
)
def test_an_event_that_is_not_defined_is_found(connection: dict[str, Any], place: str) -> None:
    assert found(connection) == [("sessionm.events-defined", place)]


def test_the_defined_name_that_was_meant_is_named() -> None:
    (finding,) = lint({**GOOD, "event_mappings": {"Menu": "Menu_Seen"}}, TENANT)
    assert "did you mean menu_seen?" in finding.message


@pytest.mark.parametrize("events", [{"other/visit": False}, {"*": True}, {"transaction/*": True}])
def test_what_is_off_and_what_names_no_single_event_is_passed_over(events: dict[str, bool]) -> None:
    assert found({"data_filter": {"events": {**events, "transaction/purchase": True}}}) == []


def test_without_a_tenant_file_no_event_is_called_undefined() -> None:
    assert found({"event_mappings": {"x": "nowhere"}}, {}) == []


def test_a_miscased_attribute_and_two_casings_of_one_are_two_findings() -> None:
    columns = {"user_attributes": {"FavoriteStore": True, "favoriteStore": True}}
    assert found({"data_filter": columns}) == [
        ("sessionm.attribute-casing", "data_filter.user_attributes.favoriteStore"),
        ("sessionm.consistent-casing", "data_filter.user_attributes.favoriteStore"),
    ]


@pytest.mark.parametrize(
    ("columns", "faulty"),
    [
        ({}, True),
        ({"events": {"*": False}, "event_attributes": {"*": {"size": False}}}, True),
        ({"send_new_data_points_by_default": True}, False),
        ({"event_attributes": {"*": {"size": True}}}, False),
    ],
)
def test_a_filter_in_which_nothing_is_on_is_found(columns: dict[str, Any], faulty: bool) -> None:
    rules_found = [rule for rule, _ in found({"data_filter": columns})]
    assert rules_found == (["sessionm.data-points-enabled"] if faulty else [])


@pytest.mark.parametrize(
    ("connection", "wanted"),
    [
        ({"configuration": {}}, [("sessionm.host-name", "configuration.host_name")]),
        (
            {"platforms": {}},
            [
                ("sessionm.api-key", "platforms.default.api_key"),
                ("sessionm.api-secret", "platforms.default.api_secret"),
            ],
        ),
        ({"platforms": {"default": {"api_key": "k"}}}, [("sessionm.api-secret", "platforms.default.api_secret")]),
        (
            {"platforms": {"alexa": {"api_key": "k", "api_secret": "s"}}},
            [
                ("sessionm.api-key", "platforms.android.api_key"),
                ("sessionm.api-secret", "platforms.android.api_secret"),
            ],
        ),
    ],
)
def test_a_required_setting_that_is_missing_is_found(connection: dict[str, Any], wanted: list[tuple[str, str]]) -> None:
    assert found(connection) == wanted


def test_what_is_missing_is_a_warning_where_nothing_is_delivered_to_a_real_host() -> None:
    missing: dict[str, Any] = {"configuration": {}, "platforms": {}}
    assert {one.severity for one in lint({**GOOD, **missing}, TENANT)} == {"error"}
    assert {one.severity for one in lint({**GOOD, **missing}, TENANT, live=False)} == {"warn"}
