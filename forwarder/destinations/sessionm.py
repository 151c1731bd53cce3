"""The SessionM destination: the order of the steps, the requests that are made of what they leave, and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from contracts.interaction import Response
from forwarder.destination import FINE, Destination, Grounds, Trouble
from forwarder.draft import Draft, EventDraft, Point, Step
from forwarder.fate import KEY_PLACE, Fate, Plan, PlannedRequest
from forwarder.limits import FIELD_OF_IDENTITY, MPID_TYPE, NAME_OF_KIND
from forwarder.names import dumped
from forwarder.selection import (
    apply_rule,
    filter_points,
    hold_without_events,
    pass_over_audiences,
    refuse_empty_identities,
    require_mpid,
    take_deletions,
    take_kinds,
    take_logged_in,
    take_platform,
    take_recent,
)
from forwarder.shaping import (
    cap_event_attributes,
    cap_user_attributes,
    drop_values,
    map_reserved,
    merge_names,
    name_events,
    normalise_names,
    stringify,
)

_new = tuple.__new__
APPS = f"/priv/v1/apps/{KEY_PLACE}"
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  UTC; the Z is put behind it in the end, which is faster


STEPS: tuple[Step, ...] = (
    apply_rule,
    pass_over_audiences,
    take_platform,
    take_logged_in,
    require_mpid,
    take_kinds,
    take_recent,
    take_deletions,
    filter_points,
    refuse_empty_identities,
    name_events,
    hold_without_events,
    map_reserved,
    normalise_names,
    drop_values,
    merge_names,
    stringify,
    cap_user_attributes,
    cap_event_attributes,
)
"""The way of a batch, in the order in which things are decided about it."""


def assembled(draft: Draft) -> Plan:
    """The requests for SessionM: the user first, then each event by itself."""
    ref = draft.reference
    mpid = str(draft.mpid)
    lane = f"sessionm:{mpid}"
    owner = f"{APPS}/external/users/{mpid}"  # an integer: there is nothing to quote
    key = f"{ref}.user"
    fates = draft.fates
    if "mpid" in draft.body:
        fates.append(Fate("/mpid", "sent", "sessionm.mpid-always", "external_id", key))
    requests = [
        PlannedRequest(
            key, lane, "PUT", owner, dumped({"user": _user(draft, mpid, key)}), draft.platform, f"{APPS}/users", "user"
        )
    ]
    for event in draft.events:
        event_key = f"{ref}.event.{event.index}"
        fates.append(Fate(event.place, "sent", event.rule, event.name, event_key))
        fates.extend(_sent(event.attributes, event_key))
        body = dumped({"events": {event.name: _event(event, event_key)}})
        requests.append(PlannedRequest(event_key, lane, "POST", f"{owner}/events", body, draft.platform))
    return Plan(tuple(requests), tuple(fates))


def _user(draft: Draft, mpid: str, key: str) -> dict[str, Any]:
    user: dict[str, Any] = {"external_id": mpid, "external_id_type": MPID_TYPE}
    identifiers = _identities(draft, user, key)
    if draft.connection.choices["mpid-field"] == "identifiers" and identifiers:
        user.update(identifiers.pop(0))
        identifiers.append({"external_id": mpid, "external_id_type": MPID_TYPE})
    if identifiers:
        user["identifiers"] = identifiers
    user.update((point.out, point.value) for point in draft.fields)
    if draft.attributes:
        user["user_profile"] = {point.out: point.value for point in draft.attributes}
    draft.fates.extend(_sent(draft.fields, key))
    draft.fates.extend(_sent(draft.attributes, key))
    return user


def _sent(points_of: list[Point], key: str) -> list[Fate]:
    # Most points of most batches come here: past the names of `Fate`, one is made in half the time.
    return [_new(Fate, (point.place, "sent", point.rule, point.out, key, "")) for point in points_of]


def _identities(draft: Draft, user: dict[str, Any], key: str) -> list[dict[str, str]]:
    """Fills the native fields of `user`; gives the identities that have none."""
    native = draft.connection.choices["identity-fields"] == "native"
    identifiers = []
    for point in draft.identities:
        field = FIELD_OF_IDENTITY.get(point.source) if native else None
        if field == "phone_numbers":
            user[field] = [{"phone_number": point.value, "phone_type": "mobile"}]
        elif field is not None:
            user[field] = point.value
        else:
            identifiers.append({"external_id": point.value, "external_id_type": point.source})
        draft.fates.append(Fate(point.place, "sent", point.rule, field or point.source, key))
    return identifiers


def _event(event: EventDraft, key: str) -> dict[str, Any]:
    body = event.body
    made: dict[str, Any] = {
        "transaction_id": str(body.get("source_message_id") or body.get("event_id") or key),
        "qty": 1,
    }
    date = _date(body.get("timestamp_unixtime_ms"))
    if date:
        made["date"] = date
    if event.attributes:
        made["context"] = {point.out: point.value for point in event.attributes}
    return made


def _date(milliseconds: int | str | None) -> str | None:
    """ISO 8601 in UTC; None for no time, and for one that no calendar holds."""
    if not milliseconds:
        return None
    try:
        moment = EPOCH + timedelta(0, 0, 0, int(milliseconds))
    except OverflowError:
        return None
    # strftime writes a year before 1000 with fewer than four digits, which is no date any more.
    return moment.isoformat("T", "milliseconds") + "Z"


def trouble(response: Response) -> Trouble:
    """SessionM's error code and message (source: sessionm-errors).

    A body that says `status: error` is an error under every HTTP status. A success whose body is not JSON is an
    error of its own: the page of some other server is no delivery.
    """
    try:
        body = response.json()
    except ValueError:
        ok = 200 <= response.status < 300
        return ("not_json", "the body is not JSON; check configuration.host_name") if ok else FINE
    if not isinstance(body, Mapping) or body.get("status") != "error":
        return FINE
    errors: Any = body.get("errors")
    if not isinstance(errors, Mapping):
        return "error", ""
    return str(errors.get("code") or "error"), " ".join(str(errors.get("message") or "").split())


SESSIONM = Destination(
    name="sessionm",
    title="SessionM",
    steps=STEPS,
    assembled=assembled,
    grounds=Grounds(
        rule="sessionm.mparticle-rule",
        rule_failure="sessionm.rule-failure",
        platforms="sessionm.platforms",
        logged_in="sessionm.logged-in-only",
        filtered="sessionm.data-filter",
        filtered_identities="sessionm.identities-by-filter",
        new_points="sessionm.new-data-points-off",
        kinds="sessionm.other-kinds-unsupported",
        audiences="sessionm.audiences-unsupported",
        nameless="sessionm.event-name-required",
        custom="sessionm.forwards-custom-events",
        screens="sessionm.forwards-screen-views",
        attributes="sessionm.forwards-user-attributes",
        identities="sessionm.forwards-user-identities",
        deletions="sessionm.deleted-attributes",
    ),
    names=NAME_OF_KIND,
    trouble=trouble,
    pair=None,
    host="configuration.host_name",
)
