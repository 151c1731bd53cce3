import multiprocessing
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scenarios.given import Given
from scenarios.recordings.opening import entries
from scenarios.recordings.recorded import RecordedBatch
from scenarios.replay import gathering, spreading
from scenarios.replay.gathering import Gathering
from scenarios.replay.playing import Terms, play
from scenarios.replay.spreading import Lost, here, in_processes, on_scheduler
from scenarios.replay.tally import Tally


def terms() -> Terms:
    return Terms(key=os.urandom(8).hex(), given=Given.load(None, None, {}), destination="sessionm", seed=1)


@pytest.fixture
def parts(recording: Path, monkeypatch: pytest.MonkeyPatch) -> list[spreading.Part]:
    monkeypatch.setattr(gathering, "PART", 15)
    with Gathering() as gathered:
        for one in entries([str(recording)]):
            assert isinstance(one, RecordedBatch)
            gathered.add(one)
        return list(gathered.parts())


def whole(tallies: Iterable[Tally]) -> Tally:
    made = Tally()
    for tally in tallies:
        made.merge(tally)
    return made


def test_two_processes_find_what_one_finds_also_where_one_of_them_is_killed(parts: list[spreading.Part]) -> None:
    alone = whole(here(parts, terms(), play))
    assert alone.counts["batches"] == 120
    tallies = in_processes(parts, terms(), play, 2)
    made = Tally()
    made.merge(next(tallies))
    os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
    for tally in tallies:
        made.merge(tally)
    assert made == alone


def test_a_part_that_kills_whoever_plays_it_ends_the_replay_in_one_line() -> None:
    # A process that becomes another one is gone, as far as its pool can see.
    with pytest.raises(Lost, match="--workers: a process died 3 times over the same batches"):
        whole(in_processes([["false"]], "/bin/false", os.execv, 1))  # type: ignore[arg-type]


def started(what: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments, "--no-dashboard"]
    heard = subprocess.PIPE if what == "scheduler" else subprocess.DEVNULL
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=heard, text=True)  # noqa: S603


@contextmanager
def engine() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    """A Dask scheduler with two workers, each a process of its own."""
    scheduler = started("scheduler", "--host", "127.0.0.1", "--port", "0")
    workers: list[subprocess.Popen[str]] = []
    try:
        told = scheduler.stderr or ()
        address = next(found[0] for line in told if (found := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
        workers += [started("worker", address, "--nthreads", "1", "--no-nanny") for _ in range(2)]
        yield address, workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()
            if process.stderr:
                process.stderr.close()


def test_the_workers_of_a_scheduler_find_what_one_finds_also_where_one_of_them_is_killed(
    parts: list[spreading.Part],
) -> None:
    alone = whole(here(parts, terms(), play))
    with engine() as (address, workers):
        tallies = on_scheduler(parts, terms(), play, address)
        made = Tally()
        made.merge(next(tallies))
        workers[0].kill()
        for tally in tallies:
            made.merge(tally)
    assert made == alone


def test_where_no_scheduler_answers_it_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spreading, "PATIENCE", "0.2s")
    with pytest.raises(Lost, match=r"--scheduler tcp://127\.0\.0\.1:1: no Dask scheduler answers there; start one"):
        whole(on_scheduler([], terms(), play, "tcp://127.0.0.1:1"))
