"""Fakes that do otherwise than was chosen where the documents are silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts import Choices, assumptions, rules

from .hunt import every_scenario
from .mutant import Mutant, Parts
from .stories import VENDORS


class Stubborn(Choices):
    """Choices of which one is always the same, whatever anybody chooses."""

    __slots__ = ("_name", "_same")

    def __init__(self, name: str, same: str, chosen: Mapping[str, str] | None = None) -> None:
        super().__init__(chosen)
        self._name, self._same = name, same

    def __getitem__(self, name: str) -> str:
        return self._same if name == self._name else super().__getitem__(name)

    def over(self, chosen: Mapping[str, str]) -> Choices:
        return Stubborn(self._name, self._same, dict(super().over(chosen)))


def unheard() -> Iterator[Mutant]:
    """For each choice of each assumption that a rule of the fake rests on: that one, whatever is chosen."""
    for rule, name in resting():
        for choice in assumptions()[name].choices:
            yield Mutant(
                id=f"{rule}~choice~{name}~{choice}",
                rule=rule,
                side="fake",
                kind="choice not followed",
                says=f"whatever is chosen for {name}, the fake does as with {choice!r}",
                parts=Parts(choices=Stubborn(name, choice)),
                near=_with(name, choice),
            )


def resting() -> Iterator[tuple[str, str]]:
    """The rules that the fake keeps with the assumptions behind them: their source, or what their examples assume."""
    found: set[str] = set()
    for rule in rules().values():
        if rule.owner in VENDORS and rule.assumption:
            found.add(rule.assumption)
            yield rule.id, rule.assumption
    for rule in rules().values():
        for name in dict.fromkeys(name for example in rule.examples for name in example.get("assume", ())):
            if rule.owner in VENDORS and name not in found:
                found.add(name)
                yield rule.id, name


def _with(name: str, choice: str) -> tuple[str, ...]:
    """The scenarios that choose something else, by name."""
    return tuple(
        scenario.id for scenario in every_scenario() if scenario.calls and scenario.assume.get(name, choice) != choice
    )
