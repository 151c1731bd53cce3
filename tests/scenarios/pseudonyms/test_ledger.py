"""Every rule fires as before: whatever is said of a recording is said of its twin."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from scenarios.given import Given
from scenarios.population import Population
from scenarios.pseudonyms.pseudonym import Pseudonyms
from scenarios.pseudonyms.rewriting import Rewriter
from scenarios.pseudonyms.scan import Scan
from scenarios.recorded import stories
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.suites import scenarios_of
from scenarios.world import Embedded

DESTINATIONS = ("sessionm", "customerio", "mparticle")
EACH = 15
"""People of a population: more of the same would prove the same."""
SAMPLE = 14
"""Every so many scenarios are tried."""


def twin(batches: Iterable[Mapping[str, Any]], key: bytes) -> list[dict[str, Any]]:
    rewriter = Rewriter(Pseudonyms(key * 32))
    texts = [json.dumps(batch, ensure_ascii=False) for batch in batches]
    for text in texts:
        rewriter.learn(text)
    made = [rewriter.written(text) for text in texts]
    scan = Scan(rewriter.known)
    assert not [one for text, other in zip(texts, made, strict=True) for one in scan.leftovers("", other, text)]
    return [json.loads(text) for text in made]


def ledger(scenarios: Iterable[Scenario]) -> dict[str, Any]:
    """Everything that a run says, but for the values."""
    runner = Runner(Embedded())
    runner.run(scenarios)
    report = runner.report(seed=1, fail_on="error", vendors=DESTINATIONS)
    told = report.scenarios
    return {
        "fates": dict(report.fates),
        "cases": Counter((case.rule, case.side, case.held, case.named) for one in told for case in one.cases),
        "findings": Counter((found.rule, found.pointer, found.severity) for one in told for found in one.findings),
        "counts": [(one.verdict, one.batches, one.requests, one.data_points, one.violations) for one in told],
        "assumptions": report.assumptions,
    }


@cache
def people(seed: int) -> tuple[dict[str, Any], ...]:
    population = Population(seed)
    return tuple(population.batch() for _ in range(EACH))


def numbered(batches: Iterable[dict[str, Any]]) -> list[tuple[str, Any]]:
    return [(f"a:{number}", batch) for number, batch in enumerate(batches, 1)]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("key", [b"1", b"2", b"3"])
def test_a_population_and_its_twin_have_one_ledger(seed: int, key: bytes) -> None:
    made = twin(people(seed), key)
    assert made != list(people(seed))
    destination = DESTINATIONS[(seed + key[0]) % 3]
    before, after = (ledger(stories(numbered(batches), destination)) for batches in (people(seed), made))
    assert after == before


def told_nothing(scenario: Scenario) -> Scenario:
    """Without what is said outright of its people, which their twins cannot keep."""
    return replace(scenario, arrives=None, arrives_second=None)


@cache
def sample() -> tuple[Scenario, ...]:
    found = scenarios_of(
        ["boundaries", "journeys"], seed=1, count=None, given=Given.load(None, None, {}), destinations=DESTINATIONS
    )
    # The key of MadConnect is masked as any credential is, and another one is refused.
    road = [one for one in found if one.kind == "road" and one.rule != "madconnect.api-key"]
    return tuple(road[::SAMPLE])


def test_boundaries_and_journeys_and_their_twins_have_one_ledger() -> None:
    assert len(sample()) > 40
    plain = [told_nothing(scenario) for scenario in sample()]
    made = [replace(one, batches=tuple(twin(one.batches, b"k"))) for one in plain]
    assert made != plain
    assert ledger(made) == ledger(plain)
