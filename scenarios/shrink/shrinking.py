"""For each kind of finding in a recording, the smallest recording that still shows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from scenarios.verdict import Finding

from .judging import Asked, Judge, Trying
from .kind import Kind, kinds
from .reducing import Docs, reduce
from .survey import Group, Mistake, Survey

Clock = Callable[[], float]
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Minimum:
    """The smallest records that show a mistake, judged once more from scratch.

    kind       of finding that was kept while they were made small
    finding    of this kind, in these records
    findings   everything that is wrong with them
    people     how many people of the recording show it
    whole      whether it is the smallest; false where the time was up before everything was tried
    also       other mistakes of the recording whose smallest records are these, or show this one too
    """

    mistake: Mistake
    kind: Kind
    finding: Finding
    findings: tuple[Finding, ...]
    docs: Docs
    people: int
    tries: int
    seconds: float
    whole: bool = True
    also: list[Mistake] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unsteady:
    """What was found once and could not be shown again from scratch."""

    mistake: Mistake
    finding: Finding
    people: int


def shrink(
    survey: Survey,
    judge: Judge,
    afresh: Callable[[], Judge],
    *,
    limit: int | None = None,
    patience: float = PATIENCE,
    told: Callable[[Group, int], None] = lambda _group, _tries: None,
    clock: Clock = time.monotonic,
) -> Iterator[Minimum | Unsteady]:
    """The minimum of each mistake, one after another.

    A mistake whose smallest records show an earlier one in the same way comes of that, and is named there: `also` is
    complete at the end. `afresh` gives a judge who knows nothing of what was tried before. `limit` is how many minima
    are wanted, `patience` the seconds after which one of them is given as it is then.
    """
    asked = Asked(judge)
    made: list[Minimum] = []
    for group in survey.ordered():
        if limit is not None and len(made) >= limit:
            return
        begun, before = clock(), asked.tries

        def in_time(begun: float = begun) -> bool:
            return clock() - begun < patience

        asked.told = partial(told, group)
        for one in made:
            group.begin_with(one.docs, kinds(one.findings))
        kind, docs, found = _judged_again(group, asked, afresh, in_time)
        whole = in_time()
        if kind not in found:
            yield Unsteady(group.mistake, group.finding, group.people)
            continue
        cause = next((one for one in made if one.docs == docs or (not survey.each and one.kind in found)), None)
        if cause is not None:
            cause.also.append(group.mistake)
            continue
        tries, seconds = asked.tries - before, clock() - begun
        every = tuple(found.values())
        made.append(Minimum(group.mistake, kind, found[kind], every, docs, group.people, tries, seconds, whole=whole))
        yield made[-1]


def _judged_again(
    group: Group, asked: Asked, afresh: Callable[[], Judge], in_time: Callable[[], bool]
) -> tuple[Kind | None, Docs, dict[Kind, Finding]]:
    """The smallest records, their kind, and what is wrong with them to somebody who knows nothing of the tries.

    Where that is not of this kind, what was tried quickly is tried carefully.
    """
    kind: Kind | None = None
    docs: Docs = ()
    found: dict[Kind, Finding] = {}
    for careful in (False, True):
        if asked.carefully(careful) or not careful:
            kind, docs = _smallest(group, asked, in_time)
            found = kinds(afresh().findings([docs])[0] if docs else [])
            if kind in found:
                break
    return kind, docs, found


def _smallest(group: Group, asked: Asked, in_time: Callable[[], bool]) -> tuple[Kind | None, Docs]:
    """The smallest records that show this mistake, and its kind; nothing where nobody shows it any more."""
    for suspect in group.suspects:
        known = asked.kinds([suspect.docs])[0]
        if suspect.kind in known:
            wrong = frozenset().union(*map(asked.judge.sound, suspect.docs))
            trying = Trying(asked, suspect.kind, known, wrong, in_time)
            return suspect.kind, reduce(suspect.docs, trying.happens, trying.sound)
    return None, ()
