"""How the tests set up campaigns and a Braze workspace, and ask both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts import Request, Response
from contracts.settings import checked
from contracts.transport import Lost
from mock_sessionm import TenantSettings
from tests.mock_sessionm.asking import Answer, Asker, asker

ADA = "11111111-2222-1333-8444-555555555555"
BOB = "22222222-2222-1333-8444-555555555555"
BRAZE_KEY = "workspace-key"


def tenant_file(**tables: Any) -> TenantSettings:
    """Settings of a tenant with two customers, one event and these tables, held against the schema."""
    document = {
        "core": {"api_key": "key", "api_secret": "secret"},
        "events": {"defined": ["visit", "purchase"]},
        "profile_attributes": {"names": ["FavoriteStore"]},
        "users": [
            {"id": ADA, "user": {"external_id": "ada", "email": "ada@example.com", "first_name": "Ada"}},
            {"id": BOB, "user": {"external_id": "bob"}},
        ],
        **tables,
    }
    document["braze"] = {"api_key": BRAZE_KEY, **document.get("braze", {})}
    return TenantSettings.of(checked(document, "tenant.schema.yaml", "tenant"))


def campaigning(*, assume: dict[str, str] | None = None, outside: Any = None, **tables: Any) -> Asker:
    """A fake with such a tenant; whatever it calls outside of itself comes to `outside`."""
    return asker(tenant_file(**tables), assume=assume, outside=outside or Nobody())


def visit(fake: Asker, who: str = "ada", name: str = "visit", **event: Any) -> Answer:
    """An event of a customer; the answer lists what it set off."""
    answer = fake.core("POST", f"/external/users/{who}/events", {"events": {name: event or 1}})
    assert answer.body["status"] == "ok", answer.body
    return answer


def behaviors(answer: Answer) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = answer.body["behaviors"]
    return made


def braze(fake: Asker, kind: str, body: Any, *, key: str = BRAZE_KEY, **headers: str) -> Answer:
    """Trigger a campaign or a Canvas."""
    path = {"campaign": "/campaigns/trigger/send", "canvas": "/canvas/trigger/send"}[kind]
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    told = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers}
    return fake.send("POST", path, raw, told)


def sent(fake: Asker) -> list[Any]:
    """Whom messages were sent to, in their order."""
    return [one["external_user_id"] for one in fake.tenant.messages()]


def tags(fake: Asker, who: str = ADA) -> dict[str, int | None]:
    """The tags of a customer; a count, or None for one that expires."""
    customer = fake.tenant.customers.by_id(who)
    assert customer is not None
    return {name: tag.count for name, tag in fake.tenant.customers.tags(customer).items()}


@dataclass(slots=True)
class Nobody:
    """A web in which nobody answers."""

    asked: list[tuple[str, Request]] = field(default_factory=list)

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        del timeout
        self.asked.append((url, request))
        raise Lost("nobody is there")


@dataclass(slots=True)
class Answering:
    """A web that answers each call by its number with what a function says."""

    answer: Callable[[int], int]
    asked: list[tuple[str, Request]] = field(default_factory=list)

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        del timeout
        self.asked.append((url, request))
        return Response(self.answer(len(self.asked)), {}, b"{}")
