from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts import assumptions
from contracts.settings import SettingsError
from forwarder import Connection
from forwarder.connection import EMBEDDED, Credentials, default_settings
from scenarios.reading import kept_back

PAIR = {"api_key": "k", "api_secret": "s"}


def made(**settings: Any) -> Connection:
    return Connection.from_settings(settings)


def filtered(**columns: Any) -> Connection:
    return made(data_filter=columns)


def loaded(folder: Path, text: str) -> Connection:
    path = folder / "connection.toml"
    path.write_text(text, encoding="utf-8")
    return Connection.load(path)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        loaded(folder, text)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(str(folder / "connection.toml"))
    return said.removeprefix(str(folder / "connection.toml"))


# --- what holds where nothing is said ----------------------------------------------------------------------


def test_the_embedded_connection_lets_everything_through_to_the_local_fake() -> None:
    embedded = Connection.default()
    assert embedded.missing() == []
    assert embedded.host_name == "http://127.0.0.1:8600"
    assert embedded.credentials("ios") == Credentials("local-key", "local-secret")
    columns = embedded.data_filter
    for column in (columns.events, columns.screens, columns.user_attributes, columns.user_identities):
        assert column.on("anything")
    assert columns.attributes_of("other/x", screen=False).on("anything")
    assert columns.attributes_of("x", screen=True).on("anything")


def test_the_embedded_file_and_the_embedded_settings_are_the_same() -> None:
    assert Connection.load(EMBEDDED / "sessionm.toml").settings == default_settings()


def test_an_empty_file_forwards_nothing_but_of_users_who_are_logged_in(tmp_path: Path) -> None:
    empty = loaded(tmp_path, "")
    assert not empty.data_filter.events.on("other/x")
    assert (empty.logged_in_only, empty.login_identities) == (True, frozenset({"customer_id"}))
    assert (empty.rule, empty.max_data_age_hours, dict(empty.event_mappings)) == (None, None, {})
    assert empty.missing() == ["configuration.host_name", "platforms.default.api_key", "platforms.default.api_secret"]


def test_secrets_are_not_shown() -> None:
    connection = made(
        platforms={"default": {"api_key": "k", "api_secret": "geheim"}}, input={"key": "a", "secret": "geheim"}
    )
    assert "geheim" not in repr(connection)


# --- the data filter --------------------------------------------------------------------------------------


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("column", ["events", "screens", "user_attributes", "user_identities"])
def test_a_name_decides_before_the_star_and_the_star_before_the_default(column: str, default: bool) -> None:
    name = "other/x" if column == "events" else "email"
    for table, wanted in (
        ({}, default),
        ({"*": not default}, not default),
        ({"*": default, name: not default}, not default),
        ({name: default, "*": not default}, default),
        ({"other/another": not default}, default),
    ):
        columns = filtered(send_new_data_points_by_default=default, **{column: table}).data_filter
        assert getattr(columns, column).on(name) is wanted, table


@pytest.mark.parametrize(
    ("table", "on"),
    [
        ({"transaction/*": True}, True),
        ({"*": True, "transaction/*": False}, False),
        ({"transaction/*": True, "transaction/refund": False}, False),
        ({"transaction/*": False, "transaction/refund": True}, True),
        ({"other/*": True}, False),
    ],
)
def test_a_whole_type_of_events_decides_between_the_name_and_the_star(table: dict[str, bool], on: bool) -> None:
    column, asked = filtered(events=table).data_filter.event_column("transaction/refund")
    assert column.on(asked) is on


