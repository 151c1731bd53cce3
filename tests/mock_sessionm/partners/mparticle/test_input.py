from typing import Any

import pytest

from contracts import validate
from contracts.settings import SettingsError
from mock_sessionm import TenantSettings
from mock_sessionm.partners.mparticle import input as module
from tests.mock_sessionm.asking import Asker
from tests.mock_sessionm.posting import post, posting, taken

FEED = {"name": "shop", "key": "shop-key", "secret": "shop-secret", "kind": "feed"}
OLD = {"mpid": 5, "events": [{"event_type": "first_run", "data": {"timestamp_unixtime_ms": 1}}]}


def full() -> Asker:
    """A fake in which there is one of everything that can be remembered."""
    fake = posting(inputs=[FEED])
    post(fake, {"mpid": -7, "source_request_id": "a", "user_attributes": {"n": 1}, "user_identities": {"email": "e"}})
    post(fake, {"mpid": -7, "source_request_id": "a"})
    post(fake, [OLD, {"mpid": 6}], "historical")
    named = {"event_type": "screen_view", "data": {"screen_name": "Home", "source_message_id": "m"}}
    post(fake, {"mpid": 8, "batch_id": 9, "events": [named]}, pair=("shop-key", "shop-secret"))
    return fake


def test_what_was_taken_says_when_by_which_input_and_whether_it_goes_on() -> None:
    ingest = full().tenant.ingest
    told = [(one.number, one.at, one.input, one.path, one.historical, one.forwarded) for one in ingest.batches]
    assert told == [
        (1, 1_781_524_800.0, "default", "live", False, True),
        (2, 1_781_524_800.0, "default", "historical", True, False),
        (3, 1_781_524_800.0, "shop", "live", False, True),
    ]
    assert [one.rule for one in ingest.duplicates] == ["mparticle.source-request-id"]
    assert [(one.rule, one.body) for one in ingest.skipped] == [("mparticle.historical-no-events", {"mpid": 6})]


def test_the_state_goes_out_and_comes_back_the_same() -> None:
    fake, other = full(), posting(inputs=[FEED])
    state = fake.admin("GET", "/state").body
    assert validate("admin", "putState", state) == []
    assert other.admin("PUT", "/state", state).body == {"imported": 1}
    assert other.admin("GET", "/state").body["tenants"][0]["stores"] == state["tenants"][0]["stores"]
    post(other, {"mpid": -7, "source_request_id": "a"})
    assert len(other.tenant.ingest.duplicates) == 2
    post(other, {"mpid": 1})
    assert other.tenant.ingest.batches[-1].number == 4
    assert other.tenant.ingest.names == {"Home"}


def test_a_reset_forgets_everything() -> None:
    fake = full()
    fake.admin("POST", "/reset", {"only": ["state"]})
    empty: dict[str, Any] = {"batches": [], "duplicates": [], "skipped": [], "profiles": [], "names": [], "seen": []}
    assert fake.tenant.ingest.export() == empty


def test_the_control_api_shows_batches_and_profiles() -> None:
    fake = full()
    shown = fake.admin("GET", "/tenants/key/mparticle/batches").body
    assert {name: part if name == "dropped" else len(part) for name, part in shown.items()} == {
        "dropped": 0,
        "batches": 3,
        "duplicates": 1,
        "skipped": 1,
    }
    assert shown["batches"][0]["at"] == shown["skipped"][0]["at"] == "2026-06-15T12:00:00.000Z"
    profile = fake.admin("GET", "/tenants/key/mparticle/profiles/-7").body
    assert profile == {"mpid": "-7", "attributes": {"n": 1}, "identities": {"email": "e"}}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/tenants/key/mparticle/profiles/4", "no batch spoke"),
        ("/tenants/x/mparticle/profiles/-7", "no tenant"),
        ("/tenants/x/mparticle/batches", "no tenant"),
    ],
)
def test_what_is_not_there_is_a_404_in_one_line(path: str, said: str) -> None:
    answer = full().admin("GET", path)
    assert answer.status == 404
    assert said in answer.body["error"]


