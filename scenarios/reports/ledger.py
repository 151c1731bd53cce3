"""What several reports show in the same way: where a rule was read, what was assumed, which findings are one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from contracts import assumptions, rules, sources
from contracts.register import Rule
from scenarios.verdict import (
    SIDES,
    Accepted,
    AssumptionUse,
    Finding,
    Report,
    RuleResult,
    ScenarioResult,
    Side,
    SideName,
)

FATES = {
    "sent": "went out",
    "merged": "another data point went out under the same name",
    "filtered": "a setting held it back",
    "dropped": "no room was left for it, or nothing of its name or value",
    "refused": "nothing says under which name or for whom it could go out",
    "unsupported": "this kind of data or platform does not go there",
}
"""Every fate in the order of the reports, and what it means."""


@dataclass(frozen=True, slots=True)
class Cited:
    """Where a rule was read, in words. `url` is None where there is nothing to open."""

    key: str
    section: str
    title: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Assumed:
    """An assumption that a run leaned on. `changed` says that somebody chose otherwise than what holds.

    `observed` is the day on which a tenant was seen to make this choice; empty for what is only assumed.
    """

    id: str
    choice: str
    others: tuple[str, ...]
    owner: str
    why: str
    question: str
    used: int
    changed: bool
    observed: str = ""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same finding, and every scenario that made it. `first` is the one to show."""

    first: Finding
    scenarios: tuple[ScenarioResult, ...]
    count: int
    fails: bool
    accepted: Accepted | None = None
    expired: Accepted | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule with its findings. `rule` is None where the register does not know the id."""

    id: str
    rule: Rule | None
    findings: tuple[Repeated, ...]
    count: int

    @property
    def accepted(self) -> bool:
        """Whether the baseline accepts all of it."""
        return all(finding.accepted for finding in self.findings)

    @property
    def fails(self) -> bool:
        return any(finding.fails for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Mistake:
    """All findings of one fingerprint: the first to show, how often it was found, what the baseline says of it.

    `rule` is None where the register does not know the id.
    """

    rule: Rule | None
    fingerprint: str
    first: Finding
    scenario: ScenarioResult
    count: int
    fails: bool
    accepted: Accepted | None
    expired: Accepted | None


@dataclass(frozen=True, slots=True)
class Proof:
    """The case to look at on one side of a rule."""

    side: SideName
    case: str
    named: bool
    repeat: str


@dataclass(frozen=True, slots=True)
class FateRow:
    """How many data points met one fate by one rule, and the most frequent of their names."""

    fate: str
    rule: str
    count: int
    names: tuple[str, ...]
    more: int


def cited(rule: Rule) -> Cited:
    key, _, section = rule.source.partition("#")
    if rule.assumption:
        return Cited(key, "", "our own choice", None)
    found = sources().get(key)
    return Cited(key, section, found.title if found else key, rule.url)


def assumed(use: AssumptionUse) -> Assumed:
    known = assumptions().get(use.id)
    if known is None:
        return Assumed(use.id, use.choice, (), "", "", "", use.used, changed=False)
    others = tuple(choice for choice in known.choices if choice != use.choice)
    return Assumed(
        use.id,
        use.choice,
        others,
        known.owner,
        known.why,
        known.question,
        use.used,
        changed=use.choice != known.holds,
        observed=known.observed_on if use.choice == known.observed else "",
    )


def cell(side: Side) -> str:
    """A side of a rule in few letters: how many cases held, and of how many where not all did."""
    if not side.cases:
        return "-"
    return f"{side.cases - side.broken}/{side.cases}" if side.broken else str(side.cases)


def broken(report: Report) -> Iterator[Broken]:
    """Every rule that has findings, what turns the run red first, in the order in which they were found."""
    found: dict[str, dict[tuple[str, str, str, str], list[tuple[ScenarioResult, Finding]]]] = {}
    for scenario, finding in report.findings:
        same = (finding.pointer, finding.message, finding.got, finding.wanted)
        found.setdefault(finding.rule, {}).setdefault(same, []).append((scenario, finding))
    known = {result.rule.id: result.rule for result in report.rules}
    rows = []
    for rule, groups in found.items():
        findings = tuple(
            Repeated(
                group[0][1],
                tuple({id(scenario): scenario for scenario, _ in group}.values()),
                len(group),
                fails=report.fails(group[0][1]),
                accepted=report.acceptance(group[0][1]),
                expired=report.expiry(group[0][1]),
            )
            for group in groups.values()
        )
        findings = tuple(sorted(findings, key=lambda finding: not finding.fails))
        rows.append(Broken(rule, known.get(rule), findings, sum(finding.count for finding in findings)))
    yield from sorted(rows, key=lambda row: not row.fails)


def mistakes(report: Report) -> list[Mistake]:
    """Every fingerprint that was found, what turns the run red first, in the order in which they were found."""
    found: dict[tuple[str, str], list[tuple[ScenarioResult, Finding]]] = {}
    for scenario, finding in report.findings:
        found.setdefault((finding.fingerprint, finding.rule), []).append((scenario, finding))
    rows = []
    for (print_, rule), group in found.items():
        # The same mistake may be a warning in one place, and an error in another, which then is the one to show.
        scenario, first = min(group, key=lambda pair: not report.fails(pair[1]))
        rows.append(
            Mistake(
                rules().get(rule),
                print_,
                first,
                scenario,
                len(group),
                report.fails(first),
                report.acceptance(first),
                report.expiry(first),
            )
        )
    return sorted(rows, key=lambda row: not row.fails)


def terms(entry: Accepted) -> str:
    """On what terms a finding is accepted, or was."""
    return f"until {entry.expires} by {entry.owner}: {entry.reason}"


def rule_of(entry: Accepted) -> Rule | None:
    """The rule of an entry; None where the register does not know it."""
    return rules().get(entry.rule)


def accepted_rules(report: Report) -> frozenset[str]:
    """The rules that are broken only by what the baseline accepts."""
    if not report.accepted:
        return frozenset()
    bad = {finding.rule for _, finding in report.findings if report.acceptance(finding) is None}
    for scenario in report.scenarios:
        if any(report.acceptance(finding) is None for finding in scenario.findings):
            bad |= {case.rule for case in scenario.cases if not case.held}
    return frozenset(row.rule.id for row in report.rules if row.verdict == "broken" and row.rule.id not in bad)


def proofs(report: Report, result: RuleResult) -> list[Proof]:
    """The case that proves a rule on each side on which it was tried, with the command that repeats it."""
    return [
        Proof(name, side.proof, bool(side.named), report.repeat(side.proof))
        for name, side in zip(SIDES, result.sides, strict=True)
        if side.proof
    ]


def tally(results: tuple[RuleResult, ...]) -> Counter[str]:
    """How many rules are kept, broken and untried."""
    return Counter(result.verdict for result in results)


def fate_totals(report: Report) -> dict[str, int]:
    """Data points by fate, in the order of `FATES`, those that occurred."""
    totals: Counter[str] = Counter()
    for (_, _, fate), count in report.fates.items():
        totals[fate] += count
    return {fate: totals[fate] for fate in (*FATES, *sorted(set(totals) - set(FATES))) if totals[fate]}


def fate_rows(report: Report, names: int = 8) -> list[FateRow]:
    """The fates by rule, the order of `FATES` first, then the most frequent; at most `names` names each."""
    groups: dict[tuple[str, str], Counter[str]] = {}
    for (rule, name, fate), count in report.fates.items():
        groups.setdefault((fate, rule), Counter())[name] += count
    order = list(FATES)
    rows = []
    for (fate, rule), counted in groups.items():
        by_count = sorted(counted, key=lambda name: (-counted[name], name))
        rows.append(FateRow(fate, rule, counted.total(), tuple(by_count[:names]), max(0, len(by_count) - names)))
    return sorted(rows, key=lambda row: (order.index(row.fate) if row.fate in order else 99, -row.count, row.rule))


def number(limit: int | None) -> str:
    """A limit for people; the largest integer of 64 bits by its name, which is shorter than its digits."""
    if limit is None:
        return ""
    return "2^63 - 1" if limit == 2**63 - 1 else f"{limit:,}"
