"""The numbers and tables of the rules that the fake goes by: the register's, unless an experiment has others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from contracts import rules
from contracts.validation import Numbers

Limits = Mapping[str, int]
"""Rule -> its number."""
Tables = Mapping[str, Mapping[str, Any]]
"""Rule -> its table."""

_LIMITS: ContextVar[Limits | None] = ContextVar("limits", default=None)
_TABLES: ContextVar[Tables | None] = ContextVar("tables", default=None)
_NUMBERS: ContextVar[Numbers] = ContextVar("numbers", default=())


def limit(rule: str) -> int:
    """The number of a rule. Raises `LookupError` where it has none."""
    others = _LIMITS.get()
    found = others[rule] if others is not None and rule in others else rules()[rule].limit
    if found is None:
        raise LookupError(f"{rule} has no limit")
    return found


def table(rule: str) -> Mapping[str, Any]:
    """What a rule knows by name."""
    others = _TABLES.get()
    return others[rule] if others is not None and rule in others else rules()[rule].table


def numbers() -> Numbers:
    """What stands in the contracts in the place of the register's numbers; nothing, as long as nobody experiments."""
    return _NUMBERS.get()


@contextmanager
def other(limits: Limits | None = None, tables: Tables | None = None) -> Iterator[None]:
    """While this holds, the fake goes by other numbers and tables; whatever else reads the register does not.

    It holds for all that happens here, whichever app it reaches; `create_app(limits=…)` is the same for
    the requests of one app. Messages that are rendered or sent past the app go by it, too.
    """
    given = limits or {}
    tokens = (
        _LIMITS.set(given or None),
        _TABLES.set(tables or None),
        _NUMBERS.set(tuple(sorted(given.items()))),
    )
    try:
        yield
    finally:
        _LIMITS.reset(tokens[0])
        _TABLES.reset(tokens[1])
        _NUMBERS.reset(tokens[2])
