"""`sessionm-harness contract diff`: what a change of a contract breaks, for whom, and in which recorded requests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from . import options
from .stop import BROKEN, KEPT, UNTESTED, Stop

if TYPE_CHECKING:
    from contracts.revision import Contract
    from scenarios.contract_impact import Impact

EXITS = {"kept": KEPT, "broken": BROKEN, "untested": UNTESTED}


@click.group
def command() -> None:
    """Compare contracts: OpenAPI documents, rules and assumptions."""


def _reports(_ctx: click.Context, _parameter: click.Parameter, wanted: tuple[str, ...]) -> tuple[str, ...]:
    if wanted:
        from scenarios.contract_reports import check_targets

        check_targets(wanted)
    return wanted


@command.command
@click.argument("old")
@click.argument("new")
@click.option(
    "--recording",
    "recordings",
    type=options.FILE,
    multiple=True,
    metavar="FILE",
    help="HAR, or NDJSON of batches: which of its requests the change breaks; repeatable.",
)
@options.connection
@options.towards
@options.assume
@options.as_json
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=_reports,
    help="Also write json, markdown, github or text to PATH (- is standard output); repeatable.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warn"]),
    default="error",
    show_default=True,
    help="warn: what was loosened is red as well.",
)
@options.quiet
def diff(
    *,
    old: str,
    new: str,
    recordings: tuple[Path, ...],
    connection: Path | None,
    destination: str,
    assume: Mapping[str, str],
    as_json: bool,
    reports: tuple[str, ...],
    fail_on: Literal["error", "warn"],
    quiet: bool,
) -> int:
    """Say what changed from OLD to NEW, and which side it breaks.

    OLD and NEW are each a folder like contracts, an OpenAPI file, or a git revision: git:REV, git:REV:folder, or
    REV alone. A limit that is tightened or removed is breaking, in requests and in answers; one that is loosened is
    a warning.
    """
    from contracts.difference import differences
    from contracts.revision import ContractError, folder_of, load
    from scenarios import contract_reports
    from scenarios.contract_verdict import ContractVerdict

    try:
        before, after = load(old), load(new)
        findings = differences(before, after)
        impact = _impact(before, after, recordings, connection, destination, assume) if recordings else None
    except ContractError as error:
        raise Stop(str(error)) from error
    made = ContractVerdict(old, new, findings, impact, fail_on, folder_of(after))
    if as_json:
        click.echo(contract_reports.as_json(made), nl=False)
    else:
        click.echo(contract_reports.text(made, quiet=quiet), nl=False)
    for wanted in reports:
        contract_reports.write(made, wanted)
    return EXITS[made.verdict]


def _impact(
    old: Contract,
    new: Contract,
    recordings: tuple[Path, ...],
    connection: Path | None,
    destination: str,
    assume: Mapping[str, str],
) -> Impact:
    from forwarder import Connection
    from scenarios.contract_impact import impact
    from scenarios.recordings.opening import read_recording
    from scenarios.recordings.recorded import RecordingError

    chosen: Any = (
        Connection.load(connection, assume, destination) if connection else Connection.default(assume, destination)
    )
    try:
        read = [read_recording(path, duplicate_keys=chosen.choices["duplicate-keys"]) for path in recordings]
    except RecordingError as error:
        raise Stop(str(error)) from error
    for one in read:
        if not one.interactions and not one.batches and one.bad:
            raise Stop(f"{one.bad[0]}; {one.path} has nothing that can be read")
    return impact(old, new, read, chosen)


@command.command
def schema() -> None:
    """Print the JSON Schema of `diff --json`."""
    import json

    from contracts.register import load_yaml

    click.echo(json.dumps(load_yaml("difference.schema.yaml"), ensure_ascii=False, indent=1))
