"""The health of hosts as webhooks see it: after too many failures in a minute, a host is left alone for a while."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from mock_sessionm.limits import limit, table
from mock_sessionm.partners.webhooks_kept import WEBHOOK_BEHAVIOURS

FAILURES = "braze.webhook-unhealthy-host"
WINDOW = "braze.webhook-unhealthy-window"
HALT = "braze.webhook-halt"


@dataclass(slots=True)
class _Host:
    failed: deque[float] = field(default_factory=deque)
    until: float = 0.0


class WebhookHealth:
    """The hosts of one workspace, by name. Times are seconds on the sender's clock."""

    def __init__(self, behaviours: frozenset[str] = WEBHOOK_BEHAVIOURS) -> None:
        self._behaviours = behaviours
        self._hosts: dict[str, _Host] = {}

    def halted(self, name: str, now: float) -> bool:
        """Whether calls to a host are not made just now."""
        host = self._hosts.get(name)
        return host is not None and now < host.until

    def failed(self, name: str, status: int, now: float) -> None:
        """Note an error. Only some statuses say that a host is unwell."""
        if FAILURES not in self._behaviours or status not in table(FAILURES)["statuses"]:
            return
        host = self._hosts.setdefault(name, _Host())
        host.failed.append(now)
        while WINDOW in self._behaviours and host.failed[0] <= now - limit(WINDOW):
            host.failed.popleft()
        if len(host.failed) > limit(FAILURES):
            # Without this rule it would be halted for good.
            host.until = now + limit(HALT) if HALT in self._behaviours else float("inf")
