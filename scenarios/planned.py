"""Batches that follow an mParticle data plan: every event, attribute and identity in them is planned."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from .data_plan import CRITERIA, DataPlan
from .population import FIRST_MPID, PLATFORMS, START_MS, Population

IDENTITIES = {"customerid": "customer_id", "customer": "customer_id"}
"""Spellings of plans, and the one of the batch schema."""
DEVICE_IDENTITIES = frozenset(
    {"android_uuid", "android_advertising_id", "ios_advertising_id", "ios_idfv", "push_token", "mp_deviceid"}
)
"""Planned among the identities, but a batch has them elsewhere (device_info)."""


class PlannedPopulation:
    """Invented people who do what a data plan knows; the same seed gives the same batches."""

    def __init__(self, plan: DataPlan, seed: int) -> None:
        import rstr

        self.chance = random.Random(seed)
        self._matching = rstr.Rstr(self.chance)
        self._plan = plan
        self._people = Population(seed)
        self._events = [key for key in plan.validators if key[0] in _MAKERS]
        self._number = 0

    def batch(self) -> dict[str, Any]:
        """One batch of a person who has not been seen before."""
        self._number += 1
        chance = self.chance
        made: dict[str, Any] = {
            "environment": "development",
            "mpid": FIRST_MPID + self._number,
            "source_request_id": f"{chance.getrandbits(64):016x}",
            "user_identities": self._identities(),
            "device_info": {"platform": chance.choice(PLATFORMS)},
            "user_attributes": self._members(self._plan.validators.get(("user_attributes",), {})),
            "events": [self._event(chance.choice(self._events)) for _ in range(chance.randrange(5)) if self._events],
        }
        return made

    def _identities(self) -> dict[str, str]:
        planned = self._plan.validators.get(("user_identities",))
        if planned is None:
            return {"customer_id": f"member-{self._number}"}
        made = {}
        for name in planned.get("properties", {}):
            kind = IDENTITIES.get(name, name)
            if kind == "email":
                made[kind] = f"member.{self._number}@example.com"
            elif kind not in DEVICE_IDENTITIES:
                made[kind] = f"member-{self._number}"
        return made

    def _event(self, key: tuple[str, ...]) -> dict[str, Any]:
        event_type, place = _MAKERS[key[0]]
        data = self._members(self._plan.validators[key].get("properties", {}).get("data", {}))
        criteria = dict(zip(CRITERIA.get(key[0], ()), key[1:], strict=False))
        if place:
            data[place] = (
                {**(data.get(place) or {}), **criteria} if place != "product_impressions" else data.get(place, [])
            )
        else:
            data.update(criteria)
        data["timestamp_unixtime_ms"] = START_MS + self.chance.randrange(86_400_000)
        data["source_message_id"] = f"{self.chance.getrandbits(128):032x}"
        return {"event_type": event_type, "data": data}

    def _members(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        return {
            name: self._sample(inner)
            for name, inner in schema.get("properties", {}).items()
            if name in required or self.chance.random() < 0.7
        }

    def _sample(self, schema: Mapping[str, Any]) -> Any:
        """A value that satisfies a validator of the plan: required members, and each other one now and then."""
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.chance.choice(schema["enum"])
        match _type(schema):
            case "object":
                return self._members(schema)
            case "array":
                return [self._sample(schema.get("items", {})) for _ in range(self.chance.randrange(1, 3))]
            case "boolean":
                return self.chance.random() < 0.5
            case "integer":
                return self.chance.randint(*_range(schema))
            case "number":
                low, high = _range(schema)
                return round(self.chance.uniform(low, high), 2)
            case "null":
                return None
            case _:
                return self._text(schema)

    def _text(self, schema: Mapping[str, Any]) -> str:
        formats = {
            "email": "member@example.com",
            "date": "2026-01-01",
            "date-time": "2026-01-01T00:00:00Z",
            "time": "00:00:00Z",
            "uri": "https://example.com/",
            "ipv4": "192.0.2.1",
            "ipv6": "2001:db8::1",
            "hostname": "example.com",
            "uuid": "00000000-0000-4000-8000-000000000000",
        }
        text: str = formats.get(schema.get("format", "")) or self._people.word()
        if "pattern" in schema:
            text = self._matching.xeger(schema["pattern"])
        text += "x" * (schema.get("minLength", 0) - len(text))
        longest: int = schema.get("maxLength", len(text))
        return text[:longest]


_MAKERS: dict[str, tuple[str, str]] = {
    "custom_event": ("custom_event", ""),
    "screen_view": ("screen_view", ""),
    "product_action": ("commerce_event", "product_action"),
    "promotion_action": ("commerce_event", "promotion_action"),
    "product_impression": ("commerce_event", "product_impressions"),
}


def _type(schema: Mapping[str, Any]) -> str:
    named = schema.get("type", "object" if "properties" in schema else "string")
    return str(named if isinstance(named, str) else named[0])


def _range(schema: Mapping[str, Any]) -> tuple[int, int]:
    low = int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in schema else 0))
    high = int(
        schema.get(
            "maximum", schema.get("exclusiveMaximum", low + 101) - 1 if "exclusiveMaximum" in schema else low + 100
        )
    )
    return low, max(low, high)
