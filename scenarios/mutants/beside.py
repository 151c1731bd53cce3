"""Forwarders whose requests are wrong in what belongs to no data point: other fields, their number, place and order."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from contracts import rules
from contracts.register import openapi
from forwarder import DESTINATIONS, Fate, Plan, PlannedRequest

from .mutant import Mutant
from .rehearsal import rehearsal
from .requests import SPOILS, Change, Spoil, differing, rebodied, replanned
from .spots import Spot
from .wrong import on_road, wrong

Spots = Callable[[Any], Iterable[Spot]]
"""A body -> the places in it of one field."""
NO_POINT = Fate("", "sent", "")

NODE: Mapping[str, Any] = openapi("madconnect")["components"]["schemas"]["EventDataNode"]["properties"]["data"]
INPUT: Mapping[str, Any] = rules()["madconnect.input-form"].table


def beside_mutants() -> Iterator[Mutant]:
    """Every forwarder that is wrong beside the points."""
    for name in DESTINATIONS:
        yield from _fields(name)
        yield from _more(name)
        yield from _requests(name)


# --- fields -----------------------------------------------------------------------------------------------


def _own(body: Any, *names: str) -> Iterator[Spot]:
    yield from (Spot(body, name) for name in names if name in body)


def _of_user(field: str) -> Spots:
    return lambda body: _own(body.get("user", {}), field)


def _of_events(field: str) -> Spots:
    """A field of each event of SessionM's."""
    return lambda body: (spot for one in body.get("events", {}).values() for spot in _own(one, field))


def _identifier_types(body: Any) -> Iterator[Spot]:
    for one in body.get("user", {}).get("identifiers", ()):
        yield Spot(one, "external_id_type")


def _phone_types(body: Any) -> Iterator[Spot]:
    for one in body.get("user", {}).get("phone_numbers", ()):
        yield Spot(one, "phone_type")


def _at_top(field: str) -> Spots:
    return lambda body: _own(body, field)


def _in_data(field: str) -> Spots:
    return lambda body: _own(body.get("data", {}), field)


def _of_nodes(field: str) -> Spots:
    return lambda body: (spot for one in body["events"] for spot in _own(one["data"], field))


def _kinds(body: Any) -> Iterator[Spot]:
    yield from (Spot(one, "event_type") for one in body["events"])


FIELDS: Mapping[str, Mapping[tuple[str, str], Spots]] = {
    "sessionm": {
        ("sessionm.mpid-field", "external_id_type"): _of_user("external_id_type"),
        ("sessionm.identity-fields", "identifier-types"): _identifier_types,
        ("sessionm.forwards-user-identities", "phone_type"): _phone_types,
        ("sessionm.forwards-custom-events", "transaction_id"): _of_events("transaction_id"),
        ("sessionm.forwards-custom-events", "date"): _of_events("date"),
        ("sessionm.forwards-custom-events", "qty"): _of_events("qty"),
    },
    "customerio": {
        ("customerio.timestamp-sent", "timestamp"): _at_top("timestamp"),
        ("customerio.timestamp-place", "data-timestamp"): _in_data("timestamp"),
        ("customerio.event-known-again", "id"): lambda body: _own(body, "id") if "name" in body else (),
        ("customerio.screen-view-type", "type"): _at_top("type"),
        ("customerio.created-at-sent", "created_at"): _at_top("created_at"),
    },
    "mparticle": {
        ("madconnect.request-id", "source_request_id"): _at_top("source_request_id"),
        ("madconnect.event-type", "event_type"): _kinds,
        **{
            (schema["x-rules"]["type"], name): _of_nodes(name)
            for name, schema in NODE["properties"].items()
            if "x-rules" in schema
        },
        **{("madconnect.input-form", name): _at_top(name) for name in INPUT["batch"]},
        ("madconnect.beyond-page", "session_duration_ms"): _of_nodes("session_duration_ms"),
    },
}
"""Destination -> the fields of its requests that are no data points, each under the rule that is about it."""


