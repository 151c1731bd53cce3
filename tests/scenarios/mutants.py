"""Runs of every hand-written scenario against a fake or a forwarder from which something was taken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from contracts import Choices
from mock_sessionm import BEHAVIOURS, GATE, Clock, TenantSettings, create_app
from scenarios.boundaries import boundaries
from scenarios.faults import faults
from scenarios.loyalty import loyalty
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.sessionm.journeys import journeys
from scenarios.suites import FIRST
from scenarios.verdict import Report
from scenarios.world import Embedded


@cache
def every_scenario() -> tuple[Scenario, ...]:
    return (*boundaries(), *boundaries("braze", FIRST["braze"]), *journeys(), *loyalty(), *faults(Choices()))


@cache
def on_the_road() -> tuple[Scenario, ...]:
    """The scenarios in which a forwarder takes part: all that can find out a broken one."""
    return tuple(scenario for scenario in every_scenario() if scenario.kind == "road")


def about(rule: str) -> list[Scenario]:
    """The scenarios in which one rule is on trial: they must do to find out a fake that does not keep it."""
    return [scenario for scenario in every_scenario() if scenario.rule == rule]


def run(
    *,
    gate: tuple[Any, ...] = GATE,
    behaviours: frozenset[str] = BEHAVIOURS,
    steps: Sequence[Any] | None = None,
    scenarios: Sequence[Scenario] | None = None,
) -> Report:
    """The report of a run in which these checks, behaviours and steps are all there is; by default of the road."""
    app = create_app(TenantSettings(), clock=Clock(0, frozen=True), gate=gate, behaviours=behaviours)
    runner = Runner(Embedded(app=app, steps=steps))
    runner.run(on_the_road() if scenarios is None else scenarios)
    return runner.report(seed=0, fail_on="error", vendors=["sessionm", "braze"])


def blamed(report: Report) -> set[str]:
    """The rules that the report calls broken."""
    return {result.rule.id for result in report.rules if result.verdict == "broken"}
