"""What recorded traffic met: the rules that decided about it, and what the fake noticed, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .verdict import Case, Finding


def met(findings: Iterable[Finding], named: Iterable[str], fates: Iterable[tuple[str, str]]) -> Iterator[Case]:
    """The rules that recorded traffic met: at what they let through, above at what they stopped or an answer named."""
    broken = {finding.about or finding.rule for finding in findings}
    sides = {(rule, "at" if fate == "sent" else "above") for rule, fate in fates} | {(rule, "above") for rule in named}
    for rule, side in sorted(sides):
        yield Case(rule, "above" if side == "above" else "at", held=rule not in broken, named=rule in named)


def noticed_name(pointer: str) -> str:
    """What a violation is about, without its place: the last name in its pointer."""
    last = pointer.rpartition("/")[2] or pointer
    return "" if last.isdigit() else last.replace("~1", "/").replace("~0", "~")
