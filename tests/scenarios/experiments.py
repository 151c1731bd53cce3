"""Runs of every hand-written scenario against a fake or a forwarder from which something was taken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from itertools import chain
from typing import Any

from contracts import Choices
from forwarder import plan
from mock_sessionm import BEHAVIOURS, GATE, Clock, TenantSettings, create_app
from scenarios.boundaries import boundaries
from scenarios.destinations import DESTINATIONS, FORWARDED
from scenarios.faults import faults
from scenarios.loyalty import loyalty
from scenarios.road import road_to
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.verdict import Report
from scenarios.world import Embedded


@cache
def every_scenario() -> tuple[Scenario, ...]:
    every = [boundaries(name, row.people) for name, row in DESTINATIONS.items()]
    every += [road_to(name).journeys() for name in FORWARDED]
    every += [faults(Choices(), name) for name in FORWARDED]
    return (*chain(*every), *loyalty())


@cache
def on_the_road(destination: str = "sessionm") -> tuple[Scenario, ...]:
    """The scenarios in which a forwarder takes part: all that can find out a broken one."""
    every = every_scenario()
    return tuple(one for one in every if one.kind == "road" and one.destination == destination)


def about(rule: str) -> list[Scenario]:
    """The scenarios in which one rule is on trial: they must do to find out a fake that does not keep it."""
    return [scenario for scenario in every_scenario() if scenario.rule == rule]


def run(
    *,
    gate: tuple[Any, ...] = GATE,
    behaviours: frozenset[str] = BEHAVIOURS,
    steps: Sequence[Any] | None = None,
    scenarios: Sequence[Scenario] | None = None,
    destination: str = "sessionm",
) -> Report:
    """The report of a run in which these checks, behaviours and steps are all there is; by default of one road."""
    app = create_app(TenantSettings(), clock=Clock(0, frozen=True), gate=gate, behaviours=behaviours)
    runner = Runner(Embedded(app=app, planning=partial(plan, steps=steps)))
    runner.run(on_the_road(destination) if scenarios is None else scenarios)
    return runner.report(
        seed=0, fail_on="error", vendors=[vendor for row in DESTINATIONS.values() for vendor in row.vendors]
    )


def blamed(report: Report) -> set[str]:
    """The rules that the report calls broken."""
    return {result.rule.id for result in report.rules if result.verdict == "broken"}
