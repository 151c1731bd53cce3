"""A mutant, run through the scenarios until one of them finds it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from contracts import Choices
from mock_sessionm import Clock, TenantSettings, create_app
from scenarios.boundaries import boundaries
from scenarios.destinations import DESTINATIONS, FORWARDED
from scenarios.faults import faults
from scenarios.loyalty import loyalty
from scenarios.road import road_to
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.verdict import Finding, ScenarioResult
from scenarios.world import Embedded

from .mutant import Mutant


@dataclass(frozen=True, slots=True)
class Hunted:
    """How it ended with one mutant.

    killer    the scenario that found it out; empty for a survivor
    tried     how many scenarios it took
    findings  what that scenario found
    blamed    whether a finding names the rule whose mutant it is
    """

    mutant: str
    rule: str
    kind: str
    killer: str = ""
    tried: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def killed(self) -> bool:
        return bool(self.killer)

    @property
    def blamed(self) -> bool:
        return any(self.rule in (finding.rule, finding.message.partition(":")[0]) for finding in self.findings)


@cache
def every_scenario() -> tuple[Scenario, ...]:
    """Every scenario that is written down or follows from a number; invented people, who come last, are left out."""
    found: list[Scenario] = []
    for name, row in DESTINATIONS.items():
        found += boundaries(name, row.people)
    for name in FORWARDED:
        found += road_to(name).journeys()
        found += faults(Choices(), name)
    return (*found, *loyalty())


@cache
def _about() -> Mapping[str, Sequence[Scenario]]:
    made: dict[str, list[Scenario]] = {}
    for scenario in every_scenario():
        made.setdefault(scenario.rule, []).append(scenario)
    return made


@cache
def _by_id() -> Mapping[str, Scenario]:
    return {scenario.id: scenario for scenario in every_scenario()}


def likely(mutant: Mutant) -> Iterable[Scenario]:
    """The scenarios in the order in which they may find a mutant out.

    First those about its rule, then those that are known to meet what it has wrong, then the others. Of a forwarder
    that is wrong on one road, no other road shows anything.
    """
    own = _about().get(mutant.rule, ())
    met = [_by_id()[name] for name in mutant.shows]
    known = set(mutant.shows)
    every = sorted(own, key=lambda scenario: scenario.id not in known)
    every += [scenario for scenario in met if scenario.rule != mutant.rule]
    tried = {scenario.id for scenario in every}
    for scenario in chain(every, (one for one in every_scenario() if one.id not in tried)):
        if mutant.side == "fake" or _takes(scenario, mutant.road):
            yield scenario


def _takes(scenario: Scenario, road: str) -> bool:
    """Whether our forwarder takes part in a scenario, on this road if one is named."""
    if scenario.kind == "road":
        return not road or scenario.destination == road
    return _forwards(scenario) and road in {"", "sessionm"}


def hunt(mutant: Mutant, scenarios: Iterable[Scenario] | None = None) -> Hunted:
    """Run scenarios against a mutant, until one is broken."""
    tried = 0
    with mutant.patched():
        runner = Runner(world_of(mutant))
        for scenario in likely(mutant) if scenarios is None else scenarios:
            tried += 1
            result = judged(runner, scenario)
            if result.verdict == "broken":
                return Hunted(mutant.id, mutant.rule, mutant.kind, scenario.id, tried, result.findings)
    return Hunted(mutant.id, mutant.rule, mutant.kind, tried=tried)


def judged(runner: Runner, scenario: Scenario) -> ScenarioResult:
    """The result of a scenario; a mutant that falls over is found out."""
    try:
        return runner.judge(scenario)
    except Exception as error:  # noqa: BLE001  whatever a mutant raises, it is no answer
        clean_world.cache_clear()  # what it left behind would be in the way of the next one
        fell = Finding(scenario.rule, f"{type(error).__name__}: the run fell over")
        return ScenarioResult(scenario.id, scenario.title, scenario.suite, (fell,))


@cache
def clean_world() -> Embedded:
    """The fake as it is, with our forwarder: every scenario leaves it as it found it."""
    return Embedded(app=create_app(TenantSettings(), clock=Clock(0, frozen=True)))


def world_of(mutant: Mutant) -> Embedded:
    """A world with the mutant in it; a fresh one where the fake is what is wrong."""
    parts = mutant.parts
    if mutant.side == "forwarder":
        return Embedded(app=clean_world().app, planning=parts.planning, delivery=parts.delivery)
    app = create_app(TenantSettings(), clock=Clock(0, frozen=True), gate=parts.gate, behaviours=parts.behaviours)
    parts.finish(app)
    return Embedded(app=app, planning=parts.planning, delivery=parts.delivery)


def _forwards(scenario: Scenario) -> bool:
    """Whether a story straight to the vendor has a step in which our forwarder takes part."""
    return any({"forward", "feed_back", "objects", "import"} & set(call) for call in scenario.calls)