def _fields(name: str) -> Iterator[Mutant]:
    for (rule, field), spots in FIELDS[name].items():
        for kind, (says, spoil) in SPOILS.items():

            def change(_request: PlannedRequest, body: Any, spots: Spots = spots, spoil: Any = spoil) -> None:
                for spot in list(spots(body)):
                    spoil(spot, NO_POINT)

            told = f"On the road to {DESTINATIONS[name].title}, {field} {says}."
            first = _spoilt_first(name, spots, spoil)
            yield from _changed(name, rule, kind, field, told, partial(_rebodied, change), first)


def _rebodied(change: Callable[[PlannedRequest, Any], object], made: Plan) -> Plan:
    return rebodied(made, change)


@cache
def _bodies(name: str) -> Sequence[tuple[str, Any]]:
    """Every body on a road, with its scenario."""
    return [(met.scenario, json.loads(one.body)) for met in rehearsal(name).met for one in met.plan.requests]


def _spoilt_first(name: str, spots: Spots, spoil: Spoil) -> tuple[str, ...]:
    """The first scenario in which a field is another when it is spoilt; empty where it never is."""
    for scenario, body in _bodies(name):
        for spot in spots(body):
            alone = {spot.key: copy.deepcopy(spot.value)}
            spoil(Spot(alone, spot.key), NO_POINT)
            if alone != {spot.key: spot.value}:
                return (scenario,)
    return ()


def _changed(
    name: str, rule: str, kind: str, what: str, says: str, change: Change, first: tuple[str, ...] | None = None
) -> Iterator[Mutant]:
    """The mutant with a change in its plans, if that makes a difference to any: `first` to those of this scenario."""
    first = differing(name, change) if first is None else first
    if first:
        planning = replanned(name, change)
        yield wrong(rule, kind, on_road(rule, name, what), says, planning=planning, road=name, shows=first, plans=True)


# --- more than was sent -----------------------------------------------------------------------------------


def _to_user(body: Any) -> None:
    if "user" in body:
        body["user"].setdefault("user_profile", {})["source"] = "mparticle"


def _to_consent(body: Any) -> None:
    if "user" in body:
        body["user"]["opted_in"] = False


def _to_events(body: Any) -> None:
    for one in body.get("events", {}).values():
        one.setdefault("context", {})["source"] = "mparticle"


def _to_person(body: Any) -> None:
    if "name" not in body:
        body["source"] = "mparticle"


def _to_event(body: Any) -> None:
    if "name" in body:
        body.setdefault("data", {})["source"] = "mparticle"


def _to_batch(body: Any) -> None:
    body.setdefault("user_attributes", {})["source"] = "mparticle"


def _to_identities(body: Any) -> None:
    body.setdefault("user_identities", {})["other_id_5"] = "of nobody"


def _to_nodes(body: Any) -> None:
    for one in body["events"]:
        one["data"].setdefault("custom_attributes", {})["source"] = "mparticle"


def _to_head(name: str, body: Any) -> None:
    body[name] = "x"


def _to_nodes_head(name: str, body: Any) -> None:
    for one in body["events"]:
        one["data"][name] = "x"


ADDED: Mapping[str, Mapping[tuple[str, str], Callable[[Any], None]]] = {
    "sessionm": {
        ("sessionm.forwards-user-attributes", "user-attribute"): _to_user,
        ("sessionm.forwards-custom-events", "event-attribute"): _to_events,
        ("sessionm.forwards-user-attributes", "consent"): _to_consent,
    },
    "customerio": {
        ("customerio.all-attributes", "user-attribute"): _to_person,
        ("customerio.forwards-custom-events", "event-attribute"): _to_event,
    },
    "mparticle": {
        ("madconnect.user-attributes", "user-attribute"): _to_batch,
        ("madconnect.identity-map", "identity"): _to_identities,
        ("madconnect.event-node", "event-attribute"): _to_nodes,
        **{
            ("madconnect.input-form", f"batch-{name}"): partial(_to_head, name)
            for name in ("api_key", "batch_id", "message_id")
        },
        **{
            ("madconnect.input-form", f"event-{name}"): partial(_to_nodes_head, name)
            for name in INPUT["never-of-events"]
        },
    },
}
"""Destination -> what nobody sent and goes all the same, with the rule that says what does go."""


