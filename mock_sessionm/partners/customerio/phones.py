"""Who is meant by a phone number: only the second version of the Track API takes one, and no path holds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .people import People
from .profiles import Profile

PHONE = "phone"


def owner_of(people: People, phone: Any) -> Profile | None:
    """Who has the number, which is an attribute like any other."""
    return next((one for one in people.profiles if one.attributes.get(PHONE) == phone), None)


def with_phone(people: People, identifiers: Mapping[str, Any]) -> dict[str, Any]:
    """The identifiers, with Customer.io's own id in place of a number that somebody has (rule customerio.v2-phone)."""
    if PHONE in identifiers and people.has("v2-phone"):
        found = owner_of(people, identifiers[PHONE])
        if found is not None:
            return {"cio_id": found.cio_id}
    return dict(identifiers)
