"""A replay as a whole: what was read, what was found, and both as the report that every reporter takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal

from contracts import assumptions, rules
from scenarios.in_contract import REQUESTS
from scenarios.recorded import SUITE
from scenarios.recordings.recorded import Bad
from scenarios.runner import TOLD
from scenarios.verdict import AssumptionUse, Finding, Report, RuleResult, ScenarioResult

from .tally import Mistake, Noted, Tally


@dataclass(slots=True, kw_only=True)
class Replayed:
    """Everything about one replay.

    sources        what was read
    seed           of the run
    destination    where the batches went
    batches        batches that were read, of so many `people`
    interactions   interactions that were read
    passed         what is no record and need not be one
    backwards      records that are stamped before the one before them; they are replayed where they stand
    ignored        what the comparison of answers overlooks, by reason
    given          what the recording takes as given and was set up before it, by what it is
    tally          what was found
    settings       what the settings that were given are found fault with
    """

    sources: tuple[str, ...]
    seed: int
    destination: str = "sessionm"
    batches: int = 0
    people: int = 0
    interactions: int = 0
    passed: Noted = field(default_factory=Noted)
    backwards: Noted = field(default_factory=Noted)
    ignored: dict[str, int] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    settings: list[ScenarioResult] = field(default_factory=list)

    def note(self, bad: Bad) -> None:
        """Something that is no record."""
        (self.tally.bad if bad.wrong else self.passed).add(bad)

    @property
    def empty(self) -> bool:
        return not (self.batches or self.interactions)

    def report(self, *, fail_on: Literal["error", "warn"], choices: Any, **told: Any) -> Report:
        """The report: one scenario for each place where something was found, one for all the others."""
        tally = self.tally
        return Report(
            seed=self.seed,
            scenarios=(*self.settings, *self._scenarios()),
            rules=tuple(self._rules()),
            fates=tally.fates,
            assumptions=tuple(
                AssumptionUse(name, choices[name], tally.used[name]) for name in assumptions() if tally.used[name]
            ),
            fail_on=fail_on,
            heard=tuple(tally.heard),
            command="replay",
            recording=self.told(),
            **told,
        )

    def told(self) -> dict[str, Any]:
        """What is told of the recording itself, as report.schema.yaml has it."""
        failed = Noted()
        for how, times in sorted(self.tally.raised.items()):
            failed.add(Bad("--forwarder", f"{how}, in {times:,} {'batch' if times == 1 else 'batches'}"))
        noticed = sorted(self.tally.noticed.items(), key=lambda one: (-one[1], one[0]))
        return {
            "sources": list(self.sources),
            "batches": self.batches,
            "people": self.people,
            "interactions": self.interactions,
            "bad": self.tally.bad.told(),
            "passed": self.passed.told(),
            "backwards": self.backwards.told(),
            "failed": failed.told(),
            "mistakes": [one.told() for one in self.mistakes()],
            "noticed": [
                {"rule": rule, "name": name, "nearest": nearest, "count": count}
                for (rule, name, nearest), count in noticed
            ],
            "ignored": dict(self.ignored),
            "given": dict(self.given),
        }

    def mistakes(self) -> list[Mistake]:
        """What was found, errors first, then in the order in which it was met."""
        return sorted(
            self.tally.mistakes.values(),
            key=lambda one: (one.finding.severity == "warn", one.places[0], one.finding.rule),
        )

    def _scenarios(self) -> Iterator[ScenarioResult]:
        found: dict[str, list[Mistake]] = {}
        for mistake in self.mistakes():
            found.setdefault(mistake.places[0][1], []).append(mistake)
        for id_, several in found.items():
            findings = tuple(one.finding for one in several)
            yield ScenarioResult(id_, several[0].places[0][2], SUITE, findings)
        untried = self.tally.untried
        for why, mistake in untried.items():
            _, id_, title = mistake.places[0]
            yield ScenarioResult(id_, title, SUITE, untried=why, scenarios=mistake.people)
        rest = self.tally.counts["scenarios"] - len(found) - sum(one.people for one in untried.values())
        if rest:
            counts = self.tally.counts
            yield ScenarioResult(
                f"{SUITE}/others",
                f"{rest:,} that showed nothing else",
                SUITE,
                batches=counts["batches"],
                requests=counts["requests"],
                data_points=counts["data_points"],
                violations=counts["violations"],
                scenarios=rest,
            )
        for one in self.tally.bad.first:
            yield spoilt(one)
        more = self.tally.bad.count - len(self.tally.bad.first)
        if more:
            yield spoilt(Bad("and so on", f"{more:,} more that cannot be read"))

    def _rules(self) -> Iterator[RuleResult]:
        made: dict[str, RuleResult] = {}
        for (rule, side), cases in self.tally.sides.items():
            result = made.setdefault(rule, RuleResult(rules()[rule], told=rule in TOLD, met=True))
            getattr(result, side).merge(cases)
        findings = chain(self.tally.mistakes.values(), [Mistake(_unread())] * bool(self.tally.bad.count))
        for mistake in findings:
            rule = mistake.finding.rule
            result = made.setdefault(rule, RuleResult(rules()[rule], told=rule in TOLD, met=True))
            result.findings += mistake.people or self.tally.bad.count
        order = {rule: number for number, rule in enumerate(rules())}
        return iter(sorted(made.values(), key=lambda one: order[one.rule.id]))


def spoilt(bad: Bad) -> ScenarioResult:
    """A record that cannot be read; what stands beside it is replayed all the same."""
    found = Finding(REQUESTS, str(bad), "a record")
    return ScenarioResult(f"{SUITE}/{bad.place}", "a record that cannot be read", SUITE, (found,))


def _unread() -> Finding:
    return Finding(REQUESTS, "a record that cannot be read", "a record")
