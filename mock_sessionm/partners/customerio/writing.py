"""What a profile becomes: by an identify call, by relationships, by another profile that is merged into it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mock_sessionm.limits import limit

from .profiles import EMPTY, IDENTIFIERS, INSTRUCTIONS, Profile

if TYPE_CHECKING:
    from .people import People

DAY = 86_400.0
BLANK = (None, "")


def write(people: People, profile: Profile, given: Mapping[str, Any]) -> None:
    """Attributes as a call carries them, as far as nothing later is known (rule customerio.update-order)."""
    said = given.get("_timestamp")
    at = float(said) if said is not None and people.has("update-order") else people.now()
    if not people.has("attributes-merged"):
        profile.attributes.clear()
    own = {name: value for name, value in given.items() if name not in INSTRUCTIONS and name not in IDENTIFIERS}
    later = {name for name in own if at < profile.written.get(name, at)}
    if len(later) < len(own) and at < max(profile.written.values(), default=at):
        later = set(own) if people.choice("customerio-update-order") == "person" else later
    own = {name: copy.deepcopy(value) for name, value in own.items() if name not in later}
    empty: tuple[Any, ...] = ()
    if any(value in BLANK for value in own.values()):
        empty = EMPTY[people.choice("customerio-empty-attributes")]
    profile.write(own, at=at, empty=empty, topics=people.has("topic-by-name"))


def relate(profile: Profile, relationships: Sequence[Any], *, add: bool) -> None:
    """Relationships to objects, added or taken away; there is one to each object."""
    wanted = [copy.deepcopy(dict(one)) for one in relationships if isinstance(one, Mapping)]
    objects = [one.get("identifiers") for one in wanted]
    profile.relationships = [one for one in profile.relationships if one.get("identifiers") not in objects]
    profile.relationships += wanted if add else []


def absorb(people: People, stays: Profile, goes: Profile) -> dict[str, Any]:
    """What one person gets of another who is gone; the answer is the identifiers that come along, by kind."""
    gained: dict[str, Any] = {}
    if people.has("merge-attributes"):
        gaps = {name: value for name, value in goes.attributes.items() if stays.attributes.get(name) in BLANK}
        stays.attributes.update(gaps)
        gained = {kind: getattr(goes, kind) for kind in IDENTIFIERS if getattr(stays, kind) is None}
    if people.has("merge-events"):
        oldest = people.now() - DAY * limit("customerio.merge-events")
        recent = (one for one in goes.events if people.occurrences.moment(one) >= oldest)
        stays.events += [{**one, "triggers": False} for one in recent]
    if people.has("merge-segments"):
        stays.segments += [one for one in goes.segments if one not in stays.segments]
    if goes.devices and people.has("merge-devices") and people.choice("customerio-merged-devices") == "moved":
        stays.devices = {**goes.devices, **stays.devices}
    return gained
