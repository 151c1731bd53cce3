"""What customers did, over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.campaigns import Fired
from mock_sessionm.clock import iso
from mock_sessionm.customers import Customer
from mock_sessionm.surface import View
from mock_sessionm.tenant import Tenant

from .subject import subject, tenant_of

LONGEST_NUMBER = 18
"""A quantity with more digits is kept as its text: it fits into no 64-bit integer."""


def post_events(call: Call) -> dict[str, Any]:
    """Keep each event: a quantity alone, or an object with quantity, transaction id, date and flat context."""
    tenant = tenant_of(call)
    customer = subject(call)
    fired: list[Fired] = []
    for name, given in call.body["events"].items():
        event = given if isinstance(given, dict) else {"qty": given}
        if keep(tenant, customer, name, event):
            quantity = _quantity(event.get("qty", 1))
            fired += happened(tenant, customer, name, event.get("context", {}), quantity)
    if tenant.choice("event-answer") == "bare":
        return {}
    return {
        "behaviors": [one.shown() for one in fired],
        "user": customer.record(profile=False, identifiers=False),
    }


def keep(tenant: Tenant, customer: Customer, name: str, event: Mapping[str, Any]) -> bool:
    """Keep what a customer did; False where the event is passed over because its transaction came before."""
    if _seen(tenant, customer, name, event):
        return False
    now = iso(tenant.clock.now())
    customer.events.append(
        {
            "name": name,
            "qty": _quantity(event.get("qty", 1)),
            **{key: event[key] for key in ("transaction_id",) if key in event},
            # Without a date, the time of processing counts (source: sessionm-custom-events).
            "date": event.get("date") or now,
            "context": event.get("context", {}),
            "received": now,
        }
    )
    return True


def happened(
    tenant: Tenant, customer: Customer, name: str, context: Mapping[str, Any], quantity: Any = 1
) -> list[Fired]:
    """Let what a customer did set off campaigns, and say what they did about it.

    Core and Connect both come through here, each time that an event was kept.
    """
    return tenant.campaigns.happened(customer, name, context, quantity if isinstance(quantity, int) else 1)


def _seen(tenant: Tenant, customer: Customer, name: str, event: Mapping[str, Any]) -> bool:
    """Whether this event is passed over because its transaction came before."""
    transaction = event.get("transaction_id")
    if transaction is None:
        return False
    before = any(kept["name"] == name and kept.get("transaction_id") == transaction for kept in customer.events)
    return before and tenant.choice("event-transactions") == "once"


def _quantity(given: Any) -> Any:
    return int(given) if isinstance(given, str) and len(given) <= LONGEST_NUMBER else given


VIEWS: dict[str, View] = {"postEvents": post_events, "postEventsByExternalId": post_events}
