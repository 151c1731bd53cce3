"""The report as one HTML file for people: nothing is fetched, nothing is run, light and dark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.verdict import Report, RuleResult, ScenarioResult

from . import ledger, recording
from .visible import visible

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent
FINDINGS_SHOWN = 25
KEPT_SHOWN = 200
ROWS_SHOWN = 500

SAID = {
    "kept": "The contract holds",
    "broken": "The contract is broken",
    "untested": "Nothing was tested",
}


TITLES = {
    "sessionm": "SessionM",
    "braze": "Braze",
    "customerio": "Customer.io",
    "mparticle": "mParticle",
    "madconnect": "MadConnect",
    "harness": "This harness",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A rule, where it was read, the cases that prove it. `verdict` is `accepted` where the baseline lives with it."""

    result: RuleResult
    cited: ledger.Cited
    proofs: tuple[ledger.Proof, ...]
    verdict: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """The rules of one vendor, each with where it was read."""

    name: str
    title: str
    rows: tuple[Row, ...]

    @property
    def open(self) -> bool:
        """Whether there is something in it that somebody should see."""
        return any(row.verdict != "kept" for row in self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many rules there are of each verdict, those to look at first."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in ("broken", "accepted", "untried", "kept") if found[verdict]}


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite's scenarios, those that are not kept first. `more` counts kept ones that are left out."""

    name: str
    counts: dict[str, int]
    scenarios: tuple[tuple[str, ScenarioResult], ...]
    more: int


def render(report: Report) -> str:
    """The page as text. No times: the same report gives the same bytes."""
    return _template().render(
        report=report,
        said=SAID[report.verdict],
        counts=report.counts,
        tally=ledger.tally(report.rules),
        tables=[(table, table.rows[:ROWS_SHOWN]) for table in recording.tables(report)],
        vendors=list(_vendors(report)),
        number=ledger.number,
        cell=ledger.cell,
        broken=list(ledger.broken(report)),
        accepted=len(ledger.accepted_rules(report)),
        baseline=[
            (word, entry, ledger.rule_of(entry))
            for word, entries in (
                ("expired", report.expired.values()),
                ("accepted", report.accepted.values()),
                ("gone", report.gone),
            )
            for entry in sorted(entries)
        ],
        again=report.repeat,
        shown=FINDINGS_SHOWN,
        assumptions=[ledger.assumed(use) for use in report.assumptions],
        fates=ledger.fate_rows(report),
        totals=ledger.fate_totals(report),
        meanings=ledger.FATES,
        suites=list(_suites(report)),
    )


def _vendors(report: Report) -> Iterator[Vendor]:
    accepted = ledger.accepted_rules(report)
    for name in dict.fromkeys(result.rule.vendor for result in report.rules):
        own = [result for result in report.rules if result.rule.vendor == name]
        yield Vendor(name, TITLES[name], tuple(_row(report, result, accepted) for result in own))


def _row(report: Report, result: RuleResult, accepted: frozenset[str]) -> Row:
    verdict = "accepted" if result.rule.id in accepted else result.verdict
    return Row(result, ledger.cited(result.rule), tuple(ledger.proofs(report, result)), verdict)


def _suites(report: Report) -> Iterator[Suite]:
    for name in dict.fromkeys(scenario.suite for scenario in report.scenarios):
        judged = [(report.verdict_of(scenario), scenario) for scenario in report.scenarios if scenario.suite == name]
        counts = {
            verdict: sum(one.scenarios for verdict_, one in judged if verdict_ == verdict)
            for verdict in ("broken", "untried", "kept")
            if any(one == verdict for one, _ in judged)
        }
        kept = [row for row in judged if row[0] == "kept"]
        others = sorted((row for row in judged if row[0] != "kept"), key=lambda row: row[0])
        yield Suite(name, counts, (*others, *kept[:KEPT_SHOWN]), max(0, len(kept) - KEPT_SHOWN))


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # `finalize` sees every value on its way into the page, so none can be forgotten.
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")


def _shown(value: Any) -> Any:
    # Only plain text: what a macro gives is markup already.
    return visible(value) if type(value) is str else value
