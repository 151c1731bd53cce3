"""Whoever says what is wrong with a few records, from scratch each time; and the trying of many candidates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from contracts import validate
from forwarder import Batch, BatchError
from scenarios.place import Planning
from scenarios.recorded import stories
from scenarios.replay.playing import Player, Terms
from scenarios.scenario import Scenario
from scenarios.verdict import Finding

from .kind import Kind, kinds
from .reducing import Docs


class Judge(Protocol):
    """Says what is wrong with records. Nothing of one judgement is left for the next.

    together   how many candidates are best judged in one round
    """

    @property
    def together(self) -> int: ...

    def findings(self, rounds: Sequence[Docs]) -> list[list[Finding]]:
        """The findings of each of several candidates; each is some records, in their order."""
        ...

    def carefully(self, careful: bool) -> bool:
        """Whether candidates are to be judged exactly as they are; false where that makes no difference."""
        ...

    def sound(self, doc: Any) -> frozenset[str]:
        """What is wrong with a record itself, as names of rules; a smaller one must not be wrong otherwise.

        Raises `ValueError` where it is no record at all.
        """
        ...


@dataclass(slots=True)
class Asked:
    """A judge who is asked about nothing twice: what was found with each candidate, for whichever kind is wanted."""

    judge: Judge
    told: Callable[[int], None] = lambda _tries: None
    tries: int = 0
    _found: dict[bytes, frozenset[Kind]] = field(default_factory=dict)

    def carefully(self, careful: bool) -> bool:
        """The same of the judge. What was found so far is forgotten where it makes a difference."""
        differs = self.judge.carefully(careful)
        if differs:
            self._found.clear()
        return differs

    def kinds(self, candidates: Sequence[Docs], in_time: Callable[[], bool] = lambda: True) -> list[frozenset[Kind]]:
        """The kinds of findings with each of them; none with what is not tried because the time is up."""
        keys = [orjson.dumps(docs, default=str) for docs in candidates]
        new = {key: docs for key, docs in zip(keys, candidates, strict=True) if key not in self._found}
        names = list(new)
        for begin in range(0, len(names), self.judge.together):
            if not in_time():
                break
            some = names[begin : begin + self.judge.together]
            for key, found in zip(some, self.judge.findings([new[key] for key in some]), strict=True):
                self._found[key] = frozenset(kinds(found))
            self.tries += len(some)
            self.told(self.tries)
        return [self._found.get(key, frozenset()) for key in keys]


@dataclass(frozen=True, slots=True)
class Trying:
    """Tries smaller records: whether a finding of the wanted kind still is there, and none of an unknown kind.

    Other kinds of the same rule may come up: with fewer batches there is less to compare with.

    known           kinds of findings that the records had before they were made smaller
    may_be_wrong    what may be wrong with a record itself, as it was before
    in_time         false when it is to come to an end: nothing that was not tried before is tried any more
    """

    asked: Asked
    wanted: Kind
    known: frozenset[Kind]
    may_be_wrong: frozenset[str]
    in_time: Callable[[], bool] = lambda: True

    def happens(self, candidates: Sequence[Docs]) -> list[bool]:
        """Of each candidate, whether the same thing still happens with it."""
        sound = [bool(docs) and all(map(self.sound, docs)) for docs in candidates]
        fit = [docs for docs, good in zip(candidates, sound, strict=True) if good]
        found = iter(self.asked.kinds(fit, self.in_time))
        return [good and self.shows(next(found)) for good in sound]

    def shows(self, found: frozenset[Kind]) -> bool:
        return self.wanted in found and all(one in self.known or one.rule == self.wanted.rule for one in found)

    def sound(self, doc: Any) -> bool:
        """Whether something is a record with nothing wrong in itself that was right before."""
        try:
            return self.asked.judge.sound(doc) <= self.may_be_wrong
        except ValueError:
            return False


class BatchJudge:
    """Batches on their way through a planning function into a fresh fake, in this process.

    The clock stands at each person's first batch, and everything that is drawn comes from the seed. Each person has
    tenants of their own in the fake, which are taken away again. `planning` goes before the one of `terms`.
    """

    together = 1

    def __init__(self, terms: Terms, planning: Planning | None = None) -> None:
        self.terms = terms
        self.planning = planning
        self._player = Player(terms)
        if planning is not None:
            self._player.runner.world.planning = planning

    def findings(self, rounds: Sequence[Docs]) -> list[list[Finding]]:
        return [[finding for one in told(docs, self.terms) for finding in self.judged(one)] for docs in rounds]

    def judged(self, one: Scenario) -> tuple[Finding, ...]:
        """What is wrong with one person's batches."""
        return self._player.runner.judge(one).findings

    def carefully(self, careful: bool) -> bool:  # noqa: ARG002  it always is
        return False

    def sound(self, doc: Any) -> frozenset[str]:
        return wrong_with(doc)

    def afresh(self) -> BatchJudge:
        """The same judge with another world."""
        return BatchJudge(self.terms, self.planning)


def told(docs: Iterable[Mapping[str, Any]], terms: Terms) -> list[Scenario]:
    """The stories of the people in some batches."""
    placed = ((f"batch {number}", doc) for number, doc in enumerate(docs, 1))
    return list(stories(placed, terms.destination))


def wrong_with(batch: Any) -> frozenset[str]:
    """The rules of mParticle that a batch breaks, before anybody forwarded it. Raises `ValueError` for none at all."""
    try:
        Batch.from_json(batch)
    except BatchError as error:
        raise ValueError(str(error)) from error
    wrong = validate("mparticle", "postBatch", batch)
    return frozenset(f"{found.rule} {found.pointer.rpartition('/')[2]}" for found in wrong)
