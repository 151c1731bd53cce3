import socket
from pathlib import Path

import pytest

from scenarios.given import Given
from scenarios.recordings.opening import entries
from scenarios.replay.playing import Terms
from scenarios.replay.replayed import Replayed
from scenarios.replay.spreading import Lost
from scenarios.replay.whole import Players, replay
from tests.scenarios.test_foreign import SETTLE, Stranger


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def terms_for(url: str) -> Terms:
    return Terms(key="", given=Given.load(None, None, {}), destination="sessionm", seed=1, planning=url)


def through(stranger: Stranger, path: Path, pace: float | None = None) -> Replayed:
    port = free_port()
    stranger.target = f"http://127.0.0.1:{port}"
    with stranger.server:
        terms = terms_for(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Lost, match=r"--forwarder: .*start it first"):
        replay(entries([str(recording)]), terms, sources=(), players=Players(port=0, settle=SETTLE))
