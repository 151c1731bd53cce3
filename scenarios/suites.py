"""The suites by their names: what `run` runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .boundaries import boundaries
from .faults import faults
from .generated import COUNT, generated
from .given import Given
from .journeys import journeys
from .scenario import Scenario


def scenarios_of(suites: Iterable[str], *, seed: int, count: int | None, given: Given) -> Iterator[Scenario]:
    """The scenarios of the named suites, in the order of the register of suites."""
    make: dict[str, Callable[[], Iterator[Scenario]]] = {
        "boundaries": boundaries,
        "journeys": journeys,
        "faults": lambda: faults(given.choices),
        "generated": lambda: generated(seed, count or COUNT, given.names(), given.data_plan),
    }
    wanted = set(suites)
    for name, scenarios in make.items():
        if name in wanted:
            yield from scenarios()
