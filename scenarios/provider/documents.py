"""The OpenAPI documents on trial: read, looked through, and narrowed to the people and things that are there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import yaml

from contracts.register import openapi

from .inhabitants import (
    BONUS,
    CAKE,
    CAMPAIGN,
    CANVAS,
    COFFEE,
    EMAIL,
    EVENTS,
    HELD,
    LOCKED,
    PEOPLE,
    PHONE,
    POINTS,
    REDEEMED,
    REWARD,
    SEGMENT,
    SILVER,
    SOURCE,
    STORE,
    SYSTEM,
)
from .target import Target, Unusable

VENDORS = ("sessionm", "braze", "customerio", "mparticle", "admin")
"""The contracts that are served; the others describe what is written, not what is asked."""
HERE: Mapping[str, tuple[Any, ...]] = {
    "user_id": tuple(PEOPLE),
    "offer_id": (COFFEE, CAKE),
    "user_offer_id": (HELD, LOCKED, REDEEMED),
    "offer_lookup_code": (HELD,),
    "reward_store_id": (STORE,),
    "reward_store_offer_id": (REWARD,),
    "tier_system_id": (SYSTEM,),
    "tier_level_id": (SILVER,),
    "point_account_id": (POINTS, BONUS),
    "point_source_id": (SOURCE,),
    "campaign_id": (CAMPAIGN,),
    "canvas_id": (CANVAS,),
}
"""Names of properties of a request's body, and what of that kind there is in the tenant."""
UNDOABLE = (LOCKED, REDEEMED)
"""What a point of sale can undo, by one of its calls or the other."""
LISTS: Mapping[str, tuple[int, tuple[Any, ...]]] = {
    "point_account_ids": (1, (POINTS, BONUS)),
    "reward_store_ids": (0, (STORE,)),
    "offer_ids": (0, (COFFEE, CAKE)),
    "user_ids[]": (1, tuple(PEOPLE)),
}
"""The same for lists of them, with how many there must be at least."""
PARAMETERS: Mapping[str, tuple[Any, ...]] = {
    "user_id": tuple(PEOPLE),
    "external_id": tuple(PEOPLE.values()),
    "segment_id": (SEGMENT,),
    "view": ("END_USER_MEMBER_STATEMENT", "ACCOUNT_AUDIT_LOG"),
    "email": (EMAIL,),
    "mobile_number": (PHONE,),
    "phone": (PHONE,),
}
"""The same for parameters of path and query."""
ONE_WAY: Mapping[str, Mapping[str, Any]] = {
    "offer_lookup_type": {"type": "string", "const": "UserOfferId"},
    "custom_data": {"type": "string", "enum": ['{"size":"large"}', "{}"]},
    "event_lookup": {"type": "string", "enum": list(EVENTS)},
}
"""What is said of a property so that the others of its object can be right."""


def document_of(vendor: str) -> dict[str, Any]:
    """A vendor's contract as it stands in this project, with nothing in it shared by two places."""
    made: dict[str, Any] = orjson.loads(orjson.dumps(dict(openapi(vendor))))
    return made


def served(target: Target, vendor: str, key: str) -> dict[str, Any]:
    """A vendor's contract as the target serves it for one tenant."""
    document: dict[str, Any] = target.order("GET", f"/openapi/{vendor}.json", tenant=key)
    sound(document, f"{target.at}/__admin/openapi/{vendor}.json")
    return document


def document_from(vendor: str, path: Path) -> dict[str, Any]:
    """An OpenAPI document out of a file. Raises `Unusable` with the file and what is wrong with it."""
    where = f"--openapi {vendor}={path}"
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{where}: {error.strerror or error}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        at = f" at line {line + 1}" if line is not None else ""
        raise Unusable(f"{where}: is neither YAML nor JSON{at}") from error
    if not isinstance(read, dict) or not isinstance(read.get("paths"), dict) or "openapi" not in read:
        raise Unusable(f"{where}: is no OpenAPI document; it needs openapi and paths")
    sound(read, where)
    return read


def sound(document: Mapping[str, Any], where: str) -> None:
    """Raises `Unusable` for the first `$ref` that leads nowhere, with the ref and the place where it stands."""
    for place, ref in _refs(document, ""):
        if not isinstance(ref, str) or not ref.startswith("#"):
            raise Unusable(f"{where}: $ref {ref!r} at {place} leads out of the document; put what it means into it")
        nearest = _missing(document, ref)
        if nearest is not None:
            hint = f"; did you mean {nearest}?" if nearest else ""
            raise Unusable(f"{where}: $ref {ref!r} at {place} leads nowhere{hint}")


