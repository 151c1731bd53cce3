"""A recording played again: planned and held against the contract, and played in full into the fake."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from scenarios.given import Given
from scenarios.recordings.opening import entries, unread
from scenarios.replay.playing import Terms
from scenarios.replay.replayed import Replayed
from scenarios.replay.whole import Players, rehearsed, replay

from .figure import CLOCK, CORE, Figure
from .planning import batch

DRY_AIM, TWICE_AIM, FULL_AIM = 12.0, 1.8, 1_000.0
DRY, FULL = 60_000, 4_000
"""Batches; so many that beginning a process does not count."""
EACH = 4
"""Batches of one person."""
MEGABYTE = 1_000_000


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        large, small = (_recording(Path(folder), count) for count in (DRY, FULL))
        size = large.stat().st_size / MEGABYTE
        _dry(small, 1)
        begun, at = CORE(), CLOCK()
        _dry(large, 1)
        alone, waited = CORE() - begun, CLOCK() - at
        at = CLOCK()
        _dry(large, 2)
        ratio = waited / (CLOCK() - at)
        yield Figure("replay --dry-run", size / alone, "MB/s", DRY_AIM, remark=f"{DRY / alone:,.0f} batches/s a core")
        yield Figure("  the same with two workers", ratio, "times", TWICE_AIM, remark="in the time it takes")
        begun = CORE()
        made = _full(small)
        rate = FULL / (CORE() - begun)
        each = made.tally.counts["requests"] / FULL
        yield Figure("replay into the fake", rate, "batches/s", FULL_AIM, remark=f"{each:.1f} requests in each")


def _recording(folder: Path, count: int) -> Path:
    path = folder / f"{count}.ndjson"
    with path.open("wb") as stream:
        for number in range(count):
            whole = {**batch(number // EACH), "source_request_id": f"5d2b9c6e-0000-4000-8000-{number:012d}"}
            stream.write(orjson.dumps(whole) + b"\n")
    return path


def _terms() -> Terms:
    return Terms(key="", given=Given.load(None, None, {}), destination="sessionm", seed=0)


def _dry(path: Path, workers: int) -> Replayed:
    found = unread([str(path)])
    return rehearsed(found, _terms(), sources=(str(path),), players=Players(workers=workers))


def _full(path: Path) -> Replayed:
    return replay(entries([str(path)]), _terms(), sources=(str(path),), players=Players())
