"""Parsed JSON as a tree: its members level by level, the tree without some of them, or with others in their place."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

Path = tuple[str | int, ...]
"""The way to a place in parsed JSON: names and indices."""
GONE = object()


def places(value: Any, here: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place below the root, whatever stands there, outermost first within its branch."""
    found = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in found:
        yield (*here, key), inner
        yield from places(inner, (*here, key))


def level(value: Any, depth: int) -> list[Path]:
    """The places that are so many steps from the root."""
    return [path for path, _ in places(value) if len(path) == depth]


def without(value: Any, gone: Collection[Path]) -> Any:
    """The same without these places. What loses everything in it goes too: an empty list is a case of its own."""
    made = _pruned(value, gone, ())
    return type(value)() if made is GONE else made


def _pruned(value: Any, gone: Collection[Path], here: Path) -> Any:
    if here in gone:
        return GONE
    if isinstance(value, dict):
        inside = {key: _pruned(inner, gone, (*here, key)) for key, inner in value.items()}
        left = {key: inner for key, inner in inside.items() if inner is not GONE}
        return left if left or not value else GONE
    if isinstance(value, list):
        listed = [_pruned(inner, gone, (*here, index)) for index, inner in enumerate(value)]
        kept = [inner for inner in listed if inner is not GONE]
        return kept if kept or not value else GONE
    return value


def replaced(value: Any, others: Mapping[Path, Any], here: Path = ()) -> Any:
    """The same with other values in these places."""
    if here in others:
        return others[here]
    if isinstance(value, dict):
        return {key: replaced(inner, others, (*here, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, others, (*here, index)) for index, inner in enumerate(value)]
    return value


def renamed(value: Any, path: Path, name: str) -> Any:
    """The same with another name for the last step of a path, in the same order."""
    if len(path) == 1:
        return {name if key == path[0] else key: inner for key, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, path[1:], name) if index == path[0] else inner for index, inner in enumerate(value)]
    return {key: renamed(inner, path[1:], name) if key == path[0] else inner for key, inner in value.items()}
