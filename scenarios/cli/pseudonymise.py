"""`sessionm-harness pseudonymise`: people out of a recording, shapes kept; or whether files may be committed."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .stop import BROKEN, KEPT, UNUSABLE, Stop

if TYPE_CHECKING:
    from scenarios.pseudonyms.files import Outcome
    from scenarios.pseudonyms.scan import Leftover

SHOWN = 40
"""So many places are named; the others are counted."""
KEY_VARIABLE = "SESSIONM_HARNESS_PSEUDONYM_KEY"


@click.command
@click.argument("paths", metavar="IN OUT | FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--key",
    envvar=KEY_VARIABLE,
    metavar="WORD",
    help="Who becomes whom: the same key makes the same people of the same ones. Long, and secret;"
    f" better in the environment, as {KEY_VARIABLE}. Without one a key is drawn and forgotten.",
)
@click.option("--check", "checks", is_flag=True, help="Write nothing; say whether files may be committed.")
@click.option("--leave-out-bad", is_flag=True, help="Leave out what cannot be read, which nobody can call clean.")
def command(*, paths: tuple[Path, ...], key: str | None, checks: bool, leave_out_bad: bool) -> int:
    """Write a recording with invented people in it: same person, same invented person; every rule fires as before.

    IN is a file or a folder of batches, or a recording of requests and answers, which is written as HAR. With
    --check: any files; exit code 1 where one holds what looks like an address, a number, a card or a credential.
    """
    if checks:
        return _check(paths)
    if len(paths) != 2:
        raise click.UsageError("name what is read and where it is written: IN OUT, or --check FILE…")
    return _pseudonymise(*paths, key, leave_out_bad=leave_out_bad)


def _pseudonymise(source: Path, target: Path, key: str | None, *, leave_out_bad: bool) -> int:
    from scenarios.pseudonyms.files import CannotPseudonymise, pseudonymise
    from scenarios.pseudonyms.turning import key_of
    from scenarios.recordings.recorded import RecordingError

    if key is not None and not key.strip():
        raise Stop("--key: is empty; give a long word, or leave it out")
    try:
        made = pseudonymise(
            source, target, key_of(key) if key is not None else secrets.token_bytes(32), leave_out_bad=leave_out_bad
        )
    except (CannotPseudonymise, RecordingError) as error:
        raise Stop(str(error)) from error
    if made.bad:
        for bad in made.bad[:SHOWN]:
            _say(str(bad), err=True)
        _more(len(made.bad) - SHOWN)
        raise Stop(
            f"{source}: {_count(len(made.bad), 'record')} cannot be read, so nobody can call it clean; nothing was"
            " written. Mend them, or leave them out with --leave-out-bad",
            UNUSABLE,
        )
    if made.leftovers:
        _told(made.leftovers, made.more)
        _say(f"{target}: not written, since what stays in it may be somebody's; mend these places first")
        return BROKEN
    _say(_summary(target, made))
    if made.named:
        _say(f"{_count(made.named, 'name')} of fields or events say somebody's name, and stay: look whether they may")
    if key is None:
        _say("made with a key that is forgotten: another run makes other people; --key makes the same ones again")
    return KEPT


def _summary(target: Path, made: Outcome) -> str:
    what = [
        _count(number, name) for number, name in ((made.batches, "batch"), (made.interactions, "interaction")) if number
    ]
    left_out = f"; {_count(made.left_out, 'record')} that cannot be read left out" if made.left_out else ""
    return (
        f"{target}: {' and '.join(what)}; {_count(made.people, 'value')} of people known, {made.replaced:,} times"
        f" replaced in fields of their own and {made.found:,} times in other texts{left_out}"
    )


def _check(paths: tuple[Path, ...]) -> int:
    from scenarios.pseudonyms.checking import CannotCheck, check

    found: list[Leftover] = []
    more = unread = 0
    for path in paths:
        try:
            for one in check(path):
                if len(found) < SHOWN:
                    found.append(one)
                else:
                    more += 1
        except CannotCheck as error:
            unread += 1
            _say(str(error), err=True)
    _told(found, more)
    if unread:
        return UNUSABLE
    return BROKEN if found else KEPT


def _told(found: list[Leftover], more: int) -> None:
    for one in found:
        _say(str(one))
    _more(more)


def _more(number: int) -> None:
    if number > 0:
        _say(f"and {number:,} more")


def _say(line: str, *, err: bool = False) -> None:
    from scenarios.reports.visible import visible

    click.echo(visible(line), file=sys.stderr if err else sys.stdout)


def _count(number: int, name: str) -> str:
    plural = f"{name}es" if name.endswith("ch") else f"{name}s"
    return f"{number:,} {name if number == 1 else plural}"
