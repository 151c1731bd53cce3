"""Where the calls of a tenant's SessionM and Braze go: into the fake, to receivers that were named, or nowhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contracts import Request, Response
from contracts.transport import InProcessWeb, Lost, Web, origin

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STANDS_FOR = re.compile(
    r"rest\.[a-z0-9-]+\.braze\.(?:com|eu)|api\.sessionm\.com|(?:api|domains)-[a-z0-9-]+\.[a-z]+-sessionm\.com"
    r"|s2s\.(?:[a-z0-9]+\.)?mparticle\.com"
)
"""Hosts of the vendors: whoever calls one of them means the fake.

Source: braze-api#endpoints, sessionm-authentication, mparticle-events-api.
"""


class Neighbourhood:
    """The web as the fake lets itself see it.

    The vendors' own hosts, and what a tenant names as its Braze instance, lead into the app, which answers while
    it is still busy with the request that made it call. Other origins are called only where a tenant file names them.
    """

    __slots__ = ("_app", "_named", "_outside")

    def __init__(self, app: WSGIApplication | None, outside: Web, named: Callable[[], Mapping[str, bool]]) -> None:
        """`named` gives the origins of the tenant files, and whether the fake stands there itself."""
        self._app = app
        self._outside = outside
        self._named = named

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        at = origin(url)
        named = self._named()
        if self._app is not None and (named.get(at) or STANDS_FOR.fullmatch(urlsplit(at).hostname or "")):
            return InProcessWeb({at: self._app}).fetch(url, request, timeout=timeout)
        if at not in named:
            raise Lost(f"{at} is named in no tenant file, so it is not called")
        return self._outside.fetch(url, request, timeout=timeout)
