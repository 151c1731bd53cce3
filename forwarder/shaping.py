"""What goes out, and how: mapped names, reserved fields, normalised names, texts, and no more than is allowed."""

from __future__ import annotations

from .draft import Draft, Point
from .fate import Fate
from .limits import EVENT_ATTRIBUTES, RESERVED, RESERVED_FOLDED, SCREEN_PREFIX, UNMAPPED_RESERVED, USER_ATTRIBUTES
from .names import normalised, text_of


def name_events(draft: Draft) -> None:
    """The mapping gives an event its name in SessionM (sessionm.event-mappings); no name, no event."""
    mappings, choices, fold = draft.connection.event_mappings, draft.connection.choices, draft.connection.fold
    named = []
    for event in draft.events:
        if not event.name:
            draft.end_event(event, "refused", draft.grounds.nameless, "the event has no name")
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
            points_of[:] = _merged(draft, points_of, f"{draft.reference}.{request}", last=last)


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
