"""Schemas of OpenAPI 3.0 in the keywords of JSON Schema 2020-12, which OpenAPI 3.1 uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def upgraded(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document with `nullable` as a type, and exclusive bounds as numbers; 3.1 comes back as it is.

    Parts that were one thing under several names, as aliases of YAML are, stay one thing.
    """
    if not str(document.get("openapi", "")).startswith("3.0"):
        return document
    made: dict[int, Any] = {}
    new: Mapping[str, Any] = _part(document, made)
    return new


def _part(part: Any, made: dict[int, Any]) -> Any:
    if id(part) in made:
        return made[id(part)]
    if isinstance(part, list):
        items: list[Any] = []
        made[id(part)] = items
        items += [_part(inner, made) for inner in part]
        return items
    if not isinstance(part, Mapping):
        return part
    new: dict[Any, Any] = {}
    made[id(part)] = new
    new.update({name: _part(inner, made) for name, inner in part.items()})
    if isinstance(new.get("nullable"), bool) and new.pop("nullable") and isinstance(new.get("type"), str):
        new["type"] = [new["type"], "null"]
    for exclusive, plain in (("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")):
        if isinstance(new.get(exclusive), bool) and new.pop(exclusive) and plain in new:
            new[exclusive] = new.pop(plain)
            marks = new.get("x-rules")
            if isinstance(marks, dict) and plain in marks:
                marks[exclusive] = marks.pop(plain)
    return new
