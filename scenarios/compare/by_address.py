"""A forwarder that somebody runs: batches are posted to its Events API, and a fake on a port hears what it sends."""

from __future__ import annotations

import io
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import orjson

from contracts import Request, Response
from contracts.serving import Server
from contracts.transport import HttpTransport, Lost, asked

from .builds import Running, SideError
from .people import People
from .receiver import Names, Receiver, trouble
from .sent import UNKNOWN, Sent, Spill

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LONGEST = 30.0
"""Seconds after the last batch at which waiting ends, beside the time that posting took."""
PATIENCE = 600
"""So often a 429 of the forwarder is waited for."""
INPUT = ("harness", "harness")
"""The credentials of the input where the connection names none."""


class ByAddress:
    """One run of a forwarder that somebody runs.

    listening      is told where the fake is, before the first batch
    clock, sleep   real seconds, for waiting
    """

    def __init__(
        self,
        side: Running,
        receiver: Receiver,
        named: Names,
        spill: Spill,
        people: People,
        *,
        port: int,
        settle: float,
        credentials: tuple[str, str] = INPUT,
        listening: Callable[[str], None] = lambda _url: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._side = side
        self._receiver = receiver
        self._named = named
        self._spill = spill
        self._people = people
        self._port = port
        self._settle = settle
        self._listening = listening
        self._clock = clock
        self._sleep = sleep
        self._sender = HttpTransport(side.url.rstrip("/"), timeout=LONGEST)
        pair = b64encode(":".join(credentials).encode()).decode("ascii")
        self._headers = {"Content-Type": "application/json", "Authorization": f"Basic {pair}"}
        self._run = ""
        self._heard = 0

    def run(self, run: str) -> None:
        """Post every batch, and keep what comes of it. Raises `SideError`, `CannotListen`."""
        self._run, self._heard = run, 0
        self._spill.begin(run)
        with Server(self._app, port=self._port) as server:
            self._listening(server.url)
            begun = self._clock()
            for _, _, body in self._spill.bodies():
                self._post(body, server.url)
            self._wait(self._clock() - begun)

    def _post(self, body: bytes, here: str) -> None:
        name, url = self._side.name, f"{self._side.url.rstrip('/')}/v2/events"
        for _ in range(PATIENCE):
            try:
                answer = self._sender.send(Request("POST", "/v2/events", self._headers, body))
            except Lost as lost:
                raise SideError(f"{name}: {lost}; start it first, and let it send to {here}") from lost
            if answer.status != 429:
                break
            self._sleep(_seconds(answer))
        if answer.status in {401, 403}:
            raise SideError(
                f"{name}: HTTP {answer.status} for {url}; give its key and secret in [input] of --connection"
            )
        if answer.status in {404, 429} or answer.status >= 500:
            raise SideError(f"{name}: HTTP {answer.status} for {url}")

    def _wait(self, posting: float) -> None:
        """Until nothing has come for a while."""
        begun = last = self._clock()
        count = -1
        while self._clock() - begun < LONGEST + posting:
            if self._heard != count:
                count, last = self._heard, self._clock()
            elif self._clock() - last >= self._settle:
                return
            self._sleep(min(0.05, self._settle / 4))

    # --- what it sends ------------------------------------------------------------------------------------

    def _app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The fake, and somebody who listens."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = io.BytesIO(body)
        target, method = environ["RAW_URI"], environ["REQUEST_METHOD"]
        headers = _headers(environ)
        status, answered, content = asked(self._receiver.app, environ)
        self._keep(method, target, headers, body, Response(status, dict(answered), content))
        self._heard += 1
        start_response(f"{status} {_reason(status)}", answered)
        return [content]

    def _keep(self, method: str, target: str, headers: list[tuple[str, str]], body: bytes, answer: Response) -> None:
        person = self._people.of_request(target, _json(body))
        self._people.learn(person, _json(answer.body))
        named = tuple((name, self._named.header(name, text)) for name, text in headers)
        target = self._named.target(target)
        self._spill.add(self._run, Sent(UNKNOWN, person, method, target, named, body, answer.status, trouble(answer)))


def _headers(environ: WSGIEnvironment) -> list[tuple[str, str]]:
    found = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"}
    }
    return sorted(found.items())


def _reason(status: int) -> str:
    return "OK" if status < 400 else "No"


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None


def _seconds(answer: Response) -> float:
    try:
        return min(float(answer.headers.get("retry-after") or 1), LONGEST)
    except ValueError:
        return 1.0
