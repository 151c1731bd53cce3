"""How a batch and its settings are read when it is written down what should become of them: plain functions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from contracts import Choices, assumptions, rules
from contracts.interaction import pointer

Batch = Mapping[str, Any]
REMEMBERED = 65_536
"""So many names are known again; what is said of a name depends on nothing but the name and a choice."""
SETTINGS = 64
"""So many settings are known again, by being the same object, which is kept so that it stays the same."""
Asked = tuple[str, str, str | None]
"""A column of the data filter, a name, and the event that it belongs to."""
_FOLDED: dict[int, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
_SAID: dict[tuple[int, str, str], tuple[Any, dict[Asked, str | None]]] = {}


class Going(NamedTuple):
    """One point that is still going: where it stands, its name in the batch and on the way, and why that is so."""

    place: str
    source: str
    name: str
    value: Any
    rule: str


@lru_cache(maxsize=512)
def table(rule: str, name: str) -> Any:
    return rules()[rule].table[name]


@lru_cache(maxsize=512)
def limit(rule: str) -> int:
    return rules()[rule].limit or 0


def platform_of(batch: Batch) -> str | None:
    """Our name of the batch's platform; None for one that is not taken."""
    named = (batch.get("device_info") or {}).get("platform") or (batch.get("application_info") or {}).get("os")
    if not named:
        return "custom_feeds"
    return _platform_named(named)


@lru_cache(maxsize=512)
def _platform_named(named: str) -> str | None:
    plain = re.sub(r"[ _-]", "", named).lower()
    spellings = table("sessionm.platforms", "spellings")
    return next((platform for platform, known in spellings.items() if plain in known), None)


def identities_of(batch: Batch) -> list[tuple[str, str, str | None]]:
    """(pointer, type, value) of each user identity, whichever of its two forms the batch uses."""
    found = batch.get("user_identities") or {}
    pairs = (
        [(below("/user_identities", name), name, value) for name, value in found.items()]
        if isinstance(found, Mapping)
        else [(pointer("user_identities", i), one["identity_type"], one.get("identity")) for i, one in enumerate(found)]
    )
    return [(place, identity_kind(kind), value) for place, kind, value in pairs]


@lru_cache(maxsize=512)
def identity_kind(name: str) -> str:
    """One spelling for the several that mParticle has of the customer id."""
    return "customer_id" if name.replace("_", "").lower() in {"customerid", "customer"} else name


def mpid_of(batch: Batch) -> str:
    """The MPID as SessionM gets it; empty where the batch has none."""
    return str(int(batch.get("mpid") or 0) or "")


def below(place: str, name: str) -> str:
    """The pointer to a name in the object at a place."""
    return place + pointer(name) if "/" in name or "~" in name else f"{place}/{name}"


def all_points(batch: Batch) -> list[str]:
    """The pointer of every data point of a batch (decided once: MPID, identities, attributes, events, audiences)."""
    places = ["/mpid"] if "mpid" in batch else []
    places += [place for place, _, _ in identities_of(batch)]
    places += [below("/user_attributes", name) for name in batch.get("user_attributes") or {}]
    places += [f"/deleted_user_attributes/{i}" for i in range(len(batch.get("deleted_user_attributes") or []))]
    for index, event in enumerate(batch.get("events") or []):
        places.append(f"/events/{index}")
        inner = (event.get("data") or {}).get("custom_attributes") or {}
        places += [below(f"/events/{index}/data/custom_attributes", name) for name in inner]
    places += [f"/audiences/{i}" for i in range(len(batch.get("audiences") or []))]
    return places


def reserved_field(name: str, choices: Choices) -> str | None:
    """The field of SessionM's own that a user attribute goes into."""
    return _reserved_field(name, choices["reserved-name-case"])


@lru_cache(maxsize=REMEMBERED)
def _reserved_field(name: str, case: str) -> str | None:
    fields: Mapping[str, str] = table("sessionm.reserved-fields", "fields")
    if case == "exact":
        return fields.get(name)
    return next((field for known, field in fields.items() if known.lower() == name.lower()), None)


@lru_cache(maxsize=REMEMBERED)
def is_unmapped(name: str) -> bool:
    """Whether an attribute is one of mParticle's reserved ones for which SessionM has no field, in any casing."""
    return name.casefold() in {odd.casefold() for odd in table("sessionm.unmapped-reserved", "names")}


def value_rule(value: Any, otherwise: str) -> str:
    """A value that had to become a string leans on the rule that says so."""
    return otherwise if isinstance(value, str) else "sessionm.values-are-strings"


