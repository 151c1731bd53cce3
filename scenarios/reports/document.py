"""The report as JSON for other tools: format sessionm-harness.report/1, described by contracts/report.schema.yaml."""

from __future__ import annotations

import json
from typing import Any

from scenarios.verdict import Accepted, Finding, Report, RuleResult, ScenarioResult, Side

from .ledger import Assumed, assumed
from .recording import stopped

FORMAT = "sessionm-harness.report/1"


def render(report: Report) -> str:
    """The document as text. The same report gives the same bytes."""
    return json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n"


def as_json(report: Report) -> dict[str, Any]:
    """The document as JSON values; names but no person's values."""
    return {
        "format": FORMAT,
        "seed": report.seed,
        "verdict": report.verdict,
        "fail_on": report.fail_on,
        "command": report.command,
        "arguments": list(report.arguments),
        "counts": report.counts,
        "rules": [_rule(report, result) for result in report.rules],
        "scenarios": [_scenario(report, scenario) for scenario in report.scenarios],
        "fates": [
            {"rule": rule, "name": name, "fate": fate, "count": count}
            for (rule, name, fate), count in sorted(report.fates.items())
        ],
        **({"recording": _recording(report)} if report.recording is not None else {}),
        "assumptions": [_assumption(assumed(use)) for use in report.assumptions],
        "baseline": _baseline(report) if report.baseline else None,
    }


def _recording(report: Report) -> dict[str, Any]:
    rows = (
        {"name": one.name, "fate": one.fate, "rule": one.rule, "count": one.count, "of": one.of, "setting": one.setting}
        for one in stopped(report.fates)
    )
    return {**(report.recording or {}), "stopped": list(rows)}


def _baseline(report: Report) -> dict[str, Any]:
    parts = {"accepted": report.accepted.values(), "expired": report.expired.values(), "gone": report.gone}
    made: dict[str, Any] = {"file": report.baseline}
    return made | {name: [_entry(entry) for entry in sorted(part)] for name, part in parts.items()}


def _entry(entry: Accepted) -> dict[str, Any]:
    return {
        "fingerprint": entry.fingerprint,
        "rule": entry.rule,
        "reason": entry.reason,
        "owner": entry.owner,
        "expires": entry.expires.isoformat(),
    }


def _rule(report: Report, result: RuleResult) -> dict[str, Any]:
    rule = result.rule
    return {
        "id": rule.id,
        "says": rule.says,
        "owner": rule.owner,
        "evidence": rule.evidence,
        "severity": rule.severity,
        "source": rule.source,
        "url": rule.url,
        "limit": rule.limit,
        "measure": rule.measure,
        "below": _side(report, result.below),
        "at": _side(report, result.at),
        "above": _side(report, result.above),
        "findings": result.findings,
        "verdict": result.verdict,
        "lacks": result.lacks,
    }


def _side(report: Report, side: Side) -> dict[str, Any] | None:
    if not side.cases:
        return None
    return {
        "cases": side.cases,
        "broken": side.broken,
        "named": side.named,
        "verdict": side.verdict,
        "proof": side.proof,
        "repeat": report.repeat(side.proof) if side.proof else "",
    }


def _scenario(report: Report, scenario: ScenarioResult) -> dict[str, Any]:
    return {
        "id": scenario.id,
        "title": scenario.title,
        "suite": scenario.suite,
        "verdict": report.verdict_of(scenario),
        "untried": scenario.untried or None,
        "findings": [_finding(report, finding) for finding in scenario.findings],
    }


def _finding(report: Report, finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "batch": finding.batch,
        "pointer": finding.pointer,
        "got": finding.got,
        "wanted": finding.wanted,
        "fingerprint": finding.fingerprint,
        "accepted": report.acceptance(finding) is not None,
        "reproduce": finding.reproduce,
        "file": finding.file,
        "line": finding.line,
    }


def _assumption(row: Assumed) -> dict[str, Any]:
    return {
        "id": row.id,
        "choice": row.choice,
        "alternatives": list(row.others),
        "owner": row.owner,
        "question": row.question,
        "used": row.used,
        **({"observed": row.observed} if row.observed else {}),
    }
