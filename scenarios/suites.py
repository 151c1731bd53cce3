"""The suites by their names: what `run` runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .boundaries import boundaries
from .faults import faults
from .generated import COUNT, generated
from .given import Given
from .loyalty import loyalty
from .scenario import Scenario
from .sessionm.journeys import journeys

DESTINATIONS = ("sessionm", "braze")
Make = Callable[[], Iterator[Scenario]]


def scenarios_of(
    suites: Iterable[str],
    *,
    seed: int,
    count: int | None,
    given: Given,
    destinations: Iterable[str] = DESTINATIONS,
) -> Iterator[Scenario]:
    """The scenarios of the named suites for the named destinations, in the order of the register of suites."""
    make: dict[str, dict[str, Make]] = {
        "boundaries": {"sessionm": boundaries, "braze": lambda: boundaries("braze", BRAZE_PEOPLE)},
        "journeys": {"sessionm": journeys, "braze": loyalty},
        "faults": {"sessionm": lambda: faults(given.choices)},
        "generated": {"sessionm": lambda: generated(seed, count or COUNT, given.names(), given.data_plan)},
    }
    wanted, chosen = set(suites), set(destinations)
    for name, by_destination in make.items():
        for destination, scenarios in by_destination.items():
            if name in wanted and destination in chosen:
                yield from scenarios()


BRAZE_PEOPLE = 700_001
"""The first number for people of their own in the boundaries of Braze."""
