"""`gate --selftest` and `gate --mutant`: the gate itself on trial."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from .baselining import Asked
from .ending import ended
from .progress import Progress
from .stop import BROKEN, KEPT, Stop


def selftest(
    baseline: Asked, reports: tuple[str, ...], fail_on: Any, workers: int | None, *, listing: bool, quiet: bool
) -> int:
    """Every mutant through the gate; a table of what was killed and what survived. A survivor is red."""
    from scenarios.mutants.every import mutants
    from scenarios.mutants.selftest import run
    from scenarios.mutants.table import table
    from scenarios.verdict import Report

    every = tuple(mutants())
    if listing:
        for one in mutants().values():
            click.echo(f"{one.id}  {one.says}")
        return KEPT
    with Progress("mutants", len(every), quiet=quiet) as progress:
        done = run(every, processes=workers, progress=progress.step)
    piped = any(one.endswith("=-") for one in reports)
    if not quiet and not piped:
        for line in table(done):
            click.echo(line)
    results = tuple(done.results(whole=True))
    report = Report(0, results, (), Counter(), (), fail_on, command="gate", arguments=("--selftest",))
    return ended(report, baseline, reports, quiet=quiet, whole=True, everywhere=True, shown=True)


def show(name: str) -> int:
    """One mutant at work: what is wrong with it, and the first scenario that finds it out."""
    from contracts.register import nearest
    from scenarios.mutants.every import found, mutants
    from scenarios.mutants.hunt import every_scenario, hunt

    mutant = found(name)
    if mutant is None:
        near = nearest(name, mutants())
        mend = f"did you mean {near!r}?" if near else "`sessionm-harness gate --selftest --list` lists them"
        raise Stop(f"--mutant {name}: there is no such mutant; {mend}")
    click.echo(f"{mutant.id}\n  {mutant.says}\n  {mutant.kind}, in the {mutant.side}; it breaks {mutant.rule}\n")
    done = hunt(mutant)
    if not done.killed:
        click.echo(f"survived {done.tried} scenarios: the gate does not notice")
        return BROKEN
    title = next((one.title for one in every_scenario() if one.id == done.killer), "")
    click.echo(f"found out by scenario {done.tried}, {done.killer}: {title}")
    for finding in done.findings:
        click.echo(f"  {finding.rule}: {finding.message}")
    click.echo(f"\nthe same scenario, where nothing is wrong: sessionm-harness run --case {done.killer}")
    return KEPT
