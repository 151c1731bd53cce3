"""`sessionm-harness compare`: the same batches through two forwarders, and what each of them sent compared."""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from . import options
from .stop import BROKEN, KEPT, UNTESTED, UNUSABLE, Stop

CLASSES = ("changed", "lost", "duplicated", "reordered")
"""Everything that turns a comparison red unless --fail-on says otherwise."""
MORE = ("identical", "equivalent")
EXITS = {"kept": KEPT, "broken": BROKEN, "untested": UNTESTED}
SHOWN = 40


def _classes(_ctx: click.Context, _parameter: click.Parameter, given: str) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(part.strip() for part in given.split(",") if part.strip()))
    for name in named:
        if name not in CLASSES + MORE:
            raise Stop(f"--fail-on {given}: {name!r} is no class; there are {', '.join(CLASSES + MORE)}")
    if not named:
        raise Stop(f"--fail-on wants one class or more, with commas between them: {', '.join(CLASSES + MORE)}")
    return named


def _reports(_ctx: click.Context, _parameter: click.Parameter, wanted: tuple[str, ...]) -> tuple[str, ...]:
    if wanted:
        from scenarios.compare.reports import check_targets

        check_targets(wanted)
    return tuple(dict.fromkeys(wanted))


@click.command
@click.argument("old")
@click.argument("new")
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING...")
@options.connection
@options.tenant
@options.towards
@options.seed
@options.assume
@click.option(
    "--noise",
    type=click.Choice(["full", "none"]),
    default="full",
    show_default=True,
    help="full: where OLD and NEW differ, OLD is tried once more, and what differs then does not count.",
)
@click.option(
    "--fail-on",
    default=",".join(CLASSES),
    show_default=True,
    metavar="CLASS[,CLASS]",
    callback=_classes,
    help="The exit code is 1 where a request is in one of these classes.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=_reports,
    help="Also write json, markdown or text to PATH (- is standard output); repeatable.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=SHOWN,
    show_default=True,
    metavar="N",
    help="Show so many differences.",
)
@options.port
@click.option(
    "--settle",
    type=click.FloatRange(min=0, min_open=True),
    default=2.0,
    show_default=True,
    help="Seconds of silence after which a forwarder at a URL is done.",
)
@options.quiet
def command(
    *,
    old: str,
    new: str,
    recordings: tuple[str, ...],
    connection: Path | None,
    tenant: Path | None,
    destination: str,
    seed: int | None,
    assume: Mapping[str, str],
    noise: Any,
    fail_on: tuple[str, ...],
    reports: tuple[str, ...],
    limit: int,
    port: int,
    settle: float,
    quiet: bool,
) -> int:
    """Send the same batches through two forwarders, and compare what they send.

    OLD and NEW are each git:REV of the repository here, a wheel, a folder with a forwarder or with a
    connection.toml, a connection file (*.toml), or the URL of a forwarder that runs: batches are posted to
    URL/v2/events, and it sends to the fake on --port. RECORDING is a file or folder of batches, - or s3://bucket/prefix.
    Nothing goes anywhere but to the fake.
    """
    from scenarios.compare import reports as written
    from scenarios.compare.builds import SideError
    from scenarios.compare.trial import Asked, compare
    from scenarios.recordings.recorded import RecordingError

    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    asked = Asked(old, new, recordings, tenant, connection, destination, assume, seed, noise, port, settle)
    try:
        made = compare(asked, _say if not quiet and sys.stderr.isatty() else lambda _line: None)
    except (SideError, RecordingError) as error:
        raise Stop(str(error)) from error
    if not made.batches:
        raise _nothing(made.bad)
    piped = any(one.partition("=")[2] == "-" for one in reports)
    if not piped:
        click.echo(written.text(made, fail_on, limit=limit, quiet=quiet), nl=False)
    for wanted in reports:
        written.write(made, fail_on, wanted)
    return EXITS[written.verdict(made, fail_on)]


def _nothing(bad: list[Any]) -> Stop:
    if not bad:
        return Stop("the recordings hold no batch", UNTESTED)
    more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
    return Stop(f"{bad[0]}{more}; no batch could be read", UNUSABLE)


def _say(line: str) -> None:
    click.echo(line, err=True)
