"""Where a command meets SessionM: a fake in this process, a fake at an address, or something else there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import sleep as real_sleep
from time import time as real_time
from typing import Any, Protocol
from urllib.parse import quote

import orjson

from contracts import Request
from contracts.transport import HttpWeb, InProcessWeb, Lost, Web, origin
from mock_sessionm import Clock, TenantSettings, create_app, world

EMBEDDED = "http://sessionm.test"
"""The address of the embedded fake; `.test` is reserved, so a call that goes astray goes nowhere."""
TIMEOUT = 10.0


class Time(Protocol):
    """Seconds since 1970, and how some of them are let pass."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


@dataclass(slots=True)
class Surroundings:
    """What a command sends to.

    at         the address
    settings   the tenant: what placeholders stand for
    is_fake    whether it has a control API, so that it can be asked and its time moved
    """

    at: str
    web: Web
    time: Time
    settings: TenantSettings
    is_fake: bool

    @classmethod
    def embedded(cls, settings: TenantSettings, *, seed: int, start: float) -> Surroundings:
        """A fake of its own, whose clock stands at `start` until somebody waits."""
        app = create_app(settings, clock=Clock(start, frozen=True), seed=seed)
        tenant = next(iter(world(app).tenants.values()))
        return cls(
            EMBEDDED,
            InProcessWeb({EMBEDDED: app}, wait=tenant.clock.advance),
            _Virtual(tenant.clock),
            tenant.settings,
            is_fake=True,
        )

    @classmethod
    def remote(
        cls,
        url: str,
        settings: TenantSettings,
        *,
        web: Web | None = None,
        clock: Callable[[], float] = real_time,
        sleep: Callable[[float], None] = real_sleep,
    ) -> Surroundings:
        """Whatever is at an address. Raises `Lost` where nobody answers."""
        made = cls(origin(url), web or HttpWeb(), _Real(clock, sleep), settings, is_fake=False)
        key = quote(settings.api_key, safe="")
        told = made.ask("GET", f"/clock?tenant={key}")
        made.is_fake = isinstance(told, dict) and "frozen" in told
        if made.is_fake:
            made.time = _Advanced(made, key, clock)
        return made

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the control API answers; None where there is none, or where it says no. Raises `Lost`."""
        raw = b"" if body is None else orjson.dumps(body)
        headers = {"Content-Type": "application/json"} if raw else {}
        answer = self.web.fetch(self.at, Request(method, f"/__admin{path}", headers, raw), timeout=TIMEOUT)
        try:
            return answer.json() if answer.status < 300 else None
        except ValueError:
            return None


@dataclass(slots=True)
class _Virtual:
    clock: Clock

    def now(self) -> float:
        return self.clock.now()

    def sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)


@dataclass(slots=True)
class _Real:
    clock: Callable[[], float]
    wait: Callable[[float], None]

    def now(self) -> float:
        return self.clock()

    def sleep(self, seconds: float) -> None:
        self.wait(seconds)


@dataclass(slots=True)
class _Advanced:
    """Real time, with what was skipped: the fake's clock is moved on instead of waiting."""

    fake: Surroundings
    key: str
    clock: Callable[[], float]
    skipped: float = 0.0

    def now(self) -> float:
        return self.clock() + self.skipped

    def sleep(self, seconds: float) -> None:
        if self.fake.ask("POST", f"/clock/advance?tenant={self.key}", {"by": seconds}) is None:
            raise Lost(f"{self.fake.at}: its clock cannot be moved")
        self.skipped += seconds
