"""`sessionm-harness run`: scenario suites through a forwarder into the fake, and the verdict."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from scenarios.destinations import DESTINATIONS

from . import options
from .stop import Stop

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
@options.destination
@options.assume
@options.on_violation
@options.reports
@options.fail_on
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
    destinations: tuple[str, ...],
    assume: Mapping[str, str],
    on_violation: Any,
    reports: tuple[str, ...],
    fail_on: Any,
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

    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    given = Given.load(tenant, connection, assume, data_plan)
    # Somebody else's forwarder is made for one destination: the others are tried where they are named.
    wanted = destinations or (FOREIGN if forwarder else tuple(DESTINATIONS))
    chosen = scenarios_of(suites or SUITES, seed=seed, count=count, given=given, destinations=wanted)
    if listing:
        for scenario in chosen:
            click.echo(f"{scenario.id}  {scenario.title}")
        return 0
    world = given.embedded(seed=seed, on_violation=on_violation)
    runner = Runner(world)
    runner.add(given.lint())
    if forwarder:
        foreign = {"port": port, "settle": settle, "seed": seed, "on_violation": on_violation}
        _judge(runner, options.reachable(forwarder, "--forwarder"), given, foreign, list(_told(chosen, quiet=quiet)))
    else:
        runner.run(_told(chosen, quiet=quiet))
    report = runner.report(
        seed=seed, fail_on=fail_on, vendors=[vendor for one in wanted for vendor in DESTINATIONS[one].vendors]
    )
    _write(report, reports, quiet=quiet)
    return int(report.exit_code)


def _judge(runner: Any, url: str, given: Any, settings: Mapping[str, Any], scenarios: list[Any]) -> None:
    """Somebody else's forwarder on trial. Raises `Stop` where it cannot be asked."""
    from scenarios.foreign import Foreign, Unreachable

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


def _write(report: Any, wanted: tuple[str, ...], *, quiet: bool) -> None:
    from scenarios.reports import ReportError, target, text, write

    # Standard output belongs to the report that was asked for there, and to it alone.
    piped = any(target(one)[1] == "-" for one in wanted)
    if quiet:
        click.echo(f"{report.verdict} (seed {report.seed})", err=piped)
    elif not piped:
        text.show(report)
    failed = []
    for one in wanted:
        try:
            write(report, one)
        except ReportError as error:
            failed.append(str(error))
        else:
            if target(one)[1] != "-" and not quiet:
                click.echo(f"report: {target(one)[1]}", err=piped)
    if failed:
        raise Stop("; ".join(failed))
