"""An invented run: two rules kept, one broken, one untried, with names that try to break out of every format."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts import Rule
from scenarios.population import Population
from scenarios.verdict import AssumptionUse, Case, Finding, Report, RuleResult, ScenarioResult, Side

NASTY = 'size\x00\x1b[31m<script>alert("x")</script>]]>\ud800\u202e'


def rule(name: str, **more: object) -> Rule:
    known: dict[str, object] = {
        "id": name,
        "says": f"What {name} says & means.",
        "owner": "forwarder",
        "effect": "drop-extra",
        "source": "mparticle-sessionm-event#data-processing-notes",
        "evidence": "documented",
    }
    return Rule(**{**known, **more})  # type: ignore[arg-type]


KEPT = rule("sessionm.at-most-ten", limit=10, measure="names")
BROKEN = rule("sessionm.at-most-two-hundred", limit=200)
UNTRIED = rule("sessionm.nobody-tries", owner="customer")
OURS = rule("sessionm.first-stays", source="assumption:colliding-keys", evidence="assumed")
UNADDRESSED = rule("sessionm.seen-live", source="sessionm-live-tenant#email", evidence="observed", owner="sessionm")


def found(**more: object) -> Finding:
    known: dict[str, object] = {
        "rule": BROKEN.id,
        "message": f"201 names of which {NASTY} is one",
        "pointer": f"/user_attributes/{NASTY}",
        "got": "201 names",
        "wanted": "200",
        "batch": "77",
    }
    return Finding(**{**known, **more})  # type: ignore[arg-type]


SCENARIOS = (
    ScenarioResult(
        "ten",
        "Ten attributes",
        "boundaries",
        cases=(Case(KEPT.id, "at", held=True),),
        batches=1,
        requests=1,
        data_points=12,
    ),
    ScenarioResult(
        "201",
        f"Too many {NASTY}",
        "boundaries",
        findings=(found(), found()),
        batches=1,
        requests=1,
        data_points=201,
        violations=1,
    ),
    ScenarioResult("clash", "Two keys meet", "journeys", (found(rule=OURS.id, severity="warn", message="last"),)),
    ScenarioResult("later", "Not yet", "journeys", untried="the forwarder has other settings"),
)

RULES = (
    RuleResult(KEPT, Side(2), Side(3), Side(2)),
    RuleResult(BROKEN, Side(2), Side(3), Side(3, 1), findings=2),
    RuleResult(UNTRIED),
    RuleResult(OURS, Side(), Side(1), Side(1)),
    RuleResult(UNADDRESSED, Side(), Side(1), Side(1)),
)


@pytest.fixture
def report() -> Report:
    fates = Counter({(KEPT.id, "size", "sent"): 12, (KEPT.id, NASTY, "dropped"): 2, (OURS.id, "a b", "merged"): 1})
    uses = (AssumptionUse("colliding-keys", "first", 3), AssumptionUse("empty-key", "underscore", 1))
    return Report(42, SCENARIOS, RULES, fates, uses)


@pytest.fixture
def green() -> Report:
    return Report(1, SCENARIOS[:1], RULES[:1], Counter(), ())


@pytest.fixture
def empty() -> Report:
    return Report(0, (), (), Counter(), ())


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred and twenty batches of about fifty people."""
    population, lines = Population(7), []
    people: list[dict[str, Any]] = []
    for number in range(120):
        batch = population.batch()
        if people and population.chance.random() < 0.6:
            batch |= population.chance.choice(people)
        else:
            people.append({"mpid": batch["mpid"], "user_identities": batch["user_identities"]})
        lines.append(orjson.dumps({**batch, "timestamp_unixtime_ms": 1_767_225_600_000 + number * 1000}))
    path = tmp_path_factory.mktemp("recording") / "batches.ndjson"
    path.write_bytes(b"\n".join(lines))
    return path
