"""What a scenario says outright of its points and of delivery, held against what happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .checks import FATES
from .place import Forwarded
from .scenario import Scenario
from .verdict import Finding


def check_said(scenario: Scenario, forwarded: Forwarded, harmless: frozenset[str], mpid: str) -> Iterator[Finding]:
    """What an example says outright about fates and about how delivery ended."""
    said = {fate.point: fate.fate for plan in forwarded.plans for fate in plan.fates}
    for point, wanted in scenario.fates.items():
        if said.get(point) != wanted:
            yield Finding(
                scenario.rule,
                f"{point}: {said.get(point)}, wanted {wanted}",
                point,
                str(said.get(point)),
                wanted,
                batch=mpid,
            )
    for ending, wanted in scenario.outcomes.items():
        got = [one.verdict for outcomes in forwarded.outcomes for one in outcomes if one.key.endswith(ending)]
        if got != [wanted]:
            yield Finding(
                scenario.rule, f"delivery of {ending}: {', '.join(got)}, wanted {wanted}", "", ", ".join(got), wanted
            )
    # That a new customer is not known yet is how create-or-update begins, and no reason to fail.
    troubled = any(violation.rule not in harmless for violation in forwarded.violations)
    if not scenario.outcomes and not scenario.faults and not troubled:
        for outcomes in forwarded.outcomes:
            for one in outcomes:
                if one.verdict != "delivered":
                    yield Finding(FATES, f"{one.verdict}: {one.code}", "", one.verdict, "delivered", batch=mpid)


def check_delivery(scenario: Scenario, forwarded: Forwarded, people: int, mpid: str) -> Iterator[Finding]:
    """How often something was tried, how long was waited, and that nobody was created twice."""

    def finding(what: str, got: Any, wanted: Any) -> Finding:
        return Finding(scenario.rule, f"{what}: {got}, wanted {wanted}", what, str(got), str(wanted), batch=mpid)

    for ending, attempts in scenario.expects.get("attempts", {}).items():
        got = [one.attempts for outcomes in forwarded.outcomes for one in outcomes if one.key.endswith(ending)]
        if got != [attempts]:
            yield finding(f"tries of {ending}", ", ".join(map(str, got)), attempts)
    waits = scenario.expects.get("waits")
    if waits is not None:
        slept = [round(seconds, 6) for seconds in forwarded.slept]
        allowed = [least <= seconds <= most for seconds, (least, most) in zip(slept, waits, strict=False)]
        if len(slept) != len(waits) or not all(allowed):
            yield finding("waits in seconds", slept, f"from and to {waits}")
    if "customers" in scenario.expects and people != scenario.expects["customers"]:
        yield finding("customers", people, scenario.expects["customers"])
