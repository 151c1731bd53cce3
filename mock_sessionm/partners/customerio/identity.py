"""Who is meant by an identifier in a path and by those in a body, and which of them cannot be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .profiles import IDENTIFIERS, Profile

if TYPE_CHECKING:
    from .people import People

Kind = Literal["id", "email", "cio_id"]
OWN = "cio_"
"""Stands in a path before Customer.io's own id of a person."""
TWO_PEOPLE = "customerio.two-people"
FIXED = "customerio.identifiers-fixed"


@dataclass(frozen=True, slots=True)
class Clash:
    """An identifier in a body that cannot be set, and the rule that says so."""

    name: str
    rule: str


def kind_of(identifier: str, people: People) -> Kind:
    """What an identifier in a path is, by its shape and by what the workspace allows."""
    if identifier.startswith(OWN) and people.has("cio-paths"):
        return "cio_id"
    if not people.has("identifier-shape"):
        return "id"
    if people.identifiers == ("email",):
        return "email"
    if "email" not in people.identifiers or "@" not in identifier:
        return "id"
    if people.choice("customerio-identifier-shape") == "known-id-first" and people.find("id", identifier):
        return "id"
    return "email"


def plain(kind: str, value: Any, people: People) -> str:
    """An identifier as it is compared with others: the letters of an email have no case, those of an id do."""
    text = str(value)
    return text.lower() if kind == "email" and people.has("email-case") else text


def clashes(
    people: People, identifiers: Mapping[str, Any], attributes: Mapping[str, Any]
) -> tuple[Profile | None, list[Clash]]:
    """Whom an identify call means, None for somebody new; and the identifiers in its body that cannot be set."""
    named = people.by(identifiers)
    others = {name: attributes[name] for name in people.identifiers if attributes.get(name)}
    if named is None:
        return _by_body(people, identifiers, others)
    wrong = []
    for name, value in others.items():
        owner = people.find(name, value)
        current = getattr(named, name)
        if owner is named:
            continue
        if owner is not None:
            wrong.append(Clash(name, TWO_PEOPLE))
        elif current is not None and not _changeable(people, identifiers, name):
            wrong.append(Clash(name, FIXED))
    return named, wrong


def _by_body(
    people: People, identifiers: Mapping[str, Any], others: Mapping[str, Any]
) -> tuple[Profile | None, list[Clash]]:
    """Whom a call means whose path names nobody: the owner of an identifier in the body, who gets that of the path."""
    wrong = []
    kind = next(iter(identifiers))
    for name, value in others.items():
        owner = people.find(name, value) if kind in IDENTIFIERS else None
        if owner is None:
            continue
        free = getattr(owner, kind) is None
        if free and people.has("known-by-body"):
            return owner, []
        wrong.append(Clash(name, TWO_PEOPLE if free else FIXED))
    return None, wrong


def _changeable(people: People, identifiers: Mapping[str, Any], name: str) -> bool:
    """Whether an identifier that is set can be another one (source: customerio-track-api#identify)."""
    return "cio_id" in identifiers or (people.allows_changes and name == "email" and "id" in identifiers)