def test_only_the_latest_are_kept_and_the_others_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 2)
    fake = posting()
    for number in range(4):
        post(fake, {"mpid": number, "source_request_id": f"{number}"})
        post(fake, {"mpid": number, "source_request_id": f"{number}"})
        post(fake, [{"mpid": number}, OLD], "historical")
    ingest = fake.tenant.ingest
    assert (ingest.dropped, len(ingest.batches), len(ingest.duplicates), len(ingest.skipped)) == (6, 2, 2, 2)
    assert [one.number for one in ingest.batches] == [7, 8]
    assert [one.body["mpid"] for one in ingest.duplicates] == [2, 3]
    assert [one.body["mpid"] for one in ingest.skipped] == [2, 3]


def test_only_so_many_ids_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 1)
    fake = posting()
    for number in (*range(11), 0, 10):
        post(fake, {"mpid": 1, "source_request_id": f"{number}"})
    assert fake.tenant.ingest.dropped == 11
    assert [one.body["source_request_id"] for one in fake.tenant.ingest.duplicates] == ["10"]


def test_two_tenants_share_no_input_and_no_batch() -> None:
    fake = posting()
    made = fake.admin("POST", "/tenants", {"events": {"defined": []}}).body
    pair = (made["mparticle"]["key"], made["mparticle"]["secret"])
    assert post(fake, {"mpid": 1, "source_request_id": "a"}, pair=pair).status == 202
    assert post(fake, {"mpid": 1, "source_request_id": "a"}).status == 202
    assert len(taken(fake)) == 1
    assert len(fake.world.tenants[made["core"]["api_key"]].ingest.batches) == 1


@pytest.mark.parametrize("part", ["name", "key"])
def test_two_inputs_that_cannot_be_told_apart_are_refused(part: str) -> None:
    other = {**FEED, "name": "other", "key": "other"}
    with pytest.raises(SettingsError, match=rf"^tenant: mparticle\.inputs has a {part} twice; give each"):
        TenantSettings.of({"mparticle": {"inputs": [FEED, {**other, part: FEED[part]}]}})
    doors = TenantSettings.of({"mparticle": {"inputs": [FEED, other]}}).doors()
    assert [surface for surface, _ in doors] == ["core", "mparticle", "mparticle"]


@pytest.mark.parametrize("table", [{"key": "k"}, {"secret": "s"}, {}])
def test_half_a_pair_of_credentials_opens_nothing(table: dict[str, str]) -> None:
    assert [surface for surface, _ in TenantSettings.of({"mparticle": table}).doors()] == ["core"]


def test_without_a_limit_nothing_is_counted() -> None:
    fake = posting()
    for _ in range(3):
        post(fake, [{"mpid": 1}] * 100, "bulk")
    assert (fake.tenant.ingest.wait(), fake.tenant.ingest.used()) == (0.0, 0)


@pytest.mark.parametrize(
    ("past", "status", "after"), [(0.0, 429, "1"), (0.999, 429, "1"), (1.0, 202, None), (1.5, 202, None)]
)
def test_the_limit_is_for_any_second_and_says_when_to_come_back(past: float, status: int, after: str | None) -> None:
    fake = posting(batches_per_second=2)
    post(fake, [{"mpid": 1}] * 3, "bulk")
    fake.tenant.clock.advance(past)
    answer = post(fake, {"mpid": 2})
    assert (answer.status, answer.headers.get("retry-after")) == (status, after)


def test_what_is_refused_counts_for_nothing() -> None:
    fake = posting(batches_per_second=1)
    bodies: list[Any] = [{"events": 7}, b"{", {"mpid": []}]
    assert [post(fake, body).status for body in bodies] == [400] * 3
    assert post(fake, {"mpid": 1}).status == 202
    assert [post(fake, {"mpid": 1}).status for _ in range(2)] == [429, 429]


def test_it_waits_for_as_many_to_leave_the_second_as_are_too_many() -> None:
    fake = posting(batches_per_second=2)
    for _ in range(2):
        post(fake, {"mpid": 1})
        fake.tenant.clock.advance(0.25)
    assert fake.tenant.ingest.wait() == 0.5
    fake.tenant.clock.advance(0.5)
    assert fake.tenant.ingest.wait() == 0.0
    post(fake, [{"mpid": 1}] * 2, "bulk")
    assert fake.tenant.ingest.wait() == 1.0
    assert fake.tenant.ingest.used() == 100
