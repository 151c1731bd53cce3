"""How a command with a verdict ends: the baseline, the report on the screen, the reports in files, the exit code."""

from __future__ import annotations

from typing import Any

import click

from .baselining import Asked
from .stop import Stop


def ended(
    report: Any,
    baseline: Asked,
    reports: tuple[str, ...],
    *,
    quiet: bool,
    whole: bool,
    everywhere: bool,
    shown: bool = False,
) -> int:
    """The exit code of a report, after everything that was asked for is said and written.

    `whole` is a run of all suites with all cases, `everywhere` one of all destinations. A report that cannot be
    written hinders none of the others; then it raises `Stop`. `shown` says that the screen has the report already.
    """
    report, line = baseline.applied(report, whole=whole, everywhere=everywhere)
    _write(report, reports, line, quiet=quiet, shown=shown)
    return int(report.exit_code)


def _write(report: Any, wanted: tuple[str, ...], line: str, *, quiet: bool, shown: bool) -> None:
    from scenarios.reports import ReportError, text, write

    # Standard output belongs to the report that was asked for there, and to it alone.
    piped = any(_path(one) == "-" for one in wanted)
    if quiet:
        click.echo(f"{report.verdict} (seed {report.seed})", err=piped)
    elif not piped and not shown:
        text.show(report)
    if line and not quiet:
        click.echo(line, err=piped)
    failed, written = [], []
    for one in wanted:
        try:
            write(report, one)
        except ReportError as error:
            failed.append(str(error))
        else:
            written.append(_path(one))
    for path in written:
        if path != "-" and not quiet:
            click.echo(f"report: {path}", err=piped)
    if failed:
        raise Stop("; ".join(failed))


def _path(wanted: str) -> str:
    return wanted.partition("=")[2]
