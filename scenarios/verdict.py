"""What a run found out, as plain values: findings, the state of every rule, and the one verdict over all."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from contracts import Interaction, Rule

from .fingerprint import fingerprint

Verdict = Literal["kept", "broken", "untried"]
RunVerdict = Literal["kept", "broken", "untested"]
SideName = Literal["below", "at", "above"]
SIDES: tuple[SideName, ...] = ("below", "at", "above")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was not as a rule wants it.

    `pointer` leads into the batch or the request body, `got` and `wanted` are names, sizes and kinds.
    `batch` is the MPID under which the batch travelled, for whoever wants to see it. `about` is the rule that is
    meant where the finding is filed under another. `drawn` says that names in it are those of invented people.
    `file` and `line` are where a file is to be mended; a line of 0 is none in particular.
    `reproduce` is a line for a shell that shows it again, without credentials; empty where there is none.
    """

    rule: str
    message: str
    pointer: str = ""
    got: str = ""
    wanted: str = ""
    severity: Literal["error", "warn"] = "error"
    batch: str = ""
    about: str = ""
    drawn: bool = False
    file: str = ""
    line: int = 0
    reproduce: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same mistake in the same place, whatever values, seed and order were."""
        told = f"{self.wanted} {self.got}"
        return fingerprint(self.rule, self.pointer, told, about=self.about, drawn=self.drawn)


@dataclass(frozen=True, slots=True)
class Case:
    """One try at one rule: on which side of its limit, whether the rule held, and whether an answer named it."""

    rule: str
    side: SideName
    held: bool
    named: bool = False


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What one scenario found. `untried` says why a scenario could not be tried; empty where it was.

    `scenarios` is more than one where it sums up so many that found nothing, or the same.
    """

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
    scenarios: int = 1

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

    def merge(self, later: Side) -> None:
        """Add cases that came after these; the sum is what it would be had they been added one by one."""
        telling = (later.broken and not self.broken) or (later.named and not self.broken and not self.named)
        if telling or not self.proof:
            self.proof = later.proof
        self.cases += later.cases
        self.broken += later.broken
        self.named += later.named

    @property
    def verdict(self) -> Verdict:
        if not self.cases:
            return "untried"
        return "broken" if self.broken else "kept"


@dataclass(slots=True)
class RuleResult:
    """A rule's state after a run. A rule without a number has obeying cases `at` and breaking cases `above`.

    `told` says that whoever keeps the rule names it in an answer: then a breaking case in which nobody did is sent,
    and proves nothing. `met` says that the cases are what recorded traffic happened to meet, which need not be every
    side there is.
    """

    rule: Rule
    below: Side = field(default_factory=Side)
    at: Side = field(default_factory=Side)
    above: Side = field(default_factory=Side)
    findings: int = 0
    told: bool = False
    met: bool = False

    @property
    def verdict(self) -> Verdict:
        """Kept only where every side that there is was tried, and held."""
        if self.findings or "broken" in (self.below.verdict, self.at.verdict, self.above.verdict):
            return "broken"
        return "untried" if self.lacks else "kept"

    @property
    def lacks(self) -> str:
        """What is missing for a proof, in a few words; empty where nothing is."""
        if self.rule.owner == "harness" or self.met:
            # Its own promises are held at whatever comes, on whichever side.
            return "" if any(side.cases for side in self.sides) else "no case"
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


@dataclass(frozen=True, slots=True, order=True)
class Accepted:
    """A finding that somebody decided to live with for a while: why, who answers for it, the last day of it."""

    fingerprint: str
    rule: str
    reason: str
    owner: str
    expires: date

    @property
    def key(self) -> tuple[str, str]:
        return self.fingerprint, self.rule


@dataclass(frozen=True, slots=True)
class Heard:
    """What came to the fake in one scenario, for whoever wants to see it on the wire."""

    scenario: str
    title: str
    interactions: tuple[Interaction, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a reporter needs. `fates` counts (rule, name, fate); a name is a data point's, never a value.

    command, arguments   what was run, as far as it decides what a scenario finds
    parts                which part of everything was asked for: suites, cases, rules
    accepted, expired    entries of the baseline for findings of this run, by `key`: those that hold, and those
                         whose day is over
    gone                 entries for which there was nothing any more, of rules that were tried
    baseline             the file of these entries; empty without one
    heard                the interactions of the scenarios that found something, where somebody asked for them
    recording            what is told of a recording that was replayed, as in report.schema.yaml; None where none was
    """

    seed: int
    scenarios: tuple[ScenarioResult, ...]
    rules: tuple[RuleResult, ...]
    fates: Counter[tuple[str, str, str]]
    assumptions: tuple[AssumptionUse, ...]
    fail_on: Literal["error", "warn"] = "error"
    command: str = "run"
    arguments: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    accepted: Mapping[tuple[str, str], Accepted] = field(default_factory=dict)
    expired: Mapping[tuple[str, str], Accepted] = field(default_factory=dict)
    gone: tuple[Accepted, ...] = ()
    baseline: str = ""
    heard: tuple[Heard, ...] = ()
    recording: Mapping[str, Any] | None = None

    @property
    def findings(self) -> Iterable[tuple[ScenarioResult, Finding]]:
        return ((scenario, finding) for scenario in self.scenarios for finding in scenario.findings)

    @property
    def verdict(self) -> RunVerdict:
        """Broken by any error, or by any warning where those count; untested where nothing was tried."""
        if any(self.fails(finding) for _, finding in self.findings):
            return "broken"
        return "kept" if any(scenario.verdict != "untried" for scenario in self.scenarios) else "untested"

    def counts_for(self, finding: Finding) -> bool:
        """Whether this finding would turn the run red if nobody had accepted it."""
        return finding.severity == "error" or self.fail_on == "warn"

    def fails(self, finding: Finding) -> bool:
        """Whether this finding turns the run red."""
        return self.counts_for(finding) and self.acceptance(finding) is None

    def acceptance(self, finding: Finding) -> Accepted | None:
        """The entry of the baseline by which this finding is accepted; None where it is not."""
        return self.accepted.get((finding.fingerprint, finding.rule)) if self.accepted else None

    def expiry(self, finding: Finding) -> Accepted | None:
        """The entry by which this finding was accepted until its day was over; None where there is none."""
        return self.expired.get((finding.fingerprint, finding.rule)) if self.expired else None

    def repeat(self, scenario: str) -> str:
        """The command that runs this one scenario again, in the words of a shell."""
        return shlex.join(["sessionm-harness", self.command, "--case", scenario, *self.arguments])

    @property
    def again(self) -> str:
        """The command that runs all of this again."""
        return shlex.join(
            ["sessionm-harness", self.command, *self.parts, *(self.arguments or ("--seed", str(self.seed)))]
        )

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
            "scenarios": sum(scenario.scenarios for scenario in tried),
            "batches": sum(scenario.batches for scenario in tried),
            "requests": sum(scenario.requests for scenario in tried),
            "data_points": sum(scenario.data_points for scenario in tried),
            "violations": sum(scenario.violations for scenario in tried),
            "mismatches": sum(1 for _ in self.findings),
            **({"accepted": sum(1 for _, one in self.findings if self.acceptance(one))} if self.baseline else {}),
        }
