"""The SessionM destination: the steps that decide what becomes of each data point, in the order they are taken.

Every step is a function over a `Draft`. The first step that stops a point names its fate; what no step stopped
is sent. Nothing here has a clock or a socket.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from forwarder.batch import Batch, BatchError
from forwarder.connection import Connection, Switches
from forwarder.draft import Draft, EventDraft, Point
from forwarder.fate import KEY_PLACE, Fate, Plan, PlannedRequest
from forwarder.limits import (
    EVENT_ATTRIBUTES,
    FIELD_OF_IDENTITY,
    MPID_TYPE,
    NAME_OF_KIND,
    PLATFORM_OF_SPELLING,
    RESERVED,
    RESERVED_FOLDED,
    SCREEN_PREFIX,
    UNMAPPED_RESERVED,
    USER_ATTRIBUTES,
)
from forwarder.names import dumped, normalised, text_of
from forwarder.points import points

Step = Callable[[Draft], None]

_new = tuple.__new__
APPS = f"/priv/v1/apps/{KEY_PLACE}"
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  UTC; the Z is put behind it in the end, which is faster


def plan(
    batch: Batch, connection: Connection, *, steps: Sequence[Step] | None = None, now: float | None = None
) -> Plan:
    """What is to be sent for a batch, and the fate of each of its data points; pure and deterministic.

    `steps` takes the place of `STEPS`, for experiments and for proofs that a missing step is noticed.
    `now` is seconds since 1970, for the setting max_data_age_hours; without it any age goes.
    """
    draft = Draft(batch, connection, now)
    for step in STEPS if steps is None else steps:
        step(draft)
        if draft.stopped:
            return Plan((), tuple(draft.fates))
    return _assembled(draft)


# --- the whole batch --------------------------------------------------------------------------------------


def apply_rule(draft: Draft) -> None:
    """The customer's mParticle Rule sees the batch first; what it takes away is filtered (sessionm.mparticle-rule)."""
    rewrite = draft.connection.rule
    if rewrite is None:
        return
    before = draft.body
    try:
        after = rewrite(copy.deepcopy(before))
        changed = None if after is None else Batch.from_json(after)
    except Exception as error:  # noqa: BLE001  the Rule is the customer's code, and may raise anything
        if draft.connection.choices["rule-failure"] == "discard":
            detail = error.pointer if isinstance(error, BatchError) else type(error).__name__
            draft.stop("filtered", "sessionm.rule-failure", f"the Rule failed: {detail}")
        return
    if changed is None:
        draft.stop("filtered", "sessionm.mparticle-rule", "the Rule dropped the batch")
        return
    kept = set(points(changed.body))
    draft.fates.extend(
        Fate(place, "filtered", "sessionm.mparticle-rule", None, None, "the Rule took it away")
        for place in points(before)
        if place not in kept
    )
    draft.collect(changed)


def take_platform(draft: Draft) -> None:
    """Ten platforms are taken; a batch that names none comes from a custom feed (sessionm.platforms)."""
    named = (draft.body.get("device_info") or {}).get("platform") or (draft.body.get("application_info") or {}).get(
        "os"
    )
    if not named:
        return
    platform = PLATFORM_OF_SPELLING.get(named.casefold().replace("_", "").replace("-", "").replace(" ", ""))
    if platform is None:
        draft.stop("unsupported", "sessionm.platforms", "this platform is not one of the ten")
    else:
        draft.platform = platform


def take_logged_in(draft: Draft) -> None:
    """A user without a login identity is not sent (sessionm.logged-in-only)."""
    if draft.connection.logged_in_only:
        login = draft.connection.login_identities
        if not any(point.value and point.source in login for point in draft.identities):
            draft.stop("filtered", "sessionm.logged-in-only", f"no login identity ({', '.join(sorted(login))})")


def require_mpid(draft: Draft) -> None:
    """Without an MPID there is nothing to file the batch under (sessionm.mpid-always)."""
    if draft.mpid is None:
        draft.stop("refused", "sessionm.mpid-always", "the batch has no MPID")