def ascii_alphanumeric(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def folded(tables: Mapping[str, Any]) -> dict[str, Any]:
    return {name.casefold(): folded(inner) if isinstance(inner, Mapping) else inner for name, inner in tables.items()}


def folded_once(tables: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same for tables that are asked for again and again: settings, which nobody changes."""
    if not tables:
        return tables
    known = _FOLDED.get(id(tables))
    if known is None or known[0] is not tables:
        if len(_FOLDED) >= SETTINGS:
            _FOLDED.clear()
        known = _FOLDED[id(tables)] = (tables, folded(tables))
    return known[1]


def said_of_names(settings: Mapping[str, Any], choices: Choices, whose: str) -> dict[Asked, str | None]:
    """What a data filter was found to say of names before; `whose` are the rules by which it was read.

    It is for the reader to fill: what is said of a name depends on the filter and on the choice how names match.
    """
    columns = settings.get("data_filter")
    key = (id(columns), choices["name-matching"], whose)
    known = _SAID.get(key)
    if known is None or known[0] is not columns:
        if len(_SAID) >= SETTINGS:
            _SAID.clear()
        known = _SAID[key] = (columns, {})
    if len(known[1]) >= REMEMBERED:
        known[1].clear()
    return known[1]


def kept_back(
    settings: Mapping[str, Any], choices: Choices, column: str, name: str, parent: str | None = None
) -> str | None:
    """The rule that keeps a name back in a column of the data filter; None where it may go."""
    columns = settings.get("data_filter", {})
    tables = columns.get(column, {})
    if column == "user_identities":
        tables = {identity_kind(kind): on for kind, on in tables.items()}
    elif choices["name-matching"] == "insensitive":
        tables = folded_once(tables)
        name = name.casefold()
        parent = parent.casefold() if parent is not None else None
    # The most particular word about a name holds: of its own event before that of any event.
    asked = [tables] if parent is None else [tables.get(parent, {}), tables.get("*", {})]
    whole_type = [name.partition("/")[0] + "/*"] if column == "events" else []
    for key in [name, *whole_type, "*"]:
        for one in asked:
            if key in one:
                return None if one[key] else "sessionm.data-filter"
    if columns.get("send_new_data_points_by_default", False):
        return None
    return "sessionm.new-data-points-off"


def mapped_name(name: str, settings: Mapping[str, Any], choices: Choices) -> str | None:
    """The name that a mapping gives an event; None where none does."""
    mappings = settings.get("event_mappings", {})
    if choices["name-matching"] == "insensitive":
        mappings, name = folded_once(mappings), name.casefold()
    found: str | None = mappings.get(name)
    return found


def normal_name(name: str, choices: Choices) -> tuple[str, str | None]:
    """The name after the two steps, and the rule of the last step that changed it."""
    return _normal_name(name, choices["non-ascii-letters"])


@lru_cache(maxsize=REMEMBERED)
def _normal_name(name: str, non_ascii: str) -> tuple[str, str | None]:
    alphanumeric = str.isalnum if non_ascii == "kept" else ascii_alphanumeric
    replaced = "".join(letter if alphanumeric(letter) else "_" for letter in name)
    stripped = re.sub("^_+", "", replaced)
    if stripped != replaced:
        return stripped, "sessionm.key-strip"
    return stripped, "sessionm.key-replace" if replaced != name else None


def text_of(value: Any, choices: Choices) -> str:
    """The string that should go out for a value."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null" if choices["null-as-string"] == "null" else ""
    if isinstance(value, bool):
        words = {"lowercase": ("false", "true"), "capitalised": ("False", "True"), "digit": ("0", "1")}
        return words[choices["boolean-as-string"]][value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if choices["number-as-string"] == "shortest" and value == int(value):
            return str(int(value))
        return json.dumps(value)
    if isinstance(value, list) and choices["list-as-string"] == "comma":
        return ",".join(text_of(inner, choices) for inner in value)
    return json_text(value)


json_text = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""The compact JSON of a value."""


def silence_about(value: Any) -> str | None:
    """The assumption on which the text of a value leans; None for a value whose text nobody doubts."""
    if value is None:
        return "null-as-string"
    if isinstance(value, bool):
        return "boolean-as-string"
    if isinstance(value, float):
        return "number-as-string"
    return "list-as-string" if isinstance(value, (list, dict)) else None


def every_text_of(value: Any, choices: Choices) -> set[str]:
    """The texts that go out for a value under any choices about texts; a list holds values of every kind."""
    silences = TEXTS if isinstance(value, (list, dict)) else (silence_about(value) or TEXTS[0],)
    return {text_of(value, one) for one in _every_choice(choices, silences)}


@lru_cache(maxsize=64)
def _every_choice(choices: Choices, silences: tuple[str, ...]) -> tuple[Choices, ...]:
    """The choices with every answer to these silences."""
    possible = [[choice for choice in assumptions()[name].choices if choice != "dropped"] for name in silences]
    return tuple(choices.over(dict(zip(silences, each, strict=True))) for each in product(*possible))


TEXTS = ("list-as-string", "boolean-as-string", "number-as-string", "null-as-string")
"""The assumptions about the texts of values."""
