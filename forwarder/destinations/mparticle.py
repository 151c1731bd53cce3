"""The destination mParticle, as MadConnect writes to it: the steps, what an answer says, and the rules for both.

What came out of one mParticle input, or out of its S3 output, goes into another input through the Events API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts import rules
from contracts.interaction import Response
from contracts.register import openapi
from forwarder.destination import FINE, Destination, Grounds, Trouble
from forwarder.draft import Draft, Point
from forwarder.selection import (
    apply_rule,
    filter_points,
    pass_over_audiences,
    refuse_empty_identities,
    take_kinds,
    take_logged_in,
    take_recent,
)

from .mparticle_batch import DELETED, assembled
from .mparticle_node import make_nodes

_SCHEMAS = openapi("mparticle")["components"]["schemas"]
KINDS: tuple[str, ...] = tuple(_SCHEMAS["Event"]["properties"]["event_type"]["enum"])
IDENTITY_TYPES = frozenset(_SCHEMAS["IdentityType"]["enum"])
NAMED: Mapping[str, str] = rules()["madconnect.event-name"].table["events"]
DEVICE_IDS: frozenset[str] = frozenset(rules()["madconnect.somebody"].table["device"])
NO_DEVICE: str = rules()["madconnect.somebody"].table["absent"]
ACCEPTED = 202


def take_deletions(draft: Draft) -> None:
    """A deletion goes as it is, and through the filter like the attribute that it is about."""
    deleted = draft.body.get("deleted_user_attributes") or ()
    draft.attributes += [
        Point(name, f"/deleted_user_attributes/{index}", DELETED, draft.grounds.deletions)
        for index, name in enumerate(deleted)
    ]


def hold_attributes(draft: Draft) -> None:
    """Under the assumption that events alone go, user attributes end here (madconnect.user-attributes)."""
    if draft.connection.choices["madconnect-user-attributes"] == "left-out":
        for point in draft.attributes:
            draft.end(point, "unsupported", draft.grounds.attributes, "events alone are forwarded")
        draft.attributes = []


def name_identities(draft: Draft) -> None:
    """Identities become a map: one for each type (madconnect.identity-map) that the reference knows."""
    last = draft.connection.choices["colliding-keys"] == "last"
    kept: dict[str, Point] = {}
    for point in draft.identities:
        if point.source not in IDENTITY_TYPES:
            draft.end(point, "unsupported", "madconnect.identity-types", "an input takes no identity of this type")
            continue
        known = kept.setdefault(point.source, point)
        if known is not point:
            merged = known if last else point
            kept[point.source] = point if last else known
            draft.end(merged, "merged", "madconnect.identity-map", "another identity has the same type")
    draft.identities = list(kept.values())


def know_somebody(draft: Draft) -> None:
    """Without any id there is nobody to file the batch under (madconnect.somebody)."""
    choices = draft.connection.choices
    if choices["madconnect-nobody"] == "sent" or draft.identities or _has_device(draft.body):
        return
    if draft.mpid is None or choices["madconnect-mpid"] == "left-out":
        draft.stop("refused", "madconnect.somebody", "no MPID, no user identity and no device id goes with it")


def _has_device(body: Mapping[str, Any]) -> bool:
    told = {**(body.get("device_info") or {}), "mp_deviceid": body.get("mp_deviceid")}
    return any(told.get(name) not in {None, "", NO_DEVICE} for name in DEVICE_IDS)


def ask_for_names(draft: Draft) -> None:
    """A custom event and a screen view have a name (madconnect.event-name)."""
    named = []
    for event in draft.events:
        if event.name or event.kind not in NAMED:
            named.append(event)
        else:
            draft.end_event(event, "refused", draft.grounds.nameless, "the event has no name")
    draft.events = named


def take_values(draft: Draft) -> None:
    """An event attribute is no list, and a user attribute no object (madconnect.attribute-values)."""
    if draft.connection.choices["madconnect-list-values"] == "as-written":
        return
    for event in draft.events:
        event.attributes = _plain(draft, event.attributes, in_lists=False)
    draft.attributes = _plain(draft, draft.attributes, in_lists=True)


def _plain(draft: Draft, points_of: list[Point], *, in_lists: bool) -> list[Point]:
    if not any(isinstance(point.value, (list, dict)) for point in points_of):
        return points_of
    kept = []
    for point in points_of:
        inner = point.value if in_lists and isinstance(point.value, list) else (point.value,)
        if any(isinstance(value, (list, dict)) for value in inner):
            what = "an object or a list within a list" if in_lists else "a list or an object"
            draft.end(point, "refused", "madconnect.attribute-values", f"the value is {what}")
        else:
            kept.append(point)
    return kept


def hold_without_events(draft: Draft) -> None:
    """Under the assumption that batches without events are held, they are (madconnect.without-events)."""
    if not draft.events and draft.connection.choices["madconnect-without-events"] == "held":
        draft.stop("filtered", "madconnect.without-events", "no event goes with it")


STEPS = (
    apply_rule,
    pass_over_audiences,
    take_logged_in,
    take_kinds,
    take_recent,
    take_deletions,
    filter_points,
    hold_attributes,
    refuse_empty_identities,
    name_identities,
    know_somebody,
    ask_for_names,
    take_values,
    make_nodes,
    hold_without_events,
)
"""The way of a batch, in the order in which things are decided about it."""


def trouble(response: Response) -> Trouble:
    """The code and the messages of mParticle (source: mparticle-events-api).

    Success is 202 with an empty body. Any other success comes from some other server, and is no delivery.
    """
    if response.status == ACCEPTED and not response.body.strip():
        return FINE
    if 200 <= response.status < 300:
        return "not_accepted", "mParticle answers 202 and an empty body; check mparticle.host"
    try:
        body = response.json()
    except ValueError:
        return FINE
    errors = body.get("errors") if isinstance(body, Mapping) else None
    told = [one for one in errors if isinstance(one, Mapping)] if isinstance(errors, list) else []
    if not told:
        return FINE
    messages = "; ".join(" ".join(str(one.get("message") or "").split()) for one in told)
    return str(told[0].get("code") or "error"), messages


MPARTICLE = Destination(
    name="mparticle",
    title="mParticle",
    steps=STEPS,
    assembled=assembled,
    grounds=Grounds(
        rule="madconnect.mparticle-rule",
        rule_failure="madconnect.rule-failure",
        platforms="madconnect.one-input",
        logged_in="madconnect.logged-in-only",
        filtered="madconnect.data-filter",
        filtered_identities="madconnect.data-filter",
        new_points="madconnect.data-filter",
        kinds="madconnect.kinds",
        audiences="madconnect.events-only",
        nameless="madconnect.event-name",
        custom="madconnect.event-node",
        screens="madconnect.event-node",
        attributes="madconnect.user-attributes",
        identities="madconnect.identity-map",
        deletions="madconnect.deleted-attributes",
    ),
    names={kind: NAMED.get(kind, "") for kind in KINDS},
    trouble=trouble,
    pair=("key", "secret"),
    host="mparticle.host",
    defaults={
        "data_filter": {"send_new_data_points_by_default": True},
        "forwarding_rules": {"logged_in_only": False},
    },
)
