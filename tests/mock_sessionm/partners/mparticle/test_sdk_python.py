"""The official Python SDK of mParticle, as it is, against the fake on a real port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import mparticle
import pytest
from mparticle.rest import RESTClientObject

from contracts.serving import Server
from mock_sessionm import Tenant
from mock_sessionm.partners.mparticle.input import Ingest
from tests.mock_sessionm.posting import PAIR, posting


@dataclass
class Served:
    url: str
    tenant: Tenant

    @property
    def ingest(self) -> Ingest:
        return self.tenant.ingest


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    # The SDK remembers a Retry-After for the whole process.
    monkeypatch.setattr(RESTClientObject, "retry_after_timestamp", 0, raising=False)
    monkeypatch.setattr(RESTClientObject, "latest_response", None, raising=False)


def served(**mparticle_table: Any) -> Iterator[Served]:
    fake = posting(**mparticle_table)
    server = Server(fake.app)
    server.start()
    yield Served(server.url, fake.tenant)
    server.stop()


@pytest.fixture
def fake() -> Iterator[Served]:
    yield from served()


@pytest.fixture
def slow() -> Iterator[Served]:
    yield from served(batches_per_second=1)


def sender(fake: Served, secret: str = PAIR[1]) -> mparticle.EventsApi:
    configuration = mparticle.Configuration()
    configuration.host = fake.url + "/v2"
    configuration.api_key, configuration.api_secret = PAIR[0], secret
    return mparticle.EventsApi(configuration)


def sdk_batch(mpid: int, *events: Any) -> mparticle.Batch:
    made = mparticle.Batch()
    made.environment = "development"
    made.mpid = mpid
    made.user_identities = mparticle.UserIdentities(customerid="c1", email="ada@example.com")
    made.user_attributes = {"$FirstName": "Ada", "seats": 2}
    made.events = list(events)
    return made


def test_a_batch_of_many_kinds_of_events_is_taken_and_its_person_known(fake: Served) -> None:
    event = mparticle.AppEvent("Add To Cart", "transaction")
    event.custom_attributes = {"size": "L", "n": 3, "gift": True}
    events = (
        mparticle.SessionStartEvent(),
        event,
        mparticle.ScreenViewEvent(screen_name="Home"),
        mparticle.SessionEndEvent(session_duration_ms=1000),
    )
    sender(fake).upload_events(sdk_batch(-9007199254740993, *events))
    (taken,) = fake.ingest.batches
    assert [one["event_type"] for one in taken.body["events"]] == [
        "session_start",
        "custom_event",
        "screen_view",
        "session_end",
    ]
    assert taken.body["events"][1]["data"]["custom_attributes"] == {"size": "L", "n": 3, "gift": True}
    profile = fake.ingest.profiles.get(-9007199254740993)
    assert profile is not None
    assert profile.attributes == {"$FirstName": "Ada", "seats": 2}
    assert profile.identities == {"customer_id": "c1", "email": "ada@example.com"}


def test_a_hundred_batches_in_one_call_are_taken_and_one_more_is_refused(fake: Served) -> None:
    sender(fake).bulk_upload_events([sdk_batch(number) for number in range(100)])
    assert [one.body["mpid"] for one in fake.ingest.batches] == list(range(100))
    with pytest.raises(mparticle.rest.ApiException, match=r"101 items, at most 100") as refused:
        sender(fake).bulk_upload_events([sdk_batch(number) for number in range(101)])
    assert refused.value.status == 400


def test_the_sdk_hears_that_its_secret_is_wrong(fake: Served) -> None:
    with pytest.raises(mparticle.rest.ApiException) as refused:
        sender(fake, "falsch").bulk_upload_events([sdk_batch(1)])
    assert refused.value.status == 403
    assert fake.ingest.batches == []


def test_the_sdk_hears_which_event_was_wrong(fake: Served) -> None:
    with pytest.raises(mparticle.rest.ApiException, match=r"/events/0/data/screen_name: integer"):
        sender(fake).upload_events(sdk_batch(1, mparticle.ScreenViewEvent(screen_name=7)))


def test_a_batch_that_is_sent_twice_is_taken_once_and_nobody_says_so(fake: Served) -> None:
    batch = sdk_batch(1)
    batch.source_request_id = "request-1"
    for _ in range(2):
        sender(fake).upload_events(batch)
    assert (len(fake.ingest.batches), len(fake.ingest.duplicates)) == (1, 1)


def test_after_a_429_the_sdk_refuses_by_itself_until_the_time_has_come(slow: Served) -> None:
    sender(slow).upload_events(sdk_batch(1))
    with pytest.raises(mparticle.rest.ApiException) as refused:
        sender(slow).upload_events(sdk_batch(2))
    assert refused.value.status == 429
    assert refused.value.headers["X-mp-rate-limit-exceeded"] == "account"
    slow.tenant.clock.advance(1)
    with pytest.raises(mparticle.rest.ApiException) as refused:
        sender(slow).upload_events(sdk_batch(3))
    assert refused.value.status == 429
    assert [one.body["mpid"] for one in slow.ingest.batches] == [1]
    RESTClientObject.retry_after_timestamp = 0
    sender(slow).upload_events(sdk_batch(4))
    assert [one.body["mpid"] for one in slow.ingest.batches] == [1, 4]
