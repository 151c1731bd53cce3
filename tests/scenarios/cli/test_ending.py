import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from scenarios.cli.baselining import Asked
from scenarios.cli.ending import ended
from scenarios.cli.stop import Stop
from scenarios.reports import REPORTERS
from scenarios.verdict import Report

Captured = pytest.CaptureFixture[str]
NONE = Asked(None, (), None, prune=False, today=date(2026, 11, 29))


def end(report: Report, *wanted: str, quiet: bool = False) -> int:
    return ended(report, NONE, wanted, quiet=quiet, whole=True, everywhere=True)


def test_every_format_is_written_on_failure_too_and_the_paths_come_last(
    report: Report, tmp_path: Path, capsys: Captured
) -> None:
    wanted = [f"{name}={tmp_path / name}" for name in REPORTERS]
    assert end(report, *wanted) == 1
    assert all((tmp_path / name).stat().st_size for name in REPORTERS)
    assert capsys.readouterr().out.splitlines()[-len(wanted) :] == [f"report: {tmp_path / name}" for name in REPORTERS]


def test_a_report_that_cannot_be_written_hinders_none_of_the_others(report: Report, tmp_path: Path) -> None:
    with pytest.raises(Stop, match="there is no folder") as caught:
        end(report, f"json={tmp_path / 'no' / 'x'}", f"junit={tmp_path / 'junit.xml'}", quiet=True)
    assert caught.value.exit_code == 2
    assert (tmp_path / "junit.xml").exists()


def test_a_report_on_standard_output_has_it_alone(
    report: Report, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert end(report, "json=-", f"text={tmp_path / 'text'}") == 1
    told = capfd.readouterr()
    assert json.loads(told.out)["seed"] == 42
    assert told.err == f"report: {tmp_path / 'text'}\n"


def test_the_exit_code_is_that_of_the_verdict(report: Report, green: Report, empty: Report) -> None:
    assert Counter(end(one, quiet=True) for one in (report, green, empty)) == Counter([1, 0, 3])
