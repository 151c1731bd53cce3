import json
from pathlib import Path

import pytest

from scenarios.cli import main

Captured = pytest.CaptureFixture[str]
SHORT = ("run", "journeys", "--seed", "1")


def test_the_quiet_verdict_has_the_seed_that_repeats_the_run(capsys: Captured) -> None:
    assert main([*SHORT, "--quiet"]) == 0
    assert capsys.readouterr() == ("kept (seed 1)\n", "")


@pytest.mark.parametrize("more", [(), ("--quiet",)])
def test_a_report_on_standard_output_has_it_alone(more: tuple[str, ...], tmp_path: Path, capsys: Captured) -> None:
    assert main([*SHORT, *more, "--report", "json=-", "--report", f"text={tmp_path / 'report.txt'}"]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == 1


def test_the_same_seed_gives_the_same_report_to_the_byte(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    for path in (one, other):
        assert main([*SHORT, "generated", "--count", "3", "--quiet", "--report", f"json={path}"]) == 0
    assert one.read_bytes() == other.read_bytes()
