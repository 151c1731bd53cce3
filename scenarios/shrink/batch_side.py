"""Batches through a planning function in this process, as `shrink` needs them: judged, judged again, listened to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from contracts import Interaction
from mock_sessionm import TenantSettings
from scenarios.place import Planning
from scenarios.recordings.recorded import Recorded
from scenarios.replay.gathering import Person
from scenarios.replay.playing import Player, Terms

from .judging import BatchJudge, told
from .people import survey_people
from .reducing import Docs
from .survey import Survey

MANY = 2000
"""Batches from which on it pays to begin other processes."""


class BatchSide(BatchJudge):
    """`planning` goes before the one of the terms; other processes cannot have it."""

    def __init__(self, terms: Terms, workers: int = 1, planning: Planning | None = None) -> None:
        super().__init__(terms, planning)
        self.workers = 1 if planning else workers

    def look(self, parts: Iterable[list[Person]], survey: Survey, progress: Callable[[int], None]) -> None:
        """Everybody in a recording, judged by so many workers."""
        survey_people(parts, self, survey, count=self.workers, progress=progress)

    def of(self, docs: Docs) -> Sequence[Recorded]:  # noqa: ARG002  they are batches
        return ()

    def heard(self, docs: Docs) -> tuple[list[Interaction], TenantSettings]:
        """What came to the fake, and what was set up there."""
        player = Player(replace(self.terms, listens=True))
        place = player.runner.world
        if self.planning is not None:
            place.planning = self.planning
        stories = told(docs, self.terms)
        for one in stories:
            player.runner.judge(one)
        heard = [one for several in player.runner.forget_heard() for one in several.interactions]
        tenants = [place.tenant_settings(one) for one in stories]
        events = dict.fromkeys(name for tenant in tenants for name in tenant.events)
        return heard, replace(tenants[0], events=tuple(events))
