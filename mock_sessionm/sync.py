"""SM Sync, as far as it imports tags: a file cut into pieces, which are handled in any order, and a job that says so.

What is known of it comes from an integrator's notes (source: sessionm-live-tenant), of its importer of users.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .customers import Customer, Customers
from .limits import limit

BEHAVIOURS = frozenset(
    {
        "sessionm.sync-any-order",
        "sessionm.sync-lookup-key",
        "sessionm.sync-pieces",
        "sessionm.sync-row-ttl",
        "sessionm.sync-status",
        "sessionm.sync-unknown-not-failed",
        "sessionm.sync-unsettled",
        "sessionm.sync-user-id",
        "sessionm.sync-without-ttl",
    }
)
"""Rules that are kept by how a file is imported."""

PIECE = "sessionm.sync-pieces"
UNSETTLED = "sessionm.sync-unsettled"
UNKNOWN = "sessionm.sync-unknown-not-failed"
WITHOUT_TTL = "sessionm.sync-without-ttl"
TTL = "sessionm.tag-ttl-positive"
KIND = "sessionm.tag-kind-change"

LookupKey = Literal["user_id", "external_id", "email"]
RowOutcome = Literal["tagged", "counted", "unknown", "failed"]
SIDE_BY_SIDE = 4
"""So many pieces are under way at once here; the first to be handled is any of them."""
OPEN_JOBS = 16
"""So many unfinished jobs are remembered in a tenant; beyond that, the oldest is forgotten."""


class Row(NamedTuple):
    """One line of the file. A NamedTuple, for there are half a million. `ttl` is seconds, None for none."""

    line: int
    id: str
    tag: str
    ttl: int | None


class Did(NamedTuple):
    """What a row did. `rule` is why it failed, or what to know of it; `other` is the line that it contradicts."""

    line: int
    outcome: RowOutcome
    rule: str | None = None
    other: int | None = None


@dataclass(slots=True)
class Job:
    """One file on its way in.

    records   rows that were handled; `unknown` those of nobody, `failed` those that count as failed
    pieces    into how many the file was cut
    seen      customer and tag -> TTL and line that came with them
    """

    id: str
    lookup_key: LookupKey
    chance: random.Random
    rows: list[Row] = field(default_factory=list)
    waiting: list[list[Row]] = field(default_factory=list)
    first_ttl: int | None = None
    pieces: int = 0
    records: int = 0
    unknown: int = 0
    failed: int = 0
    seen: dict[tuple[str, str], tuple[int | None, int]] = field(default_factory=dict)


class Sync:
    """The imports of one tenant. `choice` is asked where the documents are silent."""

    def __init__(self, customers: Customers, choice: Callable[[str], str], behaviours: frozenset[str]) -> None:
        self._customers = customers
        self._choice = choice
        self._behaviours = behaviours
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._made = 0

    def begin(self, lookup_key: LookupKey, seed: int) -> Job:
        """A new job. The same rows and the same seed are handled in the same order."""
        self._made += 1
        job = Job(f"tags-{self._made}", lookup_key, random.Random(seed))
        self._jobs[job.id] = job
        if len(self._jobs) > OPEN_JOBS:
            self._jobs.popitem(last=False)
        return job

    def job(self, id_: str) -> Job | None:
        """An unfinished job."""
        return self._jobs.get(id_)

    def take(self, job: Job, rows: Iterable[Row], *, last: bool) -> Iterator[Did]:
        """Take more of the file; gives what the pieces did that were handled by now. With `last`, all of them."""
        size = limit(PIECE) if PIECE in self._behaviours else None
        for row in rows:
            job.rows.append(row)
            if len(job.rows) == size:
                job.waiting.append(job.rows)
                job.rows = []
        if last and job.rows:
            job.waiting.append(job.rows)
            job.rows = []
        while job.waiting and (last or len(job.waiting) >= SIDE_BY_SIDE):
            anywhere = "sessionm.sync-any-order" in self._behaviours
            yield from self._piece(job, job.waiting.pop(job.chance.randrange(len(job.waiting)) if anywhere else 0))
        if last:
            self._jobs.pop(job.id, None)

    def summary(self, job: Job) -> dict[str, Any]:
        """What the job shows, as JSON: that it went well, whomever it did not find."""
        naive = job.unknown and "sessionm.sync-status" not in self._behaviours
        return {
            "job": job.id,
            "status": "failed" if naive else "success",
            "state": "split",
            "pieces": job.pieces,
            "records": job.records,
            "num_failed": job.failed,
        }

    def _piece(self, job: Job, rows: list[Row]) -> Iterator[Did]:
        job.pieces += 1
        for row in rows:
            did = self._row(job, row)
            job.records += 1
            unknown = did.outcome == "unknown"
            job.unknown += unknown
            job.failed += did.outcome == "failed" or (unknown and UNKNOWN not in self._behaviours)
            yield did

    def _row(self, job: Job, row: Row) -> Did:
        if job.first_ttl is None:
            job.first_ttl = row.ttl
        ttl = row.ttl if "sessionm.sync-row-ttl" in self._behaviours else job.first_ttl
        customer = self._found(job.lookup_key, row.id)
        if customer is None:
            return Did(row.line, "unknown", UNKNOWN)
        wrong = self._wrong(customer, row.tag, ttl)
        if wrong:
            return Did(row.line, "failed", wrong)
        self._customers.tag(customer, (row.tag,), ttl)
        outcome: RowOutcome = "counted" if ttl is None else "tagged"
        before = job.seen.setdefault((customer.id, row.tag), (ttl, row.line))
        if before[0] != ttl and UNSETTLED in self._behaviours:
            # Another piece might have come first, and the other TTL would stand.
            return Did(row.line, outcome, UNSETTLED, before[1])
        return Did(row.line, outcome)

    def _found(self, key: LookupKey, id_: str) -> Customer | None:
        if key == "external_id" or "sessionm.sync-lookup-key" not in self._behaviours:
            return self._customers.by_external(id_)
        if key == "email":
            return self._customers.by_email(id_)
        own = "sessionm.sync-user-id" in self._behaviours and self._choice("sync-user-id") == "sessionm-id"
        return self._customers.by_id(id_) if own else self._customers.by_external(id_)

    def _wrong(self, customer: Customer, tag: str, ttl: int | None) -> str:
        """The rule for which a row is not applied; empty where it is."""
        if ttl is None and self._without_ttl() == "refused":
            return WITHOUT_TTL
        if ttl is not None and ttl < limit(TTL) and self._choice("tag-ttl-zero") == "refused":
            return TTL
        before = self._customers.tags(customer).get(tag)
        other_kind = before is not None and (before.expires is None) != (ttl is None)
        return KIND if other_kind and self._choice("tag-kind-change") == "refused" else ""

    def _without_ttl(self) -> str:
        return self._choice("sync-without-ttl") if WITHOUT_TTL in self._behaviours else "refused"
