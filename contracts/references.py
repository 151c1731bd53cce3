"""JSON references within one document: where they lead, and which of them lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from .interaction import pointer

VALUES = frozenset({"example", "examples", "default", "const", "enum", "mapping"})
"""What stands under these is a value, not a part of the contract: a `$ref` in it is a text like any other."""
NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "schemas", "$defs"})
"""What stands under these are names that somebody chose, `default` and `example` among them."""


class BrokenReference(LookupError):
    """A `$ref` leads nowhere. `place` is the pointer to it; the text says what it says and why it fails."""

    def __init__(self, place: str, said: str, why: str) -> None:
        super().__init__(f"$ref {said!r} at {place or '/'}: {why}")
        self.place = place


def canonical(reference: str) -> str:
    """The pointer that a reference within the document is, without its percent encoding."""
    return unquote(reference.removeprefix("#"))


def at(document: Any, place: str) -> Any:
    """What stands at a JSON pointer. Raises `LookupError` where nothing does."""
    found = document
    for part in place.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Mapping):
            # YAML reads the key of `200:` as a number.
            found = found[name] if name in found or not name.isdigit() else found[int(name)]
        elif isinstance(found, list):
            found = found[int(name)] if name.isdigit() else found[len(found)]
        else:
            raise LookupError(name)  # noqa: TRY004  nothing stands there, whatever the reason
    return found


def check_references(document: Mapping[str, Any]) -> None:
    """Raises `BrokenReference` for the first `$ref` that leads nowhere, out of the document, or round in a circle."""
    for place, reference in references(document):
        _follow(document, place, reference)


def references(document: Any) -> Iterator[tuple[str, Any]]:
    """Every `$ref` of a document, with the pointer to it; what stands in examples and values is none."""
    waiting: list[tuple[str, Any, bool]] = [("", document, False)]
    seen: set[int] = set()
    while waiting:
        place, part, names = waiting.pop()
        if isinstance(part, (Mapping, list)):
            if id(part) in seen:
                continue  # an alias of YAML: the same thing once more
            seen.add(id(part))
        if isinstance(part, Mapping):
            if not names and "$ref" in part:
                yield place + "/$ref", part["$ref"]
            waiting += [
                (place + pointer(str(name)), inner, name in NAMED and not names)
                for name, inner in part.items()
                if names or (name not in VALUES and not str(name).startswith("x-"))
            ]
        elif isinstance(part, list):
            waiting += [(f"{place}/{index}", inner, False) for index, inner in enumerate(part)]


def _follow(document: Mapping[str, Any], place: str, reference: Any) -> None:
    seen: list[str] = []
    while True:
        if not isinstance(reference, str):
            raise BrokenReference(place, str(reference), "a reference is a text such as '#/components/schemas/Name'")
        if not reference.startswith(("#/", "#")) or (reference != "#" and not reference.startswith("#/")):
            raise BrokenReference(place, reference, "only places of the same file are read, such as '#/components/…'")
        if reference in seen:
            raise BrokenReference(place, reference, "goes round in a circle")
        seen.append(reference)
        try:
            found = at(document, canonical(reference))
        except (LookupError, ValueError):
            raise BrokenReference(place, reference, "nothing stands there") from None
        if not isinstance(found, Mapping) or set(found) - {"summary", "description"} != {"$ref"}:
            return
        reference = found["$ref"]
