"""The Customer.io destination: the order of the steps, the requests that are made of what they leave, and its answers.

The requests are those of the Track API, version 1: one that identifies the person, then one for each event.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any
from urllib.parse import quote

from contracts.interaction import Response
from forwarder.destination import FINE, Destination, Grounds, Trouble
from forwarder.draft import Draft, EventDraft, Point, Step
from forwarder.fate import Fate, Plan, PlannedRequest
from forwarder.names import dumped
from forwarder.selection import (
    apply_rule,
    filter_points,
    refuse_empty_identities,
    take_deletions,
    take_kinds,
    take_logged_in,
    take_recent,
)

from .customerio_attributes import (
    add_created_at,
    cap_attributes,
    merge_names,
    place_attributes,
    shape_values,
    size_values,
)
from .customerio_audiences import audience_attributes
from .customerio_limits import EVENT_BYTES, EVENTS
from .customerio_steps import choose_person, keep_last_opt_out, name_events, take_opt_outs, take_server_events

_new = tuple.__new__
PEOPLE = "/api/v1/customers/"
CALENDAR = range(-62_135_596_800, 253_402_300_800)
"""The seconds since 1970 that are in a year from 1 to 9999."""
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in CROCKFORD for second in CROCKFORD]

STEPS: tuple[Step, ...] = (
    apply_rule,
    take_logged_in,
    take_opt_outs,
    take_server_events,
    take_kinds,
    take_recent,
    take_deletions,
    filter_points,
    refuse_empty_identities,
    choose_person,
    keep_last_opt_out,
    name_events,
    add_created_at,
    place_attributes,
    shape_values,
    merge_names,
    size_values,
    cap_attributes,
)
"""The way of a batch, in the order in which things are decided about it."""


def assembled(draft: Draft) -> Plan:
    """The requests for Customer.io: who it is first, then each event by itself."""
    ref = draft.reference
    person = draft.person
    lane = f"customerio:{person}"
    owner = PEOPLE + (quote(person, safe="") if person.strip(".") else person.replace(".", "%2E"))
    key = f"{ref}.user"
    fates = draft.fates
    body = {point.out: point.value for point in draft.identities if point.out != "id"}
    body.update((point.out, point.value) for point in draft.fields)
    body.update((point.out, point.value) for point in draft.attributes)
    body.update(audience_attributes(draft, key, len(body)))
    fates.extend(_sent(draft.identities, key))
    fates.extend(_sent([point for point in draft.fields if point.place], key))
    fates.extend(_sent(draft.attributes, key))
    requests = [PlannedRequest(key, lane, "PUT", owner, dumped(body), draft.platform, what="user")]
    for event in draft.events:
        event_key = f"{ref}.event.{event.index}"
        made = _event(draft, event, event_key)
        if made is not None:
            fates.append(Fate(event.place, "sent", event.rule, event.name, event_key))
            fates.extend(_sent(event.attributes, event_key))
            requests.append(PlannedRequest(event_key, lane, "POST", f"{owner}/events", made, draft.platform))
    return Plan(tuple(requests), tuple(fates))


def _sent(points_of: list[Point], key: str) -> list[Fate]:
    # Most points of most batches come here: past the names of `Fate`, one is made in half the time.
    return [_new(Fate, (point.place, "sent", point.rule, point.out, key, "")) for point in points_of]


def _event(draft: Draft, event: EventDraft, key: str) -> bytes | None:
    """The request of an event; None where it ended here, with its fate."""
    choices = draft.connection.choices
    made: dict[str, Any] = {"name": event.name}
    if event.screen and choices["customerio-screen-views"] == "screen":
        made["type"] = "screen"
    milliseconds = _milliseconds(event)
    own: dict[str, Any] = {}
    if milliseconds is not None and milliseconds // 1000 in CALENDAR:
        (made if choices["customerio-timestamp-place"] == "top" else own)["timestamp"] = milliseconds // 1000
    if choices["customerio-event-ulid"] == "ulid":
        said = event.body.get("source_message_id") or event.body.get("event_id") or key
        made["id"] = ulid(milliseconds or 0, str(said))
    if own:
        _make_room(draft, event, key)
    data = {**{point.out: point.value for point in event.attributes}, **own}
    if data:
        made["data"] = data
    whole = dumped(made)
    if len(whole) <= EVENT_BYTES or len(dumped(data)) <= EVENT_BYTES:
        return whole
    choice = choices["customerio-oversized-event"]
    if choice == "sent":
        return whole
    rule, detail = "customerio.oversized-event", f"{len(dumped(data))} bytes of attributes, at most {EVENT_BYTES}"
    if choice == "dropped":
        draft.end_event(event, "dropped", rule, detail)
        return None
    made["data"] = {**_fitting(draft, event, len(dumped(own)), rule, detail), **own}
    return dumped(made)


def _fitting(draft: Draft, event: EventDraft, used: int, rule: str, detail: str) -> dict[str, Any]:
    """The attributes that still fit beside what is used, in the order of the batch; the others end here."""
    kept = []
    comma = int(used > len("{}"))
    for point in event.attributes:
        bytes_ = len(dumped({point.out: point.value})) - len("{}") + comma
        if used + bytes_ <= EVENT_BYTES:
            used += bytes_
            comma = 1
            kept.append(point)
        else:
            draft.end(point, "dropped", rule, detail)
    event.attributes = kept
    return {point.out: point.value for point in kept}


def _make_room(draft: Draft, event: EventDraft, key: str) -> None:
    """Where the time stands among the attributes, none of them can have its name."""
    kept = []
    for point in event.attributes:
        if point.out == "timestamp":
            draft.fates.append(Fate(point.place, "merged", "customerio.timestamp-place", "timestamp", key))
        else:
            kept.append(point)
    event.attributes = kept


def _milliseconds(event: EventDraft) -> int | None:
    said = event.body.get("timestamp_unixtime_ms")
    return int(said) if said else None


def ulid(milliseconds: int, said: str) -> str:
    """An id for an event: its time, and sixteen letters from what names it; the same for the same event every time."""
    time = min(max(milliseconds, 0), 2**48 - 1)
    high = "".join([_PAIRS[time >> shift & 1023] for shift in (40, 30, 20, 10, 0)])
    # Hexadecimal digits are letters of a ULID too, and are had for less than all of these.
    return high + blake2b(said.encode(), digest_size=8).hexdigest().upper()


def trouble(response: Response) -> Trouble:
    """What Customer.io says is wrong: nothing with exactly 200 (sources: customerio-clients, customerio-errors-seen).

    It has no codes, so the code is empty where the status says enough. A success whose body is no JSON object is the
    page of some other server, and any other success is none of Customer.io's.
    """
    if response.status == 200 and response.body in {b"{}\n", b"{}"}:
        return FINE
    try:
        body = response.json()
    except ValueError:
        body = None
    if 200 <= response.status < 300:
        if not isinstance(body, Mapping):
            return "not_json", "the body is no JSON object; check customerio.host"
        if response.status != 200:
            return (
                f"http_{response.status}",
                "Customer.io says 200 and nothing else of a success; check customerio.host",
            )
        return FINE
    meta = body.get("meta") if isinstance(body, Mapping) else None
    if not isinstance(meta, Mapping):
        return FINE
    several = meta.get("errors")
    found = several if isinstance(several, list) else [meta.get("error") or ""]
    return "", " ".join("; ".join(map(str, found)).split())


CUSTOMERIO = Destination(
    name="customerio",
    title="Customer.io",
    steps=STEPS,
    assembled=assembled,
    grounds=Grounds(
        rule="customerio.mparticle-rule",
        rule_failure="customerio.rule-failure",
        platforms="customerio.all-platforms",
        logged_in="customerio.logged-in-only",
        filtered="customerio.data-filter",
        filtered_identities="customerio.data-filter",
        new_points="customerio.new-data-points-on",
        kinds="customerio.other-kinds-unsupported",
        audiences="customerio.segment-membership",
        nameless="customerio.event-without-name",
        custom="customerio.forwards-custom-events",
        screens="customerio.forwards-screen-views",
        attributes="customerio.all-attributes",
        identities="customerio.customer-id-first",
        deletions="customerio.deleted-attributes",
    ),
    names=EVENTS,
    trouble=trouble,
    pair=("site_id", "api_key"),
    host="customerio.host",
    defaults={
        "data_filter": {"send_new_data_points_by_default": True},
        "forwarding_rules": {"logged_in_only": False},
        "customerio": {
            "edition": "document",
            "user_id_type": "prefer_customer_id",
            "include_user_attributes": True,
            "send_created_at": False,
            "one_attribute_per_segment": False,
        },
    },
)
