"""One part of a recording, played: each person's batches through a forwarder into the fake, judged and added up."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing import parent_process
from typing import Any

from contracts import assumptions
from contracts.register import observe
from mock_sessionm import Tenant
from scenarios.fates import FateCount
from scenarios.given import Given
from scenarios.place import Crossing
from scenarios.recorded import story
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.verdict import ScenarioResult

from .gathering import Person
from .pacing import Pace, stamped
from .planner import Planner
from .tally import HEARD, Tally

PLAYERS = 4
"""Players that a process keeps: a Dask worker may be asked by several replays."""


def observed() -> dict[str, tuple[str, str]]:
    """What the register holds as observed in this process: it must hold in others as well."""
    return {one.id: (one.observed, one.observed_on) for one in assumptions().values() if one.observed}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a recording is played. Under the same terms the same part gives the same tally, in whichever process.

    key            names these terms: nothing else has it
    given          the files of the user
    destination    where the batches go
    on_violation   what the fake does with a violation
    planning       the forwarder, as an address or `module:callable`; empty for ours
    cases          the ids of the stories that are wanted; all where none is named
    listens        whether requests and answers of what is broken are kept
    seen           what was observed of a tenant
    """

    key: str
    given: Given
    destination: str
    seed: int
    on_violation: Any = "note"
    planning: str = ""
    cases: frozenset[str] = frozenset()
    listens: bool = False
    seen: Mapping[str, tuple[str, str]] = field(default_factory=observed)

    @property
    def at_address(self) -> bool:
        return self.planning.startswith(("http://", "https://"))


class Player:
    """A forwarder and a fake in this process, in which part after part is played."""

    def __init__(self, terms: Terms) -> None:
        observe(terms.seen)
        self.terms = terms
        place = terms.given.embedded(seed=terms.seed, on_violation=terms.on_violation)
        place.planning = self._planner = Planner(terms.planning)
        self.runner = Runner(place, listens=terms.listens)

    def play(self, part: list[Person]) -> Tally:
        """What is found of these people, one after another."""
        return self._added((person[0].number, self.runner.judge(told)) for person, told in self._stories(part))

    def play_at(self, pace: Pace, people: list[Person]) -> Tally:
        """The same with every batch at its time: people meet as they met, each in a world of their own."""
        return self._added(sorted(self._crossings(pace, people), key=lambda one: one[0]))

    def _crossings(self, pace: Pace, people: list[Person]) -> Iterator[tuple[int, ScenarioResult]]:
        place = self.runner.world
        told = {person[0].number: (person, story) for person, story in self._stories(people)}
        due = sorted(
            ((one.number, first, one.body) for first, (person, _) in told.items() for one in person),
            key=lambda one: one[0],
        )
        last = {first: person[-1].number for first, (person, _) in told.items()}
        under_way: dict[int, tuple[Mapping[str, Tenant], Crossing]] = {}
        for number, first, body in due:
            pace.wait(stamped(body))
            scenario = told[first][1]
            if first not in under_way:
                tenants = place.tenants(scenario)
                under_way[first] = (tenants, Crossing(place, scenario, tenants))
            tenants, crossing = under_way[first]
            crossing.send(body)
            if number == last[first]:
                del under_way[first]
                yield first, self.runner.crossed(scenario, tenants, crossing.arrived())

    def _stories(self, part: list[Person]) -> Iterator[tuple[Person, Scenario]]:
        for person in part:
            told = story([(one.place, one.body) for one in person], self.terms.destination, self.terms.on_violation)
            if not self.terms.cases or told.id in self.terms.cases:
                yield person, told

    def _added(self, results: Iterable[tuple[int, ScenarioResult]]) -> Tally:
        runner, tally = self.runner, Tally()
        runner.recorded_fates, runner.noticed, runner.used = FateCount(), tally.noticed, tally.used
        self._planner.raised = tally.raised
        for number, result in results:
            tally.add(number, result)
        tally.fates.update(runner.recorded_fates.named())
        tally.heard = runner.forget_heard()[:HEARD]
        return tally


_players: dict[str, Player] = {}


def play(terms: Terms, part: list[Person]) -> Tally:
    """The same, with a player that this process keeps for other parts under the same terms."""
    player = _players.get(terms.key)
    if player is None:
        while len(_players) >= PLAYERS:
            _players.pop(next(iter(_players)))
        player = _players[terms.key] = Player(terms)
        if parent_process() is not None:
            # A process that was begun for this: what it has set up stays, and need not be looked through for rubbish.
            gc.freeze()
    return player.play(part)
