"""What customers did, told to Connect: kept as Core keeps it, and setting off the same campaigns."""

from __future__ import annotations

from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.clock import iso
from mock_sessionm.core.events import happened, keep
from mock_sessionm.points import derived_id
from mock_sessionm.surface import View

from .subject import subject, tenant_of


def trigger_user_event(call: Call) -> dict[str, Any]:
    tenant, customer = tenant_of(call), subject(call)
    name = call.body["event_lookup"]
    known = name in tenant.events.defined or tenant.choice("undefined-event") != "ignored"
    outcomes: list[dict[str, Any]] = []
    if known and "sessionm.connect-event-kept" in tenant.behaviours:
        keep(tenant, customer, name, {"qty": 1})
        outcomes = [one.numbered(tenant) for fired in happened(tenant, customer, name, {}) for one in fired.outcomes]
    return {
        "user_event": {
            "id": derived_id(customer.id, f"event {len(customer.events)}"),
            "time_of_occurrence": iso(tenant.clock.now()),
            "retailer_id": call.body["retailer_id"],
            "event_lookup": name,
            "user_id": call.body["user_id"],
            "is_session_m": call.body.get("is_session_m", False),
        },
        "event_saved_successfully": known,
        "rules_processed_successfully": known,
        "outcomes": outcomes,
    }


VIEWS: dict[str, View] = {"triggerUserEvent": trigger_user_event}
