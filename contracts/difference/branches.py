"""Which member of one `anyOf` is which of another: a list of schemas has no names, and its order says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .layers import Document, Places, text

ALIKE = 0.3
"""Members that share less than this part of what they say are two, not one that changed."""


class Matched(NamedTuple):
    """Members in both lists, those of the old list alone, and those of the new one alone."""

    pairs: list[tuple[Places, Places]]
    gone: list[Places]
    come: list[Places]


def matched(old: Document, left: Sequence[Places], new: Document, right: Sequence[Places]) -> Matched:
    """Members told apart: by the name they refer to, by being equal, and then by what they share."""
    gone, come, pairs = list(left), list(right), []

    def join(before: Places, after: Places) -> None:
        gone.remove(before)
        come.remove(after)
        pairs.append((before, after))

    for name in (_referred, lambda _document, member: _said(member)):
        for before in list(gone):
            mine = name(old, before)
            twin = next((after for after in come if mine and name(new, after) == mine), None)
            if twin is not None:
                join(before, twin)
    shared = [
        (-_alike(_leaves(old, before), _leaves(new, after)), abs(i - j), min(i, j), before, after)
        for i, before in enumerate(gone)
        for j, after in enumerate(come)
    ]
    for score, _, _, before, after in sorted(shared, key=lambda one: one[:3]):
        if (-score >= ALIKE or len(shared) == 1) and before in gone and after in come:
            join(before, after)
    return Matched(pairs, gone, come)


def _referred(_document: Document, member: Places) -> str:
    nodes = [place.node for place in member]
    return "".join(str(node["$ref"]) for node in nodes if isinstance(node, Mapping) and "$ref" in node)


def _said(member: Places) -> str:
    return text([place.node for place in member])


def _leaves(document: Document, member: Places) -> set[str]:
    """What a member says: each place in it by its name, and once more with its value."""
    return {leaf for place in document.settled(member) for leaf in _leaves_of("", place.node)}


def _leaves_of(path: str, node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, inner in node.items():
            if name not in {"description", "x-rules", "title"}:
                yield from _leaves_of(f"{path}/{name}", inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _leaves_of(path, inner)
    else:
        yield path
        yield f"{path}={text(node)}"


def _alike(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0
