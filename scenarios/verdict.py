"""What a run found out, as plain values: findings, the state of every rule, and the one verdict over all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from contracts import Rule

Verdict = Literal["kept", "broken", "untried"]
RunVerdict = Literal["kept", "broken", "untested"]
SideName = Literal["below", "at", "above"]
SIDES: tuple[SideName, ...] = ("below", "at", "above")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was not as a rule wants it.

    `pointer` leads into the batch or the request body, `got` and `wanted` are names, sizes and kinds.
    `batch` is the MPID under which the batch travelled, for whoever wants to see it.
    """

    rule: str
    message: str
    pointer: str = ""
    got: str = ""
    wanted: str = ""
    severity: Literal["error", "warn"] = "error"
    batch: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same mistake in the same place, whatever the values were."""
        told = f"{self.rule}\n{self.pointer}".encode("utf-8", "backslashreplace")  # a name may hold a lone surrogate
        return hashlib.sha256(told).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Case:
    """One try at one rule: on which side of its limit, whether the rule held, and whether an answer named it."""

    rule: str
    side: SideName
    held: bool
    named: bool = False


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What one scenario found. `untried` says why a scenario could not be tried; empty where it was."""

    id: str
    title: str
    suite: str
    findings: tuple[Finding, ...] = ()
    cases: tuple[Case, ...] = ()
    untried: str = ""
    batches: int = 0
    requests: int = 0
    data_points: int = 0
    violations: int = 0

    @property
    def verdict(self) -> Verdict:
        if self.untried:
            return "untried"
        return "broken" if any(finding.severity == "error" for finding in self.findings) else "kept"


@dataclass(slots=True)
class Side:
    """The cases on one side of a rule: how many, how many did not hold, in how many an answer named the rule.

    `proof` is the scenario to look at: the first that did not hold, else the first in which the rule was named, else
    the first of all.
    """

    cases: int = 0
    broken: int = 0
    named: int = 0
    proof: str = ""

    def add(self, case: Case, scenario: str) -> None:
        telling = (not case.held and not self.broken) or (case.named and not self.broken and not self.named)
        if telling or not self.proof:
            self.proof = scenario
        self.cases += 1
        self.broken += not case.held
        self.named += case.named

    @property
    def verdict(self) -> Verdict:
        if not self.cases:
            return "untried"
        return "broken" if self.broken else "kept"


@dataclass(slots=True)
class RuleResult:
    """A rule's state after a run. A rule without a number has obeying cases `at` and breaking cases `above`.

    `told` says that whoever keeps the rule names it in an answer: then a breaking case in which nobody did is sent,
    and proves nothing.
    """

    rule: Rule
    below: Side = field(default_factory=Side)
    at: Side = field(default_factory=Side)
    above: Side = field(default_factory=Side)
    findings: int = 0
    told: bool = False

    @property
    def verdict(self) -> Verdict:
        """Kept only where every side that there is was tried, and held."""
        if self.findings or "broken" in (self.below.verdict, self.at.verdict, self.above.verdict):
            return "broken"
        return "untried" if self.lacks else "kept"

    @property
    def lacks(self) -> str:
        """What is missing for a proof, in a few words; empty where nothing is."""
        counted = self.rule.limit is not None and self.rule.owner != "customer"
        wanted = ("below", "at", "above") if counted else ("at", "above")
        missing = [name for name in wanted if not getattr(self, name).cases]
        if missing:
            return f"no case {' or '.join(missing)}"
        if self.told and not any(side.named for side in self.sides):
            return "no answer named it"
        return ""

    @property
    def sides(self) -> tuple[Side, Side, Side]:
        """Below, at and above, in this order."""
        return self.below, self.at, self.above


@dataclass(frozen=True, slots=True)
class AssumptionUse:
    """An assumption that the run leaned on, and how often."""

    id: str
    choice: str
    used: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a reporter needs. `fates` counts (rule, name, fate); a name is a data point's, never a value."""

    seed: int
    scenarios: tuple[ScenarioResult, ...]
    rules: tuple[RuleResult, ...]
    fates: Counter[tuple[str, str, str]]
    assumptions: tuple[AssumptionUse, ...]
    fail_on: Literal["error", "warn"] = "error"

    @property
    def findings(self) -> Iterable[tuple[ScenarioResult, Finding]]:
        return ((scenario, finding) for scenario in self.scenarios for finding in scenario.findings)

    @property
    def verdict(self) -> RunVerdict:
        """Broken by any error, or by any warning where those count; untested where nothing was tried."""
        if any(self.fails(finding) for _, finding in self.findings):
            return "broken"
        return "kept" if any(scenario.verdict != "untried" for scenario in self.scenarios) else "untested"

    def fails(self, finding: Finding) -> bool:
        """Whether this finding turns the run red."""
        return finding.severity == "error" or self.fail_on == "warn"

    def verdict_of(self, scenario: ScenarioResult) -> Verdict:
        """A scenario's verdict in this run, where warnings may count."""
        if scenario.untried:
            return "untried"
        return "broken" if any(self.fails(finding) for finding in scenario.findings) else "kept"

    @property
    def exit_code(self) -> int:
        return {"kept": 0, "broken": 1, "untested": 3}[self.verdict]

    @property
    def counts(self) -> dict[str, int]:
        tried = [scenario for scenario in self.scenarios if scenario.verdict != "untried"]
        return {
            "scenarios": len(tried),
            "batches": sum(scenario.batches for scenario in tried),
            "requests": sum(scenario.requests for scenario in tried),
            "data_points": sum(scenario.data_points for scenario in tried),
            "violations": sum(scenario.violations for scenario in tried),
            "mismatches": sum(1 for _ in self.findings),
        }
