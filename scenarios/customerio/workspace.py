"""What a workspace of Customer.io should make of the calls that a forwarder makes: its rules once more, plainly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import Choices
from scenarios.person import Happened, Person
from scenarios.reading import json_text, limit

FIELDS = ("unsubscribed", "created_at")
"""Attributes by which Customer.io means something of its own; the others are a person's profile."""
ORDERS = ("_timestamp", "_update", "cio_relationships")
"""What an identify call may hold that is no attribute."""
TOPICS = "cio_subscription_preferences"
"""An attribute of which a name with dots says one part."""
EMPTY: Mapping[str, tuple[Any, ...]] = {"removed": (None, ""), "null-removes": (None,), "stored": ()}


@dataclass(slots=True, eq=False)
class Known:
    """One person in the workspace."""

    id: str | None = None
    email: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[Happened] = field(default_factory=list)


class Workspace:
    """Everybody whom the calls of a scenario made known.

    settings      the table `customerio` of the tenant
    reject_all    whether a call is refused for whatever is wrong with it
    """

    def __init__(self, settings: Mapping[str, Any], choices: Choices, *, reject_all: bool) -> None:
        self.choices = choices
        self.reject_all = reject_all
        self.kinds: tuple[str, ...] = tuple(settings.get("identifiers", ("id", "email")))
        self.people: list[Known] = []
        self.event_ids: set[str] = set()

    def identify(self, identifier: str, body: Mapping[str, Any]) -> bool:
        """An identify call; False where it is refused as a whole."""
        kind = self._kind(identifier)
        if not self._takes(kind, identifier, body):
            return False
        known = self._find(kind, identifier)
        clashes: set[str] = set()
        if known is None:
            known, clashes = self._by_body(kind, identifier, body)
        else:
            clashes = {name for name in self.kinds if body.get(name) and not self._settable(known, name, body[name])}
        if clashes and (self.reject_all or self.choices["customerio-conflicting-update"] == "nothing-written"):
            return not self.reject_all
        left = {name: value for name, value in body.items() if name not in clashes and name not in ORDERS}
        if known is None:
            if body.get("_update") is True:
                return True
            known = Known()
            self.people.append(known)
        kept = self._fitting(known, left)
        if kept is None:
            if not known.attributes and not known.events and known.id is None and known.email is None:
                self.people.remove(known)
            return False
        setattr(known, kind, identifier)
        empty = EMPTY[self.choices["customerio-empty-attributes"]]
        for name, value in kept.items():
            if name in ("id", "email"):
                if value:
                    setattr(known, name, str(value))
            elif name.startswith(f"{TOPICS}."):
                inner = known.attributes.setdefault(TOPICS, {})
                *way, last = name.split(".")[1:]
                for part in way:
                    inner = inner.setdefault(part, {})
                inner[last] = value
            elif any(value is one or (value == one and isinstance(value, str)) for one in empty):
                known.attributes.pop(name, None)
            else:
                known.attributes[name] = value
        return True

    def happen(self, identifier: str, event: Mapping[str, Any]) -> bool:
        """A call for an event; False where it is refused."""
        if size(event["name"]) > limit("customerio.event-name-max"):
            return False
        if size(event.get("data", {})) > limit("customerio.event-data-max"):
            return False
        if self._refuses_time(event.get("timestamp")):
            return False
        kind = self._kind(identifier)
        known = self._find(kind, identifier)
        if known is None and self.choices["customerio-unknown-person"] == "created":
            known = Known()
            setattr(known, kind, identifier)
            self.people.append(known)
        id_ = event.get("id")
        if known is not None and id_ not in self.event_ids:
            known.events.append(Happened(event["name"].strip(" "), dict(event.get("data", {}))))
        if known is not None and id_ is not None:
            self.event_ids.add(id_)
        return True

    def person(self, identifier: str) -> Person | None:
        """Who is known by this, as an id or else as an email; None for nobody."""
        known = self._find("id", identifier) or self._find("email", identifier)
        if known is None:
            return None
        own = {name: known.attributes[name] for name in FIELDS if name in known.attributes}
        return Person(
            fields={**({"email": known.email} if known.email else {}), **own},
            identifiers={"id": known.id} if known.id else {},
            profile={name: value for name, value in known.attributes.items() if name not in FIELDS},
            events=list(known.events),
        )

    # --- inside -------------------------------------------------------------------------------------------

    def _kind(self, identifier: str) -> str:
        if "email" not in self.kinds or ("id" in self.kinds and "@" not in identifier):
            return "id"
        shape = self.choices["customerio-identifier-shape"]
        by_id = shape == "known-id-first" and "id" in self.kinds and self._find("id", identifier) is not None
        return "id" if by_id else "email"

    def _find(self, kind: str, value: Any) -> Known | None:
        wanted = str(value).lower() if kind == "email" else str(value)
        for one in self.people:
            own = getattr(one, kind)
            if own is not None and (own.lower() if kind == "email" else own) == wanted:
                return one
        return None

    def _by_body(self, kind: str, identifier: str, body: Mapping[str, Any]) -> tuple[Known | None, set[str]]:
        """Somebody new, or the owner of an identifier in the body, who has none of the kind in the path yet."""
        clashes: set[str] = set()
        for name in self.kinds:
            owner = self._find(name, body[name]) if body.get(name) else None
            if owner is None or (name == kind and str(body[name]) == identifier):
                continue
            if getattr(owner, kind) is None:
                return owner, set()
            clashes.add(name)
        return None, clashes

    def _settable(self, known: Known, name: str, value: Any) -> bool:
        owner = self._find(name, value)
        return owner is known or (owner is None and getattr(known, name) is None)

    def _takes(self, kind: str, identifier: str, body: Mapping[str, Any]) -> bool:
        """Whether sizes and kinds are such that a call is taken."""
        own = {name: value for name, value in body.items() if name not in ORDERS}
        if kind == "id" and (size(identifier) > limit("customerio.id-max") or body.get("id", identifier) != identifier):
            return False
        if self._refuses_time(body.get("created_at")):
            return False
        odd = any(isinstance(value, (float, list, dict)) for value in own.values())
        if odd and self.choices["customerio-value-kinds"] == "refused":
            return False
        return all(
            size(name) <= limit("customerio.attribute-name-max")
            and (value is None or size(value) <= limit("customerio.attribute-value-max"))
            for name, value in own.items()
        )

    def _refuses_time(self, seconds: Any) -> bool:
        """Whether a number that is too great for seconds costs a call."""
        refuses = self.reject_all or self.choices["customerio-milliseconds"] == "refused"
        return refuses and isinstance(seconds, int) and seconds > limit("customerio.unix-seconds")

    def _fitting(self, known: Known, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """The attributes that there is room for; None where too many refuse the call."""
        names = {*known.attributes, *(name for name in ("id", "email") if getattr(known, name) is not None)}
        at_once, whole = limit("customerio.identify-attributes-max"), limit("customerio.person-attributes-max")
        new = [name for name in given if name not in names]
        surplus = {*list(given)[at_once:], *new[max(0, whole - len(names)) :]}
        if surplus and (self.reject_all or self.choices["customerio-surplus-attributes"] == "refused"):
            return None
        return {name: value for name, value in given.items() if name not in surplus}


def size(value: Any) -> int:
    """Bytes of a text, or of the compact JSON of anything else."""
    if not isinstance(value, str):
        value = json_text(value)
    return len(value) if value.isascii() else len(value.encode())


def clipped(text: str, most: int) -> str:
    """The longest beginning of a text that has at most so many bytes."""
    while size(text) > most:
        text = text[:-1]
    return text
