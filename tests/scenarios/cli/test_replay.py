import gzip
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from scenarios.cli import main

Captured = pytest.CaptureFixture[str]
HERE = Path(__file__).parents[1] / "replay"
SHORT = ("replay", "--seed", "1")
GOOD = {"mpid": 7, "user_identities": {"customer_id": "c-7"}, "user_attributes": {"loyalty_tier": "gold"}}
VISIT = {"event_type": "custom_event", "data": {"event_name": "visit", "custom_event_type": "other"}}


def one_line(capsys: Captured) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    assert "Traceback" not in line
    assert "bug of ours" not in line
    return line


@pytest.fixture
def batches(tmp_path: Path) -> Path:
    path = tmp_path / "night.ndjson"
    lines = [{**GOOD, "mpid": mpid, "user_identities": {"customer_id": f"c-{mpid}"}} for mpid in (1, 2, 1, 3)]
    path.write_bytes(b"\n".join(map(orjson.dumps, [*lines, {**lines[0], "events": [VISIT]}])) + b"\n")
    return path


def report(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_a_recording_of_batches_is_played_by_people_and_kept(batches: Path, tmp_path: Path, capsys: Captured) -> None:
    assert main([*SHORT, str(batches), "--report", f"json={tmp_path / 'r.json'}"]) == 0
    told = capsys.readouterr().out
    assert "night.ndjson: 5 batches of 3 people" in told
    assert "verdict: kept" in told
    made = report(tmp_path / "r.json")
    assert made["command"] == "replay"
    assert made["counts"]["batches"] == 5
    assert made["counts"]["scenarios"] == 3
    assert (made["recording"]["batches"], made["recording"]["people"]) == (5, 3)


def test_what_the_data_filter_stops_is_told_with_how_often_and_the_setting_that_would_change_it(
    batches: Path, tmp_path: Path, capsys: Captured
) -> None:
    connection = tmp_path / "connection.toml"
    connection.write_text('[data_filter.user_identities]\n"*" = true\n[data_filter.events]\n"*" = true\n')
    arguments = [*SHORT, str(batches), "--connection", str(connection), "--report", f"json={tmp_path / 'r.json'}"]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert "5 of 5 batches  user attribute loyalty_tier" in told
    assert "[data_filter.user_attributes] loyalty_tier = true" in told
    (stopped,) = report(tmp_path / "r.json")["recording"]["stopped"]
    assert (stopped["count"], stopped["of"], stopped["fate"]) == (5, 5, "filtered")
    # And it does change it.
    connection.write_text(connection.read_text() + "[data_filter.user_attributes]\nloyalty_tier = true\n")
    assert main(arguments) == 0
    assert report(tmp_path / "r.json")["recording"]["stopped"] == []


def test_bad_lines_are_counted_and_named_by_line_and_the_rest_is_played(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "bad.ndjson"
    good = orjson.dumps(GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + good + b"\r\n\r\nnot json\r\n" + good + b'\r\n{"mpid": 7, "use')
    assert main([*SHORT, str(path), "--report", f"json={tmp_path / 'r.json'}"]) == 1
    made = report(tmp_path / "r.json")["recording"]
    assert made["batches"] == 2
    assert [one["place"].rpartition(":")[2] for one in made["bad"]["first"]] == ["3", "5"]
    assert f"{path}:3" in capsys.readouterr().out


def test_a_batch_stamped_before_the_one_before_it_is_named_and_played_and_not_red(tmp_path: Path) -> None:
    path = tmp_path / "back.ndjson"
    path.write_bytes(b"\n".join(orjson.dumps({**GOOD, "timestamp_unixtime_ms": 10**12 - n}) for n in range(3)))
    assert main([*SHORT, str(path), "--quiet", "--report", f"json={tmp_path / 'r.json'}"]) == 0
    made = report(tmp_path / "r.json")
    assert [one["place"] for one in made["recording"]["backwards"]["first"]] == [f"{path}:2", f"{path}:3"]
    assert made["counts"]["batches"] == 3


def test_no_record_that_can_be_read_is_unusable_and_an_empty_source_is_untested(
    tmp_path: Path, capsys: Captured
) -> None:
    bad, empty = tmp_path / "bad.ndjson", tmp_path / "empty.ndjson"
    bad.write_bytes(b"not json\nnor this\n")
    empty.write_bytes(b"\n\n")
    assert main([*SHORT, str(bad)]) == 2
    assert re.search(r"bad\.ndjson:1: .*and 1 more cannot be read either; no record can be read", one_line(capsys))
    assert main([*SHORT, str(empty), "--quiet"]) == 3
    capsys.readouterr()
    assert main([*SHORT, str(tmp_path / "missing")]) == 2
    assert "cannot be read" in one_line(capsys)


@pytest.mark.parametrize("how", [(), ("--dry-run",), ("--pace", "1000000")])
def test_a_packed_recording_is_the_same_recording(batches: Path, tmp_path: Path, how: tuple[str, ...]) -> None:
    packed = tmp_path / "night.ndjson.gz"
    packed.write_bytes(gzip.compress(batches.read_bytes()))
    made = []
    for path in (batches, packed):
        assert main([*SHORT, str(path), "--quiet", *how, "--report", f"json={tmp_path / 'r.json'}"]) == 0
        made.append(report(tmp_path / "r.json"))
    assert made[0]["fates"] == made[1]["fates"]
    assert made[0]["counts"] == made[1]["counts"]
    assert made[0]["counts"]["batches"] == 5


FAULTS = {
    "sessionm.event-attributes-max",
    "sessionm.event-values-are-strings",
    "sessionm.forwards-custom-events",
    "sessionm.reserved-fields",
    "sessionm.key-replace",
    "harness.fates-true",
}


def test_every_planted_fault_of_a_forwarder_is_found_and_nothing_else(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(HERE))
    planted = import_module("planted")
    monkeypatch.setattr(planted, "EVERY", 14)
    batches = map(orjson.loads, recording.read_bytes().splitlines())
    struck = {str(batch["mpid"]) for batch in batches if planted.struck_by(batch)}
    path = tmp_path / "r.json"
    assert main([*SHORT, str(recording), "--forwarder", "planted:planted", "--quiet", "--report", f"json={path}"]) == 1
    findings = [found for scenario in report(path)["scenarios"] for found in scenario["findings"]]
    about = {found["message"].partition(":")[0] for found in findings if found["rule"] == "harness.choice-kept"}
    assert about | {found["rule"] for found in findings} >= FAULTS
    assert {found["batch"] for found in findings} <= struck


def test_a_forwarder_that_fails_is_told_with_where_it_does(
    batches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (tmp_path / "broken_one.py").write_text("def plan(batch, connection, *, now=None):\n    raise KeyError('x')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main([*SHORT, str(batches), "--forwarder", "broken_one:plan"]) == 1
    assert "raised KeyError at broken_one.py:2, in 5 batches" in capsys.readouterr().out
    assert main([*SHORT, str(batches), "--forwarder", "broken_one:plam"]) == 2
    assert "broken_one:plam" in one_line(capsys)


def test_the_case_of_a_report_can_be_played_alone(batches: Path, tmp_path: Path) -> None:
    case = f"recorded/sessionm/{batches}:2"
    assert main([*SHORT, str(batches), "--case", case, "--quiet", "--report", f"json={tmp_path / 'r.json'}"]) == 0
    assert report(tmp_path / "r.json")["counts"]["batches"] == 1


@pytest.mark.parametrize("pace", ["0", "fast", "-1", "inf", "nan"])
def test_a_pace_that_is_none_is_one_line(batches: Path, pace: str, capsys: Captured) -> None:
    assert main([*SHORT, str(batches), "--pace", pace]) == 2
    assert "wants full, recorded, or a factor" in one_line(capsys)


def test_a_forwarder_that_sends_cannot_be_rehearsed(batches: Path, capsys: Captured) -> None:
    assert main([*SHORT, str(batches), "--dry-run", "--forwarder", "http://127.0.0.1:1"]) == 2
    assert "leave out one of --dry-run and --forwarder" in one_line(capsys)


def test_another_machine_must_be_named_twice(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "x.har"
    path.write_text('{"log": {"entries": []}}')
    assert main([*SHORT, str(path), "--against", "https://sessionm.example"]) == 2
    assert "name it twice" in one_line(capsys)


def test_the_report_of_a_replay_is_as_its_schema_says(batches: Path, tmp_path: Path, capsys: Captured) -> None:
    made = tmp_path / "r.json"
    assert main([*SHORT, str(batches), "--quiet", "--report", f"json={made}"]) == 0
    capsys.readouterr()
    assert main(["report", "schema"]) == 0
    jsonschema.validate(report(made), json.loads(capsys.readouterr().out))