@pytest.mark.parametrize(
    ("tables", "on"),
    [
        ({}, False),
        ({"*": {"size": True}}, True),
        ({"*": {"*": True}}, True),
        ({"*": {"*": True}, "other/x": {"size": False}}, False),
        ({"*": {"size": False}, "other/x": {"*": True}}, False),
        ({"*": {"*": False}, "other/x": {"*": True}}, True),
        ({"*": {"size": True}, "other/x": {}}, True),
        ({"other/y": {"size": True}}, False),
        ({"*": {"size": False}, "other/x": {"size": True}}, True),
    ],
)
@pytest.mark.parametrize("screen", [True, False])
def test_an_attribute_is_decided_by_its_own_event_before_any_event(
    tables: dict[str, Any], on: bool, screen: bool
) -> None:
    connection = filtered(**{"screen_attributes" if screen else "event_attributes": tables})
    assert connection.data_filter.attributes_of("other/x", screen=screen).on("size") is on
    column = "screen_attributes" if screen else "event_attributes"
    told = kept_back(connection.settings, connection.choices, column, "size", "other/x")
    assert (told is None) is on, "the second reading of the rules says otherwise"


def test_a_name_is_known_where_somebody_decided_about_it() -> None:
    columns = filtered(user_attributes={"a": False}, screens={"*": False}).data_filter
    assert (columns.user_attributes.knows("a"), columns.user_attributes.knows("b")) == (True, False)
    assert columns.screens.knows("anything")


def test_every_spelling_of_the_customer_id_is_the_same_in_filter_and_login() -> None:
    connection = made(
        data_filter={"user_identities": {"customerid": True}},
        forwarding_rules={"login_identities": ["customer", "email"]},
    )
    assert connection.data_filter.user_identities.on("customer_id")
    assert connection.login_identities == {"customer_id", "email"}


def test_names_match_in_any_casing_where_that_is_chosen() -> None:
    settings = {"event_mappings": {"Add To Cart": "add"}, "data_filter": {"user_attributes": {"FavoriteStore": True}}}
    connection = Connection.from_settings(settings, {"name-matching": "insensitive"})
    assert connection.event_mappings[connection.fold("ADD to cart")] == "add"
    assert connection.data_filter.user_attributes.on(connection.fold("favoriteSTORE"))


# --- credentials ------------------------------------------------------------------------------------------


def test_a_platform_uses_its_own_pair_and_the_others_the_default_one() -> None:
    connection = made(platforms={"default": PAIR, "ios": {"api_key": "i", "api_secret": "t"}})
    assert connection.credentials("ios") == Credentials("i", "t")
    assert connection.credentials("xbox") == Credentials("k", "s")


def test_a_platform_takes_from_the_default_what_it_does_not_name() -> None:
    connection = made(platforms={"default": PAIR, "ios": {"api_secret": "t"}, "roku": {}})
    assert connection.credentials("ios") == Credentials("k", "t")
    assert connection.credentials("roku") == Credentials("k", "s")


@pytest.mark.parametrize(
    ("platforms", "missing"),
    [
        ({}, ["api_key", "api_secret"]),
        ({"default": {"api_key": "k"}}, ["api_secret"]),
        ({"ios": {"api_key": "k"}, "android": {"api_secret": "s"}}, ["api_key", "api_secret"]),
        ({"default": {"api_secret": "s"}, "ios": {"api_key": "k"}}, []),
        ({"ios": PAIR}, []),
    ],
)
def test_what_is_missing_for_any_delivery_is_named(platforms: dict[str, Any], missing: list[str]) -> None:
    connection = made(platforms=platforms, configuration={"host_name": "https://api.example.com"})
    assert connection.missing() == [f"platforms.default.{key}" for key in missing]


def test_a_platform_without_a_pair_has_no_credentials() -> None:
    connection = made(platforms={"ios": PAIR, "android": {"api_key": "k"}})
    assert connection.credentials("android") is None


def test_a_secret_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[platforms.default]\napi_key = "k"\napi_secret = { env = "OUR_SECRET" }\n'
    monkeypatch.delenv("OUR_SECRET", raising=False)
    assert "OUR_SECRET, which is not set" in complaint(tmp_path, text)
    monkeypatch.setenv("OUR_SECRET", "geheim")
    assert loaded(tmp_path, text).credentials("ios") == Credentials("k", "geheim")


# --- the mParticle Rule -----------------------------------------------------------------------------------


