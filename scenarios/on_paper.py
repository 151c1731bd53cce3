"""Scenarios that send nothing: settings held against the customer's rules, batches against a data plan."""

from __future__ import annotations

from collections.abc import Iterator

from contracts import Choices

from .scenario import Scenario
from .settings_lint import lint
from .verdict import Finding


def linted(scenario: Scenario) -> Iterator[Finding]:
    """Whether the settings of an example are found fault with, as it says."""
    tenant = scenario.lint.get("tenant", {})
    if tenant:
        # An example is written for the register's own choices, whatever was observed of a tenant.
        tenant = {**tenant, "assumptions": {**dict(Choices.written()), **tenant.get("assumptions", {})}}
    found = lint(scenario.lint.get("connection", {}), tenant)
    named = any(finding.rule == scenario.rule for finding in found)
    if named != scenario.lint["finds"]:
        got = "a finding" if named else "no finding"
        wanted = "a finding" if scenario.lint["finds"] else "none"
        yield Finding(scenario.rule, f"the settings of the example: {got}, wanted {wanted}", "", got, wanted)


def deviations(scenario: Scenario) -> Iterator[Finding]:
    """Whether the batches of an example depart from its data plan, as it says."""
    from .data_plan import DataPlan

    plan = DataPlan.of_points(scenario.plan)
    for batch in scenario.batches:
        found = {deviation.pointer: deviation.kind for deviation in plan.check(batch)}
        if found != scenario.deviates:
            got = ", ".join(f"{place} {kind}" for place, kind in found.items()) or "nothing"
            yield Finding(scenario.rule, f"the data plan finds {got}", "", got, str(dict(scenario.deviates or {})))
