"""Whole scenarios in one process on one core: generated, planned, delivered into the fake, judged; each destination."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator

from scenarios.destinations import FORWARDED
from scenarios.generated import generated
from scenarios.runner import Runner
from scenarios.world import Embedded

from .figure import CORE, Figure

AIM = 500
ALIKE = 0.7
"""Another destination is at least so fast, beside SessionM."""
COUNT = 300
ROUNDS = 5


def figures() -> Iterator[Figure]:
    """One figure for each destination, beside the rate of the first, which is SessionM."""
    runners = {name: Runner(Embedded(seed=0)) for name in FORWARDED}
    rates: dict[str, list[float]] = {name: [] for name in FORWARDED}
    sizes: Counter[tuple[str, str]] = Counter()
    for name, runner in runners.items():
        runner.run(generated(0, 50, destination=name))
    # In turns, so that whatever else the machine does strikes all of them.
    for seed in range(1, ROUNDS + 1):
        for name, runner in runners.items():
            begun = CORE()
            results = [runner.judge(scenario) for scenario in generated(seed, COUNT, destination=name)]
            rates[name].append(COUNT / (CORE() - begun))
            sizes[name, "requests"] += sum(result.requests for result in results)
            sizes[name, "points"] += sum(result.data_points for result in results)
    medians = {name: statistics.median(found) for name, found in rates.items()}
    first = FORWARDED[0]
    for name in FORWARDED:
        each = {part: sizes[name, part] / (COUNT * ROUNDS) for part in ("requests", "points")}
        remark = f"{each['requests']:.1f} requests and {each['points']:.0f} data points in each"
        beside = () if name == first else ((first, medians[name] / medians[first]),)
        aim = AIM if name == first else ALIKE * medians[first]
        yield Figure(f"scenario in process, {name}", medians[name], "scenarios/s", aim, beside=beside, remark=remark)
