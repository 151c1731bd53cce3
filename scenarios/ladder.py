"""The sizes at which a limit is tried, and a story straight to the vendor about one of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts import Rule

from .scenario import Scenario
from .verdict import SideName

FAR = 5
"""Far over a limit is so many times the limit."""


def ladder(rule: Rule) -> Iterator[tuple[int, SideName]]:
    """The sizes at which a limit is tried, with their sides: 0, 1, one less, just so, one more, far over."""
    most = rule.limit or 0
    for size in sorted({0, 1, most - 1, most, most + 1, FAR * most}):
        yield size, side_of(size, most)


def side_of(size: int, limit: int) -> SideName:
    return "below" if size < limit else "at" if size == limit else "above"


def vendor_story(
    rule: Rule,
    side: SideName,
    title: str,
    calls: list[dict[str, Any]],
    number: int,
    tenant: Mapping[str, Any] | None = None,
    assume: Mapping[str, str] | None = None,
) -> Scenario:
    """Steps past any forwarder, by the register's own choices but for those that are given."""
    return Scenario(
        id=f"{rule.id}/vendor-{number}",
        title=title,
        suite="boundaries",
        rule=rule.id,
        side=side,
        pinned=True,
        on_violation="reject",
        calls=tuple(calls),
        tenant=tenant or {},
        assume=assume or {},
    )
