import tomllib
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import forwarder
from forwarder import DESTINATIONS, Connection
from scenarios.compare.settings import NOWHERE, embedded, on_trial

TABLES: Any = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.text(st.characters(exclude_categories=["Cs"]))),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(table=st.dictionaries(st.sampled_from(["event_mappings", "rules", "a b", 'q"u', "é\\"]), TABLES, max_size=3))
def test_whatever_is_set_is_written_as_it_is(table: dict[str, Any]) -> None:
    made = tomllib.loads(on_trial(table, "sessionm").text)
    assert {name: made[name] for name in table} == table


def test_no_credential_and_no_host_of_the_user_is_tried() -> None:
    given_ = {
        "configuration": {"host_name": "https://api.example.com"},
        "platforms": {
            "default": {"api_key": "mine", "api_secret": {"env": "MINE"}},
            "ios": {"api_key": "mine-too"},
            "android": {"api_key": "mine"},
        },
        "max_data_age_hours": 1,
    }
    made = on_trial(given_, "sessionm")
    assert "mine" not in made.text
    assert "MINE" not in made.text
    said = tomllib.loads(made.text)
    assert said["configuration"]["host_name"] == NOWHERE
    assert "max_data_age_hours" not in said
    assert said["platforms"]["android"] == said["platforms"]["default"] != said["platforms"]["ios"]
    assert set(made.pairs) == {"default", "ios"}


def test_a_platform_without_credentials_stays_without() -> None:
    said = tomllib.loads(on_trial({"platforms": {"ios": {"api_key": "a"}, "web": {}}}, "sessionm").text)
    assert said["platforms"] == {"ios": {"api_key": "a"}, "web": {}}


def test_every_destinations_own_settings_can_be_tried(tmp_path: Path) -> None:
    for name in DESTINATIONS:
        settings = embedded(Path(forwarder.__file__).parents[1], name)
        assert settings
        path = tmp_path / f"{name}.toml"
        path.write_text(on_trial(settings, name).text)
        connection = Connection.load(path, destination=name)
        assert not connection.missing()
        assert connection.host_name == NOWHERE
