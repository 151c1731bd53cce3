import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import assumptions
from contracts.register import load_yaml
from contracts.settings import SettingsError, checked, parse, read

TENANT, CONNECTION = "tenant.schema.yaml", "connection.schema.yaml"
ROOT = Path(__file__).parents[2]
KNOWN = ", ".join(load_yaml(CONNECTION)["properties"])
NO_COLON = "text without a colon, which would end the user name in Basic credentials"
ADDRESS = "an http or https address such as https://api.sessionm.com"


def refused(text: str, schema: str = CONNECTION) -> str:
    with pytest.raises(SettingsError) as error:
        parse(text, schema, "file.toml")
    told = str(error.value)
    assert "\n" not in told
    return told


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("mock_sessionm/tenant.toml", TENANT),
        ("forwarder/destinations/sessionm.toml", CONNECTION),
        ("docs/examples/tenant.toml", TENANT),
        ("docs/examples/connection.toml", CONNECTION),
    ],
)
def test_every_file_that_we_ship_is_a_good_one(path: str, schema: str) -> None:
    assert read(ROOT / path, schema)


def test_a_tenant_names_nothing_twice_and_has_a_key_that_basic_credentials_can_carry() -> None:
    twice = refused('[events]\ndefined = ["a", "a"]', TENANT)
    colon = refused('[core]\napi_key = "a:b"\napi_secret = "s"', TENANT)
    assert twice == "file.toml, line 2: events.defined names something twice"
    assert colon.startswith("file.toml, line 2: core.api_key has an unknown form; expected text without a colon")


def test_an_empty_file_is_a_good_one() -> None:
    assert parse("", CONNECTION, "file.toml") == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[configuration]\n\nhostname = "https://x"',
            "file.toml, line 3: configuration.hostname is not a setting; did you mean 'host_name'?",
        ),
        (
            "[zzzzzzzz]\nx = 1",
            f"file.toml, line 1: zzzzzzzz is not a setting; known: {KNOWN}",
        ),
        (
            '[data_filter]\nsend_new_data_points_by_default = "no"',
            "file.toml, line 2: data_filter.send_new_data_points_by_default must be true or false, not text",
        ),
        ("# first\nplatforms = 3", "file.toml, line 2: platforms must be a table, not a whole number"),
        ('[event_mappings]\n"a" = ""', "file.toml, line 2: event_mappings.a must not be empty"),
        (
            "[forwarding_rules]\nlogin_identities = []",
            "file.toml, line 2: forwarding_rules.login_identities must not be empty",
        ),
        (
            '[platforms.default]\napi_key = "a:b"',
            f"file.toml, line 2: platforms.default.api_key has an unknown form; expected {NO_COLON}",
        ),
        ('[input]\nkey = "k"', "file.toml, line 1: input has one part of a pair; input.secret is missing"),
        ("[input]\nsecret = 's'\nkey = 5", "file.toml, line 3: input.key must be text, not a whole number"),
        (
            '[configuration]\nhost_name = "sessionm.com"',
            f"file.toml, line 2: configuration.host_name has an unknown form; expected {ADDRESS}",
        ),
        ("[rules]", "file.toml, line 1: missing required setting rules.module"),
        (
            '[data_filter.event_attributes."other/a.b"]\nsize = "yes"',
            "file.toml, line 2: data_filter.event_attributes.other/a.b.size must be true or false, not text",
        ),
        (
            '[assumptions]\nempty-keys = "dropped"',
            "file.toml, line 2: [assumptions] unknown assumption 'empty-keys'; did you mean 'empty-key'?",
        ),
    ],
)
def test_a_wrong_setting_is_one_line_with_file_line_key_and_expectation(text: str, told: str) -> None:
    assert refused(text) == told


