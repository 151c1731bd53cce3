"""Batches that follow a data plan."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from contracts.validation import check
from scenarios.data_plan import DataPlan
from scenarios.generated import generated
from scenarios.planned import PlannedPopulation

PLAN = Path(__file__).parents[2] / "docs" / "examples" / "data_plan.json"


@pytest.fixture(scope="module")
def plan() -> DataPlan:
    return DataPlan.load(PLAN)


def test_no_batch_deviates_from_the_plan(plan: DataPlan) -> None:
    population = PlannedPopulation(plan, 1)
    assert [deviation for _ in range(300) for deviation in plan.check(population.batch())] == []


def test_every_batch_is_valid_against_the_strict_schema(plan: DataPlan) -> None:
    population = PlannedPopulation(plan, 1)
    for _ in range(100):
        assert check("mparticle", "#/components/schemas/Batch", population.batch()) == []


def test_every_planned_event_occurs(plan: DataPlan) -> None:
    population = PlannedPopulation(plan, 1)
    names = {
        event["data"].get("event_name") or event["data"].get("screen_name")
        for _ in range(300)
        for event in population.batch()["events"]
    }
    assert {key[-1] for key in plan.validators if key[0] in {"custom_event", "screen_view"}} <= names


def test_the_same_seed_gives_the_same_scenarios(plan: DataPlan) -> None:
    first, second = (list(islice(generated(7, 20, plan=plan), 20)) for _ in range(2))
    assert first == second
