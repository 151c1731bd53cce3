"""How to be reached: a WSGI app on a real port, http or https, by uvicorn, with the raw path and faults below WSGI.

uvicorn was measured beside granian, gunicorn and waitress: of those that hand over the raw path it is the
fastest, and it is the only fast one that lets a bridge close a connection half-way through an answer.
The app runs on the server's own loop, one request at a time, so its world needs no locks.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from .transport import Wire, asked, environ

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = "127.0.0.1"
AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER, on and for no time: closing then sends RST, where a plain close would end the stream politely."""


APART = {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH", "NO_CERTIFICATE_ASSIGNED"}
"""How OpenSSL says that a key belongs to another certificate; the last where it is a key of another kind (RSA)."""


class CannotListen(OSError):
    """The address cannot be had; the text is one line that says which, why, and what to do."""


class UnusableCertificate(CannotListen):
    """No https with this certificate and key; the text is one line that says which file, why, and what to do."""


Certificate = tuple[str | os.PathLike[str], str | os.PathLike[str]]
"""The files of a certificate (with those that stand between it and its authority, if any) and of its key, both PEM."""


class Server:
    """One WSGI app on one port. Port 0 takes a free one; `url` says which. With a `certificate` it speaks https only.

    An `asgi` app is asked without the bridge, many requests at a time, and its answers leave as they are.
    The certificate is read and the socket bound when the object is made, so that what is wrong with either is known
    before anything starts. Raises `CannotListen`, and of its kinds `UnusableCertificate`.
    """

    def __init__(
        self,
        app: WSGIApplication | Asgi,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        certificate: Certificate | None = None,
        asgi: bool = False,
    ) -> None:
        if certificate is not None:
            _read(*certificate)
        self._certificate = certificate
        self._socket = _bound(host, port)
        self._app: Asgi = cast("Asgi", app) if asgi else Bridge(cast("WSGIApplication", app))
        self._dated = not asgi
        self._thread: threading.Thread | None = None
        self._server: Any = None
        shown = f"[{host}]" if ":" in host else host
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if certificate else 'http'}://{shown}:{self.port}"

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, in this thread."""
        self._make().run(sockets=[self._socket])

    def start(self) -> Self:
        """Serve in a thread of its own; return when the first request can be answered."""
        server = self._make()
        self._thread = threading.Thread(target=server.run, kwargs={"sockets": [self._socket]}, daemon=True)
        self._thread.start()
        server.ready.wait(timeout=10)
        return self

    def stop(self) -> None:
        """Stop the thread's server and wait for it."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._socket.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _make(self) -> Any:
        import uvicorn

        class Announced(uvicorn.Server):
            def __init__(self, config: uvicorn.Config) -> None:
                super().__init__(config)
                self.ready = threading.Event()

            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets=sockets)
                self.ready.set()

            async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
                # Over TLS a polite end waits for the other side's; who keeps a connection for later never sends one.
                connections: list[Any] = list(self.server_state.connections) if self.config.is_ssl else []
                for idle in connections:
                    if idle.cycle is None or idle.cycle.response_complete:
                        idle.transport.abort()
                await super().shutdown(sockets=sockets)

        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        certificate, key = self._certificate or (None, None)
        config = uvicorn.Config(
            self._app,
            lifespan="off",
            date_header=self._dated,
            # Nobody here asks who called or speaks WebSocket; both would cost time.
            proxy_headers=False,
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=2,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        self._server = Announced(config)
        return self._server


class Bridge:
    """An ASGI app that asks a WSGI app, and does to the answer what the app's `Wire` asks for."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"].decode("latin-1")
        target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        wire = Wire()
        environment = environ(scope["method"], target, headers, body, wire)
        environment["wsgi.url_scheme"] = scope.get("scheme", "http")
        status, answered, answer = asked(self._app, environment)
        if wire.delay:
            await asyncio.sleep(wire.delay)
        if wire.reset:
            connection = _connection(send)
            connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            connection.abort()
            return
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answered],
            }
        )
        if wire.truncate is not None and wire.truncate < len(answer):
            await send({"type": "http.response.body", "body": answer[: wire.truncate], "more_body": True})
            _connection(send).close()
            return
        await send({"type": "http.response.body", "body": answer})


def _connection(send: Send) -> asyncio.Transport:
    """The connection of the request, out of uvicorn's `send`, which is a method of the object that owns it."""
    owner: Any = send.__self__  # type: ignore[attr-defined]
    connection: asyncio.Transport = owner.transport
    return connection


def _read(certificate: str | os.PathLike[str], key: str | os.PathLike[str]) -> None:
    """Nothing, where https can be served with these two files. Raises `UnusableCertificate`."""
    public, private = f"the certificate {os.fspath(certificate)}", f"the key {os.fspath(key)}"
    # Of the two files it was given, ssl does not say which one it could not read.
    for file, called in ((certificate, public), (key, private)):
        if reason := _unreadable(file):
            raise UnusableCertificate(f"cannot serve https with {called}: {reason}; name a file that can be read")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_verify_locations(certificate)
    except ssl.SSLError as error:
        raise UnusableCertificate(
            f"cannot serve https with {public}: it holds no PEM certificate; name one that does"
        ) from error
    try:
        # Without an answer ready, ssl would ask the terminal for a key's password.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        why = f"it is not the one of {public}" if error.reason in APART else "it holds no PEM key without a password"
        raise UnusableCertificate(
            f"cannot serve https with {private}: {why}; name the key that the certificate was made for"
        ) from error


def _unreadable(file: str | os.PathLike[str]) -> str:
    """Why a file cannot be read; empty where it can."""
    try:
        with Path(file).open("rb"):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((host, port))
            made.listen(2048)
        except BaseException:
            made.close()
            raise
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        unknown = isinstance(error, socket.gaierror) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL
        mend = "choose an address of this machine" if unknown else "choose another --port"
        raise CannotListen(f"cannot listen on {host}:{port}: {reason}; {mend}") from error
    return made
