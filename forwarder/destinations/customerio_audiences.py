"""The audiences of a person as attributes in Customer.io: all their ids in one, and one for each if that is set."""

from __future__ import annotations

from typing import Any

from forwarder.batch import AUDIENCES
from forwarder.draft import Draft, Point
from forwarder.fate import Fate

from .customerio_limits import ATTRIBUTES, IN, LONGEST, MEMBERSHIP, NAME_BYTES, VALUE_BYTES, cut, size

LISTED = "customerio.segment-membership"
SINGLE = "customerio.one-attribute-per-segment"
LEFT = "customerio.audience-left"
LONG = "customerio.long-membership"


def tells_audiences(draft: Draft) -> bool:
    """Whether this is a line that says which audiences somebody is in; one with none in it says so, too."""
    return draft.body.get("type") == AUDIENCES and draft.body.get("audiences") is not None


def audience_attributes(draft: Draft, key: str, others: int) -> dict[str, Any]:
    """What goes into the request `key` about the audiences of a line of them; empty where the input is none.

    `others` is how many attributes go beside them.
    """
    if not tells_audiences(draft):
        for point in draft.audiences:
            draft.end(point, "unsupported", LISTED, "audiences come in a line of their own")
        return {}
    left = {
        point.place
        for point, said in zip(draft.audiences, draft.body["audiences"], strict=True)
        if said.get("action") == "delete"
    }
    if draft.connection.choices["customerio-audience-left"] == "silent":
        for point in draft.audiences:
            if point.place in left:
                draft.end(point, "unsupported", LEFT, "that an audience was left is not forwarded")
        draft.audiences = [point for point in draft.audiences if point.place not in left]
    listed = [point for point in draft.audiences if point.place not in left]
    fit = _fitting(draft, listed)
    made: dict[str, Any] = {} if fit is None else {MEMBERSHIP: ",".join(f"'{point.source}'" for point in fit)}
    shown = {point.place for point in fit or ()}
    for point in draft.audiences:
        name = _own_name(draft, point)
        gone = point.place in left
        if name and (name in made or others + len(made) < ATTRIBUTES):
            # Where two audiences have one external name, whoever is in either of them is in it.
            made[name] = made.get(name, False) or not gone
        else:
            name = None
        if gone or point.place in shown:
            rule = LEFT if gone else point.rule
            draft.fates.append(Fate(point.place, "sent", rule, name if gone and name else MEMBERSHIP, key))
        elif name:
            draft.fates.append(Fate(point.place, "sent", SINGLE, name, key))
        else:
            detail = f"more than {VALUE_BYTES} bytes of ids"
            draft.end(point, "dropped", LONG, detail)
    return made


def _fitting(draft: Draft, points_of: list[Point]) -> list[Point] | None:
    """The audiences whose ids go into one value, each whole; None where the value does not go at all."""
    choice = draft.connection.choices["customerio-long-membership"]
    fit, bytes_ = [], -1
    for point in points_of:
        bytes_ += size(point.source) + len("'',")
        if bytes_ <= VALUE_BYTES or choice == "sent":
            fit.append(point)
        elif choice == "dropped":
            return None
        else:
            break
    return fit


def _own_name(draft: Draft, point: Point) -> str | None:
    """The attribute of an audience's own; None where the setting is off, or it has no name that can go."""
    if not draft.connection.settings["customerio"]["one_attribute_per_segment"] or not point.value:
        return None
    name = f"{IN}{point.value}"
    if len(name) * LONGEST <= NAME_BYTES or size(name) <= NAME_BYTES:
        return name
    choice = draft.connection.choices["customerio-oversized-name"]
    if choice == "dropped":
        return None
    return cut(name, NAME_BYTES) if choice == "truncated" else name
