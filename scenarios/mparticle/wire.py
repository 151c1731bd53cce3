"""What a person does not show: how each request was put, which id it has, and that no more than needed went in it.

No document says what a forwarder must choose here, so only our own is held to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import orjson

from contracts import Interaction
from contracts.register import openapi
from contracts.validation import check
from mock_sessionm import Tenant
from scenarios.account import Expected
from scenarios.place import Forwarded
from scenarios.reading import Batch, limit, table
from scenarios.scenario import Scenario
from scenarios.verdict import Finding

JSON = "application/json"
NODE = openapi("madconnect")["components"]["schemas"]["EventDataNode"]["properties"]["data"]["properties"]
INPUT = frozenset(table("madconnect.input-form", "batch")) | {
    *("mpid", "source_request_id", "user_identities", "user_attributes", "deleted_user_attributes", "events")
}
"""What may stand in a request; the key of the source, for one, may not."""
OF_THE_USER = ("user_identities", "user_attributes", "deleted_user_attributes")

Body = Mapping[str, Any]


def check_wire(scenario: Scenario, forwarded: Forwarded, expected: Expected, tenant: Tenant) -> Iterator[Finding]:
    """The requests of one scenario. Under a Rule the batches are not what was forwarded: none is read."""
    for one in forwarded.heard:
        yield from _check_request(one, scenario)
    if scenario.rewrite is not None:
        return
    for batch, plan, destinies in zip(scenario.batches, forwarded.plans, expected.destinies, strict=True):
        bodies = [orjson.loads(request.body) for request in plan.requests]
        sizes = [len(request.body) for request in plan.requests]
        sent = [
            event["event_type"]
            for index, event in enumerate(batch.get("events") or ())
            if f"/events/{index}" in destinies and destinies[f"/events/{index}"].fate == "sent"
        ]
        went = [event["event_type"] for body in bodies for event in body["events"]]
        if went != sent:
            yield _finding("madconnect.event-type", "/events", f"{len(went)} kinds", f"{len(sent)}, as in the batch")
        yield from _check_shares(bodies, sizes)
        yield from _check_ids(batch, bodies, derived=tenant.choice("madconnect-request-id") == "derived")
        yield from _check_order(plan.requests)
    yield from _check_apart(forwarded)


def _check_request(one: Interaction, scenario: Scenario) -> Iterator[Finding]:
    request = one.request
    if (request.method, request.target) != ("POST", "/v2/events"):
        yield _finding("madconnect.events-api", "request", f"{request.method} {request.target}", "POST /v2/events")
    kind = request.headers.get("content-type", "none")
    if kind != JSON:
        yield _finding("madconnect.events-api", "header:content-type", kind, JSON)
    body = orjson.loads(request.body)
    more = set(body) - INPUT
    if more:
        yield _finding("madconnect.input-form", "request", ", ".join(sorted(more)), "what inputs take")
    empty = [name for name in body if body[name] is None or (name in OF_THE_USER and not body[name])]
    if empty:
        yield _finding("madconnect.input-form", "request", f"{', '.join(sorted(empty))} without anything", "left out")
    if not isinstance(body.get("mpid", 0), int):
        yield _finding("madconnect.mpid", "request/mpid", "no number", "a number")
    selected = scenario.settings.get("madconnect", {}).get("parameters", list(NODE))
    for index, event in enumerate(body["events"]):
        for violation in check("madconnect", "#/components/schemas/EventDataNode", _without_nulls(event)):
            place = f"/events/{index}{violation.pointer}"
            yield _finding(violation.rule, place, "another kind of value", "as the page has it")
        for name in set(event["data"]) & set(NODE) - set(selected):
            yield _finding("madconnect.selected-parameters", f"/events/{index}/data/{name}", "it travels", "it stays")


def _without_nulls(event: Body) -> Body:
    return {**event, "data": {name: value for name, value in event["data"].items() if value is not None}}


def _check_shares(bodies: Sequence[Body], sizes: Sequence[int]) -> Iterator[Finding]:
    """No request is begun while the one before has room; the first alone tells of the user."""
    most = limit("mparticle.request-bytes-max")
    for number, (before, after) in enumerate(pairwise(bodies)):
        first = len(orjson.dumps(after["events"][0]))
        # The ids of the parts may be a digit longer than they need be, and a comma stands between two events.
        if sizes[number] + first + SLACK <= most:
            yield _finding("madconnect.split", f"request {number + 1}", "a request more", "as few as there is room for")
        for part in ("user_attributes", "deleted_user_attributes"):
            if part in after:
                yield _finding("madconnect.split", f"request {number + 2}/{part}", "told again", "told once")
        for part in set(before) | set(after):
            apart = {"events", "user_attributes", "deleted_user_attributes", "source_request_id"}
            if part not in apart and before.get(part) != after.get(part):
                yield _finding("madconnect.split", f"request {number + 2}/{part}", "another", "the same in all")


SLACK = 8
"""So many bytes a request may have to spare."""


def _check_ids(batch: Batch, bodies: Sequence[Body], *, derived: bool) -> Iterator[Finding]:
    own = batch.get("source_request_id")
    for number, body in enumerate(bodies, 1):
        got = body.get("source_request_id")
        wanted = f"{own}.{number}" if len(bodies) > 1 else own
        if own and got != wanted:
            yield _finding("madconnect.request-id", f"request {number}", "another id", "the batch's own")
        if not own and bool(got) != derived:
            yield _finding("madconnect.request-id", f"request {number}", "an id" if got else "no id", "as was chosen")


def _check_apart(forwarded: Forwarded) -> Iterator[Finding]:
    """One id, one content: a batch that comes again is the same again, and batches that differ share no id."""
    known: dict[str, bytes] = {}
    for plan in forwarded.plans:
        for request in plan.requests:
            id_ = orjson.loads(request.body).get("source_request_id")
            if id_ and known.setdefault(id_, request.body) != request.body:
                yield _finding("madconnect.request-id", "source_request_id", "that of another batch", "one of its own")


def _check_order(requests: Sequence[Any]) -> Iterator[Finding]:
    if len({request.lane for request in requests}) > 1:
        yield _finding("madconnect.events-api", "lane", "several", "one for all of a person's")


def _finding(rule: str, place: str, got: str, wanted: str) -> Finding:
    return Finding(rule, f"{place}: {got}, wanted {wanted}", place, got, wanted)
