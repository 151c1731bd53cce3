"""Everybody in a Customer.io workspace: who is meant by an identifier, and what becomes of what is said of somebody."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mock_sessionm.chance import Chance

from .entities import Entities
from .identity import Clash, Kind, clashes, kind_of, plain
from .occurrences import Occurrences
from .profiles import IDENTIFIERS, Profile, says_yes
from .writing import absorb, relate, write

if TYPE_CHECKING:
    from mock_sessionm.tenant import Tenant

Identifiers = Mapping[str, Any]
"""One of id, email and cio_id, with its value."""


class People:
    """The people of one workspace. Every operation of the Track API, in whichever version, ends here.

    An operation takes identifiers as a mapping with one entry; `named` makes one of an identifier in a path.
    What is said of somebody whose identifier is suppressed is taken, and nothing comes of it.

    identifiers   by which of id and email the workspace knows people
    profiles      everybody, in the order in which they came
    suppressed    who was suppressed: their identifiers by kind
    anonymous     events of nobody yet, as they came, with `received`
    occurrences   what becomes of events before they are somebody's
    entities      what is known besides people
    """

    __slots__ = (
        "_chance",
        "_everybody",
        "_found",
        "_tenant",
        "entities",
        "identifiers",
        "occurrences",
        "settings",
        "suppressed",
        "window",
    )

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self.settings: Mapping[str, Any] = tenant.settings.partners.get("customerio", {})
        self.identifiers: tuple[str, ...] = tuple(self.settings.get("identifiers", IDENTIFIERS))
        self.window: tuple[int, int] = (0, 0)
        self._clear()
        for entry in self.settings.get("people", ()):
            self._bring_along(entry)

    def _clear(self) -> None:
        self._chance = Chance(f"{self._tenant.seed} people")
        self._everybody: dict[str, Profile] = {}
        self._found: dict[tuple[str, str], Profile] = {}
        self.suppressed: list[dict[str, str]] = []
        self.occurrences = Occurrences(self._tenant)
        self.entities = Entities()

    def _bring_along(self, entry: Mapping[str, Any]) -> None:
        made = self._create({name: entry[name] for name in (*IDENTIFIERS, "cio_id") if name in entry})
        made.attributes.update(copy.deepcopy(entry.get("attributes", {})))
        made.segments.extend(entry.get("segments", ()))

    # --- who is meant -------------------------------------------------------------------------------------

    @property
    def profiles(self) -> list[Profile]:
        return list(self._everybody.values())

    @property
    def anonymous(self) -> list[dict[str, Any]]:
        return self.occurrences.anonymous

    @property
    def allows_changes(self) -> bool:
        """Whether the workspace lets an email be changed by id."""
        return bool(self.settings.get("allow_identifier_changes", False))

    def has(self, behaviour: str) -> bool:
        return f"customerio.{behaviour}" in self._tenant.behaviours

    def choice(self, assumption: str) -> str:
        return self._tenant.choice(assumption)

    def now(self) -> float:
        """Seconds since 1970."""
        return self._tenant.clock.now()

    def named(self, identifier: str) -> dict[str, str]:
        """The identifiers that an identifier in a path stands for, by its shape."""
        kind = kind_of(identifier, self)
        return {kind: identifier.removeprefix("cio_") if kind == "cio_id" else identifier}

    def find(self, kind: str, value: Any) -> Profile | None:
        """Who has this identifier of this kind; nobody by a kind that the workspace does not use."""
        return self._found.get((kind, plain(kind, value, self)))

    def by(self, identifiers: Identifiers) -> Profile | None:
        """Who has these identifiers."""
        return next((found for kind, value in identifiers.items() if (found := self.find(kind, value))), None)

    def person(self, identifier: str) -> Profile | None:
        """Who is known by this, whatever it is: an id, else an email, else Customer.io's own id."""
        for kind in ("id", "email", "cio_id"):
            if found := self.find(kind, identifier.removeprefix("cio_") if kind == "cio_id" else identifier):
                return found
        return next((one for one in self.profiles if (one.email or "").lower() == identifier.lower()), None)

    def is_suppressed(self, identifiers: Identifiers) -> bool:
        """Whether what is said of these is to be left alone."""
        if not self.suppressed:
            return False
        wanted = {(kind, plain(kind, value, self)) for kind, value in identifiers.items()}
        return any(wanted & set(one.items()) for one in self.suppressed)

    def clashes(self, identifiers: Identifiers, attributes: Mapping[str, Any]) -> list[Clash]:
        """Why an identify call cannot set the identifiers in its body; nothing, where it can."""
        return [] if self._left_alone(identifiers, attributes) else clashes(self, identifiers, attributes)[1]

    # --- what is said of them -----------------------------------------------------------------------------

    def identify(self, identifiers: Identifiers, attributes: Mapping[str, Any]) -> Profile | None:
        """Add or update a person; None where nothing came of it."""
        if self._left_alone(identifiers, attributes):
            return None
        found, wrong = clashes(self, identifiers, attributes)
        if wrong and self.choice("customerio-conflicting-update") == "nothing-written":
            return None
        left = {name: value for name, value in attributes.items() if name not in {clash.name for clash in wrong}}
        if found is None:
            found = self._newcomer(identifiers, left)
            if found is None:
                return None
        self._rename(found, {**identifiers, **{name: left[name] for name in IDENTIFIERS if left.get(name)}})
        write(self, found, left)
        anonymous_id = left.get("anonymous_id")
        if anonymous_id and self.has("anonymous-merged"):
            found.events += self.occurrences.claimed(str(anonymous_id))
        relations = left.get("cio_relationships")
        if isinstance(relations, Mapping) and self.has("relationships"):
            adds = relations.get("action", "add_relationships") == "add_relationships"
            relate(found, relations.get("relationships", ()), add=adds)
        return found

    def track(self, identifiers: Identifiers, event: Mapping[str, Any]) -> Profile | None:
        """Keep an event of a person; None where nothing came of it."""
        found = self._meant(identifiers)
        if found is not None and (kept := self.occurrences.kept(event)) is not None:
            found.events.append(kept)
        return found

    def track_anonymous(self, event: Mapping[str, Any]) -> None:
        """Keep an event of nobody yet: it is of whoever has its `anonymous_id` as an attribute."""
        kept = self.occurrences.kept(event)
        if kept is None:
            return
        owner = event.get("anonymous_id")
        known = [one for one in self.profiles if owner and one.attributes.get("anonymous_id") == owner]
        if known and self.has("anonymous-merged") and self.occurrences.merges:
            known[0].events.append(kept)
        else:
            self.anonymous.append(kept)

    def delete(self, identifiers: Identifiers) -> None:
        """Forget a person, who can be added again."""
        found = self.by(identifiers)
        if found is not None and self.has("delete"):
            self._remove(found)

    def suppress(self, identifiers: Identifiers) -> None:
        """Forget a person, who cannot be added again: not by id, and not by email."""
        found = self.by(identifiers)
        blocked = {kind: plain(kind, value, self) for kind, value in identifiers.items() if kind != "cio_id"}
        if found is not None:
            own = {kind: getattr(found, kind) for kind in IDENTIFIERS}
            blocked |= {kind: plain(kind, value, self) for kind, value in own.items() if value is not None}
            self._remove(found)
        if blocked and self.has("suppress") and not self.is_suppressed(identifiers):
            self.suppressed.append(blocked)

    def unsuppress(self, identifiers: Identifiers) -> None:
        """Let a person be added again; what was known of them does not come back."""
        if not self.has("unsuppress"):
            return
        wanted = {(kind, plain(kind, value, self)) for kind, value in identifiers.items()}
        self.suppressed = [one for one in self.suppressed if not wanted & set(one.items())]

    def add_device(self, identifiers: Identifiers, device: Mapping[str, Any]) -> Profile | None:
        """Add a device to a person, or update it; None where nothing came of it."""
        found = self._meant(identifiers)
        if found is None:
            return None
        others = [one for one in self.profiles if one is not found and device["id"] in one.devices]
        if others and self.has("shared-device") and self.choice("customerio-shared-device") == "moves":
            for other in others:
                del other.devices[device["id"]]
        found.devices[device["id"]] = {**found.devices.get(device["id"], {}), **copy.deepcopy(dict(device))}
        return found

    def delete_device(self, identifiers: Identifiers, device_id: str) -> None:
        """Take a device from a person."""
        found = self.by(identifiers)
        if found is not None and self.has("devices"):
            found.devices.pop(device_id, None)

    def merge(self, primary: Identifiers, secondary: Identifiers) -> None:
        """Make one person of two; nothing, where either is unknown or both are the same."""
        stays, goes = self.by(primary), self.by(secondary)
        if stays is None and goes is not None and not self.has("merge-known"):
            self._remove(goes)
        if stays is None or goes is None or stays is goes:
            return
        self._remove(goes)
        self._rename(stays, absorb(self, stays, goes))

    def relate(self, identifiers: Identifiers, relationships: Sequence[Any], *, add: bool) -> Profile | None:
        """Add relationships of a person to objects, or take them away; None where nothing came of it."""
        found = self._meant(identifiers)
        if found is not None:
            relate(found, relationships, add=add)
        return found

    def add_to_segment(self, segment: int, kind: str, values: Sequence[str]) -> None:
        """Put people into a manual segment; whoever is unknown by that kind of identifier is passed over."""
        for found in self._each(kind, values):
            if segment not in found.segments:
                found.segments.append(segment)

    def remove_from_segment(self, segment: int, kind: str, values: Sequence[str]) -> None:
        """Take people out of a manual segment."""
        for found in self._each(kind, values):
            if segment in found.segments:
                found.segments.remove(segment)

    def shown(self, profile: Profile) -> dict[str, Any]:
        """A person as JSON, for whoever asks who is there; `unsubscribed` is whether they get no messages."""
        raw = profile.attributes.get("unsubscribed")
        return {**profile.shown(), "unsubscribed": says_yes(raw) if self.has("unsubscribed") else raw is True}

    # --- kept ---------------------------------------------------------------------------------------------

    def export(self) -> dict[str, Any]:
        """Everybody and everything, as JSON that `restore` takes."""
        return {
            "people": [asdict(one) for one in self.profiles],
            "suppressed": [dict(one) for one in self.suppressed],
            **self.occurrences.export(),
            **self.entities.export(),
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Put in place what `export` gave."""
        self._clear()
        for entry in copy.deepcopy(list(kept["people"])):
            self._file(Profile(**entry))
        self.suppressed = [dict(one) for one in kept["suppressed"]]
        self.occurrences.restore(kept)
        self.entities.restore(kept)

    # --- inside -------------------------------------------------------------------------------------------

    def _left_alone(self, identifiers: Identifiers, attributes: Mapping[str, Any]) -> bool:
        own = {name: attributes[name] for name in self.identifiers if attributes.get(name)}
        return self.is_suppressed(identifiers) or self.is_suppressed(own)

    def _meant(self, identifiers: Identifiers) -> Profile | None:
        """Who is meant by a call that is not about attributes; somebody new, if that is the choice."""
        if self.is_suppressed(identifiers):
            return None
        found = self.by(identifiers)
        if found is not None or "cio_id" in identifiers or not self.has("unknown-person"):
            return found
        return self._create(identifiers) if self.choice("customerio-unknown-person") == "created" else None

    def _newcomer(self, identifiers: Identifiers, attributes: Mapping[str, Any]) -> Profile | None:
        if "cio_id" in identifiers or (attributes.get("_update") is True and self.has("update-only")):
            return None
        return self._create(identifiers)

    def _create(self, identifiers: Identifiers) -> Profile:
        # Drawn in any case, so that nobody's id depends on who else was given one.
        drawn = f"{self._chance.getrandbits(48):012x}"
        while drawn in self._everybody:
            drawn = f"{self._chance.getrandbits(48):012x}"
        made = Profile(str(identifiers.get("cio_id", drawn)))
        self._file(made)
        self._rename(made, identifiers)
        return made

    def _rename(self, profile: Profile, identifiers: Identifiers) -> None:
        new = {name: str(identifiers[name]) for name in IDENTIFIERS if identifiers.get(name)}
        if all(getattr(profile, name) == value for name, value in new.items()):
            return
        self._unfile(profile)
        for name, value in new.items():
            setattr(profile, name, value)
        self._file(profile)

    def _each(self, kind: str, values: Sequence[str]) -> Iterator[Profile]:
        yield from (found for value in values if (found := self.find(kind, value)))

    def _keys(self, profile: Profile) -> Iterator[tuple[str, str]]:
        for kind in ("cio_id", *self.identifiers):
            value = getattr(profile, kind)
            if value is not None:
                yield kind, plain(kind, value, self)

    def _file(self, profile: Profile) -> None:
        self._everybody[profile.cio_id] = profile
        self._found |= dict.fromkeys(self._keys(profile), profile)

    def _unfile(self, profile: Profile) -> None:
        for key in self._keys(profile):
            self._found.pop(key, None)

    def _remove(self, profile: Profile) -> None:
        self._unfile(profile)
        del self._everybody[profile.cio_id]


__all__ = ["Clash", "Identifiers", "Kind", "People"]
