"""For each kind of finding in a recording, the smallest recording that still shows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from scenarios.verdict import Finding

from .judging import Asked, Judge, Trying
from .kind import Kind, kind_of
from .reducing import Docs, reduce
from .survey import Group, Survey

Clock = Callable[[], float]
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Minimum:
    """The smallest records that show a kind of finding, judged once more from scratch.

    finding    what is wrong with them, of the kind that was looked for
    findings   everything that is wrong with them
    kinds      what else was found in the recording and has no smaller recording than this
    people     how many people of the recording show it
    whole      whether it is the smallest; false where the time was up before everything was tried
    """

    kind: Kind
    finding: Finding
    findings: tuple[Finding, ...]
    docs: Docs
    people: int
    tries: int
    seconds: float
    whole: bool = True
    kinds: list[Kind] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unsteady:
    """What was found once and could not be shown again from scratch, or not with less than everything."""

    kind: Kind
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
    """The minimum of each kind, one after another; kinds that have the same one come with the first of them.

    `afresh` gives a judge who knows nothing of what was tried before. `limit` is how many minima are wanted,
    `patience` the seconds after which one of them is given as it is then.
    """
    asked = Asked(judge)
    made: list[Minimum] = []
    for group in survey.ordered():
        if limit is not None and len(made) >= limit:
            return
        begun, before = clock(), asked.tries
        asked.told = lambda tries, group=group, before=before: told(group, tries - before)  # type: ignore[misc]

        def in_time(begun: float = begun) -> bool:
            return clock() - begun < patience

        docs = _smallest(group, asked, made, in_time)
        same = next((one for one in made if one.docs == docs), None)
        if same is not None:
            same.kinds.append(group.kind)
            continue
        found = afresh().findings([docs])[0] if docs else []
        shown = next((one for one in found if kind_of(one) == group.kind), None)
        if shown is None:
            yield Unsteady(group.kind, group.finding, group.people)
            continue
        made.append(
            Minimum(
                group.kind, shown, tuple(found), docs, group.people, asked.tries - before, clock() - begun, in_time()
            )
        )
    yield from made


def _smallest(group: Group, asked: Asked, made: list[Minimum], in_time: Callable[[], bool]) -> Docs:
    """The smallest records that show this kind; nothing where nobody shows it any more.

    A minimum of another kind that shows this one as well is the best to begin with.
    """
    begins = [one.docs for one in made if group.kind in {kind_of(finding) for finding in one.findings}]
    for docs in (*begins, *(docs for _, docs in group.suspects)):
        known = asked.kinds([docs])[0]
        if group.kind in known:
            wrong = frozenset().union(*map(asked.judge.sound, docs))
            trying = Trying(asked, group.kind, known, wrong, in_time)
            return reduce(docs, trying.happens, trying.sound)
    return ()
