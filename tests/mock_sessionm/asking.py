"""How the tests ask a fake: in process, as the forwarder would, with the credentials of its tenant."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask

from contracts import Choices, Request
from contracts.transport import WsgiTransport
from mock_sessionm import Clock, TenantSettings, World, create_app, world
from mock_sessionm.tenant import Tenant

NOON = 1_781_524_800.0
"""2026-06-15 12:00:00 UTC."""
SETTINGS = TenantSettings(
    api_key="key", api_secret="secret", attributes=("FavoriteStore", "LoyaltyTier"), events=("purchase", "visit")
)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> str:
        code: str = self.body["errors"]["code"]
        return code

    @property
    def message(self) -> str:
        message: str = self.body["errors"]["message"] if "errors" in self.body else self.body.get("message", "")
        return message

    @property
    def rules(self) -> list[str]:
        return [rule for rule in self.headers.get("x-harness-rule", "").split(",") if rule]


class Asker:
    """One app, asked as the tenant with which it was made."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.world: World = world(app)
        self.transport = WsgiTransport(app)
        self.tenant: Tenant = next(iter(self.world.tenants.values()))

    def core(self, method: str, path: str, body: Any = None, **how: Any) -> Answer:
        """Ask SessionM Core below `/priv/v1/apps/{api_key}`; `how` may hold key, auth, raw and headers."""
        key = how.get("key", self.tenant.api_key)
        auth = how.get("auth", basic(self.tenant.api_key, self.tenant.settings.api_secret))
        headers = {**({"Authorization": auth} if auth else {}), **how.get("headers", {})}
        raw = how.get("raw", b"" if body is None else orjson.dumps(body))
        return self.send(method, f"/priv/v1/apps/{key}{path}", raw, headers)

    def connect(self, path: str, body: Any = None, **how: Any) -> Answer:
        """Ask SessionM Connect; the body gets the retailer's id. `how` may hold auth and raw."""
        own = self.tenant.settings.partners["connect"]
        headers = {"Authorization": how.get("auth", basic(own["key"], own["secret"]))}
        whole = {"retailer_id": own["retailer_id"], **(body or {})}
        return self.send("POST", path, how.get("raw", orjson.dumps(whole)), headers)

    def admin(self, method: str, path: str, body: Any = None, **how: Any) -> Answer:
        raw = how.get("raw", b"" if body is None else orjson.dumps(body))
        return self.send(method, f"/__admin{path}", raw, {})

    def send(self, method: str, target: str, raw: bytes, headers: dict[str, str]) -> Answer:
        answer = self.transport.send(Request(method, target, headers, raw))
        kind = answer.headers.get("content-type", "")
        return Answer(answer.status, answer.headers, answer.json() if kind == "application/json" else answer.body)

    def afresh(self) -> Asker:
        """The same fake with nobody in it: cheaper than another one where a test needs hundreds."""
        self.world.reset(["state", "journal", "faults", "clock"])
        return self

    def create(self, **user: Any) -> str:
        """A customer; the answer is its id."""
        made = self.core("POST", "/users", {"user": user})
        assert made.body["status"] == "ok", made.body
        id_: str = made.body["user"]["id"]
        return id_

    def rules_of_last(self) -> list[str]:
        return [violation.rule for violation in self.world.journal.entries()[-1].violations]


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def asker(settings: TenantSettings = SETTINGS, *, assume: dict[str, str] | None = None, **how: Any) -> Asker:
    """A new fake whose time stands still at `NOON`."""
    clock = how.pop("clock", None) or Clock(NOON, frozen=True)
    return Asker(create_app(settings, clock=clock, choices=Choices(assume or {}), **how))
