"""An address that Connected Content may call, taken apart; and why another one may not be called."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from mock_sessionm.limits import table

PORTS = "braze.content-ports"
DEFAULT_PORTS = {"http": 80, "https": 443}
_IN_PATHS = "!#$%&'()*+,-./:;=?@[]_~"


class Unusable(ValueError):
    """No call can go there. `shown` is the address as far as it can be shown."""

    def __init__(self, shown: str, why: str) -> None:
        super().__init__(why)
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Address:
    """Where a call goes. `origin` is scheme, host and port; `target` path and query; `shown` both, for people."""

    origin: str
    host: str
    target: str

    @property
    def shown(self) -> str:
        return f"{self.origin}{self.target}"


def address(url: str, allowed: Collection[str], behaviours: frozenset[str]) -> Address:
    """The address in a text. Raises `Unusable`.

    `allowed` are hosts with ports that are called whatever the port. A user name within an address is left out, and
    what no address may hold is percent-encoded.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        port = DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        raise Unusable(_plain(text), "this is no address") from None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        raise Unusable(_plain(text), "this is no http or https address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    made = Address(f"{parts.scheme}://{netloc}", parts.hostname, quote(target, safe=_IN_PATHS))
    named = f"{host}:{port}" in allowed
    if PORTS in behaviours and not named and port not in table(PORTS)["ports"]:
        raise Unusable(made.shown, f"port {port} is not called, only {_ports()}")
    return made


def _ports() -> str:
    return " and ".join(map(str, table(PORTS)["ports"]))


def _plain(text: str) -> str:
    """A text that is no address, without what stands before an @ in it."""
    scheme, slashes, rest = text.rpartition("//")
    return f"{scheme}{slashes}{rest.rpartition('@')[2]}"
