"""Runs scenarios and judges them, from what the fake received and holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from contracts import assumptions, rules
from contracts.interaction import Interaction, Response, Violation
from mock_sessionm import GATE, Tenant

from .account import Expected, Setup
from .calls import call_all
from .checks import FATES, blamed, check_example, check_fates, check_people, check_sent, check_violations, is_senders
from .fates import FateCount, count_destinies, count_fates
from .foreign import Foreign, Trial
from .in_contract import ANSWERS, REQUESTS, wrong_answers, wrong_requests
from .met import met, noticed_name
from .on_paper import deviations, linted
from .place import Forwarded, Place, Unfit
from .road import Road, road_to
from .scenario import AS_GIVEN, Scenario
from .told import check_delivery, check_said
from .verdict import AssumptionUse, Case, Finding, Heard, Report, RuleResult, ScenarioResult

CHOICE = "harness.choice-kept"
NAMES = "x-harness-rule"
"""The header of an answer that names rules."""
TOLD = frozenset(check.rule for check in GATE)
"""The rules that an answer of the fake names when they are broken."""


class Runner:
    """Runs scenarios in the embedded world and gathers what they say about the rules.

    `ours` says whether the forwarder on trial is the project's own: then a departure from a chosen assumption
    is an error too, since the choice is known. `listens`: the interactions of scenarios that find something are kept.
    """

    def __init__(self, world: Place, *, ours: bool = True, listens: bool = False) -> None:
        self.world = world
        self.ours = ours
        self.listens = listens
        self._heard: list[Heard] = []
        self.fates: Counter[tuple[str, str, str]] = Counter()
        self.recorded_fates = FateCount()
        self.noticed: Counter[tuple[str, str, str]] = Counter()
        self.used: Counter[str] = Counter()
        self._results: list[ScenarioResult] = []

    def run(self, scenarios: Iterable[Scenario], *, progress: Callable[[ScenarioResult], None] | None = None) -> None:
        for scenario in scenarios:
            result = self.judge(scenario)
            self._results.append(result)
            if progress:
                progress(result)

    def add(self, results: Iterable[ScenarioResult]) -> None:
        """Results that came about elsewhere."""
        self._results.extend(results)

    def judge(self, scenario: Scenario) -> ScenarioResult:
        """One scenario, run and judged; nothing of it is left in the fake."""
        match scenario.kind:
            case "lint":
                return self._result(scenario, linted(scenario))
            case "plan":
                return self._result(scenario, deviations(scenario), batches=len(scenario.batches))
            case kind:
                try:
                    return self._vendor(scenario) if kind == "vendor" else self._road(scenario)
                except Unfit as reason:
                    return ScenarioResult(scenario.id, scenario.title, scenario.suite, untried=str(reason))

    def run_foreign(self, foreign: Foreign, scenarios: Sequence[Scenario]) -> None:
        """Road scenarios through the foreign forwarder; the others, which need none, as always."""
        self.ours = True
        self.run(scenario for scenario in scenarios if scenario.kind != "road")
        self.ours = False
        for trial in foreign.trials([scenario for scenario in scenarios if scenario.kind == "road"]):
            self._results.append(self.tried(trial))

    def tried(self, trial: Trial) -> ScenarioResult:
        """A scenario that somebody else's forwarder was tried with, judged."""
        scenario = trial.scenario
        if trial.untried:
            return ScenarioResult(scenario.id, scenario.title, scenario.suite, untried=trial.untried)
        mpid = next(iter(trial.expected.people), "")
        road = road_to(scenario.destination)
        findings = list(self._of_trial(trial, road, mpid))
        self._notice(trial.violations, road)
        if scenario.suite == "recorded":
            # What they made of each point nobody knows but they; this is what should have become of it.
            count_destinies(trial.expected.destinies, self.fates, scenario.batches)
        self._listen(scenario, findings, trial.heard)
        return self._result(
            scenario,
            findings,
            {violation.rule for violation in trial.violations},
            {(destiny.rule, destiny.fate) for destinies in trial.expected.destinies for destiny in destinies.values()},
            batches=len(scenario.batches),
            requests=len(trial.heard),
            data_points=sum(len(destinies) for destinies in trial.expected.destinies),
            violations=len(trial.violations),
        )

    def _of_trial(self, trial: Trial, road: Road, mpid: str) -> Iterator[Finding]:
        scenario = trial.scenario
        if scenario.expects.get("gives_up"):
            # How often somebody else tries is not ours to say; a refusal that is final is tried once.
            if trial.tries != 1:
                told = f"tried {trial.tries} times, wanted once"
                yield Finding(scenario.rule, told, "", str(trial.tries), "1", batch=mpid)
        else:
            blame = blamed(trial.violations)
            found = check_people(
                trial.expected, trial.actual, road.blame, strict=False, blame=blame, spoilt=trial.spoilt
            )
            for one in (*found, *trial.unseen):
                yield replace(one, rule=scenario.rule) if scenario.faults else one
        if not trial.by_mpid:
            told = "the customer was found by another id alone"
            yield Finding(road.blame.somebody, told, "", "no MPID", "the MPID", batch=mpid)
        yield from check_violations(trial.violations, (), mpid)
        wrong = wrong_requests(trial.heard, self.world.choices_for(scenario), mpid)
        yield from (one for one in wrong if is_senders(one.rule))

    def forget_heard(self) -> list[Heard]:
        """The interactions that were kept, which are kept no longer."""
        heard, self._heard = self._heard, []
        return heard

    def report(self, *, seed: int, fail_on: Literal["error", "warn"], vendors: Iterable[str]) -> Report:
        """Everything that was found so far; rules of other vendors are listed only where they were tried."""
        return Report(
            seed=seed,
            scenarios=tuple(self._results),
            rules=tuple(rule_results(self._results, vendors)),
            fates=self.fates + self.recorded_fates.named(),
            assumptions=tuple(
                AssumptionUse(name, self.world.choices[name], self.used[name])
                for name in assumptions()
                if self.used[name]
            ),
            fail_on=fail_on,
            heard=tuple(self._heard),
        )

    # --- kinds of scenarios -------------------------------------------------------------------------------

    def _vendor(self, scenario: Scenario) -> ScenarioResult:
        tenants = self.world.tenants(scenario)
        tenant = tenants["default"]
        findings = []
        requests = 0
        named: set[str] = set()
        for found in call_all(scenario.calls, self.world.stage(tenant)):
            if isinstance(found, Response):
                requests += 1
                named.update(found.headers.get(NAMES, "").split(","))
            else:
                findings.append(replace(found, rule=scenario.rule))
        heard = list(self.world.heard(tenants))
        findings += wrong_answers(heard)
        self.world.forget(tenants)
        self.used.update(tenant.used)
        self._listen(scenario, findings, heard)
        return self._result(scenario, findings, named, requests=requests)

    def _road(self, scenario: Scenario) -> ScenarioResult:
        tenants = self.world.tenants(scenario)
        return self.crossed(scenario, tenants, self.world.forward(scenario, tenants))

    def crossed(self, scenario: Scenario, tenants: Mapping[str, Tenant], forwarded: Forwarded) -> ScenarioResult:
        """A scenario whose batches went down the road, judged; nothing of it is left in the fake."""
        setup = self.setup(scenario, tenants["default"])
        road = road_to(scenario.destination)
        expected = road.expect(scenario.batches, setup)
        findings = list(self._check_road(road, scenario, tenants, forwarded, expected))
        mpid = next(iter(expected.people), "")
        findings += wrong_requests(forwarded.heard, self.world.choices_for(scenario), mpid)
        if not any(entry["fault"]["kind"] == "truncate" for entry in scenario.faults):
            # Of an answer that was cut on purpose nothing can be asked.
            findings += wrong_answers(forwarded.heard)
        self.world.forget(tenants)
        for tenant in tenants.values():
            self.used.update(tenant.used)
        self.used.update(expected.used)
        met_fates = self._count(scenario, forwarded)
        self._notice(forwarded.violations, road)
        self._listen(scenario, findings, forwarded.heard)
        return self._result(
            scenario,
            findings,
            {violation.rule for violation in forwarded.violations},
            met_fates,
            batches=len(scenario.batches),
            requests=forwarded.requests,
            data_points=sum(len(plan.fates) for plan in forwarded.plans),
            violations=len(forwarded.violations),
        )

    def setup(self, scenario: Scenario, tenant: Tenant) -> Setup:
        return Setup(
            self.world.settings_for(scenario),
            tenant.settings,
            self.world.choices_for(scenario),
            self.world.rewrite_for(scenario),
            tenant.on_violation == "reject-all",
            datetime.fromisoformat(scenario.at).timestamp(),
        )

    def _check_road(
        self,
        road: Road,
        scenario: Scenario,
        tenants: Mapping[str, Tenant],
        forwarded: Forwarded,
        expected: Expected,
    ) -> Iterator[Finding]:
        own_place = (
            tenants[scenario.second_tenant] if scenario.second_tenant and scenario.arrives == "nothing" else None
        )
        tenant = own_place or tenants["default"]
        if scenario.expects.get("gives_up"):
            for someone in expected.people.values():
                if someone is not None:
                    still = scenario.expects.get("still", ())
                    someone.events[:] = [event for event in someone.events if event.name in still]
        if scenario.expects.get("nobody"):
            expected.people = dict.fromkeys(expected.people)
        actual = {mpid: road.seen(tenant, mpid) if mpid else None for mpid in expected.people}
        for finding in check_people(expected, actual, road.blame, blame=blamed(forwarded.violations)):
            yield replace(finding, rule=scenario.rule) if scenario.faults else finding
        mpid = next(iter(expected.people), "")
        person = actual.get(mpid)
        if scenario.arrives == "nothing" and own_place is None and road.count(tenant):
            yield Finding(scenario.rule, "a customer arrived, wanted nobody", "", "a customer", "nobody", batch=mpid)
        if isinstance(scenario.arrives, Mapping):
            yield from check_example(scenario.arrives, person, scenario.rule, mpid)
        if scenario.arrives_second is not None:
            yield from check_example(scenario.arrives_second, person, scenario.rule, mpid)
            if road.count(tenants["default"]):
                yield Finding(scenario.rule, "a customer arrived at the wrong tenant", "", "a customer", "nobody")
        yield from check_violations(forwarded.violations, (), mpid)
        for batch, plan, destinies in zip(scenario.batches, forwarded.plans, expected.destinies, strict=True):
            yield from check_fates(batch, plan.fates, destinies, mpid)
            bodies = {one.key: _body(one.body) for one in plan.requests}
            yield from check_sent(bodies, plan.fates, road.carries, mpid)
        yield from road.wire(scenario, forwarded, expected, tenant)
        yield from check_said(scenario, forwarded, road.troubles, mpid)
        yield from check_delivery(scenario, forwarded, road.count(tenants["default"]), mpid)

    # --- gathering ----------------------------------------------------------------------------------------

    def _result(
        self,
        scenario: Scenario,
        found: Iterable[Finding],
        named: Collection[str] = (),
        fates: Iterable[tuple[str, str]] = (),
        **counts: int,
    ) -> ScenarioResult:
        """`named` are the rules that answers named, `fates` those that decided about points, with what they decided."""
        drawn = scenario.suite in AS_GIVEN
        findings = tuple(replace(self._weighed(finding), drawn=drawn) for finding in dict.fromkeys(found))
        cases = tuple(self._cases(scenario, findings, named))
        if scenario.suite == "recorded":
            cases += tuple(met(findings, named, fates))
        return ScenarioResult(scenario.id, scenario.title, scenario.suite, findings, cases, "", **counts)

    def _cases(self, scenario: Scenario, findings: tuple[Finding, ...], named: Collection[str]) -> Iterator[Case]:
        """The rule on trial, and the harness's own promises where our forwarder was on the road."""
        if scenario.rule:
            yield Case(scenario.rule, scenario.side, held=not findings, named=scenario.rule in named)
        broken = {finding.rule for finding in findings}
        if scenario.kind in {"road", "vendor"}:
            yield Case(ANSWERS, scenario.side, held=ANSWERS not in broken)
        if scenario.kind == "road":
            yield Case(REQUESTS, scenario.side, held=REQUESTS not in broken)
        if self.ours and scenario.kind == "road":
            yield Case(FATES, scenario.side, held=FATES not in broken)
        if self.ours and scenario.rule and rules()[scenario.rule].assumption:
            yield Case(CHOICE, scenario.side, held=CHOICE not in broken)

    def _weighed(self, finding: Finding) -> Finding:
        rule = rules().get(finding.rule)
        if rule is None or rule.severity == "error":
            return finding
        if self.ours:
            return replace(finding, rule=CHOICE, about=rule.id, message=f"{rule.id}: {finding.message}")
        return replace(finding, severity="warn")

    def _count(self, scenario: Scenario, forwarded: Forwarded) -> set[tuple[str, str]]:
        """Count the fates of a scenario; which rules decided what, where that is of interest."""
        if scenario.suite != "recorded":
            count_fates(forwarded.plans, self.fates)
            return set()
        for plan, batch in zip(forwarded.plans, scenario.batches, strict=True):
            self.recorded_fates.add(plan, batch)
        return {(fate.rule, fate.fate) for plan in forwarded.plans for fate in plan.fates}

    def _notice(self, violations: Iterable[Violation], road: Road) -> None:
        """Count what the fake noticed by the names that it is about; that somebody is new is no news."""
        self.noticed.update(
            (one.rule, noticed_name(one.pointer), one.nearest or "")
            for one in violations
            if one.rule not in road.troubles
        )

    def _listen(self, scenario: Scenario, findings: Sequence[Finding], heard: Iterable[Interaction]) -> None:
        if self.listens and findings:
            self._heard.append(Heard(scenario.id, scenario.title, tuple(heard)))


def rule_results(results: Iterable[ScenarioResult], vendors: Iterable[str]) -> Iterator[RuleResult]:
    """The state of every rule of the vendors, and of any other that was tried."""
    wanted = set(vendors)
    by_rule = {rule.id: RuleResult(rule, told=rule.id in TOLD) for rule in rules().values()}
    tried = set()
    for result in results:
        for case in result.cases:
            getattr(by_rule[case.rule], case.side).add(case, result.id)
            tried.add(case.rule)
        for finding in result.findings:
            if finding.rule in by_rule:
                by_rule[finding.rule].findings += 1
                tried.add(finding.rule)
    for name, result_of_rule in by_rule.items():
        # What the harness promises of every answer is tried by the provider's side of the gate alone.
        listed = result_of_rule.rule.vendor in wanted and result_of_rule.rule.owner != "harness"
        if name in tried or listed:
            yield result_of_rule


def _body(raw: bytes) -> Any:
    import orjson

    return orjson.loads(raw)
