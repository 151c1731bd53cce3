"""What a benchmark finds: one measured value, the aim it has, and what it is held against."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

CLOCK = time.perf_counter
CORE = time.process_time
"""Seconds of one core that this process had: others who want the core at the same time do not count."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    value   the median of several measurements; None where nothing could be measured (`remark` says why)
    aim     what it should be, None for something that is only compared with; `below` is True where less is better
    beside  (name, ratio) of the value to a peer or a floor measured in the same run
    """

    name: str
    value: float | None
    unit: str
    aim: float | None = None
    below: bool = False
    beside: tuple[tuple[str, float], ...] = ()
    remark: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None where there is no aim or no value."""
        if self.value is None or self.aim is None:
            return None
        return self.value <= self.aim if self.below else self.value >= self.aim


def rate(work: Callable[[], object], *, times: int, rounds: int = 7, clock: Callable[[], float] = CORE) -> float:
    """How often a second of one core `work` can be done: the median of `rounds` of so many `times`, after a warm-up."""
    found = []
    for _ in range(rounds + 1):
        begun = clock()
        for _ in range(times):
            work()
        found.append(times / (clock() - begun))
    return statistics.median(found[1:])


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """The lines of a table for a terminal, as wide as their contents."""
    rows = [("figure", "value", "", "aim", "", "beside")]
    rows += [
        (
            figure.name,
            "-" if figure.value is None else f"{figure.value:,.{_digits(figure.value)}f}",
            figure.unit,
            "" if figure.aim is None else f"{'<' if figure.below else '>='} {figure.aim:,g}",
            {True: "met", False: "missed", None: ""}[figure.met],
            "; ".join([*(f"{ratio:.2f} x {name}" for name, ratio in figure.beside), figure.remark]).strip("; "),
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        cells = [
            cell.rjust(width) if column in (1, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=False))
        ]
        yield "  ".join([*cells, row[5]]).rstrip()


def _digits(value: float) -> int:
    return 0 if value >= 100 else 2
