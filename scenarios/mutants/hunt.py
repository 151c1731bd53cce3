"""A mutant, run through the scenarios until one of them finds it out."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from flask import Flask

from contracts import Choices
from mock_sessionm import TenantSettings, create_app, other_limits
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
    """The scenarios in the order in which they may find a mutant out: near ones, those about its rule, the others.

    Of those about its rule, and then of the others, those come first that are known to meet what it has wrong.
    Of a forwarder that is wrong on one road, no other road shows anything.
    """
    own = [one.id for one in _about().get(mutant.rule, ())]
    met = [name for name in mutant.shows if name in set(own)]
    every = dict.fromkeys((*mutant.near, *met, *own, *mutant.shows, *_by_id()))
    for scenario in map(_by_id().__getitem__, every):
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
    with _in_silence(), mutant.patched(), other_limits(mutant.parts.limits, mutant.parts.tables):
        runner = Runner(world_of(mutant))
        for scenario in likely(mutant) if scenarios is None else scenarios:
            if not mutant.meets(scenario):
                continue
            tried += 1
            result = judged(runner, scenario)
            if result.verdict == "broken":
                return Hunted(mutant.id, mutant.rule, mutant.kind, scenario.id, tried, result.findings)
    return Hunted(mutant.id, mutant.rule, mutant.kind, tried=tried)


@contextmanager
def _in_silence() -> Iterator[None]:
    """Without the traces of mutants that fall over: that they do is what is wanted."""
    log = logging.getLogger("mock_sessionm")
    was = log.disabled
    log.disabled = True
    try:
        yield
    finally:
        log.disabled = was


def judged(runner: Runner, scenario: Scenario) -> ScenarioResult:
    """The result of a scenario; a mutant that falls over is found out."""
    try:
        return runner.judge(scenario)
    except Exception as error:  # noqa: BLE001  whatever a mutant raises, it is no answer
        fell = Finding(scenario.rule, f"{type(error).__name__}: the run fell over")
        return ScenarioResult(scenario.id, scenario.title, scenario.suite, (fell,))


@cache
def _app() -> Flask:
    """The app in which one mutant after another lives: making one takes longer than most hunts."""
    return create_app(TenantSettings())


@cache
def clean_world() -> Embedded:
    """The fake as it is, with our forwarder: every scenario leaves it as it found it."""
    return Embedded()


def world_of(mutant: Mutant) -> Embedded:
    """A world with the mutant in it."""
    parts = mutant.parts
    app = create_app(
        TenantSettings(),
        clock=parts.clock(),
        gate=parts.gate,
        behaviours=parts.behaviours,
        choices=parts.choices,
        limits=parts.limits,
        within=_app(),
    )
    parts.finish(app)
    return Embedded(app=app, planning=parts.planning, delivery=parts.delivery)


def _forwards(scenario: Scenario) -> bool:
    """Whether a story straight to the vendor has a step in which our forwarder takes part."""
    return any({"forward", "feed_back", "objects", "import"} & set(call) for call in scenario.calls)
