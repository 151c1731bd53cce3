"""Who is on trial: the embedded fake, a fake at an address, or something else there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from contracts import Request, Response
from contracts.transport import HttpTransport, Lost, Transport, WsgiTransport, origin
from mock_sessionm import TenantSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

EMBEDDED = "http://127.0.0.1:8600"
"""The address in the curl lines of an embedded run: where `serve` would stand."""
JSON = {"Content-Type": "application/json"}
TIMEOUT = 10.0


class Unusable(ValueError):
    """What was given cannot be tried at all; the text is one line: what, where, why, what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Somebody to ask.

    at         the address, for whoever wants to repeat a request
    transport  the way there
    ours       whether it has the control API of this harness, with tenants, state and a clock
    settings   whose credentials to use where it has none
    """

    at: str
    transport: Transport
    ours: bool
    settings: TenantSettings | None = None

    @classmethod
    def embedded(cls, app: WSGIApplication) -> Target:
        """A fake that `create_app` made, in this process."""
        return cls(EMBEDDED, WsgiTransport(app), ours=True)

    @classmethod
    def remote(cls, url: str, settings: TenantSettings | None = None, transport: Transport | None = None) -> Target:
        """Whoever is at an address. Raises `Unusable` where nobody answers, or a web page does.

        `settings` are the tenant whose credentials are used where the control API of this harness is not there.
        """
        try:
            at = origin(url)
        except ValueError as error:
            raise Unusable(f"--target {url}: {error}; give one such as {EMBEDDED}") from error
        way = transport or HttpTransport(at, TIMEOUT)
        try:
            answer = way.send(Request("GET", "/__admin/health"))
        except Lost as error:
            raise Unusable(f"--target {at}: {error}; start it, or leave --target out for the embedded fake") from error
        ours = _is_ours(answer)
        if not ours and "html" in answer.headers.get("content-type", "") and answer.status < 400:
            raise Unusable(f"--target {at}: answers with a web page (HTML), not as an API; give the address of the API")
        if not ours and settings is None:
            raise Unusable(f"--target {at}: has no control API (/__admin), so give its credentials with --tenant FILE")
        return cls(at, way, ours, settings)

    def order(self, method: str, path: str, body: Any = None, *, tenant: str = "") -> Any:
        """What the control API answers, parsed. Raises `Unusable` where it says no, or nothing."""
        raw = b"" if body is None else orjson.dumps(body)
        target = f"/__admin{path}" + (f"?tenant={quote(tenant, safe='')}" if tenant else "")
        try:
            answer = self.transport.send(Request(method, target, JSON if raw else {}, raw))
            said = answer.json()
        except Lost as error:
            raise Unusable(f"{self.at}: {error}") from error
        except ValueError as error:
            raise Unusable(f"{self.at}: {method} {path} was answered with something that is no JSON") from error
        if answer.status >= 400:
            why = said.get("error", "") if isinstance(said, dict) else ""
            raise Unusable(f"{self.at}: {method} {path} was refused with HTTP {answer.status}: {why}")
        return said

    def state(self, tenant: str) -> bytes:
        """Everything that a tenant remembers, as it is written out; equal bytes are equal states. Raises `Unusable`."""
        try:
            return self.transport.send(Request("GET", f"/__admin/state?tenant={quote(tenant, safe='')}")).body
        except Lost as error:
            raise Unusable(f"{self.at}: {error}") from error


def _is_ours(answer: Response) -> bool:
    try:
        return answer.status == 200 and answer.json() == {"status": "ok"}
    except ValueError:
        return False
