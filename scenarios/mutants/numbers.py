"""Fakes that go by other numbers and tables than the register's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts import rules
from mock_sessionm import BEHAVIOURS, GATE

from .mutant import Mutant, Parts
from .stories import VENDORS

ORDERED = frozenset({"sessionm.outcome-numbers"})
"""The rules in whose tables a list is counted; in all others it only says what there is."""


def off_by_one() -> Iterator[Mutant]:
    """One more and one less than the number of every rule that the fake keeps."""
    kept = {check.rule for check in GATE} | BEHAVIOURS
    for rule in rules().values():
        if rule.limit is None or not (rule.owner in VENDORS or rule.id in kept):
            continue
        for what, by in (("more", 1), ("less", -1)):
            yield Mutant(
                id=f"{rule.id}~one-{what}",
                rule=rule.id,
                side="fake",
                kind="limit off by one",
                says=f"the fake takes {rule.limit + by} for {rule.limit}",
                parts=Parts(limits={rule.id: rule.limit + by}),
            )


def other_tables() -> Iterator[Mutant]:
    """Every row of a rule's table missing, every value another one, and two neighbours exchanged."""
    for rule in rules().values():
        if rule.owner in VENDORS and rule.table:
            for what, table in wrong_tables(rule.table, ordered=rule.id in ORDERED):
                yield Mutant(
                    id=f"{rule.id}~table~{what}",
                    rule=rule.id,
                    side="fake",
                    kind="table row wrong",
                    says=f"the fake has another table: {what}",
                    parts=Parts(tables={rule.id: table}),
                )


def wrong_tables(table: Any, *, ordered: bool) -> Iterator[tuple[str, Any]]:
    """A table with one thing wrong, and what that is: `statuses.2.gone`. `ordered` is whether lists are counted."""
    keys = list(range(len(table))) if isinstance(table, list) else list(table)
    for place, key in enumerate(keys):
        value = table[key]
        if isinstance(value, (Mapping, list)):
            for what, inner in wrong_tables(value, ordered=ordered):
                yield f"{key}.{what}", _with(table, key, inner)
        else:
            yield f"{key}.other", _with(table, key, _another(value))
        if isinstance(table, list):
            yield f"{key}.gone", [*table[:place], *table[place + 1 :]]
        if isinstance(table, list) and not ordered:
            continue
        following = keys[place + 1] if place + 1 < len(keys) else None
        if following is not None and table[following] != value and type(table[following]) is type(value):
            yield f"{key}.swapped", _with(_with(table, key, table[following]), following, value)


def _with(table: Any, key: Any, value: Any) -> Any:
    made = list(table) if isinstance(table, list) else dict(table)
    made[key] = value
    return made


def _another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else f"{value}x"
