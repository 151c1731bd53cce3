"""What SessionM sends out: calls to Braze, batches to mParticle, each remembered with what became of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import orjson

from contracts import Request
from contracts.register import load_yaml
from contracts.transport import Lost

from .clock import iso

if TYPE_CHECKING:
    from .tenant import Tenant

Receiver = Literal["braze", "mparticle"]
State = Literal["triggered", "sent", "platform_deferred", "platform_dropped"]
REMEMBERED = 10_000
"""So many of the latest are kept."""
TIMEOUT = 2.0
"""Seconds that a receiver outside of this process gets: the fake answers nobody meanwhile."""
STATES = "sessionm.outgoing-states"
ACCEPTED = range(200, 300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One call on its way out, or behind it. No header is kept, so no credential is.

    at        seconds since 1970 on the tenant's clock at which it was made; `next_at` when it is tried again
    url       without a query; empty where nobody is named to whom it could go
    status    of the last answer; None where none came
    state     triggered: made, and for nobody; sent: accepted; platform_deferred: refused, and tried again;
              platform_dropped: refused for good, or never sent, and `why` says why
    """

    number: int
    at: float
    to: Receiver
    url: str
    body: Mapping[str, Any]
    customer_id: str = ""
    campaign_id: str = ""
    status: int | None = None
    state: State = "triggered"
    attempts: int = 0
    next_at: float | None = None
    why: str = ""

    def shown(self) -> dict[str, Any]:
        """As JSON, for whoever asks what was sent out."""
        return {
            "number": self.number,
            "at": iso(self.at),
            "to": self.to,
            "method": "POST",
            "url": self.url,
            "path": urlsplit(self.url).path,
            "body": self.body,
            "customer_id": self.customer_id,
            "campaign_id": self.campaign_id,
            "status": self.status,
            "state": self.state,
            "attempts": self.attempts,
            "why": self.why,
        }


class Outgoing:
    """Everything that one tenant's SessionM sent out, the latest `REMEMBERED`. Credentials come in with each try."""

    __slots__ = ("_credentials", "_last", "_made", "_tenant", "_waiting", "dropped")

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._made: dict[int, Sent] = {}
        self._waiting: set[int] = set()
        self._credentials: dict[int, str] = {}
        self._last = 0
        self.dropped = 0

    def __iter__(self) -> Iterator[Sent]:
        return iter(list(self._made.values()))

    def __len__(self) -> int:
        return len(self._made)

    @property
    def waiting(self) -> bool:
        """Whether any call is to be tried again."""
        return bool(self._waiting)

    @property
    def due(self) -> float:
        """When the next call is to be tried again; infinite where none is."""
        return min((self._made[number].next_at or 0.0 for number in self._waiting), default=float("inf"))

    def refuse(self, to: Receiver, why: str, *, customer_id: str = "", campaign_id: str = "") -> Sent:
        """Take down a call that could not even be made."""
        about = {"customer_id": customer_id, "campaign_id": campaign_id}
        return self._keep(self._new(to, "", {}, state="platform_dropped", why=why, **about))

    def send(
        self,
        to: Receiver,
        url: str,
        body: Mapping[str, Any],
        authorization: str,
        *,
        customer_id: str = "",
        campaign_id: str = "",
    ) -> Sent:
        """Call somebody; without a `url`, only remember what would have been said."""
        made = self._keep(self._new(to, url, body, customer_id=customer_id, campaign_id=campaign_id))
        if not url:
            return made
        self._credentials[made.number] = authorization
        return self._tried(made)

    def retry(self) -> None:
        """Try everything again whose time has come, in the order of its time."""
        now = self._tenant.clock.now()
        ready = sorted(self._waiting, key=lambda number: (self._made[number].next_at or 0.0, number))
        for number in ready:
            if (self._made[number].next_at or 0.0) <= now:
                self._waiting.discard(number)
                self._tried(self._made[number])

    def export(self) -> list[dict[str, Any]]:
        """Every call, as JSON that `restore` takes; what waits to be tried again waits no longer afterwards."""
        return [asdict(one) for one in self]

    def restore(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Put in place what `export` gave. Credentials are in no export, so nothing is tried again."""
        self._made = {entry["number"]: Sent(**{**entry, "next_at": None}) for entry in kept}
        self._last = max(self._made, default=0)
        self._waiting.clear()
        self._credentials.clear()

    def _new(self, to: Receiver, url: str, body: Mapping[str, Any], **more: Any) -> Sent:
        self._last += 1
        return Sent(number=self._last, at=self._tenant.clock.now(), to=to, url=url, body=body, **more)

    def _keep(self, made: Sent) -> Sent:
        self._made[made.number] = made
        while len(self._made) > REMEMBERED:
            oldest = next(iter(self._made))
            del self._made[oldest]
            self._waiting.discard(oldest)
            self._credentials.pop(oldest, None)
            self.dropped += 1
        return made

    def _tried(self, made: Sent) -> Sent:
        """One try, and what it came to."""
        status, why = self._answer(made)
        attempts = made.attempts + 1
        wait = None if status in ACCEPTED else self._wait(status, attempts)
        state: State = "sent"
        if status not in ACCEPTED and STATES in self._tenant.behaviours:
            state = "platform_dropped" if wait is None else "platform_deferred"
        made = dataclasses.replace(
            made,
            status=status,
            state=state,
            attempts=attempts,
            why=why,
            next_at=None if wait is None else self._tenant.clock.now() + wait,
        )
        if wait is None:
            self._credentials.pop(made.number, None)
        else:
            self._waiting.add(made.number)
        return self._keep(made)

    def _answer(self, made: Sent) -> tuple[int | None, str]:
        parts = urlsplit(made.url)
        headers = {"Content-Type": "application/json", "Authorization": self._credentials[made.number]}
        request = Request("POST", parts.path, headers, orjson.dumps(made.body))
        try:
            answer = self._tenant.web.fetch(made.url, request, timeout=TIMEOUT)
        except (Lost, ValueError) as error:
            return None, str(error)
        return answer.status, "" if answer.status in ACCEPTED else f"HTTP {answer.status}"

    def _wait(self, status: int | None, attempts: int) -> float | None:
        """Seconds until the next try; None for no further one."""
        if self._tenant.choice("outgoing-retries") == "none":
            return None
        table = _table()
        if status is not None and status not in table["statuses"]["value"]:
            return None
        if attempts >= int(self._tenant.choices["retry-attempts"]):
            return None
        wait = table["wait"]["value"]
        # The waits without chance: what a test sees is the same every time.
        return float(min(wait["first"] * wait["factor"] ** (attempts - 1), wait["cap"]))


@cache
def _table() -> Mapping[str, Any]:
    made: Mapping[str, Any] = load_yaml("retries.yaml")
    return made
