"""`sessionm-harness shrink`: the smallest recording that still breaks the same rule."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from . import options
from .stop import BROKEN, KEPT, UNTESTED, Stop

OUT = Path("shrunk")
PATIENCE = 30.0


EPILOG = """\b
Exit codes: 1 a rule is broken, and files were written that show it; 0 none is,
or not the one that was asked for; 2 usage, or a file that cannot be read;
3 there was nothing to judge.
"""


@click.command(epilog=EPILOG)
@click.argument("recordings", nargs=-1, required=True, metavar="RECORDING…")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only what breaks this rule; repeatable.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=OUT,
    show_default=True,
    metavar="DIR",
    help="Where the files go.",
)
@click.option("--each", is_flag=True, help="One for each place that is wrong, not one for each way of breaking a rule.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many of the smallest recordings.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=PATIENCE,
    show_default=True,
    metavar="S",
    help="After so long one of them is written as small as it is then.",
)
@options.seed
@options.tenant
@options.connection
@options.towards
@options.assume
@options.observations
@click.option(
    "--forwarder",
    metavar="URL|MODULE:FUNCTION",
    help="Judge this forwarder: batches are posted to URL/v2/events, or planned by a Python function.",
)
@click.option("--settle", type=float, default=2.0, show_default=True, help="Seconds of silence after which it is done.")
@options.port
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    show_default="one for a core",
    metavar="N",
    help="Processes of the first look.",
)
@options.fail_on
@options.quiet
def command(
    *,
    recordings: tuple[str, ...],
    rules: tuple[str, ...],
    out: Path,
    seed: int | None,
    tenant: Path | None,
    connection: Path | None,
    destination: str,
    assume: Mapping[str, str],
    forwarder: str | None,
    fail_on: str,
    quiet: bool,
    **rest: Any,
) -> int:
    """Find the smallest recording that still breaks the same rule, and write it down.

    Everything in RECORDING is judged once. Then, for each kind of finding, what need not be there is left out:
    people, batches or interactions, events, attributes, values. What remains is judged once more from scratch, and
    written to DIR as NDJSON or HAR, as a pytest file that fails alone, and as lines of curl.
    """
    from scenarios.events_input import Unreachable
    from scenarios.forwarder_named import NoForwarder
    from scenarios.given import Given
    from scenarios.recordings.recorded import RecordingError
    from scenarios.shrink.whole import Wanted, shrunk

    _known(rules)
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    given = Given.load(tenant, connection, assume, destination=destination)
    wanted = Wanted(
        given=given,
        seed=seed,
        destination=destination,
        forwarder=_forwarder(forwarder),
        rules=frozenset(rules),
        warnings=fail_on == "warn",
        **rest,
    )
    screen = Screen(quiet=quiet)
    try:
        made = shrunk(recordings, wanted, out, screen)
    except (RecordingError, NoForwarder, Unreachable) as error:
        raise Stop(str(error)) from error
    except OSError as error:
        raise Stop(f"--out {out}: cannot be written: {error.strerror or error}") from error
    screen.clear()
    return _ended(made, recordings, rules, out, seed, quiet=quiet)


def _known(wanted: tuple[str, ...]) -> None:
    """Whether there are rules of these names. Raises `Stop`."""
    from contracts import rules
    from contracts.register import nearest

    for name in wanted:
        if name not in rules():
            near = nearest(name, rules())
            mend = f"did you mean {near}?" if near else "`sessionm-harness rules` lists them"
            raise Stop(f"--rule {name}: no rule has this id; {mend}")


def _forwarder(text: str | None) -> str:
    """What was named, which must be an address or a function that can be had. Raises `Stop`."""
    from scenarios.forwarder_named import NoForwarder, forwarder_named

    if not text:
        return ""
    try:
        named = forwarder_named(text)
    except NoForwarder as error:
        raise Stop(f"--forwarder {error}") from error
    return options.reachable(text, "--forwarder") if isinstance(named, str) else text


class Screen:
    """What is told while it goes on: one line for each minimum, and on a terminal how far it has come."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._live = not quiet and sys.stderr.isatty()

    def looked(self, done: int, every: int) -> None:
        self._show(f"judged {done:,} of {every:,}")

    def trying(self, rule: str, tries: int) -> None:
        self._show(f"{rule}: {tries:,} tries")

    def written(self, one: Any) -> None:
        from scenarios.reports.visible import visible
        from scenarios.shrink.sizes import number, sizes_of

        self.clear()
        minimum = one.minimum
        before, after = number(one.records, one.what), sizes_of(minimum.docs, one.what)
        effort = f"{number(minimum.tries, 'tries')}, {minimum.seconds:.1f} s"
        click.echo(f"{minimum.kind.rule}  {before} -> {after} ({effort})  {one.files[0]}")
        if self._quiet:
            return
        click.echo(f"  {visible(minimum.finding.message)}")
        if not minimum.whole:
            click.echo("  the time was up before everything was tried; --seconds gives it more")

    def unsteady(self, one: Any) -> None:
        self.clear()
        people = f"{one.people:,} {'person' if one.people == 1 else 'people'}"
        click.echo(
            f"sessionm-harness: {one.mistake[0]}: seen with {people}, and not again when these were judged alone: "
            "the forwarder remembers something between people, or does not do the same twice",
            err=True,
        )

    def clear(self) -> None:
        if self._live:
            click.echo("\r\033[K", nl=False, err=True)

    def _show(self, text: str) -> None:
        if self._live:
            click.echo(f"\r\033[K{text}", nl=False, err=True)


def _ended(made: Any, recordings: tuple[str, ...], rules: tuple[str, ...], out: Path, seed: int, *, quiet: bool) -> int:
    """The last lines, and the exit code. Raises `Stop` where no record could be read."""
    for one in made.first_bad:
        click.echo(f"sessionm-harness: {one}", err=True)
    if made.bad > len(made.first_bad):
        click.echo(f"sessionm-harness: {made.bad - len(made.first_bad):,} more cannot be read", err=True)
    judged = made.batches + made.interactions
    if not judged:
        if made.bad:
            raise Stop(f"{recordings[0]}: no record that can be read")
        click.echo("nothing to judge: the recording is empty")
        return UNTESTED
    if not made.written and not made.unsteady:
        what = f"no batch or interaction breaks {' or '.join(rules) or 'a rule'}"
        click.echo(f"{what}: {judged:,} judged, seed {seed}")
        return KEPT
    for one in () if quiet else made.written:
        own = one.minimum.finding
        others = dict.fromkeys(about or rule for rule, about, _ in one.minimum.also)
        others.pop(own.about or own.rule, None)
        if others:
            click.echo(f"with {own.about or own.rule} comes {', '.join(others)}: whatever breaks it breaks both")
    if made.written and not quiet:
        click.echo(f"each with a test that fails alone: pytest {out}  (seed {seed})")
    return BROKEN
