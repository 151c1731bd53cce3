"""The whole of `shrink`: a recording read and judged once, each kind of finding made small, and written down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from contracts import Interaction
from mock_sessionm import TenantSettings
from scenarios.forwarder_named import forwarder_named
from scenarios.given import Given
from scenarios.recordings.opening import entries
from scenarios.recordings.recorded import Bad, Recorded, RecordedBatch
from scenarios.replay.gathering import Gathering
from scenarios.replay.playing import Terms
from scenarios.reproduction import tables_of

from .batch_side import MANY, BatchSide
from .judging import Judge
from .reducing import Docs
from .shrinking import Minimum, Unsteady, shrink
from .survey import Survey, about
from .writing import INTERACTIONS, Origin, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked.

    given, seed, destination   as for `replay`
    forwarder                  the address of somebody else's, or `module:function`; empty for ours
    settle, port               of a forwarder at an address, see `run --forwarder`
    workers                    processes of the first look
    rules                      only what breaks one of these; whatever is broken where there are none
    warnings                   whether a broken assumption counts as well
    each                       whether each kind of finding is made small, and not each rule
    limit                      at most so many minima; None for all
    seconds                    how long one of them may take
    """

    given: Given
    seed: int
    destination: str = "sessionm"
    forwarder: str = ""
    settle: float = 2.0
    port: int = 8600
    workers: int = 1
    rules: frozenset[str] = frozenset()
    warnings: bool = False
    each: bool = False
    limit: int | None = None
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Written:
    """A minimum, and the files that it is in."""

    minimum: Minimum
    files: tuple[Path, ...]
    what: str
    records: int


class Side(Judge, Protocol):
    """Where batches or interactions go, as a whole: a judge of candidates that knows another one for the end."""

    def afresh(self) -> Judge:
        """A judge who knows nothing of what was tried, and takes as long as it needs."""

    def heard(self, docs: Docs) -> tuple[list[Interaction], TenantSettings]:
        """What came to the fake, and what was set up there."""

    def of(self, docs: Docs) -> Sequence[Recorded]:
        """The interactions that the records stand for; none where they are batches."""


class Screen(Protocol):
    """Hears how far it has come."""

    def looked(self, done: int, every: int) -> None:
        """So many records of all are judged."""

    def trying(self, rule: str, tries: int) -> None:
        """So many candidates are tried for this rule."""

    def written(self, one: Written) -> None:
        """One of the smallest recordings is there."""

    def unsteady(self, one: Unsteady) -> None:
        """What was found once cannot be shown again."""


@dataclass(slots=True)
class Shrunk:
    """What came of it. `bad` are records that could not be read; the first of them are named."""

    batches: int = 0
    interactions: int = 0
    written: list[Written] = field(default_factory=list)
    unsteady: list[Unsteady] = field(default_factory=list)
    bad: int = 0
    first_bad: list[Bad] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)


NAMED = 5


def shrunk(recordings: tuple[str, ...], wanted: Wanted, out: Path, screen: Screen) -> Shrunk:
    """Everything that was asked, done.

    Raises `RecordingError`, `NoForwarder` and `Unreachable` with one line each, and `OSError` where `out` cannot be
    written to.
    """
    made = Shrunk()
    at_address = bool(wanted.forwarder) and isinstance(forwarder_named(wanted.forwarder), str)
    with ExitStack() as stack:
        gathering = stack.enter_context(Gathering())
        interactions = list(_sorted_out(recordings, wanted, gathering, made))
        made.batches = gathering.batches
        made.interactions = len(interactions)
        if gathering.batches:
            side = stack.enter_context(_address(wanted)) if at_address else _here(wanted, gathering.batches)
            origin = Origin(sources=recordings, records=gathering.batches, arguments=_arguments(wanted))
            survey = _survey(wanted)
            side.look(gathering.parts(), survey, lambda done: screen.looked(done, gathering.batches))
            _each(side, survey, wanted, made, out, screen, origin)
        if interactions:
            _interactions(interactions, recordings, wanted, made, out, screen)
    return made


def _interactions(
    records: list[Recorded], recordings: tuple[str, ...], wanted: Wanted, made: Shrunk, out: Path, screen: Screen
) -> None:
    from .interaction_side import InteractionSide

    side = InteractionSide(records, wanted.given, wanted.seed)
    survey = _survey(wanted)
    side.look(survey, lambda done: screen.looked(done, len(records)))
    tables = {name: part for name, part in tables_of(wanted.given).items() if name in {"tenant", "assume"}}
    arguments: dict[str, Any] = {**tables, "seed": wanted.seed}
    origin = Origin(sources=recordings, records=len(records), what=INTERACTIONS, arguments=arguments)
    _each(side, survey, wanted, made, out, screen, origin)


def _survey(wanted: Wanted) -> Survey:
    return Survey(about(wanted.rules, warnings=wanted.warnings), wanted.each)


def _here(wanted: Wanted, batches: int) -> BatchSide:
    terms = Terms(
        key=uuid4().hex,
        given=wanted.given,
        destination=wanted.destination,
        seed=wanted.seed,
        planning=wanted.forwarder,
    )
    return BatchSide(terms, wanted.workers if batches >= MANY else 1)


def _address(wanted: Wanted) -> Any:
    from .forwarder_judge import ForwarderJudge

    return ForwarderJudge(
        wanted.forwarder,
        wanted.given,
        port=wanted.port,
        settle=wanted.settle,
        seed=wanted.seed,
        destination=wanted.destination,
    )


def _each(side: Side, survey: Survey, wanted: Wanted, made: Shrunk, out: Path, screen: Screen, origin: Origin) -> None:
    for one in shrink(
        survey,
        side,
        side.afresh,
        limit=wanted.limit,
        patience=wanted.seconds,
        told=lambda group, tries: screen.trying(group.rule, tries),
    ):
        if isinstance(one, Unsteady):
            made.unsteady.append(one)
            screen.unsteady(one)
            continue
        records = side.of(one.docs)
        files = write(one, origin, out, made.taken, *side.heard(one.docs), records)
        written = Written(one, files, origin.what, origin.records)
        made.written.append(written)
        screen.written(written)


def _arguments(wanted: Wanted) -> dict[str, Any]:
    """Of `judge_batches`, as far as they are not what it takes by itself."""
    made: dict[str, Any] = {"forwarder": wanted.forwarder, **tables_of(wanted.given), "seed": wanted.seed}
    if wanted.destination != "sessionm":
        made["destination"] = wanted.destination
    if wanted.forwarder.startswith("http"):
        made |= {"settle": wanted.settle, "port": wanted.port}
    return made


def _sorted_out(recordings: tuple[str, ...], wanted: Wanted, gathering: Gathering, made: Shrunk) -> Iterator[Recorded]:
    """The interactions; batches are gathered and what is bad is noted as they pass by."""
    for one in entries(recordings, duplicate_keys=wanted.given.choices["duplicate-keys"]):
        match one:
            case RecordedBatch():
                gathering.add(one)
            case Bad():
                made.bad += 1
                if len(made.first_bad) < NAMED:
                    made.first_bad.append(one)
            case _:
                yield one
