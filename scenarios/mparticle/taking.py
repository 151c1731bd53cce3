"""What mParticle keeps of a batch that it takes, where the batch goes beyond a limit: the rules once more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from scenarios.account import Setup
from scenarios.reading import limit

Body = dict[str, Any]
NAMES = ("event_name", "screen_name")
DAY = timedelta(days=1) / timedelta(milliseconds=1)


def taken(body: Body, setup: Setup) -> Body:
    """The body as it is kept. `body` is the caller's no more."""
    events = [event for event in body.get("events", ()) if not _late(event, setup)]
    if setup.choices["mparticle-over-limit"] == "as-sdk":
        _describe(body)
        for event in events:
            _limit_event(event["data"])
    return {**body, "events": events}


def _late(event: Mapping[str, Any], setup: Setup) -> bool:
    """Whether an event is older than live data may be."""
    moment = event["data"].get("timestamp_unixtime_ms")
    if not moment or setup.now is None or setup.choices["mparticle-old-events"] != "dropped":
        return False
    return bool(setup.now * 1000 - int(moment) > limit("mparticle.live-age") * DAY)


def _describe(body: Body) -> None:
    kept = {}
    for name, value in (body.get("user_attributes") or {}).items():
        entries = value if isinstance(value, list) else ()
        sizes = (
            (name, "user-attribute-name-max"),
            (value if isinstance(value, str) else "", "user-attribute-value-max"),
            (entries, "user-attribute-list-max"),
            *((entry, "user-attribute-list-value-max") for entry in entries if isinstance(entry, str)),
        )
        if all(len(what) <= limit(f"mparticle.{rule}") for what, rule in sizes):
            kept[name] = value
    if "user_attributes" in body:
        most = limit("mparticle.user-attributes-max")
        body["user_attributes"] = dict(list(kept.items())[:most])


def _limit_event(data: Body) -> None:
    for part in NAMES:
        if isinstance(data.get(part), str):
            data[part] = data[part][: limit("mparticle.event-name-max")]
    attributes = data.get("custom_attributes")
    if not attributes:
        return
    longest = max(len(value) if isinstance(value, str) else 0 for value in attributes.values())
    if len(attributes) > limit("mparticle.event-attributes-max") or longest > limit(
        "mparticle.event-attribute-value-max"
    ):
        data["custom_attributes"] = {}
        return
    most = limit("mparticle.event-attribute-name-max")
    data["custom_attributes"] = {name[:most]: value for name, value in attributes.items()}
