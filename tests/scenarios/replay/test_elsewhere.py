import socket
from pathlib import Path

import pytest

from scenarios.given import Given
from scenarios.recordings.opening import entries
from scenarios.replay.pacing import Pace
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


def sent_to(url: str, path: Path, *, port: int = 0, pace: float | None = None) -> Replayed:
    terms = Terms(key="", given=Given.load(None, None, {}), destination="sessionm", seed=1, planning=url)
    players = Players(port=port, settle=SETTLE, pace=Pace(pace))
    return replay(entries([str(path)]), terms, sources=(str(path),), players=players)


def through(stranger: Stranger, path: Path, pace: float | None = None) -> Replayed:
    port = free_port()
    stranger.target = f"http://127.0.0.1:{port}"
    with stranger.server:
        return sent_to(stranger.server.url, path, port=port, pace=pace)


@pytest.mark.parametrize("pace", [None, 10_000.0])
def test_a_good_forwarder_at_an_address_is_kept_and_what_should_have_become_of_each_point_is_counted(
    recording: Path, pace: float | None
) -> None:
    made = through(Stranger(), recording, pace)
    assert not made.tally.mistakes
    assert made.tally.counts["batches"] == made.batches == 120
    assert made.tally.counts["data_points"] == made.tally.fates.total()


def test_what_it_does_wrong_is_found_in_everybody_in_whom_it_does(recording: Path) -> None:
    def shouts(body: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        if "city" in body.get("user", {}):
            body["user"]["city"] = body["user"]["city"].upper()
        return body

    made = through(Stranger(habit=shouts), recording)
    (mistake,) = made.mistakes()
    assert (mistake.finding.rule, mistake.finding.pointer) == ("sessionm.reserved-fields", "/fields/city")
    assert mistake.people > 5


def test_nobody_at_the_address_is_one_line(recording: Path) -> None:
    with pytest.raises(Lost, match=r"--forwarder: .*start it first"):
        sent_to(f"http://127.0.0.1:{free_port()}", recording)
