"""Every wrong fake: made out of the register, the gate and the contracts."""

from __future__ import annotations

from collections.abc import Iterator

from .alone import alone
from .answers import other_answers, stale
from .choices import unheard
from .clocks import wrong_clocks
from .equivalents import why_not
from .forgetting import forgotten, unread
from .mutant import Mutant
from .numbers import off_by_one, other_tables
from .refusals import gone, gone_somewhere, otherwise

KINDS = (
    gone,
    gone_somewhere,
    off_by_one,
    other_tables,
    otherwise,
    forgotten,
    unread,
    stale,
    other_answers,
    unheard,
    wrong_clocks,
    alone,
)
"""What makes mutants, in the order in which they are listed."""


def fake_mutants() -> Iterator[Mutant]:
    """Every wrong fake; each must be found out by some scenario."""
    for make in KINDS:
        yield from (mutant for mutant in make() if not why_not(mutant.id))
