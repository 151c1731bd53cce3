"""What happened to a customer, over the wire: a timeline in one of its views."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from typing import Any

from contracts import Violation
from mock_sessionm.call import Call, query_parameters
from mock_sessionm.check import Check, known_tenant
from mock_sessionm.limits import limit, table
from mock_sessionm.points import derived_id
from mock_sessionm.surface import View
from mock_sessionm.tenant import Tenant
from mock_sessionm.timelines import KINDS, NUMBERS, POINTS, Note

from .subject import subject, tenant_of

OPERATIONS = frozenset({"getTimeline", "getTimelineByExternalId"})
STATEMENT = "END_USER_MEMBER_STATEMENT"
STREAM = 1
"""Of event types: which stream has them. SessionM's own number is not public."""
COUNT = "sessionm.timeline-count-max"
VIEW = "sessionm.timeline-view-known"


def get_timeline(call: Call) -> dict[str, Any]:
    """Entries of a view: those since a time, of some types, as many as are wanted."""
    tenant, customer = tenant_of(call), subject(call)
    found = tenant.timelines.of(customer.id)
    asked = dict(call.query)
    if call.arguments["view"] == STATEMENT and tenant.choice("timeline-statement") == "points-only":
        found = [note for note in found if KINDS[note.kind].category == POINTS]
    if "since" in asked and "sessionm.timeline-since" in tenant.behaviours:
        since = instant(asked["since"])
        found = [note for note in found if note.at >= since]
    if "event_types" in asked and "sessionm.timeline-event-types" in tenant.behaviours:
        wanted = set(asked["event_types"].split(","))
        found = [note for note in found if wanted & {note.kind, str(NUMBERS[note.kind])}]
    if tenant.choice("history-order") == "newest-first":
        found.reverse()
    if "count" in asked and "sessionm.timeline-count" in tenant.behaviours:
        found = found[: min(int(asked["count"]), limit(COUNT))]
    return {
        "result": [_row(tenant, customer.id, note) for note in found],
        "grouping_field": None,
        "count": len(found),
        "event_types": [_event_type(kind) for kind in KINDS if any(note.kind == kind for note in found)],
    }


def instant(text: str) -> float:
    """Seconds since 1970 of a `since`: a number of them, or ISO-8601; the contract lets nothing else through."""
    form: str = query_parameters("sessionm", "getTimeline")["since"]["schema"]["pattern"]
    found = re.fullmatch(form, text)
    if found is None:
        return 0.0
    if found[1]:
        return float(found[1])
    # A day that a month does not have is counted on into the next one.
    seconds = timegm(tuple(int(part or 0) for part in found.groups()[1:7]))
    away = 3600 * int(found[10] or 0) + 60 * int(found[11] or 0)
    return float(seconds + away if found[9] == "-" else seconds - away)


def view_known(call: Call) -> Iterator[Violation]:
    """A view is one of those that are set up; a tenant may show everything under any name."""
    known: list[str] = table(VIEW)["views"]
    if call.arguments["view"] in known or known_tenant(call).choice("timeline-view-unknown") == "everything":
        return
    text = f"path view: no such view of a timeline; there is {' and '.join(known)}"
    yield Violation(VIEW, "path:view", text, "an unknown view", "a view that is set up")


def count_max(call: Call) -> Iterator[Violation]:
    """So many at a time; a tenant may give that many where more are wanted (source: sessionm-timelines#parameters)."""
    asked = dict(call.query).get("count")
    if asked is None or int(asked) <= limit(COUNT):
        return
    if known_tenant(call).choice("timeline-count-over") == "refused":
        text = f"query count: more entries than can be asked for; at most {limit(COUNT)} at a time"
        yield Violation(COUNT, "query:count", text, "too many", f"at most {limit(COUNT)}")


def _row(tenant: Tenant, customer_id: str, note: Note) -> dict[str, Any]:
    time = int(note.at if tenant.choice("timeline-time") == "seconds" else note.at * 1000)
    return {
        "event_stream_stream_id": derived_id(customer_id, "timeline"),
        "event_stream_event_category_id": KINDS[note.kind].category,
        "event_stream_event_type_id": NUMBERS[note.kind],
        "target_id": STREAM,
        "timestamp": time,
        "created_at": time,
        "event_stream_payload": dict(note.payload),
        "contexts": [],
    }


def _event_type(kind: str) -> Mapping[str, Any]:
    return {
        "id": NUMBERS[kind],
        "name": KINDS[kind].name,
        "slug": kind,
        "event_stream_event_category_id": KINDS[kind].category,
        "event_stream_stream_id": STREAM,
    }


VIEWS: dict[str, View] = {"getTimeline": get_timeline, "getTimelineByExternalId": get_timeline}
GATE: tuple[Check, ...] = (
    Check(VIEW, view_known, OPERATIONS),
    Check(COUNT, count_max, OPERATIONS),
)
