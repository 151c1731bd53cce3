"""A `requests.Session` that reaches a WSGI app with no socket, and raises what `requests` would raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from contracts import Request
from contracts.transport import Lost, TimedOut, WsgiTransport

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

URL = "http://sessionm.test"
"""The address of the app; `.test` is reserved, so a request that goes astray goes nowhere."""


class InProcessAdapter(BaseAdapter):
    """Answers every request of a session from one app. `wait` is given the seconds of a delayed answer."""

    def __init__(self, app: WSGIApplication, wait: Callable[[float], None] = lambda _seconds: None) -> None:
        super().__init__()
        self._app = app
        self._wait = wait

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  the signature is that of requests
        timeout: Any = None,
        verify: bool | str = True,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """One exchange. Raises `requests.ReadTimeout` or `requests.ConnectionError` where no whole answer comes."""
        body = request.body or b""
        sent = Request(
            request.method or "GET",
            request.path_url,
            dict(request.headers),
            body.encode() if isinstance(body, str) else bytes(body),
        )
        transport = WsgiTransport(self._app, timeout=_read_timeout(timeout), wait=self._wait)
        try:
            answer = transport.send(sent)
        except TimedOut as error:
            raise requests.ReadTimeout(str(error), request=request) from error
        except Lost as error:
            raise requests.ConnectionError(str(error), request=request) from error
        made = requests.Response()
        made.status_code = answer.status
        made.headers = CaseInsensitiveDict(answer.headers)
        made._content = answer.body  # noqa: SLF001  requests has no other way to make an answer
        made.url = request.url or URL
        made.request = request
        made.encoding = "utf-8"
        return made

    def close(self) -> None:
        """Nothing is open."""


def _read_timeout(timeout: Any) -> float:
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    return float("inf") if timeout is None else float(timeout)
