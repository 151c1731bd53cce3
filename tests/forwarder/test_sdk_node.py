"""The official Node SDK of mParticle, as it is, against the ingest on a real port; skipped without Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.forwarder.road import Road

NODE = Path(__file__).parent.parent / "node"
NODE_PROGRAM = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(NODE_PROGRAM is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (NODE / "node_modules" / "mparticle").is_dir(),
        reason="the Node SDK is not installed; run npm install in tests/node",
    ),
]


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    with Road(tmp_path) as made:
        yield made


def sent(road: Road, secret: str) -> tuple[int, dict[str, Any]]:
    """Exit code and answer of the SDK's program."""
    done = subprocess.run(  # noqa: S603  our own program
        [NODE_PROGRAM or "node", str(NODE / "send.cjs"), f"{road.near.url}/v2", "in", secret],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def test_a_batch_of_several_kinds_of_events_reaches_the_vendor(road: Road) -> None:
    assert sent(road, "geheim") == (0, {"status": 202, "body": ""})
    road.settled()
    assert road.vendor.events == [("4711", "Add To Cart"), ("4711", "Home")]
    assert road.vendor.users["4711"]["user_profile"] == {"Favorite_Store": "12"}
    assert road.said == []


def test_the_sdk_hears_that_its_secret_is_wrong(road: Road) -> None:
    code, answer = sent(road, "falsch")
    assert (code, answer["status"]) == (1, 403)
    assert road.vendor.seen == []
