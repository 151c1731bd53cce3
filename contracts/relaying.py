"""Requests passed on to the byte, and answers as they came: what a recording proxy needs of the door to the network.

`requests` would fold headers that repeat, unpack bodies, and write a path anew; here nothing is read but the frame.
"""

from __future__ import annotations

import http.client
import os
import select
import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlsplit

from .transport import Lost, TimedOut

Pairs = list[tuple[str, str]]
"""Headers in their order; a name may stand more than once."""

OF_ONE_CONNECTION = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
    }
)
"""Headers that are about one connection (RFC 9110 7.6.1), and none of the next one's."""
TO_CONNECT = 10.0
"""Seconds after which nobody is there."""
SAFE_AGAIN = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that may be sent once more where a connection that was kept open turns out to be closed."""


@dataclass(frozen=True, slots=True)
class Passed:
    """An answer as it came: a body that was packed is packed; only chunks are joined."""

    status: int
    headers: Pairs
    body: bytes


@dataclass(slots=True)
class Relay:
    """The way to one server, for many threads. `timeout` is in seconds; connections are kept open.

    The environment's proxies are not read. Certificates are held against those of the `requests` package, or of the
    file that `SSL_CERT_FILE` names.
    """

    base_url: str
    timeout: float = 60.0
    _idle: list[http.client.HTTPConnection] = field(default_factory=list, repr=False)
    _busy: set[http.client.HTTPConnection] = field(default_factory=set, repr=False)
    _guard: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _context: ssl.SSLContext | None = field(default=None, repr=False)

    def send(self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Passed:
        """Have one interaction; `target` begins with a slash. Raises `Lost` or `TimedOut` where none came whole."""
        while True:
            connection, kept = self._connection()
            try:
                passed, over = self._ask(connection, method, target, headers, body)
            except (http.client.RemoteDisconnected, ConnectionError) as error:
                self._done(connection, over=True)
                if kept and method in SAFE_AGAIN:
                    continue
                raise Lost(f"no answer from {self.base_url}: {_plain(error)}") from error
            except TimeoutError as error:
                connected = connection.sock is not None
                self._done(connection, over=True)
                waited = self.timeout if connected else min(self.timeout, TO_CONNECT)
                raise TimedOut(f"no answer within {waited:g} s from {self.base_url}") from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._done(connection, over=True)
                raise Lost(f"no answer from {self.base_url}: {_plain(error)}") from error
            self._done(connection, over=over)
            return passed

    def close(self) -> None:
        """Break off what is under way, and close what is kept."""
        with self._guard:
            for connection in self._busy:
                if connection.sock is not None:
                    with suppress(OSError):  # it is closed already
                        connection.sock.shutdown(socket.SHUT_RDWR)
            while self._idle:
                self._idle.pop().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        body: bytes,
    ) -> tuple[Passed, bool]:
        """The answer, and whether the connection ended with it."""
        prefix = urlsplit(self.base_url).path.rstrip("/")
        # Bytes that no address may have are the only ones that are written otherwise than they came.
        fit = quote(prefix + target, safe="".join(map(chr, range(0x21, 0x7F))), encoding="latin-1")
        if connection.sock is None:
            connection.connect()
            connected: Any = connection.sock
            connected.settimeout(self.timeout)
        connection.putrequest(method, fit, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", urlsplit(self.base_url).netloc)
        sized = False
        for name, value in headers:
            lower = name.lower()
            if lower == "host" or lower in OF_ONE_CONNECTION:
                continue
            sized = sized or lower == "content-length"
            connection.putheader(name, value.encode("latin-1"))
        if body and not sized:
            connection.putheader("Content-Length", str(len(body)))
        # Who refuses a body early may have answered all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.endheaders(body or None)
        answer = connection.getresponse()
        content = answer.read()
        return Passed(answer.status, answer.getheaders(), content), answer.will_close

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        """A connection, and whether it was kept from an earlier request."""
        with self._guard:
            while self._idle:
                connection = self._idle.pop()
                if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
                    self._busy.add(connection)
                    return connection, True
                connection.close()  # the other side has ended it
            connection = self._fresh()
            self._busy.add(connection)
            return connection, False

    def _fresh(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=min(self.timeout, TO_CONNECT))
        if self._context is None:
            from certifi import where

            self._context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or where())
        return http.client.HTTPSConnection(
            host, parts.port, timeout=min(self.timeout, TO_CONNECT), context=self._context
        )

    def _done(self, connection: http.client.HTTPConnection, *, over: bool) -> None:
        with self._guard:
            self._busy.discard(connection)
            if not over:
                self._idle.append(connection)
                return
        connection.close()


def passed_on(headers: Pairs) -> Pairs:
    """The headers of an answer that are for whoever asked, and not for the connection to us."""
    return [(name, value) for name, value in headers if name.lower() not in OF_ONE_CONNECTION]


def _plain(error: Exception) -> str:
    """Why no answer came, without a word of what came in its place."""
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without one"
    if isinstance(error, http.client.HTTPException | ValueError) and not isinstance(error, ssl.SSLError):
        return f"what came is no whole answer ({type(error).__name__})"
    reason: Any = getattr(error, "strerror", None) or getattr(error, "reason", None)
    return str(reason or error) or type(error).__name__
