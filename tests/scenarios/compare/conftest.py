from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scenarios.compare.comparing import Comparing, Outcome
from scenarios.compare.sent import Sent, Spill


@pytest.fixture
def spill(tmp_path: Path) -> Iterator[Spill]:
    made = Spill(tmp_path)
    yield made
    made.close()


@pytest.fixture
def outcome(spill: Spill) -> Callable[..., Outcome]:
    """What comes of two lists of requests."""

    def compared(old: list[Sent], new: list[Sent], **settings: Any) -> Outcome:
        for run, several in (("old", old), ("new", new)):
            spill.begin(run)
            for sent in several:
                spill.add(run, sent)
        return Comparing(spill, **{"by": "batch", **settings}).outcome("old", "new")

    return compared
