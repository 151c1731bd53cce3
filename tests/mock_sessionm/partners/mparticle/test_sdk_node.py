"""The official Node SDK of mParticle, as it is, against the fake on a real port; skipped without Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.serving import Server
from tests.mock_sessionm.asking import Asker
from tests.mock_sessionm.posting import PAIR, posting, taken

NODE = Path(__file__).parents[3] / "node"
NODE_PROGRAM = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(NODE_PROGRAM is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (NODE / "node_modules" / "mparticle").is_dir(),
        reason="the Node SDK is not installed; run npm install in tests/node",
    ),
]


@pytest.fixture
def fake() -> Iterator[tuple[Asker, str]]:
    made = posting()
    server = Server(made.app)
    server.start()
    yield made, server.url
    server.stop()


def sent(url: str, secret: str) -> tuple[int, dict[str, Any]]:
    """Exit code and answer of the SDK's program."""
    done = subprocess.run(  # noqa: S603  our own program
        [NODE_PROGRAM or "node", str(NODE / "send.cjs"), f"{url}/v2", PAIR[0], secret],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def test_a_batch_of_several_kinds_of_events_is_taken(fake: tuple[Asker, str]) -> None:
    asker, url = fake
    assert sent(url, PAIR[1]) == (0, {"status": 202, "body": ""})
    (batch,) = taken(asker)
    assert [event["event_type"] for event in batch["events"]] == ["custom_event", "screen_view", "session_start"]
    profile = asker.tenant.ingest.profiles.get(4711)
    assert profile is not None
    assert profile.attributes == {"Favorite-Store": "12", "$FirstName": "Ada"}
    assert profile.identities == {"customer_id": "c1"}


def test_the_sdk_hears_that_its_secret_is_wrong(fake: tuple[Asker, str]) -> None:
    asker, url = fake
    code, answer = sent(url, "falsch")
    assert (code, answer["status"]) == (1, 403)
    assert taken(asker) == []
