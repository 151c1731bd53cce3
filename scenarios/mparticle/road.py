"""The road into an input of mParticle, as MadConnect goes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forwarder import Fate
from mock_sessionm import Tenant
from scenarios.person import Person
from scenarios.road import Blame, Road, Struck

from .expectations import expect
from .folding import folded, who
from .journeys import journeys
from .wire import check_wire

NAMED = ("event_name", "screen_name")


def seen(tenant: Tenant, *ids: str) -> Person | None:
    """What mParticle took of the person whom the first of the ids leads to; None for nobody."""
    for id_ in ids:
        found = folded(taken.body for taken in tenant.ingest.batches if who(taken.body) == id_)
        if found is not None:
            return found
    return None


def carries(body: Any, fate: Fate) -> bool:
    """Whether a request holds a point under the name that its fate says."""
    if fate.point.startswith("/events/"):
        events = body.get("events", ())
        if fate.point.count("/") == 2:
            return any(fate.as_ == _name(event) for event in events)
        return any(fate.as_ in (event["data"].get("custom_attributes") or {}) for event in events)
    if fate.point == "/mpid":
        return fate.as_ in body
    if fate.point.startswith("/deleted_user_attributes/"):
        return fate.as_ in body.get("deleted_user_attributes", ())
    part = "user_identities" if fate.point.startswith("/user_identities/") else "user_attributes"
    return fate.as_ in body.get(part, {})


def _name(event: Mapping[str, Any]) -> str:
    """The name of an event; its kind where it has none."""
    return next((str(event["data"][name]) for name in NAMED if event["data"].get(name)), event["event_type"])


ROAD = Road(
    name="mparticle",
    journeys=journeys,
    expect=expect,
    seen=seen,
    count=lambda tenant: len(tenant.ingest.batches),
    wire=check_wire,
    carries=carries,
    blame=Blame(
        nobody="madconnect.events-api",
        somebody="madconnect.somebody",
        fields="madconnect.input-form",
        identities="madconnect.identity-map",
        profile="madconnect.user-attributes",
        phones="madconnect.identity-map",
        shown="madconnect.mpid",
        more_events="madconnect.event-node",
        fewer_events="madconnect.event-node",
        order="madconnect.event-node",
        attributes="madconnect.event-node",
    ),
    struck=Struck(event="*/v2/events", event_ending="batch.1", answers=False, foreign={200: "", 204: ""}),
)
