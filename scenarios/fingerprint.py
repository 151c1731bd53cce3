"""The fingerprint of a finding: the same for the same mistake, whatever the seed, the person and the order were.

Three things make it: the rule, the kind of place (a batch, a request of which operation, a step with which call),
and the JSON pointer there. What chance or position decides is taken out of them first.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from itertools import pairwise

NUMBERED = re.compile(r"^(step|request|call|render) \d+")
"""Places that are counted: the first words of such a place."""
COUNTED = re.compile(r"\d+")
OPAQUE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{16,}|\d+",
    re.IGNORECASE,
)
"""A part of a pointer that is an index or an id, and no name."""
POINTED = re.compile(r"\bat (/\S*)")
"""The place in an answer, as findings about steps tell it."""
OWN_NAMES = frozenset({"fields", "user"})
"""Below these stand names that vendors gave, not people."""
WORDS = frozenset(
    {
        *("mpid", "external_id", "events", "attributes", "profile", "phones", "opted_in", "timestamp"),
        *("user_attributes", "deleted_user_attributes", "custom_attributes", "audiences", "data"),
        *("name", "id", "type", "identifiers", "user_identities", "user_profile", "context"),
        *("event_lookup", "device", "batch", "action", "source_request_id"),
        *OWN_NAMES,
    }
)
"""The names in pointers that say where something is, not how somebody called it."""
NAMED = frozenset(
    {
        *("identifiers", "user_identities", "profile", "user_profile", "context"),
        *("attributes", "user_attributes", "custom_attributes"),
    }
)
"""Below these stand what people happen to have: the names of their attributes, the kinds of their identities."""


@lru_cache(maxsize=1 << 16)
def fingerprint(rule: str, place: str, told: str = "", *, about: str = "", drawn: bool = False) -> str:
    """Sixteen hexadecimal digits.

    place  where it was found, as `Finding.pointer` has it
    told   what was got and wanted, of which only places count
    about  the rule that is meant, where the finding is filed under another
    drawn  the people are invented: how they call their attributes and events is chance
    """
    kind, pointer = taken_apart(place)
    if kind.startswith("step"):
        found = POINTED.search(told)
        pointer = pointer or (found[1] if found else "")
    parts = [rule, about, kind, *(_part(part, before, drawn=drawn) for before, part in _pairs(pointer))]
    text = "\n".join(parts).encode("utf-8", "backslashreplace")  # a name may hold a lone surrogate
    return hashlib.sha256(text).hexdigest()[:16]


def taken_apart(place: str) -> tuple[str, str]:
    """A place as its kind and the JSON pointer in it; a setting is all kind, and keeps its digits."""
    if place.startswith("/"):
        return "", place
    numbered = NUMBERED.match(place)
    head, slash, tail = place.partition("/") if numbered else _operation(place)
    return (NUMBERED.sub(r"\1", head) if numbered else head).strip(), slash + tail


def _operation(place: str) -> tuple[str, str, str]:
    """`POST createUser /user/email` in two; anything else as it is."""
    method, _, rest = place.partition(" ")
    if not method.isalpha() or not method.isupper():
        return place, "", ""
    operation, slash, pointer = rest.partition(" /")
    return f"{method} {operation}", slash.strip(), pointer


def _pairs(pointer: str) -> list[tuple[str, str]]:
    parts = pointer.split("/")
    return list(pairwise(parts))


def _part(part: str, before: str, *, drawn: bool) -> str:
    """One part of a pointer without what chance or position decided in it."""
    if OPAQUE.fullmatch(part):
        return "*"
    if drawn and before not in OWN_NAMES and (before in NAMED or part not in WORDS):
        return "*"
    return COUNTED.sub("#", part)
