import json
from pathlib import Path

import pytest

from scenarios.reports import REPORTERS, ReportError, write
from scenarios.verdict import Report


@pytest.mark.parametrize("name", REPORTERS)
def test_every_format_is_written_even_with_names_that_have_no_utf8(name: str, report: Report, tmp_path: Path) -> None:
    write(report, f"{name}={tmp_path / 'out'}")
    (tmp_path / "out").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", REPORTERS)
def test_the_same_report_gives_the_same_bytes(name: str, report: Report) -> None:
    assert REPORTERS[name](report) == REPORTERS[name](report)


def test_an_equals_sign_may_stand_in_the_path(report: Report, tmp_path: Path) -> None:
    write(report, f"json={tmp_path / 'a=b.json'}")
    assert json.loads((tmp_path / "a=b.json").read_bytes())["seed"] == 42


def test_a_dash_is_standard_output(report: Report, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write(report, "json=-")
    assert json.loads(capfdbinary.readouterr().out)["verdict"] == "broken"


def test_an_unknown_format_is_told_which_ones_are_known(report: Report) -> None:
    with pytest.raises(ReportError, match="unknown format 'pdf'; known: json, junit, html, text"):
        write(report, "pdf=x")


@pytest.mark.parametrize("wanted", ["json", "json=", "report.json"])
def test_a_report_without_a_path_is_told_the_form(wanted: str, report: Report) -> None:
    with pytest.raises(ReportError, match="FORMAT=PATH"):
        write(report, wanted)


def test_a_path_that_cannot_be_written_is_one_line_that_names_it(report: Report, tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "report.json", tmp_path):
        with pytest.raises(ReportError, match=str(path.name)) as caught:
            write(report, f"json={path}")
        assert "\n" not in str(caught.value)
