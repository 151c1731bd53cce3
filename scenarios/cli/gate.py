"""`sessionm-harness gate`: every contract check in one run, one verdict; and the proof that it can fail."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from scenarios.destinations import DESTINATIONS

from . import options
from .baselining import Asked as Baseline
from .baselining import with_baseline
from .ending import ended
from .progress import Progress
from .run import FOREIGN, SUITES
from .stop import KEPT, Stop

EXAMPLES = 2
PROVIDER = "provider/"
"""How the ids of the provider's cases begin."""


@click.command
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
@click.option("--target", metavar="URL", help="Try the fake at this address, not the embedded one.")
@click.option("--forwarder", metavar="URL", help="Judge this forwarder: batches are posted to URL/v2/events.")
@click.option("--settle", type=float, default=2.0, show_default=True, help="Seconds of silence after which it is done.")
@options.port
@click.option(
    "--recording",
    "recordings",
    type=options.FILE,
    multiple=True,
    metavar="FILE",
    help="Recorded traffic, HAR or NDJSON batches, held against the contract as well; repeatable.",
)
@click.option(
    "--examples",
    type=click.IntRange(min=0),
    default=EXAMPLES,
    show_default=True,
    metavar="N",
    help="How much is made up for each of the provider's operations; 0 leaves that side out.",
)
@click.option(
    "--openapi",
    "contracts",
    multiple=True,
    metavar="VENDOR=FILE",
    help="Try the provider with this OpenAPI document, not with ours; repeatable.",
)
@click.option("--selftest", is_flag=True, help="Try the gate itself, on mutants of the fake and of the forwarder.")
@click.option("--mutant", metavar="ID", help="Show one mutant at work: what it does, and what finds it out.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes of the self-test; one for a core.")
@options.listing
@options.quiet
def command(
    *,
    baseline: Baseline,
    reports: tuple[str, ...],
    fail_on: Any,
    selftest: bool,
    mutant: str | None,
    workers: int | None,
    listing: bool,
    quiet: bool,
    **given: Any,
) -> int:
    """Hold provider, consumer, every rule, recorded traffic and settings against the contract, in one run."""
    if mutant is not None:
        from .selftest import show

        return show(mutant)
    if selftest:
        from .selftest import selftest as tried

        return tried(baseline, reports, fail_on, workers, listing=listing, quiet=quiet)
    cases, about = given["cases"], given["about"]
    whole = not (cases or about)
    baseline.needs(whole=whole)
    asked = _asked(listens=any(one.startswith("har=") for one in reports), **given)
    if listing:
        for scenario in asked.scenarios:
            click.echo(f"{scenario.id}  {scenario.title}")
        return KEPT
    runner = _judged(asked, quiet=quiet)
    vendors = asked.vendors if whole else ()
    report = replace(
        runner.report(seed=asked.seed, fail_on=fail_on, vendors=vendors),
        command="gate",
        **options.told(asked.seed),
    )
    everywhere = set(asked.destinations) == set(DESTINATIONS)
    return ended(report, baseline, reports, quiet=quiet, whole=whole, everywhere=everywhere)


def _asked(
    *,
    seed: int | None,
    count: int | None,
    tenant: Path | None,
    connection: Path | None,
    data_plan: Path | None,
    cases: tuple[str, ...],
    about: tuple[str, ...],
    destinations: tuple[str, ...],
    assume: Mapping[str, str],
    target: str | None,
    forwarder: str | None,
    recordings: tuple[Path, ...],
    examples: int,
    contracts: tuple[str, ...],
    **rest: Any,
) -> Any:
    """What the gate is asked, with every file read. Raises `Stop`."""
    from scenarios.gate import Asked
    from scenarios.given import Given
    from scenarios.recorded import traffic
    from scenarios.recordings.recorded import RecordingError
    from scenarios.suites import scenarios_of

    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    files = Given.load(tenant, connection, assume, data_plan)
    wanted = destinations or (FOREIGN if forwarder else tuple(DESTINATIONS))
    try:
        recorded = [traffic(path, files.choices, wanted) for path in recordings]
    except RecordingError as error:
        raise Stop(f"--recording {error}") from error
    results = (*files.lint(), *(result for one in recorded for result in one.results))
    every = scenarios_of(SUITES, seed=seed, count=count, given=files, destinations=wanted)
    stories = (story for one in recorded for story in one.stories)
    provider = tuple(case for case in cases if case.startswith(PROVIDER))
    others = tuple(case for case in cases if case not in provider)
    chosen = options.only((*every, *stories), others, about, results) if others or about or not provider else []
    return Asked(
        given=files,
        seed=seed,
        destinations=wanted,
        scenarios=tuple(chosen),
        results=tuple(result for result in results if not (cases or about) or result.id in cases),
        examples=examples if provider or not (cases or about) else 0,
        cases=provider,
        documents=_documents(contracts),
        target=options.reachable(target, "--target") if target else None,
        forwarder=options.reachable(forwarder, "--forwarder") if forwarder else None,
        **rest,
    )


def _documents(given: tuple[str, ...]) -> dict[str, Any]:
    """Vendor -> document. Raises `Stop`."""
    if not given:
        return {}
    from scenarios.provider import VENDORS, Unusable, document_from

    made = {}
    for one in given:
        vendor, equals, path = one.partition("=")
        if not (equals and path) or vendor not in VENDORS:
            raise Stop(f"--openapi {one}: wants VENDOR=FILE, with one of the vendors {', '.join(VENDORS)}")
        try:
            made[vendor] = document_from(vendor, Path(path))
        except Unusable as error:
            raise Stop(str(error)) from error
    return made


def _judged(asked: Any, *, quiet: bool) -> Any:
    """The runner that knows every result. Raises `Stop` where target or forwarder cannot be used."""
    from scenarios.events_input import Unreachable
    from scenarios.gate import judge
    from scenarios.provider import Unusable
    from scenarios.target import TargetError

    with Progress("gate", len(asked.scenarios), quiet=quiet) as progress:
        try:
            return judge(asked, progress.step)
        except (Unreachable, Unusable, TargetError) as error:
            raise Stop(str(error)) from error
