"""What a well-behaved forwarder sends for five batches, and any other forwarder made out of it."""

from collections.abc import Callable
from typing import Any

import orjson

from scenarios.compare.sent import Sent

JSON = (("Content-Type", "application/json"), ("Accept", "application/json"))
OWNER = "/priv/v1/apps/{api_key}/external/users"
Change = Callable[[Sent], list[Sent]]


def request(batch: int, method: str, target: str, body: Any, status: int = 200, code: str = "") -> Sent:
    return Sent(batch, batch % 3, method, target, JSON, orjson.dumps(body), status, code)


def user(batch: int) -> Sent:
    profile = {"LoyaltyTier": f"gold-{batch}", "ShoeSize": "42"}
    body = {"external_id": str(7000 + batch), "external_id_type": "mparticle", "user_profile": profile}
    return request(batch, "PUT", f"{OWNER}/{7000 + batch}", {"user": body})


def event(batch: int, name: str, context: dict[str, str]) -> Sent:
    body = {"transaction_id": f"t-{batch}-{name}", "qty": 1, "date": "2026-01-01T00:00:00.000Z", "context": context}
    return request(batch, "POST", f"{OWNER}/{7000 + batch}/events", {"events": {name: body}})


OLD = [
    sent
    for batch in range(5)
    for sent in (
        user(batch),
        event(batch, "purchase", {"size": "large", "sku": f"s-{batch}"}),
        event(batch, "Home", {"size": "small"}),
    )
]


def changed(change: Change) -> list[Sent]:
    return [made for sent in OLD for made in change(sent)]


def body(change: Callable[[Any], None]) -> Change:
    """Each body changed in place."""

    def changing(sent: Sent) -> list[Sent]:
        said = orjson.loads(sent.body)
        change(said)
        return [sent._replace(body=orjson.dumps(said))]

    return changing
