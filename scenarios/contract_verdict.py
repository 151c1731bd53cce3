"""What a comparison of two contracts comes to: one verdict, and the document that other tools read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from contracts.difference import SEVERITIES, Finding, Severity

from .contract_impact import Impact

FORMAT = "sessionm-harness.difference/1"
FailOn = Literal["error", "warn"]


@dataclass(frozen=True, slots=True)
class ContractVerdict:
    """Two contracts by their names, the findings between them, and what they do to recorded traffic.

    `folder` is where the files of NEW stand, as far as one can point at them.
    """

    old: str
    new: str
    findings: tuple[Finding, ...]
    impact: Impact | None = None
    fail_on: FailOn = "error"
    folder: str = ""

    def count(self, severity: Severity) -> int:
        return Counter(finding.severity for finding in self.findings)[severity]

    @property
    def verdict(self) -> Literal["kept", "broken", "untested"]:
        """`untested`: traffic was given, and no request in it is for an operation of either contract."""
        red = self.count("error") or (self.fail_on == "warn" and self.count("warn"))
        if red or (self.impact and self.impact.broken):
            return "broken"
        if self.impact and not self.impact.requests.judged:
            return "untested"
        return "kept"

    def to_json(self) -> dict[str, Any]:
        """The form sessionm-harness.difference/1."""
        return {
            "format": FORMAT,
            "old": self.old,
            "new": self.new,
            "verdict": self.verdict,
            "fail_on": self.fail_on,
            "counts": {severity: self.count(severity) for severity in SEVERITIES},
            "findings": [finding.to_json() for finding in self.findings],
            "impact": self.impact.to_json() if self.impact else None,
        }
