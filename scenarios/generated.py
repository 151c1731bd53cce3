"""Generated scenarios: invented people, each with batches of their own, judged against the expectation alone."""

from __future__ import annotations

from collections.abc import Iterator

from .data_plan import DataPlan
from .planned import PlannedPopulation
from .population import Names, Population
from .scenario import Scenario

COUNT = 300
"""So many people when no --count says otherwise."""


def generated(
    seed: int,
    count: int = COUNT,
    names: Names | None = None,
    plan: DataPlan | None = None,
    destination: str = "sessionm",
) -> Iterator[Scenario]:
    """So many scenarios of one person each, on the road to a destination; the same seed gives the same ones.

    With a data plan the people do what it knows, and their batches do not deviate from it.
    """
    population = PlannedPopulation(plan, seed) if plan else Population(seed, names)
    prefix = "generated" if destination == "sessionm" else f"generated/{destination}"
    for number in range(1, count + 1):
        batch = population.batch()
        batches = [batch]
        if population.chance.random() < 0.2:
            again = {**population.batch(), "mpid": batch["mpid"], "user_identities": batch["user_identities"]}
            batches.append(again)
        yield Scenario(
            id=f"{prefix}/{seed}-{number}",
            title=f"person {number} of seed {seed}, {len(batches)} batch{'es' if len(batches) > 1 else ''}",
            suite="generated",
            destination=destination,
            batches=tuple(batches),
        )
