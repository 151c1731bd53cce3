"""A tenant of a fake that stands elsewhere: ordered about over its control API, and mirrored here to be looked at."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson

from contracts import Choices, Interaction, Request, Response, Violation
from contracts.interaction import Json
from contracts.transport import Lost, Transport
from mock_sessionm import Clock, Tenant, TenantSettings

JSON = {"Content-Type": "application/json"}
ODD = (LookupError, TypeError, ValueError, AttributeError)
"""How it shows that JSON is of another shape than its format."""
CLOSE = 0.001
"""Seconds by which two clocks may differ: an exported state says the time to the millisecond."""


class TargetError(ValueError):
    """The target cannot be tried; the text is one line that says why, and what to do."""


class Refused(Exception):
    """The control API says no; the text is what it says."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Control:
    """The control API of a fake at an address."""

    def __init__(self, url: str, transport: Transport) -> None:
        self.url = url
        self._transport = transport

    def ask(self, method: str, path: str, body: Json = None) -> Any:
        """What it answers. Raises `Refused` where it says no, and `TargetError` where it says nothing it could."""
        raw = b"" if body is None else orjson.dumps(body)
        try:
            answer = self._transport.send(Request(method, f"/__admin{path}", JSON if raw else {}, raw))
        except Lost as lost:
            raise TargetError(
                f"--target: {self.url} does not answer any more ({lost}); look at why it stopped, and start it again"
            ) from lost
        try:
            told = answer.json()
        except ValueError as error:
            raise TargetError(
                f"--target: {self.url}/__admin{path.partition('?')[0]} answers no JSON (HTTP {answer.status}); "
                "start the target with the same version as this"
            ) from error
        if answer.status >= 300:
            raise Refused(answer.status, told.get("error", "no reason") if isinstance(told, dict) else "no reason")
        return told

    def unreadable(self, what: str) -> TargetError:
        """What to say where an answer has not the shape of its format."""
        return TargetError(
            f"--target: {self.url} shows another {what} of a tenant than this can read; "
            "start the target with the same version"
        )


class FarClock(Clock):
    """The time of a tenant elsewhere. By how much it was advanced here is owed to the clock there."""

    __slots__ = ("owed",)

    def __init__(self, start: float) -> None:
        super().__init__(start, frozen=True)
        self.owed = 0.0

    def advance(self, by: float | str) -> None:
        before = self.now()
        super().advance(by)
        self.owed += self.now() - before


class Mirror(Tenant):
    """A tenant elsewhere, as it was when it was last looked at. `clock` goes with the one there."""

    __slots__ = ("_clock", "_control", "_key", "_last", "stale")

    def __init__(self, control: Control, settings: TenantSettings, *, at: str, choices: Choices, **more: Any) -> None:
        self._clock = FarClock(instant(at))
        super().__init__(settings, clock=self._clock, choices=choices, **more)
        self._control = control
        self._key = quote(settings.api_key, safe="")
        # Whom the settings bring along came there, too, under other ids, and is counted there.
        self.used.clear()
        self.stale = True
        self._last: list[Interaction] | None = None

    def keep_time(self) -> None:
        """Let the time pass there that has passed here."""
        if self._clock.owed:
            self.settle()

    def settle(self) -> None:
        """Let the tenant do what has become due by its clock."""
        owed, self._clock.owed = self._clock.owed, 0.0
        self._ask("POST", f"/clock/advance?tenant={self._key}", {"by": owed})
        self.stale = True

    def catch_up(self) -> None:
        """Bring over what has become of the tenant, if anything may have."""
        if self.stale and self._last is None:
            told = self._ask("GET", f"/state?tenant={self._key}")
            try:
                (entry,) = told["tenants"]
                self._take(entry)
            except ODD as error:
                raise self._control.unreadable("state") from error

    def heard(self) -> list[Interaction]:
        """What came to the tenant, in its order. It is deleted there by that, and known here as it was."""
        if self._last is None:
            told = self._ask("DELETE", f"/tenants/{self._key}?tell=true")
            try:
                self._take(told["state"])
                self._last = [interaction(row) for row in told["requests"]]
                self.used.update(told["used"])
            except ODD as error:
                raise self._control.unreadable("end") from error
        return self._last

    def leave(self) -> None:
        """Delete the tenant, unless that is done; `used` is complete afterwards."""
        self.heard()

    def _take(self, entry: Mapping[str, Any]) -> None:
        """Be as the tenant in an exported state."""
        leaned = Counter(self.used)
        self.restore(entry)
        # To read it leans on nothing that the tenant did not lean on when it wrote it.
        self.used = leaned
        there = instant(entry["clock"]["now"]) + self._clock.owed
        if abs(there - self.clock.now()) > CLOSE:
            # Whoever renders a message with Connected Content waits, and nobody here knows of that.
            self.clock.set(there)
        self.stale = False

    def _ask(self, method: str, path: str, body: Json = None) -> Any:
        try:
            return self._control.ask(method, path, body)
        except Refused as no:
            raise TargetError(
                f"--target: {self._control.url} says HTTP {no.status} about the tenant of a scenario: {no}; "
                "let nobody else delete or reset its tenants meanwhile"
            ) from no


def instant(text: str) -> float:
    """ISO 8601 as seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()


def interaction(row: Mapping[str, Any]) -> Interaction:
    """An interaction out of an exact row of `/__admin/requests`."""
    request, response = row["request"], row["response"]
    return Interaction(
        row["number"],
        row["seconds"],
        row["tenant"],
        row["vendor"],
        row["operation"],
        Request(request["method"], request["target"], request["headers"], _body(request["body"])),
        response and Response(response["status"], response["headers"], _body(response["body"])),
        tuple(Violation(**violation) for violation in row["violations"]),
    )


def _body(told: str | Mapping[str, str]) -> bytes:
    return told.encode() if isinstance(told, str) else base64.b64decode(told["base64"])
