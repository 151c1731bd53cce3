"""Recorded interactions against whoever is at an address, and who that may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from contracts import Request, Response, Violation
from contracts.transport import HttpTransport, origin
from mock_sessionm import Tenant, TenantSettings
from scenarios.given import Given

from .accounts import Account
from .ground import RULE

TIMEOUT = 30.0


def allowed(against: Sequence[str]) -> str:
    """The address that `--against` names: this machine, or another that was named twice.

    Raises `ValueError`, one line that says what is wrong and what to do.
    """
    addresses = []
    for one in against:
        try:
            addresses.append(origin(one))
        except ValueError:
            raise ValueError("--against: no http or https address; give one such as http://127.0.0.1:8600") from None
    first = next(iter(addresses), "")
    if not first:
        raise ValueError("--against: no address; give one such as http://127.0.0.1:8600")
    if any(one != first for one in addresses):
        raise ValueError("--against: two addresses; requests go to one, so give one, or the same one twice")
    if not loopback(first) and len(addresses) < 2:
        raise ValueError(
            f"--against: {first} is another machine, and recorded requests change what is kept there; "
            f"if that is meant, name it twice: --against {first} --against {first}"
        )
    return against[0].rstrip("/")


def loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(slots=True)
class Elsewhere:
    """Whoever is at an address, under the credentials that were given. It has its own time and its own people."""

    url: str
    given: Given
    timed: bool = False
    _way: Any = field(init=False)

    def __post_init__(self) -> None:
        self._way = HttpTransport(self.url, TIMEOUT)

    def settings(self, number: int) -> TenantSettings:  # noqa: ARG002  every account of the recording is the one there
        return self.given.tenant

    def tenant(self, account: Account) -> Tenant | None:  # noqa: ARG002
        return None

    def ready(self, account: Account, at: float, on_violation: Any) -> None:
        """Nothing: its time is its own."""

    def send(self, request: Request) -> Response:
        answer: Response = self._way.send(request)
        return answer

    def violations(self, answer: Response) -> tuple[Violation, ...]:
        """The rules that its answer names, where it is one of ours."""
        named = [rule for rule in answer.headers.get(RULE, "").split(",") if rule]
        return tuple(Violation(rule, "", f"the answer names {rule}") for rule in named)