@pytest.mark.parametrize(
    ("campaign", "told"),
    [
        ("trigger = {at = 'soon'}", "campaigns.0.trigger.at has an unknown form"),
        ("trigger = {first = '2026-06-15T12:00:00Z', every = '0 s'}", "campaigns.0.trigger.every has an unknown form"),
        ("trigger = {event = 'a', att = 'b'}", "campaigns.0.trigger.att is not a setting; known: event"),
        (
            "trigger = {event = 'a', at = '2026-06-15T12:00:00Z'}",
            "campaigns.0.trigger has not the names of one form; expected",
        ),
        (
            "trigger = {}",
            "campaigns.0.trigger has not the names of one form; expected event, or at, or first and every",
        ),
        ("trigger = {event = 'a'}\noutcomes = [{points = 0}]", "campaigns.0.outcomes.0.points must be at least 1"),
        ("trigger = {event = 'a'}\ngoal = 2147483648", "campaigns.0.goal must be at most 2147483647"),
    ],
)
def test_a_table_of_several_forms_is_told_what_is_wrong_in_the_one_it_begins(campaign: str, told: str) -> None:
    found = refused(f"[[campaigns]]\nid = 'a'\n{campaign}", TENANT)
    assert found.startswith("file.toml, line ")
    assert told in found


def test_no_number_of_a_tenant_is_too_long_for_an_answer() -> None:
    def endless(schema: object) -> list[object]:
        if isinstance(schema, dict):
            own = [schema] if schema.get("type") == "integer" and not {"maximum", "minimum"} <= schema.keys() else []
            return own + [found for part in schema.values() for found in endless(part)]
        return [found for part in schema for found in endless(part)] if isinstance(schema, list) else []

    assert endless(dict(load_yaml(TENANT))) == []


def test_an_entry_of_a_list_is_named_by_its_place() -> None:
    assert refused("[events]\ndefined = ['a', 3]", TENANT).startswith(
        "file.toml, line 2: events.defined.1 must be text"
    )


def test_what_is_not_toml_is_told_with_line_and_column() -> None:
    assert refused("[core\n").startswith("file.toml: is not TOML: ")
    assert "line 2" in refused("a = 1\nb = \n")


def test_a_file_that_is_not_utf_8_is_told_with_its_byte(tmp_path: Path) -> None:
    file = tmp_path / "tenant.toml"
    file.write_bytes(b'[core]\napi_key = "\xff"')
    with pytest.raises(SettingsError, match=r"tenant\.toml: is not UTF-8 at byte 18; save it as UTF-8$"):
        read(file, TENANT)


def test_a_file_that_is_not_there_or_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: cannot be read: No such file or directory$"):
        read(tmp_path / "none.toml", TENANT)
    with pytest.raises(SettingsError, match=r"cannot be read: Is a directory$"):
        read(tmp_path, TENANT)


def test_a_secret_is_read_from_the_environment_when_the_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_TEST_SECRET", "from the environment")
    text = '[core]\napi_secret = { env = "HARNESS_TEST_SECRET" }'
    assert parse(text, TENANT, "file.toml") == {"core": {"api_secret": "from the environment"}}


def test_a_variable_that_is_not_set_is_told_with_line_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HARNESS_TEST_SECRET", raising=False)
    assert refused('[core]\napi_key = "k"\napi_secret = { env = "HARNESS_TEST_SECRET" }', TENANT) == (
        "file.toml, line 3: core.api_secret wants the environment variable HARNESS_TEST_SECRET, which is not set"
    )


def test_settings_from_the_network_never_read_the_environment() -> None:
    name = next(iter(os.environ))
    with pytest.raises(SettingsError, match=r"core\.api_secret must be text, not a table"):
        checked({"core": {"api_secret": {"env": name}}}, TENANT, "tenant", secrets=False)


@given(st.sampled_from(sorted(assumptions())), st.data())
def test_every_choice_of_every_assumption_can_stand_in_either_file(name: str, data: st.DataObject) -> None:
    choice = data.draw(st.sampled_from(assumptions()[name].choices))
    text = f'[assumptions]\n{name} = "{choice}"'
    for schema in (TENANT, CONNECTION):
        assert parse(text, schema, "file.toml")["assumptions"] == {name: choice}


@given(st.text())
def test_any_text_is_settings_or_one_line(text: str) -> None:
    with suppress(SettingsError):  # anything else would be a traceback on somebody's terminal
        parse(text, CONNECTION, "file.toml")


def test_an_event_in_the_data_filter_without_its_type_is_told_for_it_could_never_match() -> None:
    told = refused('[data_filter.events]\n"purchase" = true')
    assert told.startswith(
        "file.toml, line 2: data_filter.events.purchase has a name that nothing can have; expected type/name"
    )
