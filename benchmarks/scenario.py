"""Whole scenarios in one process on one core: generated, planned, delivered into the fake, judged."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from scenarios.generated import generated
from scenarios.runner import Runner
from scenarios.world import Embedded

from .figure import CORE, Figure

AIM = 500
COUNT = 300
ROUNDS = 5


def figures() -> Iterator[Figure]:
    runner = Runner(Embedded(seed=0))
    runner.run(generated(0, 50))
    rates = []
    requests = points = 0
    for seed in range(1, ROUNDS + 1):
        begun = CORE()
        results = [runner.judge(scenario) for scenario in generated(seed, COUNT)]
        rates.append(COUNT / (CORE() - begun))
        requests += sum(result.requests for result in results)
        points += sum(result.data_points for result in results)
    so_many = COUNT * ROUNDS
    remark = f"{requests / so_many:.1f} requests and {points / so_many:.0f} data points in each"
    yield Figure("scenario in process", statistics.median(rates), "scenarios/s", AIM, remark=remark)
