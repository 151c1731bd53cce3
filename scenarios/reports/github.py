"""The report as commands that GitHub's runner makes annotations of, when they come on standard output."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.verdict import Report

from . import ledger
from .sarif import set_up_in
from .visible import visible

MOST = 10
"""So many annotations of one kind a step shows; what comes after is not looked at."""


def render(report: Report) -> str:
    """The commands as text, a line each: errors, warnings, and how many more there are."""
    rows = list(_rows(report))
    lines: list[str] = []
    errors = [_annotation(report, "error", *row) for row in rows if row[0].fails]
    warnings = [_annotation(report, "warning", *row) for row in rows if not row[0].fails]
    warnings += _gone(report)
    if report.verdict == "untested":
        errors.insert(0, command("error", "Nothing was tested", title="sessionm-harness"))
    lines += errors[:MOST] + warnings[:MOST]
    more = max(0, len(errors) - MOST), max(0, len(warnings) - MOST)
    if any(more):
        text = f"{more[0]} more errors and {more[1]} more warnings; the other reports have them all"
        lines.append(command("notice", text, title="sessionm-harness"))
    return "".join(f"{line}\n" for line in lines)


def command(kind: str, message: str, **properties: str) -> str:
    """A workflow command with everything in it that would end it early written as an escape."""
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{kind} {told}::{_data(message)}"


def _rows(report: Report) -> Iterator[tuple[ledger.Mistake, int]]:
    """One mistake for each rule, with the number of all findings; where files are to be mended, each mistake."""
    groups: dict[tuple[str, str, bool], list[ledger.Mistake]] = {}
    for row in ledger.mistakes(report):
        if row.accepted is None:
            place = row.fingerprint if row.first.file else ""
            groups.setdefault((row.first.rule, place, row.fails), []).append(row)
    for group in groups.values():
        yield group[0], sum(row.count for row in group)


def _annotation(report: Report, kind: str, row: ledger.Mistake, count: int) -> str:
    finding = row.first
    lines = [
        visible(finding.message),
        visible(row.rule.says) if row.rule else "",
        f"Was accepted {visible(ledger.terms(row.expired))}" if row.expired else "",
        f"{count} findings of this rule" if count > 1 else "",
        f"Source: {row.rule.url or row.rule.source}" if row.rule else "",
        f"Again: {visible(report.repeat(row.scenario.id))}",
    ]
    file = finding.file or set_up_in(report)
    line = str(finding.line) if finding.file and finding.line else ""
    return command(kind, "\n".join(text for text in lines if text), file=file, line=line, title=visible(finding.rule))


def _gone(report: Report) -> Iterator[str]:
    for entry in report.gone:
        text = f"{entry.rule}: the accepted finding {entry.fingerprint} no longer occurs; --baseline-prune takes it out"
        yield command("warning", visible(text), file=report.baseline, title="sessionm-harness baseline")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
