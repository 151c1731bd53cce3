from importlib import import_module
from pathlib import Path

import orjson
import pytest

from forwarder import Batch, Connection, plan
from scenarios.given import Given
from scenarios.recordings.opening import unread
from scenarios.replay.playing import Terms
from scenarios.replay.rehearsal import in_contract
from scenarios.replay.replayed import Replayed
from scenarios.replay.whole import Players, rehearsed

HERE = Path(__file__).parent


def rehearsal(path: Path, *, planning: str = "", destination: str = "sessionm") -> Replayed:
    given = Given.load(None, None, {}, destination=destination)
    terms = Terms(
        key=f"{path} {planning} {destination}", given=given, destination=destination, seed=1, planning=planning
    )
    return rehearsed(unread([str(path)]), terms, sources=(str(path),), players=Players())


@pytest.mark.parametrize("destination", ["sessionm", "customerio", "mparticle"])
def test_what_is_planned_for_every_vendor_is_in_its_contract_and_every_point_is_counted(
    recording: Path, destination: str
) -> None:
    made = rehearsal(recording, destination=destination)
    assert made.batches == 120
    assert not made.tally.mistakes
    connection = Connection.default(destination=destination)
    plans = [plan(Batch.read(line), connection) for line in recording.read_bytes().splitlines()]
    assert made.tally.counts["requests"] == sum(len(one.requests) for one in plans)
    assert made.tally.fates.total() == sum(len(one.fates) for one in plans)
    assert all(in_contract(request) for one in plans for request in one.requests)


def test_what_a_forwarder_plans_out_of_contract_is_found_in_the_batch_where_it_is(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setattr(import_module("planted"), "EVERY", 14)
    made = rehearsal(recording, planning="planted:planted")
    assert {rule for rule, _ in made.tally.mistakes} == {
        "sessionm.event-attributes-max",
        "sessionm.event-values-are-strings",
        "sessionm.key-replace",
    }
    lines = recording.read_bytes().splitlines()
    for mistake in made.tally.mistakes.values():
        number, _, _ = mistake.places[0]
        assert str(orjson.loads(lines[number - 1])["mpid"]) == mistake.finding.batch


def test_a_line_that_is_no_batch_is_bad_and_the_others_are_planned(tmp_path: Path, recording: Path) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_bytes(b"not json\n" + recording.read_bytes() + b"\n[]\n")
    made = rehearsal(path)
    assert made.batches == 120
    assert [one.place.rpartition(":")[2] for one in made.tally.bad.first] == ["1", "122"]
