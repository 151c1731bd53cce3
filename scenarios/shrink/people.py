"""The people of a recording of batches, each judged: in this process, or in several beside it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from scenarios.recorded import story
from scenarios.recordings.masking import Masker
from scenarios.replay.gathering import Person
from scenarios.replay.playing import Terms
from scenarios.verdict import Finding
from scenarios.workers import workers

from .judging import BatchJudge
from .survey import Survey

Found = list[tuple[int, tuple[Finding, ...]]]
"""The people of a part in whom something was found, by their place in it."""
AHEAD = 3
"""Parts that wait for each process."""

_judges: dict[str, BatchJudge] = {}


def survey_people(
    parts: Iterable[list[Person]],
    judge: BatchJudge,
    survey: Survey,
    *,
    count: int = 1,
    progress: Callable[[int], None] = lambda _batches: None,
) -> None:
    """Everybody judged; `progress` hears how many batches are done. With `count` processes the same comes out."""
    masker = Masker()
    tried = _beside(parts, judge.terms, count) if count > 1 else ((part, _found(judge, part)) for part in parts)
    for part, found in tried:
        by_place = dict(found)
        for place, person in enumerate(part):
            survey.look(tuple(masker.batch(one.body) for one in person), by_place.get(place, ()))
        progress(survey.records)


def _beside(parts: Iterable[list[Person]], terms: Terms, count: int) -> Iterator[tuple[list[Person], Found]]:
    with workers(count) as pool:
        waiting: deque[tuple[list[Person], object]] = deque()
        for part in parts:
            waiting.append((part, pool.submit(_look, terms, part)))
            if len(waiting) >= count * AHEAD:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)


def _next(waiting: deque[tuple[list[Person], object]]) -> tuple[list[Person], Found]:
    part, future = waiting.popleft()
    return part, future.result()  # type: ignore[attr-defined]  # a future, which has no plain type here


def _look(terms: Terms, part: list[Person]) -> Found:
    """One part, in a process that keeps its judge for the next one."""
    if terms.key not in _judges:
        _judges.clear()
        _judges[terms.key] = BatchJudge(terms)
    return _found(_judges[terms.key], part)


def _found(judge: BatchJudge, part: list[Person]) -> Found:
    made: Found = []
    for place, person in enumerate(part):
        found = judge.judged(story([(one.place, one.body) for one in person], judge.terms.destination))
        if found:
            made.append((place, found))
    return made
