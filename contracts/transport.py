"""How to have an interaction: over HTTP, or straight into a WSGI app. The only door to the network."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

from .interaction import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

WIRE = "harness.wire"
"""Key in the WSGI environment under which a transport or server offers a `Wire` to the app."""


class Lost(ConnectionError):
    """No answer came. `applied` is None over HTTP: the sender cannot know whether the receiver acted."""


class TimedOut(Lost):
    """No answer came in time."""


@dataclass(slots=True)
class Wire:
    """What the app wants done to the answer on its way: the place below WSGI where faults happen.

    delay     seconds to wait before the answer leaves
    reset     close the connection and send nothing
    truncate  send only so many bytes of the body, then close; None for the whole
    """

    delay: float = 0.0
    reset: bool = False
    truncate: int | None = None


class Transport(Protocol):
    def send(self, request: Request) -> Response:
        """Have the interaction. Raises `Lost` or `TimedOut` where no whole answer came."""
        ...


class Web(Protocol):
    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        """Have the interaction with whoever is at the origin of `url`; `request.target` is the rest of it.

        `timeout` is in seconds. Raises `Lost` or `TimedOut` where no whole answer came, `ValueError` for a `url`
        that is no http or https address.
        """
        ...


@dataclass(slots=True)
class HttpTransport:
    """Over HTTP with `requests`; one session, so connections are kept open.

    `timeout` is in seconds. The environment's proxies and .netrc are not read: where a request goes is
    decided by `base_url` alone.
    """

    base_url: str
    timeout: float = 10.0
    _session: Any = field(default=None, repr=False)

    def send(self, request: Request) -> Response:
        import requests

        if self._session is None:
            self._session = requests.Session()
            self._session.trust_env = False
        prepared = requests.PreparedRequest()
        prepared.prepare(method=request.method, url=self.base_url.rstrip("/"), headers=request.headers)
        # The target is set as it is: `requests` would decode and encode an identifier's %2F on the way.
        prepared.url = self.base_url.rstrip("/") + request.target
        prepared.prepare_body(request.body or None, None)
        try:
            answer = self._session.send(prepared, timeout=self.timeout, allow_redirects=False)
        except requests.Timeout as error:
            raise TimedOut(f"no answer within {self.timeout:g} s from {self.base_url}") from error
        except requests.RequestException as error:
            raise Lost(f"no answer from {self.base_url}: {_reason(error)}") from error
        return Response(
            answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content
        )


@dataclass(slots=True)
class WsgiTransport:
    """Into a WSGI app, with no socket. `wait` is given the seconds that a delayed answer takes."""

    app: WSGIApplication
    timeout: float = 10.0
    wait: Callable[[float], None] = lambda _seconds: None

    def send(self, request: Request) -> Response:
        wire = Wire()
        status, headers, body = asked(
            self.app, environ(request.method, request.target, request.headers, request.body, wire)
        )
        if wire.delay:
            self.wait(min(wire.delay, self.timeout))
        if wire.delay >= self.timeout:
            raise TimedOut(f"no answer within {self.timeout:g} s")
        if wire.reset:
            raise Lost("connection reset by peer")
        if wire.truncate is not None and wire.truncate < len(body):
            raise Lost(f"the connection closed after {wire.truncate} of {len(body)} bytes")
        return Response(status, {name.lower(): value for name, value in headers}, body)


@dataclass(slots=True)
class HttpWeb:
    """Any address, over HTTP. A session for each origin, so connections are kept open."""

    _doors: dict[str, HttpTransport] = field(default_factory=dict, repr=False)

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        at = origin(url)
        door = self._doors.setdefault(at, HttpTransport(at))
        door.timeout = timeout
        return door.send(request)


@dataclass(slots=True)
class InProcessWeb:
    """Addresses behind which WSGI apps stand in this process, by origin; every other one goes to `otherwise`.

    `wait` is given the seconds that a delayed answer takes.
    """

    apps: dict[str, WSGIApplication]
    otherwise: Web | None = None
    wait: Callable[[float], None] = lambda _seconds: None

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        at = origin(url)
        app = self.apps.get(at)
        if app is not None:
            host = at.partition("://")[2]
            hosted = Request(request.method, request.target, {**request.headers, "Host": host}, request.body)
            return WsgiTransport(app, timeout, self.wait).send(hosted)
        if self.otherwise is None:
            raise Lost(f"nobody is at {at} in this process")
        return self.otherwise.fetch(url, request, timeout=timeout)


def origin(url: str) -> str:
    """Scheme, host and port of an address, in small letters: `https://api.example.com`. Raises `ValueError`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("no http or https address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")


def asked(app: WSGIApplication, environment: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """One answer of a WSGI app: status, headers and the whole body."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], Any]:
        started[:] = [int(status[:3]), headers]
        return lambda _written: None

    chunks = app(environment, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
    return started[0], started[1], body


def environ(
    method: str, target: str, headers: dict[str, str] | Iterable[tuple[str, str]], body: bytes, wire: Wire
) -> dict[str, Any]:
    """A WSGI environment. It is built from the request alone: the process environment never gets in."""
    path, _, query = target.partition("?")
    made: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _path_info(path),
        "QUERY_STRING": query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        WIRE: wire,
    }
    for name, value in headers.items() if isinstance(headers, dict) else headers:
        made[_key(name)] = value
    return made


@lru_cache(maxsize=512)
def _path_info(path: str) -> str:
    return unquote_to_bytes(path).decode("latin-1")


@lru_cache(maxsize=512)
def _key(header: str) -> str:
    """The name that a header has in a WSGI environment."""
    key = header.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"


def _reason(error: Exception) -> str:
    """The last, plainest part of what `requests` wraps four times."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__ or inner
    return str(inner) or type(inner).__name__