def _more(name: str) -> Iterator[Mutant]:
    for (rule, what), add in ADDED[name].items():
        says = f"On the road to {DESTINATIONS[name].title}, something goes along that nobody sent: {what}."

        def change(made: Plan, add: Callable[[Any], None] = add) -> Plan:
            return rebodied(made, lambda _request, body: add(body))

        yield from _changed(name, rule, "attribute added", what, says, change)


# --- whole requests ---------------------------------------------------------------------------------------


def _each(change: Callable[[PlannedRequest], PlannedRequest]) -> Change:
    return lambda made: Plan(tuple(map(change, made.requests)), made.fates)


def _some(choose: Callable[[tuple[PlannedRequest, ...]], Iterable[PlannedRequest]]) -> Change:
    return lambda made: Plan(tuple(choose(made.requests)), made.fates)


def _doubled(requests: tuple[PlannedRequest, ...]) -> Iterator[PlannedRequest]:
    for one in requests:
        yield from (one, one)


def _elsewhere(one: PlannedRequest) -> PlannedRequest:
    """The same request about somebody else, or to another place."""
    for before, behind in (
        ("/external/users/", "/external/users/1"),
        ("/customers/", "/customers/x"),
        ("/v2/", "/v1/"),
    ):
        if before in one.path:
            return replace(one, path=one.path.replace(before, behind))
    return one


EVERY: Mapping[str, tuple[str, Change]] = {
    "turned": ("the requests of a batch go in the opposite order", _some(reversed)),
    "doubled": ("every request goes twice", _some(_doubled)),
    "first-lost": ("the first request of a batch is left out", _some(lambda all_: all_[1:])),
    "last-lost": ("the last request of a batch is left out", _some(lambda all_: all_[:-1])),
    "elsewhere": ("requests go to another place", _each(_elsewhere)),
    "put": ("every request is made with PATCH", _each(lambda one: replace(one, method="PATCH"))),
    "one-key": ("every request of a batch has the same key", _each(lambda one: replace(one, key="one"))),
    "no-body": ("requests have no body", _each(lambda one: replace(one, body=b"{}"))),
    "nowhere": ("requests go to a path that the contract does not know", _each(lambda one: replace(one, path="/none"))),
    "broken-body": ("the body of a request is cut short", _each(lambda one: replace(one, body=one.body[:-1]))),
}
"""What can be wrong with requests as a whole."""

BROKEN_BY: Mapping[str, Mapping[str, str]] = {
    "sessionm": {
        "": "sessionm.forwards-custom-events",
        "elsewhere": "sessionm.mpid-always",
        "put": "sessionm.create-or-update",
        "first-lost": "sessionm.create-or-update",
        "no-body": "sessionm.forwards-user-attributes",
    },
    "customerio": {
        "": "customerio.forwards-custom-events",
        "elsewhere": "customerio.customer-id-first",
        "put": "customerio.customer-id-first",
        "first-lost": "customerio.all-attributes",
        "no-body": "customerio.all-attributes",
    },
    "mparticle": {
        "": "madconnect.events-api",
        "turned": "madconnect.split",
        "first-lost": "madconnect.source-and-destination",
        "last-lost": "madconnect.split",
    },
}
"""Destination -> the rule that is broken so, and that for what is not named."""


OF_THE_HARNESS: Mapping[str, str] = {
    "one-key": "harness.fates-true",
    "nowhere": "harness.requests-in-contract",
    "broken-body": "harness.requests-in-contract",
}
"""What breaks a promise of the harness."""


def _requests(name: str) -> Iterator[Mutant]:
    for what, (does, change) in EVERY.items():
        rule = BROKEN_BY[name].get(what, BROKEN_BY[name][""])
        rule = OF_THE_HARNESS.get(what, rule)
        says = f"On the road to {DESTINATIONS[name].title}, {does}."
        yield from _changed(name, rule, "requests wrong", what, says, change)
