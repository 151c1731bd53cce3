"""The road to SessionM."""

from __future__ import annotations

from typing import Any

from contracts import rules
from forwarder import Fate
from mock_sessionm import Customer, Tenant
from scenarios.person import Happened, Person
from scenarios.road import Blame, Road, Struck

from .expectations import expect
from .journeys import journeys
from .wire import check_wire

RESERVED_FIELDS = frozenset(rules()["sessionm.reserved-fields"].table["fields"].values())


def seen(tenant: Tenant, *ids: str) -> Person | None:
    """What the fake knows of the person whom the first of `ids` leads to; None where none leads to anybody."""
    for id_ in ids:
        customer = tenant.customers.by_external(id_)
        if customer is not None:
            return _person(customer, ids[0])
    return None


def carries(body: Any, fate: Fate) -> bool:
    """Whether a request holds a point under the name that its fate says."""
    point, _, _, name, _, _ = fate
    if point.startswith("/events/"):
        events = body.get("events", {})
        if point.count("/") == 2:
            return name in events
        return any(name in (event.get("context") or ()) for event in events.values())
    user = body.get("user", {})
    if point.startswith("/user_identities/"):
        kinds = {one["external_id_type"] for one in user.get("identifiers", ())} | {user.get("external_id_type")}
        return name in user or name in kinds
    return name in user or name in user.get("user_profile", {})


def _person(customer: Customer, mpid: str) -> Person:
    fields = customer.fields
    return Person(
        fields={name: fields[name] for name in (*RESERVED_FIELDS, "email") if name in fields},
        phones=[phone["phone_number"] for phone in fields.get("phone_numbers") or ()],
        identifiers={kind or "": id_ for id_, kind in customer.identifiers.items() if id_ != mpid},
        profile=dict(customer.attributes),
        events=[Happened(event["name"], event.get("context") or {}) for event in customer.events],
        shown=next(reversed(customer.identifiers), ""),
    )


ROAD = Road(
    name="sessionm",
    journeys=journeys,
    expect=expect,
    seen=seen,
    count=lambda tenant: len(tenant.customers),
    wire=check_wire,
    carries=carries,
    blame=Blame(
        nobody="sessionm.create-or-update",
        somebody="sessionm.mpid-always",
        fields="sessionm.reserved-fields",
        identities="sessionm.identities-by-filter",
        profile="sessionm.data-filter",
        phones="sessionm.forwards-user-identities",
        shown="sessionm.mpid-field",
        more_events="sessionm.data-filter",
        fewer_events="sessionm.forwards-custom-events",
        order="sessionm.forwards-custom-events",
        attributes="sessionm.event-attributes-max",
    ),
    struck=Struck(
        user="*/external/users/*",
        create="*/users",
        event="*/events",
        event_ending="event.0",
        once={"event-transactions": "once"},
    ),
    troubles=frozenset({"sessionm.user-exists"}),
)
