"""Getting planned requests through: credentials, order, create-or-update, and another try where the table allows it."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from contracts.interaction import Request, Response
from contracts.transport import Lost, Transport

from .connection import Connection, Credentials
from .destinations import DESTINATIONS
from .fate import KEY_PLACE, Plan, PlannedRequest
from .judge import Judgement, Retries, judge

DeliveryVerdict = Literal["delivered", "refused", "exhausted"]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one planned request.

    verdict   delivered; refused (the vendor said no, or nobody could say yes); exhausted (no answer that settles
              it after every try: it can be sent again later)
    attempts  how often it was tried; a PUT and the POST that creates its user are one try, 0 means never sent
    status    HTTP status of the last answer, None where there was none
    code      the vendor's word for the refusal, or ours
    why       one line for a terminal; empty where it was delivered
    """

    key: str
    verdict: DeliveryVerdict
    attempts: int
    status: int | None = None
    code: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Try:
    judgement: Judgement
    status: int | None
    creating: bool


class Delivery:
    """Delivers plans over one transport, one request at a time, in the order of the plan.

    clock   seconds since 1970; for a Retry-After that is a date
    sleep   is given the seconds to wait between tries
    chance  jitter comes from it
    """

    def __init__(
        self,
        transport: Transport,
        connection: Connection,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        chance: random.Random,
        table: Retries | None = None,
    ) -> None:
        self._transport = transport
        self._connection = connection
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._table = table or Retries.load(connection.choices)
        self._destination = DESTINATIONS[connection.destination]
        self._headers: dict[str, tuple[str, dict[str, str]] | None] = {}

    def deliver(self, plan: Plan) -> tuple[Delivered, ...]:
        """One outcome for each request of the plan, in its order."""
        return tuple(self.outcomes(plan))

    def outcomes(self, plan: Plan, *, settled: Container[str] = ()) -> Iterator[Delivered]:
        """The same, each as soon as it is known; requests whose key is in `settled` are left out.

        Within a lane nothing overtakes: after a request that could not be settled, the rest of its lane is not
        tried (exhausted), and after a user who could not be created neither (refused, for it would be useless).
        """
        stopped: dict[str, Delivered] = {}
        for request in plan.requests:
            if request.key in settled:
                continue
            before = stopped.get(request.lane)
            yield _behind(request, before) if before else self._delivered(request, stopped)

    def _delivered(self, request: PlannedRequest, stopped: dict[str, Delivered]) -> Delivered:
        access = self._access(request.platform)
        if access is None:
            missing = self._connection.credential_settings(request.platform)
            why = f"missing required setting {' or '.join(missing)}"
            return Delivered(request.key, "refused", 0, None, "no_credentials", why)
        failures = 0
        while True:
            tried = self._try(request, access)
            judgement = tried.judgement
            if judgement.name == "delivered":
                return Delivered(request.key, "delivered", failures + 1, tried.status)
            failures += 1
            wait = self._wait(judgement, failures)
            if wait is None:
                break
            self._sleep(wait)
        verdict: DeliveryVerdict = "exhausted" if judgement.name == "again" else "refused"
        why = judgement.why
        if verdict == "exhausted":
            why += f" (tried {failures} times)" if failures > 1 else ""
            if (judgement.after or 0) > self._table.patience:
                why += f"; asked to wait {judgement.after:.0f} s, more than {self._table.patience:.0f} s"
        outcome = Delivered(request.key, verdict, failures, tried.status, judgement.code, why)
        if verdict == "exhausted" or tried.creating:
            stopped[request.lane] = outcome
        return outcome

    def _try(self, request: PlannedRequest, access: tuple[str, dict[str, str]]) -> _Try:
        """The request once; where the vendor does not know the user, the request that creates the user once.

        A create is never repeated by itself: it may have been applied though its answer was lost. The next try
        starts with the request for an existing user again, so nobody is created twice.
        """
        judgement, status = self._sent(request, request.method, request.path, access)
        if judgement.name != "absent" or request.creates is None:
            return _Try(judgement, status, creating=False)
        judgement, status = self._sent(request, "POST", request.creates, access)
        if judgement.name == "absent":
            judgement = Judgement("refused", judgement.code, judgement.why)
        return _Try(judgement, status, creating=True)

    def _sent(
        self, request: PlannedRequest, method: str, path: str, access: tuple[str, dict[str, str]]
    ) -> tuple[Judgement, int | None]:
        key, headers = access
        outcome: Response | Lost
        try:
            outcome = self._transport.send(Request(method, path.replace(KEY_PLACE, key), headers, request.body))
        except Lost as lost:
            outcome = lost
        status = None if isinstance(outcome, Lost) else outcome.status
        return judge(request, outcome, self._table, now=self._clock(), destination=self._destination), status

    def _wait(self, judgement: Judgement, failures: int) -> float | None:
        """Seconds until the next try; None where there is none."""
        if judgement.name != "again" or failures >= self._table.attempts:
            return None
        if judgement.after is None:
            return self._table.wait(failures, self._chance.random())
        return judgement.after if judgement.after <= self._table.patience else None

    def _access(self, platform: str) -> tuple[str, dict[str, str]] | None:
        """The API key as it stands in a path, and the headers that go with it; None without credentials."""
        if platform not in self._headers:
            credentials = self._connection.credentials(platform)
            self._headers[platform] = _access(credentials) if credentials else None
        return self._headers[platform]


def _access(credentials: Credentials) -> tuple[str, dict[str, str]]:
    pair = b64encode(f"{credentials.api_key}:{credentials.api_secret}".encode()).decode("ascii")
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json", "Accept": "application/json"}
    return quote(credentials.api_key, safe=""), headers


def _behind(request: PlannedRequest, before: Delivered) -> Delivered:
    """The outcome of a request that was not tried because of an earlier one of its lane."""
    if before.verdict == "exhausted":
        return Delivered(
            request.key, "exhausted", 0, None, before.code, "an earlier request of its user did not arrive"
        )
    return Delivered(request.key, "refused", 0, None, "user_refused", "its user was refused")
