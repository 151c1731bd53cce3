from pathlib import Path
from typing import Any

import orjson
import pytest

from scenarios.population import Population


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