def hold_without_events(draft: Draft) -> None:
    """Under the assumption that batches without events are held, they are (sessionm.batch-without-events)."""
    if not draft.events and draft.connection.choices["batch-without-events"] == "held":
        draft.stop("filtered", "sessionm.batch-without-events", "no event goes with it")


# --- points -----------------------------------------------------------------------------------------------


def take_kinds(draft: Draft) -> None:
    """Custom events and screen views are taken, other kinds are not (sessionm.other-kinds-unsupported)."""
    taken = []
    for event in draft.events:
        if event.kind in NAME_OF_KIND:
            taken.append(event)
        else:
            draft.end_event(event, "unsupported", "sessionm.other-kinds-unsupported", f"{event.kind} is not forwarded")
    draft.events = taken


def take_recent(draft: Draft) -> None:
    """An event that is older than the connection's limit is not sent any more (mparticle.max-data-age)."""
    hours = draft.connection.max_data_age_hours
    if hours is None or draft.now is None:
        return
    oldest = (draft.now - hours * 3600) * 1000
    recent = []
    for event in draft.events:
        moment = event.body.get("timestamp_unixtime_ms")
        if moment and int(moment) < oldest:
            draft.end_event(event, "filtered", "mparticle.max-data-age", f"older than {hours:g} hours")
        else:
            recent.append(event)
    draft.events = recent


def take_deletions(draft: Draft) -> None:
    """A deleted attribute is not sent, or goes out empty (sessionm.deleted-attributes)."""
    deleted = draft.body.get("deleted_user_attributes") or ()
    for index, name in enumerate(deleted):
        point = Point(name, f"/deleted_user_attributes/{index}", "", "sessionm.deleted-attributes")
        if draft.connection.choices["deleted-attributes"] == "empty-string":
            draft.attributes.append(point)
        else:
            draft.end(point, "unsupported", "sessionm.deleted-attributes", "deletions are not forwarded")


def filter_points(draft: Draft) -> None:
    """What the data filter does not let through ends here (sessionm.data-filter, sessionm.new-data-points-off)."""
    columns, fold = draft.connection.data_filter, draft.connection.fold
    kept_events = []
    for event in draft.events:
        name = fold(event.filter_name)
        column, asked = (columns.screens, name) if event.screen else columns.event_column(name)
        if not column.on(asked):
            draft.end_event(event, "filtered", _why_off(column.knows(asked)))
            continue
        column = columns.attributes_of(name, screen=event.screen)
        event.attributes = _let_through(draft, column, event.attributes)
        kept_events.append(event)
    draft.events = kept_events
    draft.attributes = _let_through(draft, columns.user_attributes, draft.attributes)
    kept = []
    for point in draft.identities:
        if columns.user_identities.on(point.source):
            kept.append(point)
        else:
            draft.end(point, "filtered", "sessionm.identities-by-filter")
    draft.identities = kept


def refuse_empty_identities(draft: Draft) -> None:
    """An identity without a value, or without a type, identifies nobody (sessionm.forwards-user-identities)."""
    kept = []
    for point in draft.identities:
        if point.value and point.source:
            kept.append(point)
        else:
            what = "identity" if point.source else "type of the identity"
            draft.end(point, "refused", "sessionm.forwards-user-identities", f"the {what} is empty")
    draft.identities = kept


def name_events(draft: Draft) -> None:
    """The mapping gives an event its name in SessionM (sessionm.event-mappings); no name, no event."""
    mappings, choices, fold = draft.connection.event_mappings, draft.connection.choices, draft.connection.fold
    named = []
    for event in draft.events:
        if not event.name:
            draft.end_event(event, "refused", "sessionm.event-name-required", "the event has no name")
            continue
        mapped = mappings.get(fold(event.name))
        if mapped is not None:
            event.name, event.rule = mapped, "sessionm.event-mappings"
        elif choices["unmapped-event"] == "dropped":
            draft.end_event(event, "dropped", "sessionm.unmapped-event", "no mapping names it")
            continue
        elif event.screen and choices["screen-view-name"] == "prefixed":
            event.name, event.rule = SCREEN_PREFIX + event.name, "sessionm.screen-view-name"
        named.append(event)
    draft.events = named


