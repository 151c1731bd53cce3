"""A mark of a rule that went from one place and came to another was moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .finding import Collected, Found, Use


def with_moves(found: Collected) -> Iterator[tuple[Found, set[Use]]]:
    """The changes, with a mark that is gone here and new there as one that moved."""
    gone: dict[str, list[tuple[Found, set[Use]]]] = {}
    come: dict[str, list[tuple[Found, set[Use]]]] = {}
    for one, uses in found:
        if one.kind == "mark" and one.change == "removed":
            gone.setdefault(str(one.old), []).append((one, uses))
        elif one.kind == "mark" and one.change == "added":
            come.setdefault(str(one.new), []).append((one, uses))
        else:
            yield one, uses
    for rule in sorted({*gone, *come}):
        left, right = gone.get(rule, []), come.get(rule, [])
        both = min(len(left), len(right))
        for (before, uses), (after, others) in zip(left[:both], right[:both], strict=True):
            yield replace(after, change="moved", old=before.pointer, new=after.pointer, rule=rule), uses | others
        yield from left[both:]
        yield from right[both:]
