"""Somebody else's forwarder, asked about many small recordings: quickly while one looks, patiently at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count, islice
from types import TracebackType
from typing import Any, Self

from contracts import Interaction
from mock_sessionm import TenantSettings
from scenarios.foreign import Foreign
from scenarios.given import Given
from scenarios.place import needed_events
from scenarios.recorded import stories, story
from scenarios.recordings.masking import Masker
from scenarios.recordings.recorded import Recorded
from scenarios.replay.gathering import Person
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.verdict import Finding

from .judging import wrong_with
from .others import as_others
from .reducing import Docs
from .survey import Survey

ROUND = 8
"""Parts of a recording that are sent before anybody waits for silence."""
TOGETHER = 24
QUICK = (0.05, 0.5)
"""Seconds of silence, at least and at most, after which a forwarder is done while candidates are tried."""
FOUR = 4
"""So many times as long is waited as the forwarder took before."""


class ForwarderJudge:
    """The fake on a real port and a forwarder at an address, for which it is the vendor. A context manager.

    While candidates are tried, each is somebody else's: ids are changed, so that many are on their way together, and
    a forwarder that remembers people does not know them. What only happens to some ids is to be judged `carefully`:
    one by one, as it is. `patiently` is the same with all the waiting that was asked for.
    """

    def __init__(
        self, url: str, given: Given, *, port: int, settle: float, seed: int, destination: str = "sessionm"
    ) -> None:
        self.destination = destination
        self.settle = settle
        self._foreign = Foreign(url, given, port=port, settle=settle, seed=seed, on_violation="note")
        self._runner = Runner(given.embedded(seed=seed, on_violation="note"))
        self._runner.ours = False
        self._numbers = count(1)
        self._careful = False
        self._quick = QUICK[1]

    @property
    def url(self) -> str:
        """Where the fake is, to which the forwarder must send."""
        return self._foreign.server.url

    @property
    def together(self) -> int:
        return 1 if self._careful else TOGETHER

    def __enter__(self) -> Self:
        self._foreign.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._foreign.__exit__(kind, error, trace)

    def findings(self, rounds: Sequence[Docs]) -> list[list[Finding]]:
        """The findings of each candidate. Raises `Unreachable`."""
        several = rounds if self._careful else [as_others(docs, next(self._numbers)) for docs in rounds]
        told = {one.id: (index, one) for index, docs in enumerate(several) for one in self._told(docs, f"{index} ")}
        found: list[list[Finding]] = [[] for _ in rounds]
        self._foreign.settle = min(self.settle, self._quick)
        for id_, one in self._tried([one for _, one in told.values()]):
            found[told[id_][0]].extend(one)
        self._quick = max(QUICK[0], min(QUICK[1], max(self._foreign.lag * FOUR, self._quick / 2)))
        return found

    def patiently(self, docs: Docs) -> list[Finding]:
        """What is wrong with these records as they are. Raises `Unreachable`."""
        self._foreign.settle = self.settle
        return [finding for _, found in self._tried(self._told(docs)) for finding in found]

    def look(self, parts: Iterable[list[Person]], survey: Survey, progress: Callable[[int], None]) -> None:
        """Everybody in a recording. Raises `Unreachable`."""
        self._foreign.settle = self.settle
        masker, coming = Masker(), iter(parts)
        while people := [one for part in islice(coming, ROUND) for one in part]:
            told = [story([(one.place, one.body) for one in person], self.destination) for person in people]
            by_id = dict(self._tried(told))
            for person, one in zip(people, told, strict=True):
                survey.look(tuple(masker.batch(kept.body) for kept in person), by_id.get(one.id, ()))
            progress(survey.records)

    def of(self, docs: Docs) -> Sequence[Recorded]:  # noqa: ARG002  they are batches
        return ()

    def heard(self, docs: Docs) -> tuple[list[Interaction], TenantSettings]:
        """What came to the fake, and what was set up there. Raises `Unreachable`."""
        told, given = self._told(docs), self._foreign.given
        heard = [one for trial in self._foreign.trials(told) for one in trial.heard]
        events = dict.fromkeys(name for one in told for name in needed_events(one, given.settings))
        tenant = given.tenant
        return sorted(heard, key=lambda one: one.number), replace(tenant, events=tenant.events or tuple(events))

    def afresh(self) -> Patient:
        return Patient(self)

    def carefully(self, careful: bool) -> bool:
        differs, self._careful = careful is not self._careful, careful
        return differs

    def sound(self, doc: Any) -> frozenset[str]:
        return wrong_with(doc)

    def _told(self, docs: Docs, where: str = "") -> list[Scenario]:
        placed = ((f"{where}batch {number}", doc) for number, doc in enumerate(docs, 1))
        return list(stories(placed, self.destination))

    def _tried(self, told: Sequence[Scenario]) -> Iterator[tuple[str, tuple[Finding, ...]]]:
        for trial in self._foreign.trials(told):
            result = self._runner.tried(trial)
            yield result.id, result.findings


class Patient:
    """The same forwarder, asked as `shrink` asks at the end: as it is, and as long as it takes."""

    together = 1

    def __init__(self, judge: ForwarderJudge) -> None:
        self._judge = judge

    def findings(self, rounds: Sequence[Docs]) -> list[list[Finding]]:
        return [self._judge.patiently(docs) for docs in rounds]

    def carefully(self, careful: bool) -> bool:  # noqa: ARG002  it always is
        return False

    def sound(self, doc: Any) -> frozenset[str]:
        return self._judge.sound(doc)
