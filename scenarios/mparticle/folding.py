"""What batches that mParticle took say of each person, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scenarios.person import Happened, Person

NOBODY = "nobody"
"""Stands for the person of batches that name none."""
APART = frozenset(
    {"mpid", "source_request_id", "user_identities", "user_attributes", "deleted_user_attributes", "events"}
)
"""What of a batch is not kept as a field: it stands elsewhere in a person, or is not about one."""
NAMES = ("event_name", "screen_name")

Body = Mapping[str, Any]


def who(body: Body) -> str:
    """Whom a batch is about: by MPID, else by the first identity."""
    if body.get("mpid"):
        return str(body["mpid"])
    identities = body.get("user_identities")
    first = next(iter(identities.items()), None) if isinstance(identities, Mapping) else None
    return f"{first[0]}:{first[1]}" if first else NOBODY


def folded(bodies: Iterable[Body]) -> Person | None:
    """The person that batches make, one after another; None where there is none."""
    person = None
    for body in bodies:
        person = person or Person()
        _fold(person, body)
    return person


def _fold(person: Person, body: Body) -> None:
    person.fields.update({name: value for name, value in body.items() if name not in APART})
    person.shown = str(body["mpid"]) if body.get("mpid") else person.shown
    identities = body.get("user_identities")
    # A list is the form of outputs: whoever sends one has not put it into the form of inputs.
    person.identifiers.update(identities if isinstance(identities, Mapping) else {})
    person.profile.update(body.get("user_attributes") or {})
    for name in body.get("deleted_user_attributes") or ():
        person.profile.pop(name, None)
    person.events += [_happened(event) for event in body.get("events") or ()]


def _happened(event: Body) -> Happened:
    said = event.get("data") or {}
    name = next((said[part] for part in NAMES if said.get(part)), event["event_type"])
    return Happened(name, said)
