"""`sessionm-harness replay`: recorded traffic, played again and judged."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from . import options
from .baselining import Asked, with_baseline
from .ending import ended
from .stop import Stop


class PaceType(click.ParamType[float | None]):
    """`full`, `recorded`, or how many times as fast as it was recorded: None, 1.0, any number above 0."""

    name = "PACE"

    def convert(self, value: Any, _parameter: click.Parameter | None, _ctx: click.Context | None) -> float | None:
        if value == "full":
            return None
        if value == "recorded":
            return 1.0
        try:
            factor = float(str(value).removesuffix("x"))
        except ValueError:
            factor = 0.0
        if not 0 < factor < float("inf"):
            raise Stop(f"--pace {value}: wants full, recorded, or a factor such as 10: ten times as fast")
        return factor


@click.command
@click.argument("sources", nargs=-1, required=True, metavar="RECORDING…")
@options.seed
@options.tenant
@options.connection
@options.towards
@options.assume
@options.observations
@click.option(
    "--on-violation",
    type=click.Choice(options.ON_VIOLATION),
    default="note",
    show_default=True,
    help="What the fake does with a request that breaks a documented limit.",
)
@click.option(
    "--forwarder",
    metavar="URL|MODULE:FUNCTION",
    help="Judge this forwarder: batches are posted to URL/v2/events, or planned by a Python function.",
)
@click.option("--settle", type=float, default=2.0, show_default=True, help="Seconds of silence after which it is done.")
@options.port
@click.option(
    "--against",
    multiple=True,
    metavar="URL",
    help="Send interactions to this address, not to the embedded fake; one that is not on this machine is named twice.",
)
@click.option(
    "--pace",
    type=PaceType(),
    default="full",
    show_default=True,
    help="full, recorded, or a factor: 10 is ten times as fast as it was recorded.",
)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Processes.")
@click.option("--scheduler", metavar="ADDRESS", help="Let the workers of this Dask scheduler play the batches.")
@click.option("--dry-run", is_flag=True, help="Plan batches and hold the requests against the contract; send nothing.")
@click.option("--case", "cases", multiple=True, metavar="ID", help="Only this case of a report; repeatable.")
@options.reports
@options.fail_on
@with_baseline
@options.quiet
def command(
    *,
    sources: tuple[str, ...],
    seed: int | None,
    tenant: Path | None,
    connection: Path | None,
    destination: str,
    assume: Mapping[str, str],
    baseline: Asked,
    reports: tuple[str, ...],
    fail_on: Any,
    quiet: bool,
    **rest: Any,
) -> int:
    """Play recorded traffic again, and judge it.

    Batches (NDJSON, gzip, folders, s3://…) go through the forwarder into the fake, person by person. Interactions
    (HAR, VCR, mitmproxy, the fake's journal) go to the fake, and their answers are compared.
    """
    from scenarios.given import Given

    baseline.needs(whole=not rest["cases"])
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    given = Given.load(tenant, connection, assume, destination=destination)
    terms: dict[str, Any] = {"seed": seed, "destination": destination, "listens": _listens(reports)}
    replayed = _replayed(sources, given, quiet=quiet, **terms, **rest)
    bad = replayed.tally.bad
    if replayed.empty and bad.count:
        more = f", and {bad.count - 1:,} more cannot be read either" if bad.count > 1 else ""
        raise Stop(f"{bad.first[0]}{more}; no record can be read")
    told = options.told(seed)
    report = replayed.report(
        fail_on=fail_on,
        choices=given.choices,
        arguments=(*sources, *told["arguments"]),
        parts=told["parts"],
    )
    return ended(report, baseline, reports, quiet=quiet, whole=not rest["cases"], everywhere=False)


def _listens(reports: tuple[str, ...]) -> bool:
    return any(one.startswith("har=") for one in reports)


def _replayed(
    sources: tuple[str, ...],
    given: Any,
    *,
    settle: float,
    port: int,
    against: tuple[str, ...],
    pace: float | None,
    workers: int,
    scheduler: str | None,
    dry_run: bool,
    quiet: bool,
    **terms: Any,
) -> Any:
    """What a replay found; `terms` are those of `_terms`. Raises `Stop`."""
    from scenarios.recordings.opening import entries, unread
    from scenarios.recordings.recorded import RecordingError
    from scenarios.replay.interactions.against import Gone
    from scenarios.replay.pacing import Pace
    from scenarios.replay.spreading import Lost
    from scenarios.replay.whole import Players, rehearsed, replay

    made, address = _terms(given, **terms), _address(against)
    players = Players(workers=workers, scheduler=scheduler or "", pace=Pace(pace), port=port, settle=settle)
    if dry_run and made.at_address:
        raise Stop(
            "--dry-run: a forwarder at an address sends what it plans; leave out one of --dry-run and --forwarder"
        )
    keys = given.choices["duplicate-keys"]
    try:
        with _progress(quiet=quiet) as progress:
            asked = {"sources": sources, "players": players, "progress": progress}
            if dry_run:
                return rehearsed(unread(sources, duplicate_keys=keys), made, **asked)
            return replay(entries(sources, duplicate_keys=keys), made, against=address, **asked)
    except (RecordingError, Lost, Gone) as error:
        raise Stop(str(error)) from error


def _terms(
    given: Any,
    *,
    seed: int,
    destination: str,
    on_violation: Any,
    forwarder: str | None,
    cases: tuple[str, ...],
    listens: bool,
) -> Any:
    """How batches are played. Raises `Stop` where there is no such forwarder."""
    from uuid import uuid4

    from scenarios.replay.playing import Terms

    _known(forwarder)
    return Terms(
        key=uuid4().hex,
        given=given,
        destination=destination,
        seed=seed,
        on_violation=on_violation,
        planning=forwarder or "",
        cases=frozenset(cases),
        listens=listens,
    )


def _known(forwarder: str | None) -> None:
    """Raises `Stop` where there is no such forwarder; whether anybody is at its address shows later."""
    if forwarder is None:
        return
    from scenarios.forwarder_named import NoForwarder, forwarder_named

    try:
        if isinstance(forwarder_named(forwarder), str):
            options.reachable(forwarder, "--forwarder")
    except NoForwarder as error:
        raise Stop(f"--forwarder {error}") from error


def _address(against: tuple[str, ...]) -> str | None:
    """Where interactions go; None for the embedded fake. Raises `Stop`."""
    if not against:
        return None
    from scenarios.replay.interactions.against import allowed

    try:
        return allowed(against)
    except ValueError as error:
        raise Stop(str(error)) from error


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Any]:
    """A bar of batches on standard error, where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    with click.progressbar(length=1, label="batches", file=sys.stderr) as bar:

        def step(done: int, every: int) -> None:
            bar.length = every
            bar.update(done - bar.pos)

        yield step
