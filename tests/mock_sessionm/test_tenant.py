from pathlib import Path
from typing import Any

import pytest

from contracts import Choices
from contracts.settings import SettingsError
from mock_sessionm import Clock, TenantSettings, load_tenant
from mock_sessionm.tenant import Tenant
from mock_sessionm.tenant_settings import default_tenant

FILE = """
[core]
api_key = "k"
api_secret = "s"

[profile_attributes]
names = ["FavoriteStore"]

[events]
defined = ["purchase"]

[assumptions]
tag-answer = "list"

[[users]]
user = { email = "Ada@example.com", external_id = "1001" }
tags = [{ tags = ["gold"], ttl = 60 }, { tags = ["new"] }]
"""


def tenant(settings: TenantSettings, choices: dict[str, str] | None = None) -> Tenant:
    return Tenant(settings, clock=Clock(0.0, frozen=True), choices=Choices(choices or {}))


def written(folder: Path, text: str) -> Path:
    path = folder / "tenant.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tenant_file_says_what_is_set_up(tmp_path: Path) -> None:
    settings = load_tenant(written(tmp_path, FILE))
    assert (settings.api_key, settings.api_secret) == ("k", "s")
    assert (settings.attributes, settings.events) == (("FavoriteStore",), ("purchase",))


def test_customers_of_the_file_are_there_from_the_start_and_after_a_reset(tmp_path: Path) -> None:
    made = tenant(load_tenant(written(tmp_path, FILE)))
    for _ in range(2):
        ada = made.customers.by_external("1001")
        assert ada is not None
        assert ada.fields["email"] == "ada@example.com"
        assert set(made.customers.tags(ada)) == {"gold", "new"}
        made.customers.create({"external_id": "another"})
        made.reset_state()
    assert len(made.customers) == 1


def test_the_same_seed_makes_the_same_ids(tmp_path: Path) -> None:
    settings = load_tenant(written(tmp_path, FILE))
    assert [customer.id for customer in tenant(settings).customers] == [
        customer.id for customer in tenant(settings).customers
    ]


def test_the_choices_of_the_file_stand_over_those_of_the_app(tmp_path: Path) -> None:
    made = tenant(load_tenant(written(tmp_path, FILE)), {"tag-answer": "by-name", "event-answer": "bare"})
    assert (made.choices["tag-answer"], made.choices["event-answer"]) == ("list", "bare")


def test_asking_for_a_choice_counts_its_use() -> None:
    made = tenant(TenantSettings())
    made.choice("tag-answer")
    assert made.used == {"tag-answer": 1}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[core\n", "is not TOML"),
        ("[core]\napi_kee = 'x'\n", "api_key"),
        ("[events]\ndefined = 'purchase'\n", "events.defined"),
        ("[assumptions]\ntag-anwser = 'list'\n", "tag-answer"),
        ("[[users]]\nuser = { first_name = 'Ada' }\n", "users.0"),
        ("[[users]]\nuser = { email = 'a@b.c', user_profile = { a-b = 'x' } }\n", "users.0.user.user_profile.a-b"),
    ],
)
def test_a_bad_file_is_one_line_that_names_file_and_place(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_tenant(path)
    assert str(path) in str(caught.value)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_settings_and_their_document_are_the_same(tmp_path: Path) -> None:
    settings = load_tenant(written(tmp_path, FILE))
    document: dict[str, Any] = settings.document()
    assert TenantSettings.of(document) == settings


def test_the_embedded_tenant_has_names_events_and_partners() -> None:
    settings = default_tenant()
    assert settings.attributes
    assert "purchase" in settings.events
    assert set(settings.partners) == {"connect", "braze", "customerio", "mparticle"}
