"""A forwarder that is ours but for seven planted faults, one for each kind of rule, each in a few batches.

`planted` is called as `forwarder.plan` is. A replay names it as `planted:planted`, with this folder on the path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from forwarder import Batch, Connection, Plan, PlannedRequest, plan

EVERY = 100
"""One batch of so many is struck by each fault, if there is something in it to strike."""

Parts = list[tuple[PlannedRequest, Any]]


class Fault(NamedTuple):
    """What it does with the requests of a batch, and the rules that are blamed for it."""

    strike: Callable[[Parts], Parts]
    rules: frozenset[str]


def planted(batch: Batch, connection: Connection, *, now: float | None = None) -> Plan:
    """The plan of a batch, with the fault in it that this batch is struck by."""
    made = plan(batch, connection, now=now)
    fault = struck_by(batch.body)
    if fault is None:
        return made
    parts = fault.strike([(one, orjson.loads(one.body)) for one in made.requests])
    return replace(made, requests=tuple(replace(one, body=orjson.dumps(body)) for one, body in parts))


def struck_by(body: dict[str, Any]) -> Fault | None:
    """The fault that strikes this batch."""
    number = int(body["source_request_id"], 16) % EVERY
    return list(FAULTS.values())[number] if number < len(FAULTS) else None


def _contexts(parts: Parts) -> Iterator[dict[str, Any]]:
    for _, body in parts:
        for event in body.get("events", {}).values():
            if isinstance(event, dict) and "context" in event:
                yield event["context"]


def _users(parts: Parts) -> Iterator[dict[str, Any]]:
    return (body["user"] for _, body in parts if "user" in body)


def _of_events(parts: Parts) -> Parts:
    return [one for one in parts if "events" in one[1]]


def _one_more(parts: Parts) -> Parts:
    for context in _contexts(parts):
        if len(context) == 10:
            context["eleventh"] = "1"
    return parts


def _as_number(parts: Parts) -> Parts:
    for context in _contexts(parts):
        for name, value in context.items():
            if value.isdigit():
                context[name] = int(value)
    return parts


def _lost(parts: Parts) -> Parts:
    last = _of_events(parts)[-1:]
    return [one for one in parts if one not in last]


def _twice(parts: Parts) -> Parts:
    return parts + _of_events(parts)[-1:]


def _other_city(parts: Parts) -> Parts:
    for user in _users(parts):
        if "city" in user:
            user["city"] = user["city"].upper()
    return parts


def _as_written(parts: Parts) -> Parts:
    for user in _users(parts):
        profile = user.get("user_profile", {})
        if "last_visit" in profile:
            profile["last-visit"] = profile.pop("last_visit")
    return parts


def _without_email(parts: Parts) -> Parts:
    for user in _users(parts):
        user.pop("email", None)
    return parts


FAULTS = {
    "an eleventh attribute": Fault(_one_more, frozenset({"sessionm.event-attributes-max"})),
    "a number as a number": Fault(_as_number, frozenset({"sessionm.event-values-are-strings"})),
    "an event lost": Fault(_lost, frozenset({"sessionm.forwards-custom-events", "sessionm.forwards-screen-views"})),
    "an event sent twice": Fault(_twice, frozenset({"harness.fates-true"})),
    "a field with another value": Fault(_other_city, frozenset({"sessionm.reserved-fields"})),
    "a name not normalised": Fault(_as_written, frozenset({"sessionm.key-replace"})),
    "an identity left out": Fault(_without_email, frozenset({"sessionm.forwards-user-identities"})),
}
