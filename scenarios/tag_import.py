"""A segment file into the fake: rows go in pieces to its SM Sync, and what each did comes back."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson

from contracts import Request, rules
from contracts.transport import Lost, Web

from .segment_file import Refused, Segment, Tagging

AT_ONCE = 5_000
"""So many rows travel in one request."""
SHOWN = 5
"""So many rows that did not work are shown line by line."""
SAME = "sessionm.sync-same-attributes"
TIMEOUT = 60.0
OUTCOMES = ("tagged", "counted", "unknown", "failed", "refused")

Ask = Callable[[dict[str, Any]], dict[str, Any]]
"""The body of an order -> its answer. Raises `CannotImport`."""


class CannotImport(Exception):
    """The fake does not take the rows; the text is one line: what, where, why, what to do."""


class RowReport(NamedTuple):
    """What became of one row. `mend` is what to do, `other` the line that it contradicts."""

    line: int
    outcome: str
    rule: str | None = None
    mend: str = ""
    other: int | None = None


@dataclass(slots=True)
class ImportReport:
    """What became of a file. `troubled` are the topmost rows that did not work, `unsettled` pairs of lines."""

    counts: Counter[str] = field(default_factory=Counter)
    troubled: list[RowReport] = field(default_factory=list)
    unsettled: list[tuple[int, int]] = field(default_factory=list)
    contradicted: int = 0
    dropped_columns: int = 0
    with_ttl: int = 0
    without_ttl: int = 0
    job: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.counts.total()

    @property
    def applied(self) -> int:
        return self.counts["tagged"] + self.counts["counted"]

    def notes(self) -> tuple[str, ...]:
        """Rules that the file as a whole does not keep."""
        return (SAME,) if self.with_ttl and self.without_ttl else ()

    def add(self, row: RowReport) -> None:
        self.counts[row.outcome] += 1
        if row.other is not None:
            self.contradicted += 1
            if len(self.unsettled) < SHOWN:
                self.unsettled.append((row.other, row.line))
        # Pieces come in any order; people look at a file from its top.
        topmost = len(self.troubled) < SHOWN or row.line < self.troubled[-1].line
        if topmost and row.outcome in {"unknown", "failed", "refused"}:
            insort(self.troubled, row, key=attrgetter("line"))
            del self.troubled[SHOWN:]


def import_segment(
    segment: Segment,
    ask: Ask,
    *,
    lookup_key: str,
    seed: int,
    each: Callable[[RowReport, str], None] | None = None,
    went: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import every row; the whole file is never in memory.

    `each` is given every row's report and id (empty where the row was refused) in the order in which they were
    handled; `went` so many rows that were read since. Raises `SegmentError` and `CannotImport`.
    """
    made = ImportReport(dropped_columns=segment.columns.dropped)
    ids: dict[int, str] = {}
    body: dict[str, Any] = {"lookup_key": lookup_key, "seed": seed}

    def handle(rows: list[Tagging], *, last: bool) -> None:
        if each is not None:
            ids.update((row.line, row.id) for row in rows)
        answer = ask({**body, "rows": [tuple(row) for row in rows], "last": last})
        body.clear()
        body["job"] = answer["job"]
        made.job = {name: part for name, part in answer.items() if name != "rows"}
        for line, outcome, rule, other in answer["rows"]:
            report = RowReport(line, outcome, rule, _mend(rule), other)
            made.add(report)
            if each is not None:
                each(report, ids.pop(line))
        if went is not None:
            went(len(rows))

    waiting: list[Tagging] = []
    for found in segment.rows():
        if isinstance(found, Refused):
            report = RowReport(found.line, "refused", found.rule, found.mend)
            made.add(report)
            if each is not None:
                each(report, "")
            continue
        made.with_ttl += found.ttl is not None
        made.without_ttl += found.ttl is None
        waiting.append(found)
        if len(waiting) == AT_ONCE:
            handle(waiting, last=False)
            waiting = []
    if waiting or body.keys() == {"job"}:
        handle(waiting, last=True)
    return made


def asking(web: Web, url: str, api_key: str) -> Ask:
    """The order to the fake at an address, for the tenant that has this key."""

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        target = f"/__admin/tenants/{quote(api_key, safe='')}/imports/tags"
        headers = {"Content-Type": "application/json"}
        try:
            answer = web.fetch(url, Request("POST", target, headers, orjson.dumps(body)), timeout=TIMEOUT)
        except Lost as error:
            raise CannotImport(f"{url}: {error}; is the fake running? `sessionm-harness serve` starts it") from error
        try:
            said = answer.json()
        except ValueError:
            said = None
        if answer.status != 200 or not isinstance(said, dict) or "rows" not in said:
            why = said.get("error") if isinstance(said, dict) else None
            raise CannotImport(f"{url}: takes no import: {why or f'HTTP {answer.status}, so it is no fake of ours'}")
        return said

    return ask


def lines(report: ImportReport) -> Iterator[str]:
    """The report for people; it names lines of the file, and nobody."""
    job = report.job
    for outcome in OUTCOMES:
        if report.counts[outcome]:
            yield f"{outcome:<9}{report.counts[outcome]:>9,}  {MEANINGS[outcome]}"
    for row in report.troubled:
        yield f"  line {row.line}: {row.outcome}, {row.mend or row.rule} ({row.rule})"
    more = sum(report.counts[name] for name in ("unknown", "failed", "refused")) - len(report.troubled)
    if more > 0:
        yield f"  and {more:,} more; --rows FILE writes them all"
    for first, second in report.unsettled:
        yield f"  lines {first} and {second}: one customer and tag, two times to live; either may stand"
    if report.contradicted > len(report.unsettled):
        yield f"  and {report.contradicted - len(report.unsettled):,} more such pairs"
    for note in report.notes():
        yield f"note: {report.with_ttl:,} rows have a time to live and {report.without_ttl:,} have none ({note})"
    if job:
        yield (
            f"SM Sync would show: {job['status']}, {job['state']} into {job['pieces']}, "
            f"{job['records']:,} records, {job['num_failed']:,} failed"
        )
    dropped = report.dropped_columns
    yield f"columns that were not read: {dropped}" + (f", {dropped * report.rows:,} cells" if dropped else "")


MEANINGS = {
    "tagged": "the tag lives for its seconds",
    "counted": "the tag counts, for there is no time to live",
    "unknown": "nobody has that id; SM Sync does not call this failed",
    "failed": "SM Sync did not apply the row",
    "refused": "the row cannot be meant, and was not sent",
}


def _mend(rule: str | None) -> str:
    if rule is None:
        return ""
    if rule == "sessionm.sync-unknown-not-failed":
        return "no customer has this id; the lookup key must be an id that SessionM knows"
    return rules()[rule].says[:1].lower() + rules()[rule].says[1:].rstrip(".")
