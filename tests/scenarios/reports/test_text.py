import io
import re
from dataclasses import replace
from datetime import date

import pytest

from contracts import rules
from scenarios.reports import text
from scenarios.verdict import Accepted, Finding, Report, RuleResult, ScenarioResult, Side


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_table_of_the_whole_register_fits_into_a_hundred_columns(empty: Report) -> None:
    results = tuple(RuleResult(rule, Side(12), Side(12), Side(12, 3)) for rule in rules().values())
    shown = text.render(Report(7, (), results, empty.fates, ()), width=100)
    assert max(map(len, shown.splitlines())) <= 100
    assert all(re.search(rf"^{re.escape(rule)} .* broken ", shown, re.MULTILINE) for rule in rules())


def test_nothing_is_cut_where_no_terminal_limits_the_line(report: Report) -> None:
    assert "…" not in text.render(report)


def test_a_row_has_cases_verdict_owner_evidence_and_source(report: Report) -> None:
    row = next(line for line in text.render(report).splitlines() if line.startswith("sessionm.at-most-ten"))
    assert row.split() == [
        *("sessionm.at-most-ten", "2", "3", "2", "kept", "forwarder", "documented", "1#data-processing-notes")
    ]


def test_a_finding_is_told_with_batch_place_got_wanted_and_how_to_look_closer(report: Report) -> None:
    shown = text.render(report)
    for part in ("batch 77", "at /user_attributes/size", "got 201 names", "wanted 200", "(2 times)"):
        assert part in shown
    assert "closer: sessionm-harness explain sessionm.at-most-two-hundred" in shown


def test_the_last_line_is_the_verdict_and_the_first_has_the_seed(report: Report, green: Report, empty: Report) -> None:
    for one, verdict in ((report, "broken"), (green, "kept"), (empty, "untested")):
        lines = text.render(one).splitlines()
        assert f"seed {one.seed}" in lines[0]
        assert lines[-1].startswith(f"verdict: {verdict}")


def test_what_was_assumed_is_listed_with_what_else_could_have_been(report: Report) -> None:
    shown = text.render(report)
    assert re.search(r"colliding-keys +first +used 3 times +not last", shown)
    assert re.search(r"empty-key +underscore \* +used 1 time +not dropped", shown)


def test_a_name_cannot_move_the_cursor(report: Report) -> None:
    assert "\x1b" not in text.render(report)


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_only_a_terminal_gets_colour_and_no_color_is_honoured(
    stream: io.StringIO, environment: dict[str, str], coloured: bool, report: Report
) -> None:
    stream.seek(0)
    stream.truncate()
    text.show(report, stream, environment)
    assert ("\x1b[" in stream.getvalue()) is coloured


def test_colour_changes_no_letter(report: Report) -> None:
    plain = text.render(report, width=100)
    assert re.sub(r"\x1b\[\d+m", "", text.render(report, colour=True, width=100)) == plain


def test_a_path_is_never_broken_and_a_finding_says_how_to_run_its_case_again(report: Report) -> None:
    path = "/a-folder-with/a-name-that/" + "is-longer-than-a-line-" * 6 + "file.ndjson"
    found = Finding("sessionm.at-most-two-hundred", f"{path}:2: not JSON", "a record")
    made = replace(report, scenarios=(ScenarioResult("201", "One", "recorded", (found,)),), arguments=("--seed", "42"))
    assert path in text.render(made)
    assert "    again: sessionm-harness run --case 201 --seed 42\n" in text.render(made)


def test_what_the_baseline_makes_of_findings_is_told_below_them(report: Report) -> None:
    finding = report.scenarios[1].findings[0]
    entry = Accepted(finding.fingerprint, finding.rule, "because", "Ada", date(2026, 12, 31))
    shown = text.render(replace(report, accepted={entry.key: entry}, gone=(entry,), baseline="b.json"))
    assert "✗" not in shown
    assert f"accepted  {finding.rule}  {finding.fingerprint}" in shown
    assert f"gone      {finding.rule}  {finding.fingerprint}" in shown
    assert "until 2026-12-31 by Ada: because" in shown
    shown = text.render(replace(report, expired={entry.key: entry}, baseline="b.json"))
    assert "was accepted until 2026-12-31 by Ada: because" in shown


def test_a_rule_that_is_not_proved_says_what_is_missing(report: Report) -> None:
    assert "sessionm.nobody-tries  no case at or above" in text.render(report)
