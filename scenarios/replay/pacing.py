"""When each record of a recording is due: at full speed, at its own pace, or so many times as fast."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Pace:
    """Waits until a record is due. `factor` is how many times as fast as recorded; None waits for nothing.

    clock, sleep   real seconds
    """

    factor: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _begun: float | None = None
    _first: float = 0.0

    def wait(self, recorded: float | None) -> None:
        """Wait for the record that was recorded at this time, in seconds; one without a time is due at once."""
        if self.factor is None or recorded is None:
            return
        if self._begun is None:
            self._begun, self._first = self.clock(), recorded
        due = self._begun + (recorded - self._first) / self.factor
        left = due - self.clock()
        if left > 0:
            self.sleep(left)


def stamped(batch: dict[str, Any]) -> float | None:
    """When a batch was made, in seconds since 1970, as far as it says."""
    moment = batch.get("timestamp_unixtime_ms")
    return moment / 1000 if isinstance(moment, int) else None
