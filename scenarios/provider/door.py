"""The way of every request of the tool to whoever is on trial: a WSGI app in front of a transport.

The tool sends through it whatever it makes up, and what its own checks ask again; so nothing but a transport
opens a connection, the raw path stays raw, and the last request is known as it went out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts import Request, Response
from contracts.transport import Lost, Transport

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

UNSENT = {"HTTP_HOST", "HTTP_CONTENT_LENGTH", "HTTP_X_SCHEMATHESIS_TESTCASEID", "HTTP_USER_AGENT"}
"""What the transport writes itself, or the tool for its own use."""
NO_ANSWER = 599
"""The status under which the tool is told that no answer came; no server gives it."""


@dataclass(slots=True)
class Door:
    """Hands requests on, counts them, and keeps the last one and its answer (None where none came)."""

    transport: Transport
    requests: int = 0
    lost: int = 0
    request: Request = field(default_factory=lambda: Request("GET", "/"))
    response: Response | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self.send(_request_of(environ))
        if answer is None:
            start_response(f"{NO_ANSWER} No Answer", [])
            return [b""]
        start_response(f"{answer.status} Answer", list(answer.headers.items()))
        return [answer.body]

    def send(self, request: Request) -> Response | None:
        """One more request. None where no whole answer came."""
        self.requests += 1
        self.request = request
        try:
            self.response = self.transport.send(request)
            self.lost = 0
        except Lost:
            self.response = None
            self.lost += 1
        return self.response


def _request_of(environ: WSGIEnvironment) -> Request:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").title(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") and name not in UNSENT
    }
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    read: Callable[..., bytes] = environ["wsgi.input"].read
    length: Any = environ.get("CONTENT_LENGTH") or "0"
    target, query = environ["RAW_URI"].partition("?")[0], environ.get("QUERY_STRING", "")
    return Request(environ["REQUEST_METHOD"], f"{target}?{query}" if query else target, headers, read(int(length)))