def _refs(part: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict):
        for name, inner in part.items():
            here = f"{place}/{str(name).replace('~', '~0').replace('/', '~1')}"
            if name == "$ref" and not place.endswith("/properties"):
                yield place or "/", inner
            elif name not in {"example", "examples", "const", "enum", "default"}:
                yield from _refs(inner, here)
    elif isinstance(part, list):
        for index, inner in enumerate(part):
            yield from _refs(inner, f"{place}/{index}")


def _missing(document: Mapping[str, Any], ref: str) -> str | None:
    """None where a ref leads somewhere; else what it may have meant, empty where nothing is near."""
    found: Any = document
    gone: list[str] = []
    for raw in ref.removeprefix("#").split("/")[1:]:
        name = unquote(raw).replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, Mapping) and name in found:
            found = found[name]
        else:
            near = difflib.get_close_matches(name, map(str, found), n=1) if isinstance(found, Mapping) else []
            return "#" + "".join(f"/{part}" for part in [*gone, *near]) if near else ""
        gone.append(raw)
    return None


def narrowed(document: dict[str, Any]) -> dict[str, Any]:
    """The document, asking for no people and things but those that are in the tenant of `inhabitants`."""
    whole = document.get("components", {})
    for item in document["paths"].values():
        parts = [
            *item.get("parameters", ()),
            *(one for how in item.values() if isinstance(how, dict) for one in how.get("parameters", ())),
        ]
        for parameter in parts:
            _parameter(_followed(whole, parameter))
        for how in item.values():
            if isinstance(how, dict) and "requestBody" in how:
                _body(_followed(whole, how["requestBody"]), whole, set())
    return document


def _followed(components: Mapping[str, Any], part: Mapping[str, Any]) -> Any:
    if "$ref" not in part:
        return part
    *_, kind, name = part["$ref"].split("/")
    return components[kind][name]


def _parameter(parameter: dict[str, Any]) -> None:
    values = PARAMETERS.get(parameter["name"])
    if values and "enum" not in parameter["schema"]:
        parameter["schema"] = {"type": _kind(values[0]), "enum": list(values)}
    elif parameter["name"] in LISTS:
        least, known = LISTS[parameter["name"]]
        parameter["schema"] = {"type": "array", "minItems": least, "items": {"type": "string", "enum": list(known)}}


def _body(part: Any, components: Mapping[str, Any], seen: set[str]) -> None:
    """Narrow what a request's body refers to, wherever it stands; answers stay as wide as they are."""
    if isinstance(part, list):
        for inner in part:
            _body(inner, components, seen)
    if not isinstance(part, dict):
        return
    properties = part.get("properties")
    if isinstance(properties, dict):
        for name in properties:
            _property(properties, name)
    place = part.get("$ref")
    if isinstance(place, str) and place not in seen:
        seen.add(place)
        _body(_followed(components, part), components, seen)
    for name, inner in part.items():
        if name not in {"$ref", "example", "examples"}:
            _body(inner, components, seen)


def _property(properties: dict[str, Any], name: str) -> None:
    if "enum" in (properties[name] if isinstance(properties[name], dict) else {}) and name not in ONE_WAY:
        return
    if name in HERE:
        known = UNDOABLE if name == "user_offer_id" and "employee_id" in properties else HERE[name]
        properties[name] = {"type": _kind(known[0]), "enum": list(known)}
    elif name in LISTS:
        least, known = LISTS[name]
        properties[name] = {"type": "array", "minItems": least, "items": {"type": "string", "enum": list(known)}}
    elif name in ONE_WAY:
        properties[name] = dict(ONE_WAY[name])


def _kind(value: Any) -> str:
    return "integer" if isinstance(value, int) else "string"


def linked_in(document: Any) -> set[str]:
    """Every operation that a link of the document leads to."""
    found: set[str] = set()
    if isinstance(document, dict):
        links = document.get("links")
        if isinstance(links, dict):
            found |= {
                link["operationId"] for link in links.values() if isinstance(link, dict) and "operationId" in link
            }
        for inner in document.values():
            found |= linked_in(inner)
    elif isinstance(document, list):
        for inner in document:
            found |= linked_in(inner)
    return found