def map_reserved(draft: Draft) -> None:
    """Eight attributes go into SessionM's own fields (sessionm.reserved-fields), apart from the custom ones."""
    exact = draft.connection.choices["reserved-name-case"] == "exact"
    drop_unmapped = draft.connection.choices["unmapped-reserved"] == "dropped"
    kept = []
    for point in draft.attributes:
        if point.source[:1] == "$":
            folded = point.source.casefold()
            field = RESERVED.get(point.source) if exact else RESERVED_FOLDED.get(folded)
            if field is not None:
                point.out = field
                point.rule = "sessionm.reserved-fields"
                draft.fields.append(point)
                continue
            if folded in UNMAPPED_RESERVED:
                if drop_unmapped:
                    draft.end(point, "dropped", "sessionm.unmapped-reserved", "no field of SessionM's own")
                    continue
                point.rule = "sessionm.unmapped-reserved"
        kept.append(point)
    draft.attributes = kept


def normalise_names(draft: Draft) -> None:
    """The two normalisation steps (sessionm.key-replace, sessionm.key-strip); an empty name ends here."""
    choices = draft.connection.choices
    draft.attributes = _normalised(draft, draft.attributes)
    if choices["event-attribute-keys"] == "normalised":
        for event in draft.events:
            event.attributes = _normalised(draft, event.attributes)


def drop_values(draft: Draft) -> None:
    """Values without a text under the chosen assumptions (sessionm.null-as-string, sessionm.list-as-string)."""
    choices = draft.connection.choices
    nulls, lists = choices["null-as-string"] == "dropped", choices["list-as-string"] == "dropped"
    if nulls or lists:
        draft.fields = _with_text(draft, draft.fields, nulls=nulls, lists=lists)
        draft.attributes = _with_text(draft, draft.attributes, nulls=nulls, lists=lists)
        for event in draft.events:
            event.attributes = _with_text(draft, event.attributes, nulls=nulls, lists=lists)


def merge_names(draft: Draft) -> None:
    """Of points with one name in the same place, one goes (sessionm.colliding-keys)."""
    last = draft.connection.choices["colliding-keys"] == "last"
    for points_of, request in [
        (draft.identities, "user"),
        (draft.fields, "user"),
        (draft.attributes, "user"),
        *((event.attributes, f"event.{event.index}") for event in draft.events),
    ]:
        if len({point.out for point in points_of}) < len(points_of):
            points_of[:] = _merged(draft, points_of, f"{_reference(draft)}.{request}", last=last)


def stringify(draft: Draft) -> None:
    """Every value becomes a string (sessionm.values-are-strings, sessionm.event-values-are-strings)."""
    choices = draft.connection.choices
    for bag in (draft.fields, draft.attributes):
        for point in bag:
            if type(point.value) is not str:
                point.value = text_of(point.value, choices)
    as_is = choices["event-attribute-values"] == "as-is"
    for event in draft.events:
        for point in event.attributes:
            if type(point.value) is not str and not (as_is and not isinstance(point.value, (list, dict))):
                point.value = text_of(point.value, choices)


def cap_user_attributes(draft: Draft) -> None:
    """At most so many custom attributes for a user; reserved fields stand outside (sessionm.user-attributes-max)."""
    if len(draft.attributes) > USER_ATTRIBUTES:
        draft.attributes = _capped(
            draft, draft.attributes, USER_ATTRIBUTES, "sessionm.user-attributes-max", "user-attributes-kept"
        )


def cap_event_attributes(draft: Draft) -> None:
    """At most so many attributes with an event (sessionm.event-attributes-max)."""
    for event in draft.events:
        if len(event.attributes) > EVENT_ATTRIBUTES:
            event.attributes = _capped(
                draft, event.attributes, EVENT_ATTRIBUTES, "sessionm.event-attributes-max", "event-attributes-kept"
            )


