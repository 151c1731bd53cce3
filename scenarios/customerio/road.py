"""The road to Customer.io."""

from __future__ import annotations

from typing import Any

from forwarder import Fate
from mock_sessionm import Tenant
from scenarios.person import Happened, Person
from scenarios.road import Blame, Road, Struck

from .expectations import expect
from .journeys import journeys
from .wire import check_moments, check_wire
from .workspace import FIELDS


def seen(tenant: Tenant, *ids: str) -> Person | None:
    """What the fake knows of the person whom the first of `ids` leads to; None where none leads to anybody."""
    for id_ in ids:
        profile = tenant.track.person(id_)
        if profile is not None:
            own = {name: profile.attributes[name] for name in FIELDS if name in profile.attributes}
            return Person(
                fields={**({"email": profile.email} if profile.email else {}), **own},
                identifiers={"id": profile.id} if profile.id else {},
                profile={name: value for name, value in profile.attributes.items() if name not in FIELDS},
                events=[Happened(event["name"], event.get("data") or {}) for event in profile.events],
            )
    return None


def carries(body: Any, fate: Fate) -> bool:
    """Whether a request holds a point under the name that its fate says; the id is in its path."""
    if not (fate.request or "").endswith(".user"):
        inside: bool = body.get("name") == fate.as_ if fate.point.count("/") == 2 else fate.as_ in body.get("data", {})
        return inside
    return fate.as_ == "id" or fate.as_ in body


ROAD = Road(
    name="customerio",
    journeys=journeys,
    expect=expect,
    seen=seen,
    count=lambda tenant: len(tenant.track.profiles),
    wire=check_wire,
    unseen=check_moments,
    carries=carries,
    blame=Blame(
        nobody="customerio.customer-id-first",
        somebody="customerio.user-with-email",
        fields="customerio.email-always",
        identities="customerio.customer-id-first",
        profile="customerio.data-filter",
        phones="customerio.other-identities",
        shown="customerio.customer-id-first",
        more_events="customerio.data-filter",
        fewer_events="customerio.forwards-custom-events",
        order="customerio.forwards-custom-events",
        attributes="customerio.forwards-custom-events",
    ),
    struck=Struck(
        user="/api/v1/customers/*",
        event="*/events",
        event_ending="event.0",
        once={"customerio-event-ulid": "ulid"},
        foreign={201: "{}", 204: ""},
    ),
)
