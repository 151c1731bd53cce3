"""One tenant on trial: its credentials for each API, its starting state, and how it gets back there."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from contracts import Request
from contracts.transport import Lost
from mock_sessionm import TenantSettings

from .inhabitants import ADA, CAKE, LISTED, LOCKED, MPID, NOON, PERSON, POINTS, REDEEMED, TENANT
from .target import JSON, Target, Unusable


@dataclass(slots=True)
class Tenancy:
    """A tenant of the target's, or an account behind an address that has no control API.

    key          the Core API key
    doors        API -> the Authorization header that opens it
    secrets      what must stand in no answer
    retailer     the retailer's id at Connect
    assumptions  the choices that the tenant was made with
    state        the starting state; empty where none can be read
    """

    target: Target
    key: str
    doors: Mapping[str, str]
    secrets: tuple[str, ...]
    retailer: str
    assumptions: Mapping[str, str]
    state: bytes = b""

    def now(self) -> bytes:
        """Everything that the tenant remembers; empty where that cannot be asked."""
        return self.target.state(self.key) if self.target.ours else b""

    def restore(self) -> None:
        """Back to the starting state, whatever was done since."""
        if self.target.ours:
            path = f"/__admin/state?tenant={quote(self.key, safe='')}"
            answer = self.target.transport.send(Request("PUT", path, JSON, self.state))
            if answer.status != 200:
                raise Unusable(f"{self.target.at}: PUT /state was refused with HTTP {answer.status}")


@contextmanager
def inhabited(target: Target, assumptions: Mapping[str, str]) -> Iterator[Tenancy]:
    """A tenant of our own with people in it, whose clock stands still; gone afterwards."""
    made = target.order("POST", "/tenants", {**TENANT, "assumptions": {**LISTED, **assumptions}})
    key: str = made["core"]["api_key"]
    try:
        # Stopped first, and set then: a state is written out to the millisecond, and must come back as it was.
        target.order("PUT", "/clock", {"frozen": True}, tenant=key)
        target.order("PUT", "/clock", {"now": NOON}, tenant=key)
        target.order("POST", "/reset", {"only": ["state"]}, tenant=key)
        tenancy = _of(target, made, {**made.get("assumptions", {}), **LISTED, **assumptions})
        _begin(tenancy)
        tenancy.state = tenancy.now()
        yield tenancy
    finally:
        with suppress(Unusable):  # whoever is gone has no tenant of ours any more
            target.order("DELETE", f"/tenants/{quote(key, safe='')}")


def account(target: Target, settings: TenantSettings) -> Tenancy:
    """What a tenant file says of an account behind an address that has no control API."""
    document = settings.document()
    return _of(target, document, settings.assumptions)


def _of(target: Target, made: Mapping[str, Any], assumptions: Mapping[str, str]) -> Tenancy:
    core, connect = made["core"], made.get("connect", {})
    pairs = {
        "core": (core["api_key"], core["api_secret"]),
        "connect": (connect.get("key"), connect.get("secret")),
        "pos": (connect.get("key"), connect.get("secret")),
        "customerio": _pair(made, "customerio", "site_id", "api_key"),
        "customerio-v2": _pair(made, "customerio", "site_id", "api_key"),
        "mparticle": _pair(made, "mparticle", "key", "secret"),
    }
    doors = {name: basic(*pair) for name, pair in pairs.items() if all(pair)}
    bearer = made.get("braze", {}).get("api_key")
    if bearer:
        doors["braze"] = f"Bearer {bearer}"
    secrets = [pair[1] for pair in pairs.values() if all(pair)] + [bearer or ""]
    secrets += [header.partition(" ")[2] for header in doors.values()]
    return Tenancy(
        target,
        core["api_key"],
        doors,
        tuple(dict.fromkeys(one for one in secrets if one)),
        connect.get("retailer_id", ""),
        assumptions,
    )


def _pair(made: Mapping[str, Any], vendor: str, user: str, password: str) -> tuple[Any, Any]:
    table = made.get(vendor, {})
    return table.get(user), table.get(password)


def basic(user: str, password: str) -> str:
    """The Authorization header of a pair of credentials."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


def _begin(tenancy: Tenancy) -> None:
    """Ada has spent points, and one of her offers is locked, one redeemed; Customer.io and mParticle know somebody."""
    spent = {"amount": 1, "point_account_ids": [POINTS], "transaction_id": "before"}
    body = {"retailer_id": tenancy.retailer, "user_id": ADA, "spend_details": [spent]}
    _done(tenancy, "connect", "/incentives/api/1.0/user_points/spend_multiple", body)
    for path, held in (("lock", LOCKED), ("redeem", REDEEMED)):
        offer = {"offer_lookup_code": held, "offer_lookup_type": "UserOfferId", "transaction": {"transaction_id": CAKE}}
        request = {"store_id": "1", "client_id": "1", "request_id": f"before-{path}", "request_payload": offer}
        _done(tenancy, "pos", f"/api/2.0/{path}", request)

    _done(tenancy, "customerio", f"/api/v1/customers/{PERSON}", {"plan": "gold"}, "PUT")
    _done(tenancy, "mparticle", "/v2/events", {"mpid": int(MPID), "environment": "development", "events": []})


def _done(tenancy: Tenancy, door: str, path: str, body: Any, method: str = "POST") -> None:
    """One call before the trial. What comes of it shows later: a target that refuses it is on trial for that then."""
    headers = {**JSON, "Authorization": tenancy.doors[door]}
    try:
        tenancy.target.transport.send(Request(method, path, headers, orjson.dumps(body)))
    except Lost as error:
        raise Unusable(f"{tenancy.target.at}: {error}") from error
