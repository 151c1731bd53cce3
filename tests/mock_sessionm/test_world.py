import pytest

from mock_sessionm import TenantSettings
from mock_sessionm.world import Taken, totals
from tests.mock_sessionm.asking import Asker, asker, basic


def test_tenants_do_not_see_each_others_customers(fake: Asker) -> None:
    other = fake.world.create()
    fake.create(external_id="e")
    auth = basic(other.api_key, other.settings.api_secret)
    assert fake.core("GET", "/external/users/e", key=other.api_key, auth=auth).code == "user_not_found"


def test_the_credentials_of_one_tenant_open_no_other(fake: Asker) -> None:
    other = fake.world.create()
    assert fake.core("GET", "/users/x", key=other.api_key).rules == ["sessionm.api-key-in-path"]
    assert fake.core("GET", "/users/x", auth=basic(other.api_key, "wrong")).rules == ["sessionm.credentials"]


def test_a_twin_has_the_names_and_choices_of_the_first_and_credentials_of_its_own() -> None:
    fake = asker(TenantSettings(events=("visit",), assumptions={"tag-answer": "list"}))
    twin = fake.world.create()
    assert twin.settings.events == ("visit",)
    assert twin.choices["tag-answer"] == "list"
    assert twin.api_key != fake.tenant.api_key
    assert set(twin.settings.partners) == {"connect", "braze", "customerio", "mparticle"}


def test_the_same_seed_makes_the_same_credentials() -> None:
    keys = [asker(seed=seed).world.create().api_key for seed in (1, 1, 2)]
    assert keys[0] == keys[1] != keys[2]


def test_a_taken_key_is_refused(fake: Asker) -> None:
    with pytest.raises(Taken):
        fake.world.create(fake.world.settings)


def test_each_tenant_has_a_clock_of_its_own(fake: Asker) -> None:
    other = fake.world.create()
    other.clock.advance("1d")
    assert fake.tenant.clock.now() == fake.world.clock.now() != other.clock.now()


def test_a_deleted_tenant_takes_its_journal_along(fake: Asker) -> None:
    fake.core("GET", "/users/x")
    assert fake.world.delete("key")
    assert not fake.world.delete("key")
    assert len(fake.world.journal) == 0
    assert fake.send("GET", "/priv/v1/apps/key/users/x", b"", {}).status == 401


def test_a_reset_puts_back_only_what_is_named(fake: Asker) -> None:
    fake.create(external_id="e")
    fake.tenant.clock.advance("1d")
    fake.world.reset(["clock"])
    assert fake.tenant.clock.now() == fake.world.clock.now()
    assert len(fake.tenant.customers) == 1
    fake.world.reset(["state"])
    assert len(fake.tenant.customers) == 0
    assert len(fake.world.journal) == 1
    fake.world.reset(["journal"])
    assert len(fake.world.journal) == 0


@pytest.mark.parametrize(
    "header",
    [None, "", "Basic", "Basic !!!", "Bearer abc", "Basic /w==", basic("nobody", "x"), basic("key", ""), "\xff\xfe"],
)
def test_whatever_an_authorization_header_holds_only_the_right_pair_opens(fake: Asker, header: str | None) -> None:
    assert fake.world.holder("core", header, fake.tenant) is None


def test_the_scheme_may_come_in_any_case(fake: Asker) -> None:
    right = basic("key", "secret").removeprefix("Basic ")
    for header in (f"basic {right}", f"BASIC  {right}", f" Basic {right} "):
        assert fake.world.holder("core", header, None) is fake.tenant


def test_counts_are_added_up() -> None:
    assert totals([{"a": 1}, {"a": 2, "b": 1}]) == {"a": 3, "b": 1}
