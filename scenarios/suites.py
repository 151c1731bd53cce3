"""The suites by their names: what `run` runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from .boundaries import boundaries
from .destinations import DESTINATIONS, FORWARDED
from .faults import faults
from .generated import COUNT, generated
from .given import Given
from .loyalty import loyalty
from .road import road_to
from .scenario import Scenario

Make = Callable[[], Iterator[Scenario]]


def scenarios_of(
    suites: Iterable[str],
    *,
    seed: int,
    count: int | None,
    given: Given,
    destinations: Iterable[str] = DESTINATIONS,
) -> Iterator[Scenario]:
    """The scenarios of the named suites for the named destinations, in the order of the register of suites.

    `count` is how many people are invented, all destinations together; None for some hundreds for each.
    """
    wanted, chosen = set(suites), set(destinations)
    towards = [name for name in FORWARDED if name in chosen]

    def people(destination: str) -> Iterator[Scenario]:
        each = COUNT
        if count is not None:
            whole, rest = divmod(count, len(towards))
            each = whole + (towards.index(destination) < rest)
        return generated(seed, each, given.names(), given.data_plan, destination)

    make: dict[str, dict[str, Make]] = {
        "boundaries": {name: partial(boundaries, name, row.people) for name, row in DESTINATIONS.items()},
        "journeys": {name: partial(_journeys, name) for name in DESTINATIONS},
        "faults": {name: partial(faults, given.choices, name) for name in FORWARDED},
        "generated": {name: partial(people, name) for name in towards},
    }
    for name, by_destination in make.items():
        for destination, scenarios in by_destination.items():
            if name in wanted and destination in chosen:
                yield from scenarios()


def _journeys(destination: str) -> Iterator[Scenario]:
    return road_to(destination).journeys() if destination in FORWARDED else loyalty()
