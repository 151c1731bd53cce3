"""The suites by their names: what `run` runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from .boundaries import boundaries
from .faults import faults
from .generated import COUNT, generated
from .given import Given
from .loyalty import loyalty
from .road import road_to
from .scenario import Scenario

DESTINATIONS = ("sessionm", "braze", "customerio", "mparticle")
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

    def people(destination: str) -> Iterator[Scenario]:
        return generated(seed, count or COUNT, given.names(), given.data_plan, destination)

    make: dict[str, dict[str, Make]] = {
        "boundaries": {name: partial(boundaries, name, first) for name, first in FIRST.items()},
        "journeys": {name: loyalty if name == "braze" else partial(_journeys, name) for name in FIRST},
        "faults": {name: partial(faults, given.choices, TROUBLED[name], name) for name in TROUBLED},
        "generated": {name: partial(people, name) for name in TROUBLED},
    }
    wanted, chosen = set(suites), set(destinations)
    for name, by_destination in make.items():
        for destination, scenarios in by_destination.items():
            if name in wanted and destination in chosen:
                yield from scenarios()


FIRST: dict[str, int] = {"sessionm": 1, "braze": 700_001, "customerio": 800_001, "mparticle": 900_001}
"""Destination -> the first number for people of their own in its boundaries."""
TROUBLED: dict[str, int] = {"sessionm": 700_001, "customerio": 850_001, "mparticle": 950_001}
"""Destination that a forwarder sends to -> the first number for people in trouble on purpose."""


def _journeys(destination: str) -> Iterator[Scenario]:
    return road_to(destination).journeys()
