"""What planning does with the batches of every scenario, step by step: mutants are made where that makes a difference.

A rule that no step ever names on a road has no effect there that could be skipped; which rules each step names is
asked of the steps themselves, and not written down a second time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import NamedTuple

from forwarder import DESTINATIONS, Batch, Connection, Plan, plan
from forwarder.draft import Draft, Step
from scenarios.scenario import Scenario

from .before import Before
from .hunt import clean_world, every_scenario

Where = Mapping[tuple[str, str], Sequence[str]]
"""Two words, such as a step and a rule -> the ids of the scenarios in which that is seen."""


class Met(NamedTuple):
    """One batch as planning meets it in a scenario, with what planning makes of it."""

    scenario: str
    batch: Batch
    connection: Connection
    now: float
    plan: Plan


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All batches on one road.

    met     each of them
    named   (step, rule) -> where the step does something that it lays to the rule
    fates   (fate, rule) -> where a point of a plan has them
    """

    met: tuple[Met, ...]
    named: Where
    fates: Where


@cache
def rehearsal(destination: str) -> Rehearsal:
    """What happens on the road to a destination."""
    named: dict[tuple[str, str], dict[str, None]] = {}
    fates: dict[tuple[str, str], dict[str, None]] = {}
    met = []
    for scenario, batch, connection, now in _batches(destination):

        def watched(step: Step, scenario: str = scenario) -> Step:
            def watching(draft: Draft) -> None:
                before = Before(draft)
                step(draft)
                for rule in sorted(before.rules(draft)):
                    named.setdefault((step.__name__, rule), {})[scenario] = None

            return watching

        made = plan(batch, connection, steps=[watched(step) for step in DESTINATIONS[destination].steps], now=now)
        met.append(Met(scenario, batch, connection, now, made))
        for fate in made.fates:
            fates.setdefault((fate.fate, fate.rule), {})[scenario] = None
    return Rehearsal(tuple(met), _plain(named), _plain(fates))


@cache
def _by_scenario(destination: str) -> Mapping[str, Sequence[Met]]:
    made: dict[str, list[Met]] = {}
    for met in rehearsal(destination).met:
        made.setdefault(met.scenario, []).append(met)
    return made


def plans_alike(scenario: Scenario, planning: Callable[..., Plan]) -> bool:
    """Whether somebody who plans like this plans the batches of a scenario as they should be: then nothing shows.

    A story that is told to the vendor step by step has its batches in its steps; of those nothing is said.
    """
    if scenario.kind != "road":
        return not any({"forward", "feed_back"} & set(call) for call in scenario.calls)
    return all(
        planning(met.batch, met.connection, now=met.now) == met.plan
        for met in _by_scenario(scenario.destination).get(scenario.id, ())
    )


def _plain(found: Mapping[tuple[str, str], Mapping[str, None]]) -> Where:
    return {words: tuple(ids) for words, ids in found.items()}


def _batches(destination: str) -> Iterator[tuple[str, Batch, Connection, float]]:
    world = clean_world()
    connections: dict[str, Connection] = {}
    for scenario in every_scenario():
        if scenario.kind != "road" or scenario.destination != destination:
            continue
        choices = world.choices_for(scenario)
        settings = {name: part for name, part in world.settings_for(scenario).items() if name != "rules"}
        key = repr((scenario.settings, choices.changed()))
        if key not in connections:
            connections[key] = Connection.from_settings(settings, dict(choices), destination=destination)
        now = datetime.fromisoformat(scenario.at).timestamp()
        for one in scenario.batches:
            raw = json.dumps(one, ensure_ascii=False).encode()
            connection = replace(connections[key], rule=world.rewrite_for(scenario))
            yield scenario.id, Batch.read(raw, duplicate_keys=choices["duplicate-keys"]), connection, now
