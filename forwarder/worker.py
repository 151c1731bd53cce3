"""Delivery out of the spool: in order, until everything is settled or somebody says stop."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from .batch import Batch, BatchError
from .connection import Connection
from .delivery import Delivery
from .fate import Plan
from .planning import plan
from .spool import Spool
from .tally import Tally, sentence


class Stopped(Exception):
    """Raised out of a wait when the worker is to stop; what was being delivered stays in the spool."""


class Pause:
    """A sleep that ends at once when `stop` is set. Give it to the `Delivery` of a worker."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop

    def __call__(self, seconds: float) -> None:
        """Wait. Raises `Stopped`."""
        if self.stop.wait(seconds):
            raise Stopped


class Worker:
    """Takes batches into the spool and delivers them one after another.

    A batch of which a request could not be settled is held, and tried again after `hold` seconds; later batches
    of the same users wait behind it, others go on. Its requests that are settled are not sent again.

    clock   seconds; any that only grows will do
    wall    seconds since 1970, against which the age of events is measured
    say     is given one line for each thing that was refused, or had to be held
    tally   counts everything; a batch that is held is counted once
    """

    def __init__(
        self,
        spool: Spool,
        connection: Connection,
        delivery: Delivery,
        *,
        stop: threading.Event,
        clock: Callable[[], float],
        wall: Callable[[], float] = time.time,
        say: Callable[[str], None],
        tally: Tally,
        hold: float = 30.0,
    ) -> None:
        self._spool = spool
        self._connection = connection
        self._delivery = delivery
        self._stop = stop
        self._clock = clock
        self._wall = wall
        self._say = say
        self._tally = tally
        self._hold = hold
        self._waiting = deque(spool.unsettled())
        self._held: deque[int] = deque()
        self._lanes: set[str] = set()
        self._due = 0.0
        self._counted: set[int] = set()
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None

    def accept(self, batches: Sequence[bytes]) -> None:
        """Take batches; they are safe when this returns. Raises `OSError` where the disk takes no more."""
        with self._news:
            self._waiting.extend(self._spool.append(batches))
            self._news.notify()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="delivery")
        self._thread.start()

    def stop(self) -> None:
        """Finish the request that is under way, leave the rest in the spool, and wait for that."""
        self._stop.set()
        with self._news:
            self._news.notify()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> bool:
        """Deliver the next batch, or hold it; False where there is nothing to do now."""
        with self._news:
            if self._held and self._clock() >= self._due:
                # They came before all that wait, so they go in front of them.
                self._waiting.extendleft(reversed(self._held))
                self._held.clear()
                self._lanes.clear()
            if not self._waiting:
                return False
            number = self._waiting[0]
        try:
            self._deliver(number)
        except Stopped:
            return False
        except Exception as error:  # noqa: BLE001  a mistake of ours must not end delivery, nor lose the batch
            self._say(f"batch {number} of the spool: {type(error).__name__} in the forwarder, kept in the spool")
            self._keep(number, frozenset())
        with self._news:
            self._waiting.popleft()
        return True

    def _deliver(self, number: int) -> None:
        where = f"batch {number} of the spool"
        try:
            raw = self._spool.read(number)
            made = plan(
                Batch.read(raw, duplicate_keys=self._connection.choices["duplicate-keys"]),
                self._connection,
                now=self._wall(),
            )
        except BatchError as error:
            self._say(f"{where}: {error}")
            self._spool.settle(number)
            self._tally.bad += 1
            return
        lanes = frozenset(request.lane for request in made.requests)
        if number not in self._counted:
            self._tally.planned(made)
        if lanes & self._lanes:
            self._keep(number, lanes)
        elif self._settle(number, made, where):
            self._counted.discard(number)
            self._spool.settle(number)
        else:
            self._keep(number, lanes)

    def _settle(self, number: int, made: Plan, where: str) -> bool:
        """Deliver a plan; False where something of it could not be settled."""
        open_requests = 0
        for outcome in self._delivery.outcomes(made, settled=self._spool.parts(number)):
            if outcome.verdict == "exhausted":
                if not open_requests:
                    self._say(f"{sentence(where, made, outcome)}; tried again in {self._hold:.0f} s")
                open_requests += 1
                continue
            self._tally.settled(outcome)
            self._spool.settle_part(number, outcome.key)
            if outcome.verdict == "refused":
                self._say(sentence(where, made, outcome))
        return not open_requests

    def _keep(self, number: int, lanes: frozenset[str]) -> None:
        if not self._held:
            self._due = self._clock() + self._hold
        self._counted.add(number)
        self._held.append(number)
        self._lanes |= lanes

    def _run(self) -> None:
        while not self._stop.is_set():
            if self.step():
                continue
            with self._news:
                if not self._waiting and not self._stop.is_set():
                    self._news.wait(max(0.0, self._due - self._clock()) if self._held else None)
