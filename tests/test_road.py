"""The whole road over real ports: an official SDK, `forward --listen`, `serve`; then the fake is asked."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mparticle
import pytest

from tests.commands import Listening, Serving
from tests.forwarder.vendor import until

NODE = Path(__file__).parent / "node"
NODE_PROGRAM = shutil.which("node")


@dataclass(frozen=True)
class Road:
    listening: Listening
    serving: Serving


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    with Serving() as serving, Listening(tmp_path, serving.url) as listening:
        yield Road(listening, serving)


def sender(road: Road) -> mparticle.EventsApi:
    configuration = mparticle.Configuration()
    configuration.host = f"{road.listening.url}/v2"
    configuration.api_key, configuration.api_secret = "any", "pair"
    return mparticle.EventsApi(configuration)


def arrived(road: Road, mpid: str, events: int) -> None:
    def holds() -> bool:
        known = road.serving.customer(mpid)
        return known is not None and len(known["events"]) == events

    until(holds)


def test_what_the_python_sdk_sends_is_what_the_fake_knows(road: Road) -> None:
    batch = mparticle.Batch()
    batch.environment = "development"
    batch.mpid = -9007199254740993
    batch.user_identities = mparticle.UserIdentities(customerid="c1", email="ada@example.com")
    batch.user_attributes = {"_FavoriteStore": 12, "favoritestore": "x", "$FirstName": "Ada"}
    batch.device_info = mparticle.DeviceInformation(platform="iOS")
    action = mparticle.ProductAction("purchase")
    action.products = [mparticle.Product(name="cup", id="c-1", price=4.5)]
    bought = mparticle.AppEvent("purchase", "transaction", timestamp_unixtime_ms=1_700_000_000_000)
    bought.custom_attributes = {f"a{number}": number for number in range(12)}
    batch.events = [
        mparticle.SessionStartEvent(),
        bought,
        mparticle.ScreenViewEvent(screen_name="screen_view"),
        mparticle.CommerceEvent(action),
        mparticle.CrashReportEvent(),
    ]
    sender(road).upload_events(batch)
    arrived(road, "-9007199254740993", 2)
    known = road.serving.customer("-9007199254740993")
    assert known["user"]["first_name"] == "Ada"
    assert known["user"]["email"] == "ada@example.com"
    assert known["user"]["user_profile"]["FavoriteStore"] == "12"
    assert "favoritestore" not in known["user"]["user_profile"]
    bought_context = next(event["context"] for event in known["events"] if event["name"] == "purchase")
    assert bought_context == {f"a{number}": str(number) for number in range(10)}
    code, out, err = road.listening.end()
    assert (code, err) == (0, "")
    assert "delivered 3, refused 0" in out
    assert "unsupported 3" in out


def test_an_event_that_is_not_defined_is_refused_and_said_on_the_terminal(road: Road) -> None:
    batch = mparticle.Batch()
    batch.environment = "development"
    batch.mpid = 7
    batch.user_identities = mparticle.UserIdentities(customerid="c1")
    batch.events = [mparticle.AppEvent("Purchase", "transaction"), mparticle.AppEvent("purchase", "transaction")]
    sender(road).bulk_upload_events([batch])
    arrived(road, "7", 1)
    code, out, err = road.listening.end()
    assert code == 1
    assert "POST event refused" in err
    assert "delivered 2, refused 1" in out


@pytest.mark.skipif(NODE_PROGRAM is None, reason="node is not installed")
@pytest.mark.skipif(
    not (NODE / "node_modules" / "mparticle").is_dir(),
    reason="the Node SDK is not installed; run npm install in tests/node",
)
def test_what_the_node_sdk_sends_is_what_the_fake_knows(road: Road) -> None:
    done = subprocess.run(  # noqa: S603  our own program
        [NODE_PROGRAM or "node", str(NODE / "send.cjs"), f"{road.listening.url}/v2", "any", "pair"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["status"] == 202
    until(lambda: road.serving.customer("4711") is not None)
    assert road.serving.customer("4711")["user"]["first_name"] == "Ada"
