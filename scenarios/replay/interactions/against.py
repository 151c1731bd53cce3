"""Recorded interactions against whoever is at an address, and who that may be."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from contracts import Request, Response, Violation
from contracts.interaction import Json
from contracts.transport import HttpTransport, Lost, origin
from mock_sessionm import PARTNERS, Tenant, TenantSettings
from scenarios.given import Given
from scenarios.recordings.recorded import Bad

from .accounts import Account
from .ground import BEGINNING, RULE

TIMEOUT = 30.0
REFUSED = 300
DISTRIBUTION = "sessionm-harness"
JSON = {"content-type": "application/json"}
CREDENTIALS = frozenset({"key", "secret", "retailer_id", "api_key", "site_id", "keys", "inputs"})


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


class Gone(ConnectionError):
    """Nobody is at the address, or is any more; the text is one line that says why. `place` is the entry it came to."""

    def __init__(self, why: str, place: str = "") -> None:
        super().__init__(f"--against: {place}: {why}" if place else f"--against: {why}")
        self.bad = Bad(place, why)


def there(url: str, given: Given, *, on_violation: Any, transport: Any = None) -> Elsewhere:
    """Whoever is at an address: a fake with our control API gets tenants of its own for the replay.

    `transport` is another way there than HTTP. Raises `Gone` where nobody answers.
    """
    way = transport or HttpTransport(url, TIMEOUT)
    try:
        told = _json(way.send(Request("GET", "/__admin/version")))
    except Lost as lost:
        raise Gone(f"{_reason(lost, url)}; start it first") from lost
    if isinstance(told, dict) and told.get("name") == DISTRIBUTION:
        return Fake(url, given, way, on_violation)
    return Elsewhere(url, given, way)


@dataclass(slots=True)
class Elsewhere:
    """Whoever is at an address, under the credentials that were given. It has its own time and its own people."""

    url: str
    given: Given
    way: Any
    timed: bool = False
    bare: bool = False

    def settings(self, number: int) -> TenantSettings:  # noqa: ARG002  every account of the recording is the one there
        return self.given.tenant

    def tenant(self, account: Account) -> Tenant | None:  # noqa: ARG002  what is kept there is not at hand
        return None

    def ready(self, account: Account, at: float, on_violation: Any) -> None:
        """Nothing: its time is its own."""

    def send(self, request: Request) -> Response:
        answer: Response = self.way.send(request)
        return answer

    def violations(self, answer: Response) -> tuple[Violation, ...]:
        """The rules that its answer names, where it is one of ours."""
        named = [rule for rule in answer.headers.get(RULE, "").split(",") if rule]
        return tuple(Violation(rule, "", f"the answer names {rule}") for rule in named)

    def leave(self) -> None:
        """What the requests brought about stays: that is what they were sent for."""


@dataclass(slots=True)
class Fake(Elsewhere):
    """A fake of ours at an address: a tenant there for each account, at the recording's time, gone afterwards."""

    on_violation: Any = "note"
    _made: dict[str, float] = field(default_factory=dict)

    def __init__(self, url: str, given: Given, way: Any, on_violation: Any) -> None:
        Elsewhere.__init__(self, url, given, way, timed=True, bare=True)
        self.on_violation = on_violation
        self._made = {}

    def settings(self, number: int) -> TenantSettings:  # noqa: ARG002  each is like the others, under its own key
        own = self.given.tenant.document()
        document = {
            **{name: part for name, part in own.items() if name not in {"core", *PARTNERS}},
            **{name: _public(own[name]) for name in PARTNERS if name in own},
            "alone": True,
            "on_violation": self.on_violation,
            "clock": {"now": iso(BEGINNING), "frozen": True},
        }
        told = self._ask("POST", "/tenants", document)
        made = TenantSettings.of({name: part for name, part in told.items() if name != "on_violation"})
        self._made[made.api_key] = BEGINNING
        return made

    def ready(self, account: Account, at: float, on_violation: Any) -> None:  # noqa: ARG002  it was made with its own
        key = account.settings.api_key
        if self._made[key] != at:
            self._made[key] = at
            self._ask("PUT", f"/clock?tenant={quote(key, safe='')}", {"now": iso(at)})

    def leave(self) -> None:
        for key in self._made:
            # Whoever is gone has nothing left to delete.
            with suppress(Gone):
                self._ask("DELETE", f"/tenants/{quote(key, safe='')}")

    def _ask(self, method: str, path: str, body: Json = None) -> Any:
        raw = orjson.dumps(body) if body is not None else b""
        try:
            answer: Response = self.way.send(Request(method, f"/__admin{path}", JSON if raw else {}, raw))
        except Lost as lost:
            raise Gone(_reason(lost, self.url)) from lost
        told = _json(answer)
        if answer.status >= REFUSED or not isinstance(told, dict):
            why = told.get("error", "no reason") if isinstance(told, dict) else "no JSON"
            raise Gone(f"{self.url} says HTTP {answer.status} to {method} /__admin{path.partition('?')[0]}: {why}")
        return told


def _reason(lost: Lost, url: str) -> str:
    """Why nobody answered, with the address once."""
    text = str(lost).partition(f"{url}: ")[2] or str(lost)
    return f"no answer from {url}: {text.rpartition('] ')[2].lower()}"


def iso(seconds: float) -> str:
    """A moment as the control API takes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _public(partner: Any) -> dict[str, Any]:
    """What a partner's table says beside its credentials, which the fake there makes itself."""
    return {name: part for name, part in partner.items() if name not in CREDENTIALS}


def _json(answer: Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
