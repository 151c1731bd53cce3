"""`sessionm-harness run`: scenario suites through a forwarder into the fake, and the verdict."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from scenarios.destinations import DESTINATIONS

from . import options
from .baselining import Asked, with_baseline
from .ending import ended
from .stop import KEPT, Stop

SUITES = ("boundaries", "journeys", "faults", "generated")
FOREIGN = ("sessionm", "braze")
"""The destinations with which somebody else's forwarder is tried where none is named."""


@click.command
@click.argument("suites", nargs=-1, type=click.Choice(SUITES), metavar="[SUITE]…")
@options.seed
@options.count
@options.tenant
@options.connection
@options.data_plan
@options.cases
@options.about
@options.destination
@options.assume
@options.observations
@options.on_violation
@options.reports
@options.fail_on
@with_baseline
@click.option("--forwarder", metavar="URL", help="Judge this forwarder: batches are posted to URL/v2/events.")
@click.option("--settle", type=float, default=2.0, show_default=True, help="Seconds of silence after which it is done.")
@options.port
@options.listing
@options.quiet
def command(
    *,
    suites: tuple[str, ...],
    seed: int | None,
    count: int | None,
    tenant: Path | None,
    connection: Path | None,
    data_plan: Path | None,
    cases: tuple[str, ...],
    about: tuple[str, ...],
    destinations: tuple[str, ...],
    assume: Mapping[str, str],
    on_violation: Any,
    reports: tuple[str, ...],
    fail_on: Any,
    baseline: Asked,
    forwarder: str | None,
    settle: float,
    port: int,
    listing: bool,
    quiet: bool,
) -> int:
    """Run scenario suites: boundaries, journeys, faults, generated; all of them when none is named."""
    from scenarios.given import Given
    from scenarios.runner import Runner
    from scenarios.suites import scenarios_of

    whole = not (cases or about or (suites and set(suites) != set(SUITES)))
    baseline.needs(whole=whole)
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    given = Given.load(tenant, connection, assume, data_plan)
    # Somebody else's forwarder is made for one destination: the others are tried where they are named.
    wanted = destinations or (FOREIGN if forwarder else tuple(DESTINATIONS))
    every = scenarios_of(suites or SUITES, seed=seed, count=count, given=given, destinations=wanted)
    lint = given.lint()
    chosen = options.only(every, cases, about, lint)
    if listing:
        return _listed(chosen)
    world = given.embedded(seed=seed, on_violation=on_violation)
    runner = Runner(world, listens=any(one.startswith("har=") for one in reports))
    runner.add(result for result in lint if not (cases or about) or result.id in cases)
    if forwarder:
        foreign = {"port": port, "settle": settle, "seed": seed, "on_violation": on_violation}
        _judge(runner, options.reachable(forwarder, "--forwarder"), given, foreign, list(_told(chosen, quiet=quiet)))
    else:
        runner.run(_told(chosen, quiet=quiet))
    vendors = [] if cases or about else [vendor for one in wanted for vendor in DESTINATIONS[one].vendors]
    report = replace(runner.report(seed=seed, fail_on=fail_on, vendors=vendors), **options.told(seed))
    everywhere = set(wanted) == set(DESTINATIONS)
    return ended(report, baseline, reports, quiet=quiet, whole=whole, everywhere=everywhere)


def _listed(scenarios: list[Any]) -> int:
    for scenario in scenarios:
        click.echo(f"{scenario.id}  {scenario.title}")
    return KEPT


def _judge(runner: Any, url: str, given: Any, settings: Mapping[str, Any], scenarios: list[Any]) -> None:
    """Somebody else's forwarder on trial. Raises `Stop` where it cannot be asked."""
    from scenarios.events_input import Unreachable
    from scenarios.foreign import Foreign

    try:
        with Foreign(url, given, **settings) as foreign:
            runner.run_foreign(foreign, scenarios)
    except Unreachable as error:
        raise Stop(str(error)) from error


def _told(scenarios: Any, *, quiet: bool) -> Iterator[Any]:
    """The same scenarios, with a bar on standard error where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield from scenarios
        return
    with click.progressbar(list(scenarios), label="scenarios", file=sys.stderr) as bar:
        yield from bar
