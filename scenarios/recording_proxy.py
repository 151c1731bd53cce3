"""A proxy before one server: it passes everything on to the byte, and writes down what passed, without credentials.

uvicorn and Python's own `http.client` are all that it stands on. mitmproxy was tried for it: it writes a HAR file only
when it ends, so a kill leaves nothing; it masks nothing by itself; and it pins older releases of what we build on.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from contracts.relaying import Pairs, Passed, Relay, passed_on
from contracts.transport import Lost, TimedOut, origin

from .recordings.recorded import Recorded, RecordingError
from .recordings.wire import BODILESS, Headers, Unusable, pair, unpacked
from .recordings.writing import HarWriter

Message = dict[str, Any]
AT_ONCE = 64
"""Requests that are under way to the server at the same time; more of them wait."""
HELD = 32
"""Interactions that wait for one that began before them; then they are written all the same."""

TRIED = frozenset(
    {"sandbox", "staging", "stage", "stg", "test", "testing", "tests", "qa", "uat", "dev", "development", "develop"}
    | {"preprod", "nonprod", "demo", "local", "localhost"}
)
"""Words in the name of a host by which it is for trying things."""
REAL = frozenset({"prod", "production", "live"})
OURS_ALONE = frozenset({"test", "localhost", "invalid", "example"})
"""Last parts of names that lead to nobody's production; any other last part says nothing, such as `.dev`."""


def is_for_trying(host: str) -> bool:
    """Whether the name of a host says that what is there is no production: `api-shop.stg-sessionm.com`."""
    name = host.lower().replace("pre-prod", "preprod").replace("non-prod", "nonprod")
    before, _, last = name.rpartition(".")
    words = set(re.split(r"[^a-z]+", before))
    if words & REAL:
        return False
    return bool(words & TRIED) or last in OURS_ALONE or name.endswith(".q-sessionm.com")


def has_production(body: bytes) -> bool:
    """Whether a body is a batch, or a list of batches, with `environment: production`."""
    if b"production" not in body.lower():
        return False
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    found = read if isinstance(read, list) else [read]
    return any(isinstance(one, dict) and str(one.get("environment")).lower() == "production" for one in found)


@dataclass(slots=True)
class Tally:
    """What became of the interactions that passed."""

    recorded: int = 0
    production: int = 0
    unusable: int = 0


@dataclass(slots=True)
class RecordingProxy:
    """An ASGI app. `production` records batches of production, too; `told` hears a line for each interaction.

    Entries are written in the order in which their requests began. Where the file cannot be written any further,
    `trouble` says why, and `stop` is called once.
    """

    relay: Relay
    writer: HarWriter
    production: bool = False
    told: Callable[[str], None] = lambda _line: None
    stop: Callable[[], None] = lambda: None
    clock: Callable[[], float] = time.time
    tally: Tally = field(default_factory=Tally)
    trouble: RecordingError | None = None
    _begun: int = 0
    _next: int = 1
    _waiting: dict[int, tuple[Recorded, float, str] | None] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        self._begun += 1
        number, at, start = self._begun, self.clock(), time.perf_counter()
        body = await _whole(receive)
        if body is None:
            self._finish(number, None)  # the client went away before it had asked
            return
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        method, comment, status = scope["method"], "", 502
        passed: Passed | None = None
        try:
            passed = await asyncio.get_running_loop().run_in_executor(
                self._pool, self.relay.send, method, target, headers, body
            )
        except Lost as error:
            comment, status = str(error), 504 if isinstance(error, TimedOut) else 502
        except asyncio.CancelledError:
            comment = "the recording ended before the answer came"
            raise
        finally:
            spent = time.perf_counter() - start
            self._keep(number, at, (method, target, headers, body), passed, spent, comment)
        self.told(f"{number:>5}  {method} {passed.status if passed else comment}, {spent * 1000:.0f} ms")
        await _answer(send, method, passed or _away(status, comment))

    def close(self) -> None:
        """Write what still waits; what is under way is broken off."""
        self.relay.close()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for number in sorted(self._waiting):
            self._write(self._waiting.pop(number))

    def _keep(
        self,
        number: int,
        at: float,
        asked: tuple[str, str, Headers, bytes],
        passed: Passed | None,
        spent: float,
        comment: str,
    ) -> None:
        method, target, headers, raw = asked
        host = urlsplit(self.relay.base_url).netloc
        headers = [(lower := name.lower(), host if lower == "host" else value) for name, value in headers]
        body, headers = _opened(raw, headers)
        if not self.production and has_production(body or b""):
            self.tally.production += 1
            self._finish(number, None)
            return
        answered = None
        if passed is not None:
            content, given = _opened(passed.body, [(name.lower(), value) for name, value in passed.headers])
            answered = (passed.status, given, content)
        url = origin(self.relay.base_url) + urlsplit(self.relay.base_url).path.rstrip("/") + target
        try:
            found = pair("", number, at, (method, url, headers, body), answered)
        except Unusable:
            self.tally.unusable += 1
            self._finish(number, None)
            return
        self._finish(number, (found, spent, comment))

    def _finish(self, number: int, found: tuple[Recorded, float, str] | None) -> None:
        """Write what is next in order; nobody is waited for too long."""
        self._waiting[number] = found
        while self._waiting and ((first := min(self._waiting)) <= self._next or len(self._waiting) > HELD):
            self._write(self._waiting.pop(first))
            self._next = max(self._next, first + 1)

    def _write(self, found: tuple[Recorded, float, str] | None) -> None:
        if found is None or self.trouble is not None:
            return
        recorded, seconds, comment = found
        try:
            self.writer.write(recorded, seconds=seconds, comment=comment)
            self.writer.flush()
        except RecordingError as error:
            self.trouble = error
            self.stop()
        else:
            self.tally.recorded += 1


def _opened(raw: bytes, headers: Headers) -> tuple[bytes | None, Headers]:
    """A body as it is read; as it travelled where it cannot be opened."""
    try:
        return unpacked(raw, headers)
    except Unusable:
        return raw, headers


async def _whole(receive: Callable[[], Awaitable[Message]]) -> bytes | None:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _away(status: int, why: str) -> Passed:
    body = f"sessionm-harness record: {why}\n".encode()
    return Passed(status, [("content-type", "text/plain; charset=utf-8")], body)


async def _answer(send: Callable[[Message], Awaitable[None]], method: str, passed: Passed) -> None:
    headers: Pairs = passed_on(passed.headers)
    bodiless = passed.status in BODILESS
    if bodiless:
        headers = [one for one in headers if one[0].lower() != "content-length"]
    elif method != "HEAD" and not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("content-length", str(len(passed.body))))
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": passed.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if bodiless else passed.body})
