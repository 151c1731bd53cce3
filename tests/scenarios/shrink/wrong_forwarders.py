"""Forwarders with faults that touch a handful of batches, one for each kind of rule; by name, as users name theirs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from forwarder import STEPS, Batch, Connection, Plan
from forwarder import plan as right

Fault = Callable[[Plan], Plan]


def without(*names: str) -> Callable[..., Plan]:
    """Planning without some steps."""
    steps = tuple(step for step in STEPS if step.__name__ not in names)
    return lambda batch, connection, now: right(batch, connection, steps=steps, now=now)


def with_bodies(change: Callable[[dict[str, Any]], object]) -> Callable[..., Plan]:
    """Planning with the bodies of its requests changed in place."""

    def planned(batch: Batch, connection: Connection, now: float) -> Plan:
        made = right(batch, connection, now=now)
        bodies = []
        for one in made.requests:
            body = orjson.loads(one.body)
            change(body)
            bodies.append(replace(one, body=orjson.dumps(body)))
        return Plan(tuple(bodies), made.fates)

    return planned


def _lose_store(body: dict[str, Any]) -> None:
    body.get("user", {}).get("user_profile", {}).pop("FavoriteStore", None)


def _lose_second_identity(body: dict[str, Any]) -> None:
    del body.get("user", {}).get("identifiers", [])[1:]


def _cut_events(body: dict[str, Any]) -> None:
    for event in body.get("events", {}).values():
        for name, value in (event.get("context") or {}).items():
            event["context"][name] = value[:100]


def _lose_names(body: dict[str, Any]) -> None:
    for name in ("first_name", "last_name"):
        body.get("user", {}).pop(name, None)


FAULTS: dict[str, Callable[..., Plan]] = {
    "too-many": without("cap_event_attributes"),
    "names": without("normalise_names"),
    "numbers": without("stringify"),
    "desktop": without("take_platform"),
    "store": with_bodies(_lose_store),
    "identity": with_bodies(_lose_second_identity),
    "long": with_bodies(_cut_events),
}
"""The word in an environment of a batch -> what is done wrong with it."""
MARK = "application_info"


def plan(batch: Batch, connection: Connection, *, now: float | None = None) -> Plan:
    """Right, but for the batches of applications that are called as a fault."""
    name = ((batch.body.get(MARK) or {}).get("application_name")) or ""
    return {**FAULTS, "fields": with_bodies(_lose_names)}.get(name, right)(batch, connection, now=now)


def forgetful(batch: Batch, connection: Connection, *, now: float | None = None) -> Plan:
    """The wish list is lost where the customer was told of a store before: it takes two batches to see it."""
    made = right(batch, connection, now=now)
    known = SEEN.setdefault(batch.mpid or 0, set())
    lost = "store" in known
    known.update(batch.body.get("user_attributes") or {})
    return Plan((), made.fates) if lost else made


SEEN: dict[int, set[str]] = {}


def raising(batch: Batch, connection: Connection, *, now: float | None = None) -> Plan:
    """Falls over a batch without a customer."""
    if (batch.body.get("user_attributes") or {}).get("tier") == "gold":
        raise KeyError("tier")
    return right(batch, connection, now=now)
