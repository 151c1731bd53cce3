import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts import rules
from scenarios.reports import github
from scenarios.verdict import Accepted, Finding, Report, ScenarioResult

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner of GitHub reads it."""
    found = COMMAND.fullmatch(line)
    assert found, line
    pairs = dict(part.split("=", 1) for part in found[2].split(","))
    assert all(pairs)
    told = {name: plain(value.replace("%3A", ":").replace("%2C", ",")) for name, value in pairs.items()}
    return found[1], told, plain(found[3])


def plain(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def annotations(report: Report) -> list[tuple[str, dict[str, str], str]]:
    return [parsed(line) for line in github.render(report).splitlines()]


@given(st.text(), st.text(min_size=1))
@example("100%0A%25", "50%2C")
def test_no_text_ends_a_command_early_or_begins_another(message: str, title: str) -> None:
    line = github.command("error", message, title=title)
    assert len(re.split(r"[\r\n]", line)) == 1
    head, _, data = line.removeprefix("::error title=").partition("::")
    assert not set(":,\r\n") & set(head)
    assert plain(data) == message


def test_an_error_has_rule_message_source_and_the_command_that_repeats_it(report: Report) -> None:
    error, warning = annotations(replace(report, arguments=("--seed", "42")))
    assert error[0] == "error"
    assert error[1] == {"title": "sessionm.at-most-two-hundred"}
    assert "201 names of which" in error[2]
    assert "2 findings of this rule" in error[2]
    assert error[2].endswith("Again: sessionm-harness run --case 201 --seed 42")
    assert warning[0] == "warning"
    assert {kind for kind, _, _ in annotations(replace(report, fail_on="warn"))} == {"error"}


def test_more_than_a_step_shows_are_counted_in_the_last_line(empty: Report) -> None:
    found = tuple(Finding(name, "wrong") for name in list(rules())[:25])
    made = annotations(replace(empty, scenarios=(ScenarioResult("one", "One", "journeys", found),)))
    assert [kind for kind, _, _ in made] == ["error"] * 10 + ["notice"]
    assert made[-1][2].startswith("15 more errors and 0 more warnings")


def test_what_is_accepted_is_not_shown_and_what_is_gone_is_a_warning(report: Report) -> None:
    finding = report.scenarios[1].findings[0]
    entry = Accepted(finding.fingerprint, finding.rule, "because", "Ada", date(2026, 12, 31))
    made = replace(report, accepted={entry.key: entry}, baseline="b,1.json")
    assert [kind for kind, _, _ in annotations(made)] == ["warning"]
    gone = annotations(replace(made, gone=(entry,)))[-1]
    assert gone[:2] == ("warning", {"file": "b,1.json", "title": "sessionm-harness baseline"})
    expired = annotations(replace(report, expired={entry.key: entry}, baseline="b.json"))[0]
    assert "Was accepted until 2026-12-31 by Ada: because" in expired[2]


def test_every_mistake_in_a_file_is_shown_at_its_file(empty: Report) -> None:
    rule = next(iter(rules()))
    found = tuple(Finding(rule, name, name, file="tenant.toml", line=3) for name in ("a.b", "a.c"))
    made = annotations(replace(empty, scenarios=(ScenarioResult("one", "One", "settings", found),)))
    assert [told for _, told, _ in made] == [{"file": "tenant.toml", "line": "3", "title": rule}] * 2


def test_a_kept_run_says_nothing_and_an_empty_one_that_nothing_was_tested(green: Report, empty: Report) -> None:
    assert github.render(green) == ""
    assert annotations(empty) == [("error", {"title": "sessionm-harness"}, "Nothing was tested")]


@pytest.mark.parametrize("name", ["report", "green", "empty"])
def test_every_line_is_a_command(name: str, request: pytest.FixtureRequest) -> None:
    annotations(request.getfixturevalue(name))
