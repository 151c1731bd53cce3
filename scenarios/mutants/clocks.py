"""Fakes that do not know what time it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mock_sessionm import Clock

from .mutant import Mutant, Parts
from .stories import that_do

HOUR = 3600.0
"""Seconds."""
BEHAVIOUR: tuple[tuple[str, Callable[[float], float], str], ...] = (
    ("still", lambda _seconds: 0.0, "its time stands still"),
    ("late", lambda seconds: max(seconds - HOUR, 0.0), "an hour of each pause is lost"),
)
"""What is wrong with a clock -> how far it goes forward for so many seconds, and that as a sentence."""


class WrongClock(Clock):
    """A clock that goes forward by something else than it is told to."""

    __slots__ = ("_step",)

    def __init__(self, start: float, step: Callable[[float], float]) -> None:
        super().__init__(start, frozen=True)
        self._step = step

    def advance(self, by: float | str) -> None:
        before = self.now()
        super().advance(by)
        self.set(before + self._step(self.now() - before))

    def copy(self) -> Clock:
        return WrongClock(self.now(), self._step)


def wrong_clocks() -> Iterator[Mutant]:
    """For each rule with a story in which time goes by: the same story without it."""
    for rule in that_do("advance"):
        for what, step, says in BEHAVIOUR:
            yield Mutant(
                id=f"{rule}~clock-{what}",
                rule=rule,
                side="fake",
                kind="clock ignored",
                says=says,
                parts=Parts(clock=lambda step=step: WrongClock(0.0, step)),  # type: ignore[misc]  # bound now
            )
