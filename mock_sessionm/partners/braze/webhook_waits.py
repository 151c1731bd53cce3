"""When a webhook that failed is tried again: Braze's waits, and what the answer asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from contracts import Choices
from mock_sessionm.limits import limit, table
from mock_sessionm.partners.webhooks_kept import WEBHOOK_BEHAVIOURS

RETRIES = "braze.webhook-retries"
WINDOW = "braze.webhook-retry-window"
FAR_WINDOW = "braze.webhook-unreachable-window"
BACKOFF = "braze.webhook-backoff"
HUNDRED = 100
TEN = 10


@dataclass(frozen=True, slots=True)
class Waits:
    """How often, and for how long, a call is tried again.

    retries   tries after the first one, at most
    window    seconds after the first failure within which they lie
    far       the same where nobody could be reached
    factor    each wait is so many times the one before
    """

    retries: int
    window: float
    far: float
    factor: float
    even: bool = False

    @classmethod
    def load(cls, choices: Choices, behaviours: frozenset[str] = WEBHOOK_BEHAVIOURS) -> Waits:
        """Out of the register, where each number stands once."""
        near = float(limit(WINDOW))
        far = float(limit(FAR_WINDOW))
        spread = FAR_WINDOW in behaviours and choices["webhook-unreachable"] == "over-a-day"
        return cls(
            retries=limit(RETRIES) if RETRIES in behaviours else limit(RETRIES) + 1,
            window=near if WINDOW in behaviours else far,
            far=far if spread else near,
            factor=float(choices["webhook-backoff-factor"]),
            even=BACKOFF not in behaviours,
        )

    def after(self, retry: int, *, unreachable: bool) -> float:
        """Seconds from the first failure to a retry; the first retry is 1. The last one is at the window's end."""
        window = self.far if unreachable else self.window
        planned = limit(RETRIES)
        part = retry / planned if self.even else (self.factor**retry - 1) / (self.factor**planned - 1)
        return window * min(part, 1.0)


def received(status: int, behaviours: frozenset[str] = WEBHOOK_BEHAVIOURS) -> bool:
    """Whether Braze counts an answer as received, whatever its body says."""
    if "braze.webhook-no-redirects" not in behaviours and status // TEN == table("braze.webhook-no-redirects")["tens"]:
        return True
    if "braze.webhook-received" not in behaviours:
        return bool(status == table("braze.webhook-received")["tens"] * TEN)
    return bool(status // TEN == table("braze.webhook-received")["tens"])


def again(status: int, behaviours: frozenset[str] = WEBHOOK_BEHAVIOURS) -> bool:
    """Whether a call that got this answer is made once more."""
    again = table("braze.webhook-retried")
    if status in again["statuses"] or status // HUNDRED in again["hundreds"]:
        return "braze.webhook-retried" in behaviours
    return "braze.webhook-final" not in behaviours


def asked(
    headers: Mapping[str, str], now: float, choices: Choices, behaviours: frozenset[str] = WEBHOOK_BEHAVIOURS
) -> float:
    """Until when, in seconds since 1970, the headers of an error ask for quiet; 0 where they ask for nothing."""
    until = 0.0
    if "braze.webhook-retry-after" in behaviours:
        until = _retry_after(headers.get("retry-after", ""), now)
    if "braze.webhook-rate-limit-headers" in behaviours and headers.get("x-rate-limit-remaining", "0").strip() == "0":
        reset = headers.get("x-rate-limit-reset", "").strip()
        if reset.isascii() and reset.isdigit():
            counted = choices["webhook-rate-limit-reset"] == "seconds"
            until = max(until, now + float(reset) if counted else float(reset))
    return until


def _retry_after(value: str, now: float) -> float:
    """In either form that HTTP has: seconds, or a date."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return now + float(value)
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return 0.0
