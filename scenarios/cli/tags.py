"""`sessionm-harness tags import`: a segment that was exported from Braze, into the fake as tags."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from . import options
from .stop import BROKEN, KEPT, UNTESTED, Stop
from .webhook import surrounded, tenant_settings

if TYPE_CHECKING:
    from scenarios.tag_import import ImportReport, RowReport

LONGEST = 10**15 - 1
"""Seconds beyond every calendar; a row may say no more either (`scenarios.segment_file.CALENDAR` digits)."""
EPILOG = """\b
CSV is the export of a segment from Braze, plain, .gz or .zip, with columns of your own in it:
  tag   the tag of that row; --tag is for rows that have none
  ttl   its seconds to live; --ttl is for rows that have none; without any the tag counts
Only the id, tag and ttl are read. Other columns are counted and go nowhere.

\b
--lookup-key says what the id is to SessionM:
  user_id      SessionM's own id, which is Braze's external id where the two match (column user_id)
  external_id  an id of yours (column external_id, or else user_id)
  email        (column email)

\b
Exit codes: 0 every row was applied, or is of somebody unknown, which SM Sync does not call failed;
1 rows were refused or failed, or nobody at all was known; 2 a file that cannot be read; 3 no row.
"""


@click.group
def command() -> None:
    """Tags out of files."""


@command.command("import", epilog=EPILOG)
@click.argument("file", metavar="CSV", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--tag", default="", metavar="T", help="The tag of rows that have none.")
@click.option("--ttl", type=click.IntRange(1, LONGEST), metavar="N", help="Seconds to live of rows that have none.")
@click.option(
    "--lookup-key",
    type=click.Choice(["user_id", "external_id", "email"]),
    default="user_id",
    show_default=True,
    help="What the id of a row is to SessionM; by default the id that document 003 matches with Braze's.",
)
@click.option("--url", metavar="URL", help="A running fake. Without it one is embedded.")
@options.tenant
@options.assume
@click.option("--rows", type=options.FILE, metavar="FILE", help="Write what each row did as NDJSON, ids included.")
@options.seed
@options.as_json
def import_command(
    *,
    file: Path,
    tag: str,
    ttl: int | None,
    lookup_key: str,
    url: str | None,
    tenant: Path | None,
    assume: Mapping[str, str],
    rows: Path | None,
    seed: int | None,
    as_json: bool,
) -> int:
    """Import a CSV of customers to tag, as SM Sync would: in pieces, in any order, unknown customers passed over."""
    from contracts.transport import Lost
    from scenarios.reports.visible import visible
    from scenarios.segment_file import Defaults, Segment, SegmentError, opened
    from scenarios.tag_import import CannotImport, asking, import_segment, lines

    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    settings = tenant_settings(tenant, assume)
    try:
        with opened(file) as (text, raw), _writing(rows) as each:
            segment = Segment(text, str(file), lookup_key=lookup_key, defaults=Defaults(tag.strip(), ttl))
            at = surrounded(url, settings, seed)
            ask = asking(at.web, at.at, at.settings.api_key)
            with _bar(file, raw) as went:
                report = import_segment(segment, ask, lookup_key=lookup_key, seed=seed, each=each, went=went)
    except (SegmentError, CannotImport) as error:
        raise Stop(str(error)) from error
    except Lost as error:
        raise Stop(f"--url: {error}; start a fake there with `sessionm-harness serve`") from error
    if as_json:
        click.echo(json.dumps(document(report, seed)))
    else:
        click.echo(f"{report.rows:,} rows by {lookup_key} (seed {seed})")
        for line in lines(report):
            click.echo(visible(line))
    return code(report)


def code(report: ImportReport) -> int:
    """The exit code: unknown customers are no failure to SM Sync, unless there is nobody else."""
    if not report.rows:
        return UNTESTED
    return BROKEN if report.counts["refused"] or report.counts["failed"] or not report.applied else KEPT


def document(report: ImportReport, seed: int) -> dict[str, Any]:
    """The report for other tools; lines of the file and no ids."""
    return {
        "format": "sessionm-harness.tags-import/1",
        "seed": seed,
        "rows": report.rows,
        "counts": {name: report.counts[name] for name in ("tagged", "counted", "unknown", "failed", "refused")},
        "unsettled": {"pairs": report.contradicted, "lines": [list(pair) for pair in report.unsettled]},
        "dropped_columns": report.dropped_columns,
        "notes": list(report.notes()),
        "troubled": [
            {"line": row.line, "outcome": row.outcome, "rule": row.rule, "mend": row.mend} for row in report.troubled
        ],
        "sync": report.job,
    }


@contextmanager
def _writing(path: Path | None) -> Iterator[Callable[[RowReport, str], None] | None]:
    """What writes each row's report to a file; None where nobody wants it."""
    if path is None:
        yield None
        return
    import orjson

    try:
        with path.open("wb") as out:

            def write(row: RowReport, id_: str) -> None:
                told: dict[str, Any] = {"line": row.line, "id": id_, "outcome": row.outcome, "rule": row.rule}
                if row.other is not None:
                    told["other_line"] = row.other
                out.write(orjson.dumps(told) + b"\n")

            yield write
    except OSError as error:
        raise Stop(f"--rows {path}: cannot be written: {error.strerror}") from error


@contextmanager
def _bar(file: Path, raw: IO[bytes] | None) -> Iterator[Callable[[int], None] | None]:
    """A bar on standard error, by bytes of the file, where that is a terminal."""
    if raw is None or not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=file.stat().st_size, label="import", file=sys.stderr) as bar:
        yield lambda _rows: bar.update(raw.tell() - bar.pos)
