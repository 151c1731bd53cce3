"""The baseline on the command line, over a forwarder that sends too many attributes."""

import json
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import pytest

from forwarder import STEPS, plan
from scenarios import given
from scenarios.cli import main
from scenarios.cli.baselining import _day
from scenarios.world import Embedded

Captured = pytest.CaptureFixture[str]
RUN = ("run", "boundaries", "--destination", "sessionm", "--rule", "sessionm.event-attributes-max", "--seed", "1")
TERMS = ("--baseline-reason", "mended in March", "--baseline-owner", "Ada", "--baseline-expires", "2026-12-31")
TODAY = ("--today", "2026-11-29")


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own forwarder, without the step that caps the attributes of an event."""
    steps = [step for step in STEPS if step.__name__ != "cap_event_attributes"]
    monkeypatch.setattr(given, "Embedded", partial(Embedded, planning=partial(plan, steps=steps)))


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "baseline.json")


@pytest.mark.usefixtures("faulty")
def test_what_was_accepted_is_green_until_its_last_day_and_says_whose_it_was(file: str, capsys: Captured) -> None:
    assert main([*RUN, "--quiet"]) == 1
    assert main([*RUN, "--baseline", file, "--baseline-update", *TERMS, *TODAY]) == 0
    said = capsys.readouterr().out
    assert f"baseline: {file}, " in said
    assert "only by what the baseline accepts" in said
    assert "verdict: kept" in said
    first = Path(file).read_bytes()
    assert main([*RUN, "--baseline", file, "--today", "2026-12-31"]) == 0
    assert "until 2026-12-31 by Ada: mended in March" in capsys.readouterr().out
    assert main([*RUN, "--baseline", file, "--today", "2027-01-01"]) == 1
    assert "was accepted until 2026-12-31 by Ada: mended in March" in capsys.readouterr().out
    assert Path(file).read_bytes() == first


@pytest.mark.usefixtures("faulty")
def test_the_same_mistakes_are_accepted_under_another_seed(file: str) -> None:
    run = ("run", "generated", "--destination", "sessionm", "--count", "60", "--quiet")
    assert main([*run, "--seed", "1", "--baseline", file, "--baseline-update", *TERMS, *TODAY]) == 0
    assert main([*run, "--seed", "2"]) == 1
    assert main([*run, "--seed", "2", "--baseline", file, *TODAY]) == 0


def test_what_is_mended_is_told_and_pruned_by_a_whole_run_alone(file: str, capsys: Captured) -> None:
    run = ("run", "--destination", "sessionm", "--count", "1", "--seed", "1", "--baseline", file, *TODAY)
    row = {"fingerprint": "0" * 16, "rule": "sessionm.event-attributes-max", "reason": "r", "owner": "o"}
    Path(file).write_text(json.dumps([{**row, "expires": "2026-12-31"}]))
    assert main([*RUN, "--baseline", file, "--baseline-prune", *TODAY]) == 2
    assert "--baseline-prune: wants all suites" in capsys.readouterr().err
    assert main([*run]) == 0
    assert "gone      sessionm.event-attributes-max  0000000000000000" in capsys.readouterr().out
    assert main([*run, "--baseline-prune", "--quiet"]) == 0
    assert json.loads(Path(file).read_bytes()) == {"format": "sessionm-harness.baseline/1", "accepted": []}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--baseline-update",), "--baseline-update: wants --baseline FILE as well"),
        (("--baseline-owner", "Ada"), "--baseline-owner: wants --baseline FILE as well"),
        (("--baseline", "FILE", "--baseline-update"), "wants --baseline-reason, --baseline-owner, --baseline-expires"),
        (("--baseline", "FILE", "--baseline-update", *TERMS, "--baseline-reason", " "), "wants --baseline-reason as"),
        (("--baseline", "FILE", *TERMS), "--baseline-reason: says something of new entries"),
        (("--baseline", "FILE"), "FILE: cannot be read: No such file or directory; --baseline-update makes one"),
        (("--baseline", "no/FILE", "--baseline-update", *TERMS), "there is no folder no; make it first"),
        (("--baseline", "FILE", "--baseline-update", *TERMS, "--today", "2027-01-01"), "2026-12-31 is over already"),
        (("--baseline", "old.json"), "old.json: is a baseline of another version, sessionm-harness.baseline/9"),
        (("--baseline", "bad.json"), "bad.json:1:2: is not JSON"),
        (("--today", "soon"), "--today soon: is no day; wants YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_used_is_one_line_before_anything_runs(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.json").write_text('{"format": "sessionm-harness.baseline/9"}')
    (tmp_path / "bad.json").write_text("{")
    assert main([*RUN, *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert said in line
    assert not (tmp_path / "FILE").exists()


def test_without_a_word_it_is_today() -> None:
    before = datetime.now(UTC).date()
    assert before <= _day(None, None, None) <= datetime.now(UTC).date()  # type: ignore[arg-type]  # neither is looked at
    assert _day(None, None, "2026-02-03") == date(2026, 2, 3)  # type: ignore[arg-type]  # as above
