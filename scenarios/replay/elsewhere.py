"""Somebody else's forwarder in a replay: the recording goes to its address, round by round, and the fake tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from scenarios.events_input import Unreachable
from scenarios.foreign import Foreign
from scenarios.recorded import story
from scenarios.runner import Runner

from .gathering import Kept, Person
from .pacing import Pace, stamped
from .playing import Terms
from .spreading import Lost, Part
from .tally import Tally

ROUND = 8
"""Parts that are sent before anybody waits for silence: each wait costs seconds."""


def at_address(parts: Iterable[Part], terms: Terms, pace: Pace, *, port: int, settle: float) -> Iterator[Tally]:
    """A tally for each round. At a pace of its own the whole recording is one round. Raises `Lost`."""
    settings: dict[str, Any] = {"port": port, "settle": settle, "seed": terms.seed, "on_violation": terms.on_violation}
    runner = Runner(terms.given.embedded(seed=terms.seed, on_violation=terms.on_violation), listens=terms.listens)
    runner.ours = False
    coming = iter(parts)
    try:
        with Foreign(terms.planning, terms.given, **settings) as foreign:
            while people := [one for part in islice(coming, ROUND if pace.factor is None else None) for one in part]:
                yield _round(people, foreign, runner, terms, pace)
    except Unreachable as error:
        raise Lost(str(error)) from error


def _round(people: list[Person], foreign: Foreign, runner: Runner, terms: Terms, pace: Pace) -> Tally:
    tally = Tally()
    runner.fates, runner.noticed, runner.used = tally.fates, tally.noticed, tally.used
    stories = {}
    for person in people:
        told = story([(one.place, one.body) for one in person], terms.destination, terms.on_violation)
        if not terms.cases or told.id in terms.cases:
            stories[told.id] = (person[0].number, told)
    batches = sorted((kept for person in people for kept in person), key=lambda one: one.number)
    found = [
        (stories[trial.scenario.id][0], runner.tried(trial))
        for trial in foreign.trials([told for _, told in stories.values()], _posts(batches, pace))
    ]
    for number, result in sorted(found, key=lambda one: one[0]):
        tally.add(number, result)
    tally.heard = runner.forget_heard()
    return tally


def _posts(batches: list[Kept], pace: Pace) -> Iterator[Mapping[str, Any]]:
    for one in batches:
        pace.wait(stamped(one.body))
        yield one.body
