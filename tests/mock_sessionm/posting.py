"""How the tests post batches to the fake's mParticle."""

from __future__ import annotations

from typing import Any

import orjson

from mock_sessionm import TenantSettings
from tests.mock_sessionm.asking import Answer, Asker, asker, basic

PATHS = {"live": "/v2/events", "bulk": "/v2/bulkevents", "historical": "/v2/bulkevents/historical"}
PAIR = ("in", "geheim")


def posting(assume: dict[str, str] | None = None, on_violation: str = "reject", **mparticle: Any) -> Asker:
    """A fake whose mParticle has an input with the credentials `PAIR`."""
    document = {
        "core": {"api_key": "key", "api_secret": "secret"},
        "mparticle": {"key": PAIR[0], "secret": PAIR[1], **mparticle},
    }
    return asker(TenantSettings.of(document), assume=assume, on_violation=on_violation)


def post(fake: Asker, body: Any, path: str = "live", pair: tuple[str, str] | None = PAIR) -> Answer:
    """A body, or the raw bytes of one."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return fake.send("POST", PATHS[path], raw, {"Authorization": basic(*pair)} if pair else {})


def taken(fake: Asker) -> list[dict[str, Any]]:
    return [one.body for one in fake.tenant.ingest.batches]
