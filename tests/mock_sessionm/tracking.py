"""How the tests ask Customer.io's side of a fake."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from contracts import Request
from contracts.transport import Transport
from mock_sessionm.partners.customerio.people import People
from tests.mock_sessionm.asking import SETTINGS, Asker, asker, basic

PAIR = {"site_id": "site", "api_key": "secret-key"}


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def rules(self) -> list[str]:
        return [rule for rule in self.headers.get("x-harness-rule", "").split(",") if rule]


class Tracker:
    """A workspace, asked with its own credentials."""

    def __init__(self, fake: Asker) -> None:
        self.fake = fake
        self.transport: Transport = fake.transport

    @property
    def people(self) -> People:
        return self.fake.tenant.track

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Told:
        """`path` is below `/api/v1` and percent-encoded already; `raw` takes the place of a JSON body."""
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        own = {"Authorization": basic(PAIR["site_id"], PAIR["api_key"]), **headers}
        answer = self.transport.send(Request(method, f"/api/v1{path}", own, sent))
        return Told(answer.status, answer.headers, answer.body)

    def identify(self, identifier: str, **attributes: Any) -> Told:
        return self.ask("PUT", f"/customers/{quote(identifier, safe='')}", attributes)

    def track(self, identifier: str, name: str, **event: Any) -> Told:
        return self.ask("POST", f"/customers/{quote(identifier, safe='')}/events", {"name": name, **event})


def tracker(assume: dict[str, str] | None = None, **settings: Any) -> Tracker:
    """A new fake with a workspace of these settings, whose time stands still."""
    table = {**PAIR, **settings}
    return Tracker(asker(replace(SETTINGS, partners={**SETTINGS.partners, "customerio": table}), assume=assume))
