"""Which scenarios speak of what: a mutant is tried first with those, and files under their rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from contracts import rules
from scenarios.shapes import Place, holds

from .hunt import every_scenario

VENDORS = ("sessionm", "braze", "customerio", "mparticle")
"""The owners of rules that the fake keeps."""
FURTHER = 12
"""So many stories that only ask for an operation are near to its mutants; that leads to one of another rule, if any."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a story: of which scenario and rule, its body, and what its answer must hold."""

    scenario: str
    rule: str
    given: Mapping[str, Any]
    later: int
    """How many steps come after it."""

    def gives(self, place: Place) -> bool:
        return holds(self.given.get("body"), place)

    def tells(self, place: Place) -> bool:
        kept = [pointer.split("/")[1:] for pointer in self.given.get("keep", {}).values()]
        return holds(self.given.get("says"), place) or any(_same(place, parts) for parts in kept)


@cache
def steps() -> Mapping[str, tuple[Step, ...]]:
    """Operation -> every request to it."""
    found: dict[str, list[Step]] = {}
    for scenario in every_scenario():
        for number, call in enumerate(scenario.calls, start=1):
            if "do" in call:
                step = Step(scenario.id, scenario.rule, call, len(scenario.calls) - number)
                found.setdefault(call["do"], []).append(step)
    return {operation: tuple(each) for operation, each in found.items()}


def about(operation: str, *wanted: Callable[[Step], bool]) -> tuple[str, tuple[str, ...]]:
    """The rule under which a mutant of an operation files, and the scenarios to try first.

    Those that satisfy the first wish come first, then those that satisfy the second, then some that ask for it.
    """
    every = steps().get(operation, ())
    ordered = [step for wish in wanted for step in every if wish(step)] + list(every[:FURTHER])
    rule = next((step.rule for step in ordered if _kept_by_fake(step.rule)), "")
    return rule, tuple(dict.fromkeys(step.scenario for step in ordered))


def owned(*, forwarder: bool = False) -> Iterator[str]:
    """The rules that the fake keeps."""
    owners = (*VENDORS, "forwarder") if forwarder else VENDORS
    return (rule.id for rule in rules().values() if rule.owner in owners)


def that_do(word: str) -> Iterable[str]:
    """The rules with a scenario that has such a step, such as `advance`."""
    return dict.fromkeys(
        scenario.rule
        for scenario in every_scenario()
        if _kept_by_fake(scenario.rule) and any(word in call for call in scenario.calls)
    )


def _same(place: Place, parts: list[str]) -> bool:
    return len(place) == len(parts) and all(
        name == part or (name == "*" and part.isdigit()) for name, part in zip(place, parts, strict=True)
    )


def _kept_by_fake(rule: str) -> bool:
    return rule in rules() and rules()[rule].owner in VENDORS