STEPS: tuple[Step, ...] = (
    apply_rule,
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


# --- how the steps do it ----------------------------------------------------------------------------------


def _why_off(decided: bool) -> str:
    return "sessionm.data-filter" if decided else "sessionm.new-data-points-off"


def _let_through(draft: Draft, column: Switches, points_of: list[Point]) -> list[Point]:
    if column.otherwise and not column.by_name:
        return points_of
    fold = draft.connection.fold
    kept = []
    for point in points_of:
        name = fold(point.source)
        if column.on(name):
            kept.append(point)
        else:
            draft.end(point, "filtered", _why_off(column.knows(name)))
    return kept


def _normalised(draft: Draft, points_of: list[Point]) -> list[Point]:
    choices = draft.connection.choices
    non_ascii = choices["non-ascii-letters"]
    kept = []
    for point in points_of:
        name, rule = normalised(point.out, non_ascii)
        if not name:
            if choices["empty-key"] == "dropped":
                draft.end(point, "dropped", "sessionm.empty-key", "nothing is left of the name")
                continue
            name, rule = "_", "sessionm.empty-key"
        if rule is not None:
            point.out = name
            if point.rule != "sessionm.unmapped-reserved":
                point.rule = rule
        kept.append(point)
    return kept


def _with_text(draft: Draft, points_of: list[Point], *, nulls: bool, lists: bool) -> list[Point]:
    kept = []
    for point in points_of:
        if nulls and point.value is None:
            draft.end(point, "dropped", "sessionm.null-as-string", "it has no value")
        elif lists and isinstance(point.value, (list, dict)):
            draft.end(point, "dropped", "sessionm.list-as-string", "a list has no text")
        else:
            kept.append(point)
    return kept


def _merged(draft: Draft, points_of: list[Point], key: str, *, last: bool) -> list[Point]:
    """One point for each name, in the place of the first; the others are merged into it."""
    by_name: dict[str, Point] = {}
    for point in points_of:
        known = by_name.setdefault(point.out, point)
        if known is not point:
            loser = point
            if last:
                by_name[point.out], loser = point, known
            draft.fates.append(Fate(loser.place, "merged", "sessionm.colliding-keys", point.out, key))
    return list(by_name.values())


def _capped(draft: Draft, points_of: list[Point], limit: int, rule: str, assumption: str) -> list[Point]:
    """The points that stay, in the order of the batch; the others end with a word on how many there were."""
    which = draft.connection.choices[assumption]
    if which == "alphabetical":
        kept = set(sorted(points_of, key=lambda point: point.out)[:limit])
    else:
        kept = set(points_of[-limit:] if which == "last" else points_of[:limit])
    detail = f"{len(points_of)} attributes, at most {limit}"
    for point in points_of:
        if point not in kept:
            draft.end(point, "dropped", rule, detail)
    return [point for point in points_of if point in kept]


# --- the requests -----------------------------------------------------------------------------------------


def _reference(draft: Draft) -> str:
    """What the keys of this batch's requests begin with; the same for the same batch."""
    named = draft.body.get("source_request_id") or draft.body.get("batch_id")
    if named:
        return f"{draft.mpid}.{named}"
    return f"{draft.mpid}.{hashlib.blake2b(dumped(draft.body), digest_size=6).hexdigest()}"


def _assembled(draft: Draft) -> Plan:
    ref = _reference(draft)
    mpid = str(draft.mpid)
    lane = f"sessionm:{mpid}"
    owner = f"{APPS}/external/users/{mpid}"  # an integer: there is nothing to quote
    key = f"{ref}.user"
    fates = draft.fates
    if "mpid" in draft.body:
        fates.append(Fate("/mpid", "sent", "sessionm.mpid-always", "external_id", key))
    requests = [
        PlannedRequest(
            key, lane, "PUT", owner, dumped({"user": _user(draft, mpid, key)}), draft.platform, f"{APPS}/users"
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
