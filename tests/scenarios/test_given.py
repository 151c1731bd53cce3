from __future__ import annotations

from pathlib import Path

import pytest

from contracts.settings import SettingsError
from scenarios.given import Given
from scenarios.population import ATTRIBUTE_NAMES, EVENT_NAMES
from scenarios.runner import Runner
from scenarios.suites import scenarios_of

TENANT = """
[core]
api_key = "k"
api_secret = "s"
[profile_attributes]
names = ["FavoriteStore"]
[events]
defined = ["bought", "menu_seen"]
[assumptions]
empty-key = "underscore"
colliding-keys = "last"
"""
CONNECTION = """
[configuration]
host_name = "https://api.example.com"
[platforms.default]
api_key = "k"
api_secret = "s"
[event_mappings]
Buy = "bought"
[data_filter]
send_new_data_points_by_default = true
"""


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    path = tmp_path / "tenant.toml"
    path.write_text(TENANT)
    return path


@pytest.fixture
def connection(tmp_path: Path) -> Path:
    path = tmp_path / "connection.toml"
    path.write_text(CONNECTION)
    return path


def test_with_neither_file_both_sides_are_the_embedded_ones_and_agree() -> None:
    given = Given.load(None, None, {})
    pair = given.connection.credentials("ios")
    assert pair is not None
    assert (pair.api_key, pair.api_secret) == (given.tenant.api_key, given.tenant.api_secret)
    assert (given.tenant_given, given.connection_given) == (False, False)


def test_a_connection_alone_gives_the_fake_its_credentials(tmp_path: Path, connection: Path) -> None:
    given = Given.load(None, connection, {})
    assert (given.tenant.api_key, given.tenant.api_secret) == ("k", "s")
    only_ios = tmp_path / "ios.toml"
    only_ios.write_text("[platforms.ios]\napi_key = 'i'\napi_secret = 't'\n")
    assert Given.load(None, only_ios, {}).tenant.api_key == "i"


def test_a_connection_alone_gives_the_other_fakes_their_credentials(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.toml"
    path.write_text("[customerio]\nsite_id = 'site'\napi_key = 'key'\n[mparticle]\nkey = 'half'\n")
    partners = Given.load(None, path, {}).tenant.partners
    assert partners["customerio"] == {"site_id": "site", "api_key": "key"}
    assert "mparticle" not in partners or partners["mparticle"]["key"] != "half"


def test_two_files_that_disagree_about_customer_io_are_named_both_and_no_secret_is(
    tmp_path: Path, tenant: Path, connection: Path
) -> None:
    table = "[customerio]\nsite_id = 'site'\napi_key = 'hidden-{}'\n"
    connection.write_text(CONNECTION + table.format("one"))
    tenant.write_text(TENANT + table.format("one"))
    assert Given.load(tenant, connection, {}).tenant.partners["customerio"]["site_id"] == "site"
    tenant.write_text(TENANT + table.format("two"))
    with pytest.raises(SettingsError, match=r"customerio\.site_id and customerio\.api_key are not those in") as caught:
        Given.load(tenant, connection, {})
    assert str(tmp_path) in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_two_files_agree_where_any_platform_has_the_tenants_credentials(tenant: Path, connection: Path) -> None:
    assert Given.load(tenant, connection, {}).tenant.api_key == "k"
    connection.write_text(
        "[platforms.ios]\napi_key = 'k'\napi_secret = 's'\n[platforms.default]\napi_key = 'o'\napi_secret = 'o'\n"
    )
    assert Given.load(tenant, connection, {}).tenant.api_key == "k"


def test_a_connection_without_credentials_takes_the_tenants(tenant: Path, connection: Path) -> None:
    connection.write_text("[data_filter]\nsend_new_data_points_by_default = true\n")
    assert Given.load(tenant, connection, {}).tenant.api_key == "k"


@pytest.mark.parametrize(("key", "secret"), [("other", "s"), ("k", "other")])
def test_two_files_that_disagree_are_named_both_and_no_secret_is(
    tenant: Path, connection: Path, key: str, secret: str
) -> None:
    connection.write_text(f"[platforms.default]\napi_key = '{key}'\napi_secret = '{secret}'\n")
    with pytest.raises(SettingsError) as caught:
        Given.load(tenant, connection, {})
    said = str(caught.value)
    assert str(tenant) in said
    assert str(connection) in said
    assert f"'{secret}'" not in said


def test_a_choice_of_the_command_line_goes_over_the_files(tenant: Path, connection: Path) -> None:
    given = Given.load(tenant, connection, {"empty-key": "dropped"})
    assert (given.choices["empty-key"], given.choices["colliding-keys"]) == ("dropped", "last")


def test_invented_people_use_the_names_that_the_tenant_defines(tenant: Path, connection: Path) -> None:
    names = Given.load(tenant, connection, {}).names()
    assert list(names.events) == ["Buy", "menu_seen"]
    assert names.attributes[0] == "FavoriteStore"
    builtin = Given.load(None, None, {}).names()
    assert (tuple(builtin.events), tuple(builtin.attributes)) == (EVENT_NAMES, ATTRIBUTE_NAMES)


def test_settings_that_were_given_are_held_against_the_customers_rules(tenant: Path, connection: Path) -> None:
    assert Given.load(None, None, {}).lint() == []
    (result,) = Given.load(tenant, connection, {}).lint()
    assert result.verdict == "kept"
    connection.write_text(CONNECTION.replace('Buy = "bought"', 'Buy = "Bought"'))
    (result,) = Given.load(tenant, connection, {}).lint()
    assert [finding.rule for finding in result.findings] == ["sessionm.events-defined"]


def test_a_run_with_both_files_is_kept(tenant: Path, connection: Path) -> None:
    given = Given.load(tenant, connection, {})
    runner = Runner(given.embedded(seed=1, on_violation="reject"))
    runner.run(scenarios_of(["journeys", "generated"], seed=1, count=60, given=given))
    report = runner.report(seed=1, fail_on="warn", vendors=["sessionm"])
    assert [finding.message for _, finding in report.findings] == []


def test_the_suites_come_in_the_order_of_their_register_each_once() -> None:
    given = Given.load(None, None, {})
    made = scenarios_of(["generated", "journeys", "journeys", "boundaries"], seed=1, count=2, given=given)
    suites = [scenario.suite for scenario in made]
    assert list(dict.fromkeys(suites)) == ["boundaries", "journeys", "generated"]
    assert suites.count("generated") == 2