def test_a_rule_is_found_beside_the_file_also_where_another_folder_has_one_of_the_same_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rules_of_a_test.py").write_text(f"def drop(batch):\n    return {{'from': '{name}'}}\n")
        rule = loaded(tmp_path / name, '[rules]\nmodule = "rules_of_a_test:drop"\n').rule
        assert rule is not None
        assert rule({}) == {"from": name}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (None, "No module named 'rules_that_fail'"),
        ("x = 1\n", "has no attribute 'drop'"),
        ("drop = 1\n", "is not a function"),
        ("def drop(:\n", "SyntaxError"),
        ("import a_module_that_is_nowhere\n", "No module named 'a_module_that_is_nowhere'"),
        ("raise RuntimeError('two\\nlines')\n", "RuntimeError: two lines"),
        ("import sys\nsys.exit(5)\n", "SystemExit: 5"),
        ("1 / 0\n", "ZeroDivisionError"),
    ],
)
def test_a_rule_that_cannot_be_imported_is_one_line(tmp_path: Path, source: str | None, said: str) -> None:
    if source is not None:
        (tmp_path / "rules_that_fail.py").write_text(source)
    line = complaint(tmp_path, '[rules]\nmodule = "rules_that_fail:drop"\n')
    assert "rules.module 'rules_that_fail:drop'" in line
    assert said in line


# --- what is no connection --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[configuration\n", ": is not TOML"),
        (
            "[configuration]\nhost_nam = 'https://x'\n",
            ", line 2: configuration.host_nam is not a setting; did you mean",
        ),
        ("[configuration]\nhost_name = 'api.sessionm.com'\n", ", line 2: configuration.host_name"),
        ("[configuration]\n\nhost_name = 5\n", ", line 3: configuration.host_name must be text, not "),
        ("[platforms.ipad]\napi_key = 'k'\n", ", line 1: platforms.ipad is not a setting"),
        ("[platforms.ios]\napi_key = ''\n", ", line 2: platforms.ios.api_key"),
        ("[event_mappings]\n'Add To Cart' = ''\n", ", line 2: event_mappings.Add To Cart"),
        ("[data_filter.events]\n'other/x' = 'yes'\n", ", line 2: data_filter.events.other/x must be true or false"),
        ("[data_filter]\nsend_new_data_points_by_default = 1\n", ", line 2: data_filter.send_new"),
        ("[forwarding_rules]\nlogin_identities = []\n", ", line 2: forwarding_rules.login_identities"),
        ("[rules]\nmodule = 'my_rules'\n", ", line 2: rules.module"),
        ("[rules]\n", "missing required setting rules.module"),
        ("max_data_age_hours = 0\n", ", line 1: max_data_age_hours"),
        (
            "[assumptions]\ncolliding-key = 'last'\n",
            ", line 2: [assumptions] unknown assumption 'colliding-key'; did you",
        ),
        (
            "[assumptions]\ncolliding-keys = 'both'\n",
            ", line 2: [assumptions] assumption 'colliding-keys' has no choice 'both'",
        ),
    ],
)
def test_a_bad_file_is_one_line_with_file_line_key_and_expectation(tmp_path: Path, text: str, said: str) -> None:
    assert said in complaint(tmp_path, text)


@pytest.mark.parametrize(
    ("raw", "said"), [(None, "cannot be read: No such file"), (b"\xff\xfe", "is not UTF-8 at byte 0")]
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, raw: bytes | None, said: str) -> None:
    path = tmp_path / "connection.toml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(SettingsError, match=said):
        Connection.load(path)


# --- assumptions ------------------------------------------------------------------------------------------


def test_a_choice_on_the_command_line_goes_over_the_one_in_the_file() -> None:
    settings = {"assumptions": {"colliding-keys": "last", "empty-key": "underscore"}}
    chosen = Connection.from_settings(settings, {"colliding-keys": "first"}).choices
    assert (chosen["colliding-keys"], chosen["empty-key"]) == ("first", "underscore")
    assert chosen["null-as-string"] == assumptions()["null-as-string"].choice
