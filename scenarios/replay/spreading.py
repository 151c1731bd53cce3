"""Parts of a recording played by several: processes of this machine, or the workers of a Dask scheduler.

Every part is sent with its batches, which are kept until its tally is there, and added in its place: who played it, in
which order, and how often somebody died over it changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any

from scenarios.workers import workers

from .playing import Terms
from .tally import Tally

AHEAD = 2
"""Parts that wait for each worker: it need not wait for one, and few are in memory."""
DEATHS = 3
"""Times that a part is tried over whose player died; then it is what kills them."""

PATIENCE = "10s"
"""How long a scheduler is waited for."""

Part = list[Any]
"""A list of people, or of batches."""
Play = Callable[[Terms, Part], Tally]
"""What plays a part; a function of a module, which other processes can find."""


class Lost(RuntimeError):
    """The workers cannot finish; the text is one line that says why, and what to do."""


def here(parts: Iterable[Part], terms: Terms, play: Play) -> Iterator[Tally]:
    """One part after another, in this process."""
    return (play(terms, part) for part in parts)


def in_processes(parts: Iterable[Part], terms: Terms, play: Play, count: int) -> Iterator[Tally]:
    """Tallies in the order of the parts, played by so many processes. Raises `Lost`."""
    coming = iter(parts)
    waiting: deque[Part] = deque()
    deaths = 0
    while True:
        pool = workers(count, alike=True)
        try:
            with suppress(BrokenProcessPool):
                futures = deque(pool.submit(play, terms, part) for part in waiting)
                while True:
                    while len(waiting) < count * AHEAD and (part := next(coming, None)) is not None:
                        waiting.append(part)
                        futures.append(pool.submit(play, terms, part))
                    if not waiting:
                        return
                    tally = futures[0].result()
                    futures.popleft()
                    waiting.popleft()
                    deaths = 0
                    yield tally
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        deaths += 1
        if deaths >= DEATHS:
            raise Lost(f"--workers: a process died {DEATHS} times over the same batches; is memory short?")


def on_scheduler(
    parts: Iterable[Part], terms: Terms, play: Play, address: str, *, client: Callable[..., Any] | None = None
) -> Iterator[Tally]:
    """Tallies in the order of the parts, played by the workers of a Dask scheduler. Raises `Lost`."""
    made = client or _client()
    try:
        engine = made(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise Lost(
            f"--scheduler {address}: no Dask scheduler answers there; start one with `dask scheduler`"
        ) from error
    with engine:
        coming = iter(parts)
        futures: deque[Any] = deque()
        try:
            while True:
                ahead = max(1, sum(engine.nthreads().values())) * AHEAD
                while len(futures) < ahead and (part := next(coming, None)) is not None:
                    futures.append(engine.submit(play, terms, part, pure=False))
                if not futures:
                    return
                yield futures.popleft().result()
        except Exception as error:
            raise Lost(f"--scheduler {address}: {_first_line(error)}") from error


def _client() -> Callable[..., Any]:
    try:
        from distributed import Client
    except ImportError as error:
        raise Lost("--scheduler needs Dask; install it with: pip install 'sessionm-harness[scale]'") from error
    found: Callable[..., Any] = Client
    return found


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip()}".splitlines()[0].removesuffix(": ")
