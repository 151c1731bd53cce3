"""The command as somebody types it; what it writes is tried as somebody would: the test run, the lines sent."""

import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from scenarios.cli import main
from tests.scenarios.shrink.test_interaction_side import recorded
from tests.scenarios.shrink.test_shrinking import ATTRIBUTES, RULE, batch, event

FORWARDER = "tests.scenarios.shrink.wrong_forwarders:plan"


def written(path: Path, *batches: dict[str, Any]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in batches))
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Three people, of whom one is forwarded wrongly, and a line that is none."""
    path = written(
        tmp_path / "night.ndjson",
        batch(1, events=[event(2)]),
        batch(2, "too-many", user_attributes=ATTRIBUTES, events=[event(2), event(13)]),
        batch(3),
    )
    path.write_bytes(path.read_bytes() + b'{"half": \n')
    return path


def shrink(*arguments: object) -> int:
    return main(["shrink", *map(str, arguments), "--seed", "1"])


def loaded(path: Path) -> ModuleType:
    made = ModuleType(path.stem)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), made.__dict__)  # noqa: S102  it is ours
    return made


def only(folder: Path, ending: str) -> Path:
    (found,) = folder.glob(f"*{ending}")
    return found


def test_the_smallest_recording_is_written_with_a_test_that_fails_alone(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert shrink(recording, "--forwarder", FORWARDER, "--out", out) == 1
    told = capsys.readouterr()
    assert "sessionm.event-attributes-max  3 batches -> 1 batch, 1 event, 11 attributes, 1 identity (" in told.out
    assert "night.ndjson:4: " in told.err
    (line,) = only(out, ".ndjson").read_bytes().splitlines()
    assert len(orjson.loads(line)["events"][0]["data"]["custom_attributes"]) == 11
    test = only(out, ".py")
    made = loaded(test)
    with pytest.raises(AssertionError, match=r"sessionm.event-attributes-max is broken: .*11 names, at most 10"):
        getattr(made, test.stem)()
    monkeypatch.setenv("SESSIONM_HARNESS_FORWARDER", "forwarder:plan")
    getattr(made, test.stem)()
    monkeypatch.delenv("SESSIONM_HARNESS_FORWARDER")
    sent_by_curl(only(out, ".sh"))
    again = tmp_path / "again"
    assert shrink(only(out, ".ndjson"), "--forwarder", FORWARDER, "--out", again, "--rule", RULE, "--limit", 1) == 1
    assert only(again, ".ndjson").read_bytes() == only(out, ".ndjson").read_bytes()


def sent_by_curl(script: Path) -> None:
    """The lines of curl are for a tenant of their own, and hold what was sent."""
    lines = [shlex.split(line) for line in script.read_text().splitlines() if line.startswith("curl")]
    assert [line[-1].partition("/__admin")[1] for line in lines[:2]] == ["/__admin", "/__admin"]
    assert {tuple(line[2:4]) for line in lines[2:]} == {("-u", "shrunk:shrunk")}
    (sent,) = [orjson.loads(line[line.index("--data-raw") + 1]) for line in lines if line[-1].endswith("/events")]
    assert len(next(iter(sent["events"].values()))["context"]) == 11


def test_interactions_are_shrunk_to_a_har_file(tmp_path: Path) -> None:
    from scenarios.recordings.writing import HarWriter

    with HarWriter(tmp_path / "traffic.har") as writer:
        for one in recorded(ShoeSize=42):
            writer.write(one)
    out = tmp_path / "out"
    assert shrink(tmp_path / "traffic.har", "--out", out) == 1
    (entry,) = orjson.loads(only(out, ".har").read_bytes())["log"]["entries"]
    assert entry["request"]["postData"]["text"] == '{"user":{"user_profile":{"ShoeSize":1}}}'
    test = only(out, ".py")
    with pytest.raises(AssertionError, match="ShoeSize: integer, must be string"):
        getattr(loaded(test), test.stem)()


def test_a_recording_in_which_nothing_is_broken_gives_nothing_and_says_so(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shrink(recording, "--out", tmp_path / "out") == 0
    assert "no batch or interaction breaks a rule: 3 judged, seed 1" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()
    assert shrink(recording, "--forwarder", FORWARDER, "--rule", "sessionm.platforms", "--out", tmp_path / "out") == 0
    assert "breaks sessionm.platforms" in capsys.readouterr().out


def test_an_empty_recording_is_nothing_to_judge(tmp_path: Path) -> None:
    assert shrink(written(tmp_path / "empty.ndjson")) == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no-such.ndjson"], "cannot be read"),
        (["{recording}", "--rule", "sessionm.event-attribute-max"], "did you mean sessionm.event-attributes-max?"),
        (["{recording}", "--forwarder", "no_such_module_at_all:plan"], "--forwarder no_such_module_at_all:plan"),
        (["{recording}", "--forwarder", "http://"], "expected an http or https address"),
        (["{recording}", "--forwarder", FORWARDER, "--out", "{recording}"], "--out"),
        (["{spoilt}"], "no record that can be read"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str], told: str, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoilt = recording.with_name("spoilt.ndjson")
    spoilt.write_text("{\n")
    places = {"recording": recording, "spoilt": spoilt}
    assert shrink(*(one.format(**places) for one in arguments)) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert told in last
    assert "Traceback" not in last
