"""What is wrong with a command line is told in one line, before anything is started."""

import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.cli import main
from scenarios.compare import trial
from scenarios.compare.comparing import Outcome
from scenarios.compare.trial import Asked, Comparison

HAR = {"log": {"entries": [{"request": {"method": "GET", "url": "http://x.test/"}, "response": {"status": 200}}]}}


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text("")
    Path("empty.ndjson").write_text("\n")
    Path("broken.ndjson").write_text("{\n")
    Path("traffic.har").write_text(json.dumps(HAR))
    Path("wrong.toml").write_text("[configuration]\nhost = 1\n")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("a.toml nothing.toml empty.ndjson", 2, "nothing.toml: there is no such file or folder; name git:REV"),
        ("a.toml wrong.toml empty.ndjson", 2, "wrong.toml, line 2"),
        ("a.toml a.toml missing.ndjson", 2, "missing.ndjson: cannot be read"),
        ("a.toml a.toml empty.ndjson", 3, "the recordings hold no batch"),
        ("a.toml a.toml broken.ndjson", 2, "broken.ndjson:1: "),
        ("a.toml a.toml traffic.har", 2, "traffic.har: holds 1 interactions and no batches; compare takes batches"),
        ("a.toml a.toml empty.ndjson --fail-on worse", 2, "'worse' is no class; there are changed, lost"),
        ("a.toml a.toml empty.ndjson --fail-on ,", 2, "--fail-on wants one class or more"),
        ("a.toml a.toml empty.ndjson --report pdf=x", 2, "json, markdown, text"),
        ("a.toml a.toml", 2, "Missing argument"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    arguments: str, code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *arguments.split()]) == code
    said = capsys.readouterr()
    assert told in said.err
    assert len(said.err.splitlines()) == 1
    assert not said.out


@pytest.mark.parametrize(
    ("classes", "fail_on", "code"),
    [
        ({"identical": 3}, "", 0),
        ({"identical": 3, "equivalent": 1}, "", 0),
        ({"equivalent": 1}, "equivalent", 1),
        ({"changed": 1}, "", 1),
        ({"changed": 1}, "lost,reordered", 0),
        ({"lost": 1}, "lost,reordered", 1),
        ({}, "", 3),
    ],
)
def test_the_exit_code_is_about_the_classes_that_were_named(
    classes: dict[str, int],
    fail_on: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def compared(asked: Asked, _say: Any) -> Comparison:
        outcome = Outcome(old=sum(classes.values()), new=sum(classes.values()))
        outcome.classes.update(classes)
        return Comparison(asked, outcome, batches=1)

    monkeypatch.setattr(trial, "compare", compared)
    more = ["--fail-on", fail_on] if fail_on else []
    assert (
        main(["compare", "a.toml", "a.toml", "x.ndjson", "--seed", "3", "--quiet", "--report", "json=x.json", *more])
        == code
    )
    assert capsys.readouterr().out.startswith(f"verdict: {('kept', 'broken', '', 'untested')[code]}")
    assert json.loads(Path("x.json").read_text())["seed"] == 3
