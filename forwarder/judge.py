"""What an answer means for the request it answers: delivered, again, absent or refused. Pure.

Which answers are tried again stands in contracts/retries.yaml; nothing here knows a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Literal

from contracts.interaction import Response
from contracts.register import Choices, load_yaml
from contracts.transport import Lost

from .destination import Destination
from .destinations import SESSIONM
from .fate import PlannedRequest

RULE = "mparticle.retries"
USER_NOT_FOUND = "user_not_found"

JudgementName = Literal["delivered", "again", "absent", "refused"]


@dataclass(frozen=True, slots=True)
class Retries:
    """The vendor's retry table. All times are seconds; `jitter` is the part of a wait that chance may take away.

    `attempts` counts the first try. `patience` is the longest Retry-After that is waited for.
    """

    statuses: frozenset[int]
    lost: bool
    attempts: int
    first: float
    factor: float
    cap: float
    jitter: float
    retry_after: bool
    patience: float

    @classmethod
    def load(cls, choices: Choices | None = None) -> Retries:
        """The table of contracts/retries.yaml; its number of attempts is an assumption, so `choices` decide it."""
        table = _table()
        attempts = (choices or Choices())[table["attempts"]["assumption"]]
        return cls(
            statuses=frozenset(table["statuses"]),
            lost=table["lost"],
            attempts=int(attempts),
            retry_after=table["retry_after"]["honoured"],
            patience=table["retry_after"]["patience"],
            **table["wait"],
        )

    def wait(self, failures: int, chance: float) -> float:
        """Seconds to wait after the given number of failures (1 or more); `chance` is from 0 to 1."""
        # A large exponent would overflow a float long after the cap has been reached.
        longest = min(self.cap, self.first * self.factor ** min(failures - 1, 64))
        return longest * (1 - self.jitter * chance)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be done about one answer.

    after   seconds that the vendor asked to wait before the next try; None where it asked for nothing
    code    the vendor's own word for a refusal, or ours: `lost`, `not_json`, `http_<status>`
    why     one line for people. It may quote the vendor's message, so it belongs on a terminal, not in a report
    """

    name: JudgementName
    code: str = ""
    why: str = ""
    after: float | None = None


DELIVERED = Judgement("delivered")


def judge(
    request: PlannedRequest,
    outcome: Response | Lost,
    table: Retries,
    *,
    now: float,
    destination: Destination = SESSIONM,
) -> Judgement:
    """What `outcome` means for `request`. `now` is seconds since 1970, for a Retry-After that is a date.

    What an answer says is for the destination to read. `absent` is for the answer user_not_found to a request
    that names a way to create the user.
    """
    if isinstance(outcome, Lost):
        return Judgement("again" if table.lost else "refused", "lost", str(outcome))
    code, message = destination.trouble(outcome)
    fallback = f"http_{outcome.status}"
    if code.casefold() == USER_NOT_FOUND and request.creates is not None:
        return Judgement("absent", USER_NOT_FOUND, "the vendor does not know the user")
    if outcome.status in table.statuses:
        after = _asked_wait(outcome.headers.get("retry-after"), now) if table.retry_after else None
        return Judgement("again", code or fallback, f"HTTP {outcome.status}", after)
    if 300 <= outcome.status < 400:
        return Judgement("refused", fallback, f"HTTP {outcome.status}, a redirect; check {destination.host}")
    if 200 <= outcome.status < 300 and not code:
        return DELIVERED
    return Judgement("refused", code or fallback, _sentence(outcome.status, code, message))


@cache
def _table() -> Mapping[str, Any]:
    return {name: part["value"] for name, part in load_yaml("retries.yaml").items()}


def _sentence(status: int, code: str, message: str) -> str:
    return " ".join(part for part in (f"HTTP {status}", code, f"({message})" if message else "") if part)


def _asked_wait(value: str | None, now: float) -> float | None:
    """Seconds from a Retry-After header in either of its forms; None where there is none that can be read."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None
