"""What is left of a batch in the form that an input takes, in as many requests as it needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from contracts import rules
from forwarder.draft import Draft, EventDraft, Point
from forwarder.fate import Fate, Plan, PlannedRequest
from forwarder.limits import limit
from forwarder.names import dumped

PATH = "/v2/events"
LARGEST = limit("mparticle.request-bytes-max")
KEPT: tuple[str, ...] = tuple(rules()["madconnect.input-form"].table["batch"])
"""What an input takes of a batch beside identities, attributes and events."""
ENVIRONMENTS = frozenset(rules()["madconnect.input-form"].table["environments"])
BLOCKED = "block_metadata"
DELETED = object()
"""The value of a user attribute that is deleted."""


def assembled(draft: Draft) -> Plan:
    """One request, or several where the limit on a request's size asks for it: the first has the user attributes."""
    made = _Batch(draft)
    whole = made.body(made.id, draft.attributes, [dumped(_event(event)) for event in draft.events])
    if len(whole) <= LARGEST:
        return made.plan([(whole, draft.events)])
    if draft.connection.choices["madconnect-oversized"] == "refused":
        draft.stop("refused", "madconnect.split", f"{len(whole)} bytes, at most {LARGEST}")
        return Plan((), tuple(draft.fates))
    return made.in_parts()


class _Batch:
    """One batch on its way into requests."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.reference = draft.reference
        self.head = _head(draft)
        self.id = _request_id(draft)

    def body(self, id_: str | None, attributes: Sequence[Point], events: Sequence[bytes]) -> bytes:
        """The JSON of a request; `events` are encoded already."""
        made = {**self.head, **_described(attributes)}
        if id_ is not None:
            made["source_request_id"] = id_
        # The events come last, so that they need not be encoded once more.
        return dumped({**made, "events": []})[:-2] + b",".join(events) + b"]}"

    def in_parts(self) -> Plan:
        """Each request with its share of the events, in their order; an event that fits into none is refused."""
        draft = self.draft
        longest = self._part_id(len(draft.events) + 1)
        room = LARGEST - len(self.body(longest, (), ()))
        if room < 0:
            draft.stop("refused", "madconnect.split", "what every request must hold is too large for one")
            return Plan((), tuple(draft.fates))
        first = LARGEST - len(self.body(longest, draft.attributes, ()))
        if first < 0:
            for point in draft.attributes:
                draft.end(point, "refused", "madconnect.split", "the user attributes are too large for a request")
            draft.attributes, first = [], room
        fitting: list[tuple[EventDraft, bytes]] = []
        for event in draft.events:
            encoded = dumped(_event(event))
            if len(encoded) <= room:
                fitting.append((event, encoded))
            else:
                draft.end_event(event, "refused", "madconnect.split", f"{len(encoded)} bytes, at most {room} fit")
        if not fitting and draft.connection.choices["madconnect-without-events"] == "held":
            draft.stop("filtered", "madconnect.without-events", "no event goes with it")
            return Plan((), tuple(draft.fates))
        parts = shares([len(encoded) for _, encoded in fitting], first, room)
        bodies = []
        for number, part in enumerate(parts, 1):
            attributes = draft.attributes if number == 1 else []
            id_ = self.id if len(parts) == 1 else self._part_id(number)
            share = fitting[part]
            bodies.append((self.body(id_, attributes, [one for _, one in share]), [event for event, _ in share]))
        return self.plan(bodies)

    def _part_id(self, number: int) -> str | None:
        return None if self.id is None else f"{self.id}.{number}"

    def plan(self, bodies: Sequence[tuple[bytes, list[EventDraft]]]) -> Plan:
        """The requests, and the fates of everything that they carry."""
        draft = self.draft
        lane = f"mparticle:{_who(draft)}"
        first = f"{self.reference}.batch.1"
        if "mpid" in draft.body:
            known = "mpid" in self.head
            fate = ("sent", "madconnect.mpid", "mpid", first) if known else ("dropped", "madconnect.mpid", None, None)
            draft.fates.append(Fate("/mpid", *fate))
        draft.fates.extend(_sent(draft.identities, first))
        draft.fates.extend(_sent(draft.attributes, first))
        requests = []
        for number, (body, events) in enumerate(bodies, 1):
            key = f"{self.reference}.batch.{number}"
            requests.append(PlannedRequest(key, lane, "POST", PATH, body, draft.platform, None, "batch"))
            for event in events:
                draft.fates.append(Fate(event.place, "sent", event.rule, event.name or event.kind, key))
                draft.fates.extend(_sent(event.attributes, key))
        return Plan(tuple(requests), tuple(draft.fates))


def shares(sizes: Sequence[int], first: int, room: int) -> list[slice]:
    """Which of the events, by their sizes in bytes, go together: in order, as many as fit, a comma between two.

    The first share has room for `first` bytes and any other for `room`, which is enough for each event alone.
    There is always a first share, though it may be empty.
    """
    found = []
    begin, used, left = 0, 0, first
    for index, size in enumerate(sizes):
        wanted = used + size + (index > begin)
        if wanted > left:
            found.append(slice(begin, index))
            begin, wanted, left = index, size, room
        used = wanted
    return [*found, slice(begin, len(sizes))]


def _head(draft: Draft) -> dict[str, Any]:
    """What every request of the batch holds."""
    body = draft.body
    made = {name: body[name] for name in KEPT if body.get(name) is not None and body[name] != ""}
    plan = (made.get("context") or {}).get("data_plan")
    if isinstance(plan, dict) and BLOCKED in plan:
        # What a quarantine output says of the plan is no part of what was sent.
        made["context"] = {**made["context"], "data_plan": {name: plan[name] for name in plan if name != BLOCKED}}
    environment = str(made.pop("environment", "")).lower()
    if environment in ENVIRONMENTS:
        made["environment"] = environment
    if draft.mpid is not None and draft.connection.choices["madconnect-mpid"] == "sent":
        made["mpid"] = draft.mpid
    if draft.identities:
        made["user_identities"] = {point.out: point.value for point in draft.identities}
    return made


def _described(attributes: Sequence[Point]) -> dict[str, Any]:
    """User attributes and deletions, where there are any."""
    set_ = {point.out: point.value for point in attributes if point.value is not DELETED}
    deleted = [point.out for point in attributes if point.value is DELETED]
    made: dict[str, Any] = {"user_attributes": set_} if set_ else {}
    return {**made, "deleted_user_attributes": deleted} if deleted else made


def _event(event: EventDraft) -> dict[str, Any]:
    return {"event_type": event.kind, "data": event.body}


def _request_id(draft: Draft) -> str | None:
    """The batch's own id, by which a second try is known; else one that is the same whenever the batch is."""
    own = draft.body.get("source_request_id")
    if own:
        return str(own)
    return draft.reference if draft.connection.choices["madconnect-request-id"] == "derived" else None


def _who(draft: Draft) -> str:
    """Whose requests must keep their order: by MPID, else by the first identity."""
    if draft.mpid is not None:
        return str(draft.mpid)
    first = next(iter(draft.identities), None)
    return f"{first.out}:{first.value}" if first else "nobody"


def _sent(points_of: Iterable[Point], key: str) -> list[Fate]:
    return [Fate(point.place, "sent", point.rule, point.out, key) for point in points_of]
