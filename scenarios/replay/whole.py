"""The whole of a replay: a recording read once, its interactions played as they come, its batches by people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from scenarios.recorded import heard
from scenarios.recordings.recorded import Bad, Recorded, RecordedBatch, Unread

from .elsewhere import at_address
from .gathering import Gathering
from .interactions.again import Gone, InteractionReplay
from .pacing import Pace
from .playing import Player, Terms, play
from .rehearsal import BLOCK, Text, rehearse
from .replayed import Replayed
from .spreading import Part, Play, here, in_processes, on_scheduler
from .tally import Tally

Found = RecordedBatch | Recorded | Bad


@dataclass(frozen=True, slots=True, kw_only=True)
class Players:
    """Who plays: this process, so many beside it, the workers of a Dask scheduler, or a forwarder at an address.

    Where batches go at a pace of their own, or to an address, one plays them all. `port` and `settle` as `run` has
    them.
    """

    workers: int = 1
    scheduler: str = ""
    pace: Pace = field(default_factory=Pace)
    port: int = 0
    settle: float = 2.0

    def tallies(self, parts: Iterable[Part], terms: Terms) -> Iterator[Tally]:
        """Tallies whose sum is that of the recording. Raises `Lost`."""
        if terms.at_address:
            return at_address(parts, terms, self.pace, port=self.port, settle=self.settle)
        if self.pace.factor is not None:
            return iter([Player(terms).play_at(self.pace, [person for part in parts for person in part])])
        return self._spread(parts, terms, play)

    def rehearsals(self, blocks: Iterable[Part], terms: Terms) -> Iterator[Tally]:
        """The same of batches that are planned and not sent. Raises `Lost`."""
        return self._spread(blocks, terms, rehearse)

    def _spread(self, parts: Iterable[Part], terms: Terms, play: Play) -> Iterator[Tally]:
        if self.scheduler:
            return on_scheduler(parts, terms, play, self.scheduler)
        return in_processes(parts, terms, play, self.workers) if self.workers > 1 else here(parts, terms, play)


def replay(
    found: Iterable[Found],
    terms: Terms,
    *,
    sources: tuple[str, ...],
    players: Players,
    against: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Replayed:
    """Everything in a recording, played and judged.

    Interactions go to a fresh fake, or `against` whoever is at that address. `progress` hears how many batches are
    done, of how many. Raises `RecordingError` where the recording cannot be read, `Lost` where the players cannot go
    on, `Gone` where nobody is at the address.
    """
    made = Replayed(sources=sources, seed=terms.seed, destination=terms.destination)
    with Gathering() as gathering:
        interactions = _sorted_out(found, gathering, made)
        first = next(interactions, None)
        if first is not None:
            _have_again(chain([first], interactions), terms, players, against, made)
        made.batches = gathering.batches
        made.people = len(gathering.people)
        made.backwards.merge(gathering.backwards)
        for tally in players.tallies(gathering.parts(), terms):
            made.tally.merge(tally)
            progress(made.tally.counts["batches"], gathering.batches)
    return made


def _have_again(
    interactions: Iterable[Recorded], terms: Terms, players: Players, against: str | None, made: Replayed
) -> None:
    """The interactions of a recording, had again in its order. What was found before an address went away is kept."""
    pace = players.pace
    settings: dict[str, Any] = {"on_violation": terms.on_violation, "against": against}
    with InteractionReplay(terms.given, terms.seed, pace=pace.factor, sleep=pace.sleep, **settings) as again:
        try:
            for number, result in enumerate(again.play(interactions), start=1):
                made.interactions += 1
                # One is had again only in the company of those before it.
                if not terms.cases or result.id in terms.cases:
                    made.tally.add(number, result)
        except Gone as gone:
            if not made.interactions:
                raise
            made.note(gone.bad)
        made.ignored = {f"{place}: {why}": count for (place, why), count in sorted(again.ignored.items())}
        made.given = {what: count for what, count in sorted(again.given_before.items()) if count}
        made.backwards.first += again.backwards
        made.backwards.count += again.ran_backwards


def rehearsed(
    found: Iterable[Found | Unread],
    terms: Terms,
    *,
    sources: tuple[str, ...],
    players: Players,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Replayed:
    """The batches of a recording planned, and their requests held against the contract; nothing is sent.

    Interactions are held against the contract as they were recorded. Raises as `replay` does.
    """
    made = Replayed(sources=sources, seed=terms.seed, destination=terms.destination)
    for tally in players.rehearsals(_blocks(found, terms, made), terms):
        made.tally.merge(tally)
        progress(made.tally.counts["batches"], 0)
    made.batches = made.tally.counts["batches"]
    return made


def _blocks(found: Iterable[Found | Unread], terms: Terms, made: Replayed) -> Iterator[list[Text]]:
    block: list[Text] = []
    for number, one in enumerate(found, start=1):
        match one:
            case Unread():
                block.append(Text(number, one.place, one.raw))
            case RecordedBatch():
                block.append(Text(number, one.place, batch=one.batch))
            case Bad():
                made.note(one)
            case _:
                made.interactions += 1
                made.tally.add(number, heard(one, terms.given.choices))
        if len(block) >= BLOCK:
            yield block
            block = []
    if block:
        yield block


def _sorted_out(found: Iterable[Found], gathering: Gathering, made: Replayed) -> Iterator[Recorded]:
    """The interactions of a recording; its batches are gathered, and what is bad is noted, as they pass by."""
    for one in found:
        match one:
            case RecordedBatch():
                gathering.add(one)
            case Bad():
                made.note(one)
            case _:
                yield one
