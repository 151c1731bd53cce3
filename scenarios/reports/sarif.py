"""The report as SARIF 2.1.0, which code scanning reads: a result for each fingerprint, its rule with a link to read it.

What the baseline accepts is left out, since uploaders do not look at suppressions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from contracts import Rule
from scenarios.verdict import Report

from . import ledger
from .visible import visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warn": "warning"}
PRINT = "sessionmHarness/v1"
"""The name of our fingerprint among a result's."""


def render(report: Report) -> str:
    """The document as text. No times: the same report gives the same bytes."""
    return json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n"


def as_json(report: Report) -> dict[str, Any]:
    """The document as JSON values."""
    rows = [row for row in ledger.mistakes(report) if row.accepted is None]
    ids = list(dict.fromkeys(row.first.rule for row in rows))
    known = {row.first.rule: row.rule for row in rows}
    driver = {
        "name": "sessionm-harness",
        "version": version("sessionm-harness"),
        "rules": [_rule(name, known[name]) for name in ids],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"sessionm-harness/{report.command}/"},
        "columnKind": "utf16CodeUnits",
        "invocations": [_invocation(report)],
        "results": [_result(report, row, ids.index(row.first.rule)) for row in rows],
        "properties": {"verdict": report.verdict, "seed": report.seed},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:
        return {"id": name}
    cited = ledger.cited(rule)
    where = " ".join(part for part in (cited.title, f"({cited.section})" if cited.section else "") if part)
    limit = "" if rule.limit is None else f" Limit: {ledger.number(rule.limit)}."
    told = f"{rule.says}{limit} Owner: {rule.owner}; {rule.evidence}; read in {where}."
    closer = f"sessionm-harness explain {rule.id}"
    made: dict[str, Any] = {
        "id": rule.id,
        "shortDescription": {"text": rule.says},
        "fullDescription": {"text": told},
        "help": {"text": f"{told} Closer: {closer}", "markdown": f"{told}\n\nCloser: `{closer}`"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": [rule.vendor, rule.owner, rule.evidence], "source": rule.source},
    }
    if rule.url:
        made["helpUri"] = rule.url
        made["help"]["markdown"] += f"\n\nSource: [{where}]({rule.url})"
    return made


def _result(report: Report, row: ledger.Mistake, index: int) -> dict[str, Any]:
    finding, scenario = row.first, row.scenario
    again = report.repeat(scenario.id)
    expired = f" It was accepted {ledger.terms(row.expired)}." if row.expired else ""
    made = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": visible(f"{finding.message} (in {scenario.id}).{expired} Again: {again}")},
        "locations": [_location(report, row)],
        "partialFingerprints": {PRINT: row.fingerprint},
        "occurrenceCount": row.count,
        "properties": {"case": scenario.id, "repeat": again, "got": finding.got, "wanted": finding.wanted},
    }
    if row.expired:
        made["relatedLocations"] = [
            {"physicalLocation": _file(report.baseline, 0), "message": {"text": "the baseline"}}
        ]
    return made


def _location(report: Report, row: ledger.Mistake) -> dict[str, Any]:
    finding = row.first
    place = visible(f"{row.scenario.suite}/{row.scenario.id}")
    logical = {
        "fullyQualifiedName": f"{place}#{visible(finding.pointer)}" if finding.pointer else place,
        "kind": "case",
    }
    made: dict[str, Any] = {"logicalLocations": [logical]}
    path = finding.file or set_up_in(report)
    if path:
        made["physicalLocation"] = _file(path, finding.line if finding.file else 0)
    return made


def set_up_in(report: Report) -> str:
    """The settings file with which the run was made: the connection, else the tenant; empty where none was given."""
    given = dict(zip(report.arguments, report.arguments[1:], strict=False))
    return given.get("--connection") or given.get("--tenant") or ""


def _file(path: str, line: int) -> dict[str, Any]:
    pure = PurePath(path)
    uri = pure.as_uri() if pure.is_absolute() else quote(pure.as_posix())
    # Whoever shows results beside lines wants one; a file as a whole is shown at its first.
    return {"artifactLocation": {"uri": uri}, "region": {"startLine": line or 1}}


def _invocation(report: Report) -> dict[str, Any]:
    made: dict[str, Any] = {"executionSuccessful": report.verdict != "untested", "exitCode": report.exit_code}
    notes = list(_notes(report))
    return {**made, "toolExecutionNotifications": notes} if notes else made


def _notes(report: Report) -> Iterator[dict[str, Any]]:
    """Entries of the baseline for which there is nothing any more."""
    for entry in report.gone:
        text = f"{entry.rule}: the accepted finding {entry.fingerprint} no longer occurs; --baseline-prune takes it out"
        location = {"physicalLocation": _file(report.baseline, 0)}
        yield {"level": "warning", "message": {"text": visible(text)}, "locations": [location]}
