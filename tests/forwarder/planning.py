"""Plans of small batches, and what stands in them."""

from __future__ import annotations

from typing import Any

import orjson

from forwarder import Batch, Connection, Plan, plan
from tests.forwarder.recorded import connected


def planned(body: dict[str, Any], connection: Connection | None = None, **more: Any) -> Plan:
    person = {"mpid": 7, "user_identities": {"customer_id": "c-1"}}
    return plan(Batch.from_json({**person, **body}), connection or connected(), **more)


def fates(made: Plan) -> dict[str, tuple[str, str]]:
    return {fate.point: (fate.fate, fate.rule) for fate in made.fates}


def bodies(made: Plan) -> list[Any]:
    return [orjson.loads(request.body) for request in made.requests]


def custom(name: str, kind: str = "other", **attributes: Any) -> dict[str, Any]:
    data = {"event_name": name, "custom_event_type": kind, "custom_attributes": attributes}
    return {"event_type": "custom_event", "data": data}
