"""The gate, tried on mutants: all that are wrong on purpose must be found out, and what is right must not be."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from scenarios.verdict import Finding, ScenarioResult
from scenarios.workers import workers

from .every import mutants, owing
from .hunt import Hunted, hunt
from .mutant import Mutant

SUITE = "selftest"
PATIENCE = 60
"""Seconds after which a mutant that has not come to an end is found out by that."""
PORTION = 8
"""So many mutants are handed to a process at a time."""
RIGHT = Mutant(id="none", rule="", side="fake", kind="nothing wrong", says="Nothing is wrong with it.")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: how many mutants it has, how many were found out, and of how many a finding named the rule."""

    rule: str
    mutants: int = 0
    killed: int = 0
    blamed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Selftest:
    """What became of the mutants, in the order of the register. `wrongly` is what the gate found in what is right."""

    hunted: tuple[Hunted, ...]
    wrongly: Hunted

    @property
    def survivors(self) -> tuple[Hunted, ...]:
        return tuple(one for one in self.hunted if not one.killed)

    @property
    def rows(self) -> tuple[Row, ...]:
        """A row for each rule that must have mutants, and for any other that has some."""
        by_rule: dict[str, list[Hunted]] = {rule.id: [] for rule in owing()}
        for one in self.hunted:
            by_rule.setdefault(one.rule, []).append(one)
        return tuple(
            Row(
                name,
                len(several),
                sum(one.killed for one in several),
                sum(one.blamed for one in several),
                Counter(one.kind for one in several),
            )
            for name, several in by_rule.items()
        )

    def results(self, *, whole: bool) -> Iterator[ScenarioResult]:
        """Each mutant as a scenario of a report; a survivor is a finding, and so is a rule without any.

        `whole` says that all mutants were tried, so that a rule without one can be told.
        """
        yield ScenarioResult(f"{SUITE}/none", RIGHT.says, SUITE, _wrongly(self.wrongly))
        for one in self.hunted:
            made = mutants()[one.mutant]
            yield ScenarioResult(f"{SUITE}/{one.mutant}", made.says, SUITE, _survived(one))
        for row in self.rows if whole else ():
            if not row.mutants:
                told = Finding(row.rule, "no mutant breaks this rule, so nothing shows that the gate would notice")
                yield ScenarioResult(f"{SUITE}/{row.rule}", "A rule without a mutant", SUITE, (told,))


def run(
    chosen: Sequence[str], *, processes: int | None = None, progress: Callable[[Hunted], None] = lambda _one: None
) -> Selftest:
    """Hunt the mutants of these ids, several processes side by side. Raises `KeyError` for an unknown id."""
    every = [mutants()[name].id for name in chosen]
    portions = [every[start : start + PORTION] for start in range(0, len(every), PORTION)]
    found: dict[str, Hunted] = {}
    with workers(processes or os.cpu_count() or 1) as pool:
        try:
            right = pool.submit(_nothing_wrong)
            for done in as_completed([pool.submit(_hunt, portion) for portion in portions]):
                for one in done.result():
                    found[one.mutant] = one
                    progress(one)
            wrongly = right.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Selftest(tuple(found[name] for name in every), wrongly)


def _nothing_wrong() -> Hunted:
    return hunt(RIGHT)


def _hunt(names: Sequence[str]) -> list[Hunted]:
    return [_in_time(mutants()[name]) for name in names]


def _in_time(mutant: Mutant) -> Hunted:
    """A mutant that never comes to an end is found out, too."""
    try:
        with _alarm(PATIENCE):
            return hunt(mutant)
    except TimeoutError:
        return Hunted(mutant.id, mutant.rule, mutant.kind, "time", findings=(Finding(mutant.rule, "it does not end"),))


@contextlib.contextmanager
def _alarm(seconds: int) -> Iterator[None]:
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> Any:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _survived(one: Hunted) -> tuple[Finding, ...]:
    if one.killed:
        return ()
    text = f"{one.mutant} survived: {mutants()[one.mutant].says}"
    return (Finding(one.rule, text, one.mutant, "the gate is green", "the gate is red"),)


def _wrongly(one: Hunted) -> tuple[Finding, ...]:
    """What the gate found where nothing is wrong: then that mutants are found out proves nothing."""
    return tuple(one.findings) if one.killed else ()
