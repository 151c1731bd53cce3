"""The health of hosts, as Connected Content sees it: after very many failures, a host is left alone for a while."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from contracts import Choices
from mock_sessionm.limits import limit, table

DETECTED = "braze.content-unhealthy-failures"
RATE = "braze.content-unhealthy-rate"
WINDOW = "braze.content-unhealthy-window"
PAUSE = "braze.content-unhealthy-pause"
PERCENT = 100


@dataclass(slots=True)
class Host:
    """What happened of late: when each call was, and whether it failed. `until` is when its pause is over.

    `probes` is how many calls after a pause are still watched one by one.
    """

    seen: deque[tuple[float, bool]] = field(default_factory=deque)
    failures: int = 0
    until: float | None = None
    probes: int = 0


class Health:
    """The hosts of one workspace. The window of a minute moves with the clock."""

    def __init__(self, clock: Callable[[], float], choices: Choices, behaviours: frozenset[str]) -> None:
        self._clock = clock
        self._choices = choices
        self._behaviours = behaviours
        self._hosts: dict[str, Host] = {}

    def counts(self, status: int) -> bool:
        """Whether a status counts as a failure here; most errors do not."""
        return status in table(DETECTED)["statuses"]

    def halted(self, name: str) -> bool:
        """Whether a host is left alone just now."""
        host = self._hosts.get(name)
        if host is None or host.until is None:
            return False
        if self._clock() < host.until or PAUSE not in self._behaviours:
            return True
        host.until = None
        host.probes = int(self._choices["content-probes"])
        return False

    def saw(self, name: str, *, failed: bool) -> None:
        """Note how a call ended, and leave the host alone where it was one failure too many."""
        if DETECTED not in self._behaviours:
            return
        host = self._hosts.setdefault(name, Host())
        now = self._clock()
        if host.probes:
            host.probes -= 1
            if failed:
                self._pause(host, now)
                return
        host.seen.append((now, failed))
        host.failures += failed
        while WINDOW in self._behaviours and host.seen[0][0] <= now - limit(WINDOW):
            host.failures -= host.seen.popleft()[1]
        if host.failures > limit(DETECTED) and self._mostly(host):
            self._pause(host, now)

    def _mostly(self, host: Host) -> bool:
        return RATE not in self._behaviours or host.failures * PERCENT > len(host.seen) * limit(RATE)

    def _pause(self, host: Host, now: float) -> None:
        host.seen.clear()
        host.failures = 0
        host.probes = 0
        host.until = now + limit(PAUSE)
