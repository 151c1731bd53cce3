"""The official Python SDK of mParticle, as it is, against the ingest on a real port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mparticle
import pytest

from tests.forwarder.road import Road


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    with Road(tmp_path) as made:
        yield made


def sender(road: Road, secret: str = "geheim") -> mparticle.EventsApi:  # noqa: S107  of a fake
    configuration = mparticle.Configuration()
    configuration.host = road.near.url + "/v2"
    configuration.api_key, configuration.api_secret = "in", secret
    return mparticle.EventsApi(configuration)


def sdk_batch(mpid: int, *events: Any) -> mparticle.Batch:
    made = mparticle.Batch()
    made.environment = "development"
    made.mpid = mpid
    made.user_identities = mparticle.UserIdentities(customerid="c1", email="ada@example.com")
    made.user_attributes = {"Favorite-Store": "12", "$FirstName": "Ada", "seats": 2}
    made.device_info = mparticle.DeviceInformation(platform="iOS")
    made.events = list(events)
    return made


def custom(name: str) -> mparticle.AppEvent:
    event = mparticle.AppEvent(name, "transaction", timestamp_unixtime_ms=1_700_000_000_000)
    event.custom_attributes = {"size": "L", "n": 3, "gift": True}
    return event


def test_batches_of_many_kinds_of_events_reach_the_vendor(road: Road) -> None:
    product = mparticle.Product(name="cup", id="c-1", price=4.5)
    action = mparticle.ProductAction("purchase")
    action.products = [product]
    crash = mparticle.CrashReportEvent()
    crash.message = "boom"
    batch = sdk_batch(
        -9007199254740993,
        mparticle.SessionStartEvent(),
        custom("Add To Cart"),
        mparticle.ScreenViewEvent(screen_name="Home"),
        mparticle.CommerceEvent(action),
        crash,
        mparticle.SessionEndEvent(session_duration_ms=1000),
    )
    sender(road).bulk_upload_events([batch])
    road.settled()
    assert road.said == []
    mpid = "-9007199254740993"
    assert road.vendor.events == [(mpid, "Add To Cart"), (mpid, "Home")]
    assert road.vendor.users[mpid]["first_name"] == "Ada"
    assert road.vendor.users[mpid]["user_profile"] == {"Favorite_Store": "12", "seats": "2"}
    assert road.tally.fates["unsupported"] > 0


def test_a_hundred_batches_in_one_call_are_all_delivered(road: Road) -> None:
    sender(road).bulk_upload_events([sdk_batch(number, custom("buy")) for number in range(1, 101)])
    road.settled()
    assert road.vendor.events == [(str(number), "buy") for number in range(1, 101)]
    assert sorted(road.vendor.created, key=int) == [str(number) for number in range(1, 101)]


def test_the_sdk_hears_that_its_secret_is_wrong(road: Road) -> None:
    with pytest.raises(mparticle.rest.ApiException, match="403"):
        sender(road, "falsch").bulk_upload_events([sdk_batch(1, custom("buy"))])
    assert road.spool.unsettled() == []
    assert road.vendor.seen == []


def test_the_sdk_hears_which_batch_was_wrong_and_where(road: Road) -> None:
    wrong = sdk_batch(1, mparticle.ScreenViewEvent(screen_name=7))
    with pytest.raises(mparticle.rest.ApiException, match=r"/events/0/data/screen_name: integer"):
        sender(road).upload_events(wrong)


def test_the_single_batch_call_works_as_well(road: Road) -> None:
    sender(road).upload_events(sdk_batch(5, custom("buy")))
    road.settled()
    assert road.vendor.events == [("5", "buy")]
