"""What of a batch may go at all: the Rule, the platform, the login, the kinds of events, their age, the data filter.

Each step takes away from a `Draft`, and names the fate and the rule. They are the same for every destination but
for the tables that they read.
"""

from __future__ import annotations

import copy
from hmac import compare_digest

from .batch import AUDIENCES, Batch, BatchError
from .connection import Switches
from .draft import Draft, Point
from .fate import Fate
from .limits import PLATFORM_OF_SPELLING
from .points import points


def require_source_key(draft: Draft) -> None:
    """Where MadConnect's API key is set, a batch must bring the same one (madconnect.api-key)."""
    wanted = draft.connection.settings.get("madconnect", {}).get("api_key")
    if wanted is None or draft.connection.choices["madconnect-api-key"] == "unchecked":
        return
    came = draft.body.get("api_key")
    if came is None or not compare_digest(came.encode(), wanted.encode()):
        draft.stop("refused", "madconnect.api-key", "no API key came with it" if came is None else "another API key")


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
            draft.stop("filtered", draft.grounds.rule_failure, f"the Rule failed: {detail}")
        return
    if changed is None:
        draft.stop("filtered", draft.grounds.rule, "the Rule dropped the batch")
        return
    kept = set(points(changed.body))
    draft.fates.extend(
        Fate(place, "filtered", draft.grounds.rule, None, None, "the Rule took it away")
        for place in points(before)
        if place not in kept
    )
    draft.collect(changed)


def take_platform(draft: Draft) -> None:
    """Ten platforms are taken by SessionM; a batch that names none comes from a custom feed (sessionm.platforms)."""
    named = (draft.body.get("device_info") or {}).get("platform") or (draft.body.get("application_info") or {}).get(
        "os"
    )
    if not named:
        return
    platform = PLATFORM_OF_SPELLING.get(named.casefold().replace("_", "").replace("-", "").replace(" ", ""))
    if platform is None:
        draft.stop("unsupported", draft.grounds.platforms, "this platform is not one of the ten")
    else:
        draft.platform = platform


def take_logged_in(draft: Draft) -> None:
    """A user without a login identity is not sent (sessionm.logged-in-only)."""
    if draft.connection.logged_in_only:
        login = draft.connection.login_identities
        if not any(point.value and point.source in login for point in draft.identities):
            draft.stop("filtered", draft.grounds.logged_in, f"no login identity ({', '.join(sorted(login))})")


def require_mpid(draft: Draft) -> None:
    """Without an MPID there is nothing to file the batch under (sessionm.mpid-always)."""
    if draft.mpid is None:
        draft.stop("refused", "sessionm.mpid-always", "the batch has no MPID")


def pass_over_audiences(draft: Draft) -> None:
    """Which audiences somebody is in is an input of its own, which not every destination takes."""
    why = f"{draft.destination.title} takes no audiences"
    if draft.body.get("type") == AUDIENCES:
        draft.stop("unsupported", draft.grounds.audiences, why)
    else:
        for point in draft.audiences:
            draft.end(point, "unsupported", draft.grounds.audiences, why)


def take_kinds(draft: Draft) -> None:
    """Custom events and screen views are taken, other kinds are not (sessionm.other-kinds-unsupported)."""
    taken = []
    for event in draft.events:
        if event.kind in draft.destination.names:
            taken.append(event)
        else:
            draft.end_event(event, "unsupported", draft.grounds.kinds, f"{event.kind} is not forwarded")
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
        point = Point(name, f"/deleted_user_attributes/{index}", "", draft.grounds.deletions)
        if draft.connection.choices["deleted-attributes"] == "empty-string":
            draft.attributes.append(point)
        else:
            draft.end(point, "unsupported", draft.grounds.deletions, "deletions are not forwarded")


def filter_points(draft: Draft) -> None:
    """What the data filter does not let through ends here (sessionm.data-filter, sessionm.new-data-points-off)."""
    columns, fold = draft.connection.data_filter, draft.connection.fold
    kept_events = []
    for event in draft.events:
        name = fold(event.filter_name)
        column, asked = (columns.screens, name) if event.screen else columns.event_column(name)
        if not column.on(asked):
            draft.end_event(event, "filtered", _why_off(draft, decided=column.knows(asked)))
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
            draft.end(point, "filtered", draft.grounds.filtered_identities)
    draft.identities = kept


def refuse_empty_identities(draft: Draft) -> None:
    """An identity without a value, or without a type, identifies nobody (sessionm.forwards-user-identities)."""
    kept = []
    for point in draft.identities:
        if point.value and point.source:
            kept.append(point)
        else:
            what = "identity" if point.source else "type of the identity"
            draft.end(point, "refused", draft.grounds.identities, f"the {what} is empty")
    draft.identities = kept


def hold_without_events(draft: Draft) -> None:
    """Under the assumption that batches without events are held, they are (sessionm.batch-without-events)."""
    if not draft.events and draft.connection.choices["batch-without-events"] == "held":
        draft.stop("filtered", "sessionm.batch-without-events", "no event goes with it")


def _why_off(draft: Draft, *, decided: bool) -> str:
    return draft.grounds.filtered if decided else draft.grounds.new_points


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
            draft.end(point, "filtered", _why_off(draft, decided=column.knows(name)))
    return kept
