"""What is said of a person to Customer.io: which attributes, under which names, of which sizes, and how many."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from forwarder.connection import Connection
from forwarder.draft import Draft, Point
from forwarder.fate import Fate, FateName
from forwarder.names import compact, text_of

from .customerio_audiences import tells_audiences
from .customerio_limits import (
    ALWAYS,
    ATTRIBUTES,
    LONGEST,
    MEMBERSHIP,
    NAME_BYTES,
    OWN_KEYS,
    OWN_PREFIXES,
    RESERVED,
    VALUE_BYTES,
    cut,
    size,
)

ALL = "customerio.all-attributes"
FIRST_LAST = "customerio.first-last-always"
COLLIDING = "customerio.colliding-names"
OVERSIZED = "customerio.oversized-value"
SURELY_FITS = VALUE_BYTES // LONGEST
"""A text of no more characters than this need not be measured."""

_ALWAYS = {name.casefold(): (name, out) for name, out in ALWAYS.items()}
_RESERVED = {name.casefold(): (name, out) for name, out in RESERVED.items()}


def add_created_at(draft: Draft) -> None:
    """When the user was first seen on this device, where the setting sends it (customerio.created-at-sent)."""
    if not draft.connection.settings["customerio"]["send_created_at"]:
        return
    place = draft.body
    if draft.connection.choices["customerio-created-at-input"] == "device-info":
        place = draft.body.get("device_info") or {}
    moment = place.get("created_at_unixtime")
    if moment:
        # No data point of a batch, so it has no place and no fate.
        draft.fields.append(Point("created_at", "", int(moment), "customerio.created-at-sent"))


class Placed(NamedTuple):
    """Where an attribute of some name goes: under which name and rule, or how it ends there."""

    out: str
    rule: str
    always: bool = False
    fate: FateName = "sent"
    detail: str = ""


def place_attributes(draft: Draft) -> None:
    """First and last name go first; everything else only where the setting includes it."""
    every = draft.connection.settings["customerio"]["include_user_attributes"]
    how = _how(draft.connection)
    first: list[Point] = []
    others: list[Point] = []
    for point in draft.attributes:
        placed = placed_name(point.source, how)
        if not every and not placed.always:
            detail = "only first and last name are to be sent"
            draft.end(point, "filtered", "customerio.include-user-attributes", detail)
        elif placed.fate != "sent":
            draft.end(point, placed.fate, placed.rule, placed.detail)
        else:
            point.out = placed.out
            if point.rule == ALL or placed.rule != ALL:
                point.rule = placed.rule
            (first if placed.always else others).append(point)
    draft.attributes = first + others


def shape_values(draft: Draft) -> None:
    """Values go as they are, but for lists and for none (customerio.values, customerio.lists, customerio.nulls)."""
    draft.attributes = _shaped(draft, draft.attributes)
    for event in draft.events:
        event.attributes = _shaped(draft, event.attributes)


def merge_names(draft: Draft) -> None:
    """Of attributes with one name one goes; what always goes keeps its name (customerio.colliding-names)."""
    fixed = {"id", *(point.out for point in draft.fields), *(point.out for point in draft.identities)}
    if tells_audiences(draft):
        fixed.add(MEMBERSHIP)
    names = {point.out for point in draft.attributes}
    if len(names) == len(draft.attributes) and not names & fixed:
        return
    last = draft.connection.choices["colliding-keys"] == "last"
    key = f"{draft.reference}.user"
    by_name: dict[str, Point] = {}
    for point in draft.attributes:
        loser = point
        if point.out not in fixed:
            known = by_name.setdefault(point.out, point)
            if known is point:
                continue
            if last:
                by_name[point.out], loser = point, known
        draft.fates.append(Fate(loser.place, "merged", COLLIDING, point.out, key))
    draft.attributes = list(by_name.values())


def size_values(draft: Draft) -> None:
    """A value that is too long ends, or is cut (customerio.oversized-value)."""
    long = [point for point in draft.attributes if type(point.value) is not str or len(point.value) > SURELY_FITS]
    gone = {point for point in long if not value_fits(draft, point)}
    if gone:
        draft.attributes = [point for point in draft.attributes if point not in gone]


def cap_attributes(draft: Draft) -> None:
    """No more attributes than Customer.io takes, what is always sent first (customerio.attributes-kept)."""
    fixed = len(draft.fields) + sum(point.out != "id" for point in draft.identities)
    fixed += tells_audiences(draft)  # its list of audiences is an attribute too
    room = ATTRIBUTES - fixed
    if len(draft.attributes) <= room:
        return
    always = [point for point in draft.attributes if point.rule == FIRST_LAST]
    others = [point for point in draft.attributes if point.rule != FIRST_LAST]
    room -= len(always)
    kept, gone = others[:room], others[room:]
    if draft.connection.choices["customerio-attributes-kept"] == "last":
        first = len(others) - room
        kept, gone = others[first:], others[:first]
    detail = f"{fixed + len(draft.attributes)} attributes, at most {ATTRIBUTES}"
    for point in gone:
        draft.end(point, "dropped", "customerio.attributes-kept", detail)
    draft.attributes = always + kept


@lru_cache(maxsize=65_536)
def placed_name(name: str, how: tuple[str, ...]) -> Placed:
    """Where an attribute goes; `how` is what `_how` reads of a connection."""
    case, first_last, reserved, empty, own_keys, oversized = how
    out, rule, always = name, ALL, False
    if name[:1] == "$":
        folded = name if case == "exact" else name.casefold()
        if folded in (ALWAYS if case == "exact" else _ALWAYS):
            known, spelt = _ALWAYS[name.casefold()]
            out, rule, always = _spelt(name, known, spelt, first_last), FIRST_LAST, True
        elif folded in (RESERVED if case == "exact" else _RESERVED):
            known, spelt = _RESERVED[name.casefold()]
            out, rule = _spelt(name, known, spelt, reserved), "customerio.reserved-attributes"
    if not out:
        if empty == "dropped":
            return Placed("", "customerio.empty-name", fate="dropped", detail="it has no name")
        out, rule = "_", "customerio.empty-name"
    if out in OWN_KEYS or out.startswith(OWN_PREFIXES):
        rule = "customerio.reserved-keys"
        if own_keys == "dropped":
            detail = "Customer.io means something of its own by this name"
            return Placed("", rule, always, "dropped", detail)
    bytes_ = size(out)
    if bytes_ > NAME_BYTES:
        rule = "customerio.oversized-name"
        if oversized == "dropped":
            return Placed("", rule, always, "dropped", f"a name of {bytes_} bytes, at most {NAME_BYTES}")
        if oversized == "truncated":
            out = cut(out, NAME_BYTES)
    return Placed(out, rule, always)


def _how(connection: Connection) -> tuple[str, ...]:
    choices = connection.choices
    return (
        choices["reserved-name-case"],
        choices["customerio-name-attributes"],
        choices["customerio-reserved-attributes"],
        choices["empty-key"],
        choices["customerio-reserved-keys"],
        choices["customerio-oversized-name"],
    )


def _spelt(name: str, known: str, snake: str, choice: str) -> str:
    if choice == "as-is":
        return name
    return known[1:] if choice == "stripped" else snake


def _shaped(draft: Draft, points_of: list[Point]) -> list[Point]:
    # Most values are texts, and a list of points without any other is left as it is.
    others = [point for point in points_of if type(point.value) is not str]
    if not others:
        return points_of
    choices = draft.connection.choices
    nulls, lists = choices["customerio-nulls"], choices["customerio-lists"]
    texts = choices["customerio-values"] == "texts"
    gone = set()
    for point in others:
        value = point.value
        if value is None:
            if nulls == "dropped":
                draft.end(point, "dropped", "customerio.nulls", "it has no value")
                gone.add(point)
            elif nulls == "empty":
                point.value = ""
        elif isinstance(value, (list, dict)):
            if lists == "dropped":
                draft.end(point, "dropped", "customerio.lists", "a list is not forwarded")
                gone.add(point)
            elif lists == "json":
                point.value = compact(value)
        elif texts:
            point.value = text_of(value, choices)
    return [point for point in points_of if point not in gone] if gone else points_of


def value_fits(draft: Draft, point: Point, *, cuttable: bool = True) -> bool:
    """Whether a value can go. What is too long ends here, or is cut where it is a text that may be."""
    value = point.value
    text = type(value) is str
    if value is None or isinstance(value, (bool, float)):
        return True
    bytes_ = size(value)
    if bytes_ <= VALUE_BYTES:
        return True
    choice = draft.connection.choices["customerio-oversized-value"]
    if choice == "sent":
        return True
    if choice == "truncated" and text and cuttable:
        point.value = cut(value, VALUE_BYTES)
        if point.rule != FIRST_LAST:
            point.rule = OVERSIZED
        return True
    draft.end(point, "dropped", OVERSIZED, f"{bytes_} bytes, at most {VALUE_BYTES}")
    return False
