"""A comparison from beginning to end: a recording through OLD and NEW, and through OLD again where they differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import orjson

from mock_sessionm import TenantSettings
from scenarios.given import Given
from scenarios.recordings.opening import entries
from scenarios.recordings.recorded import Bad, RecordedBatch

from .builds import OURS, Build, Running, Side, SideError, found
from .by_address import INPUT, ByAddress
from .causes import Cause
from .child import Child, Setup, together
from .comparing import Comparing, Outcome
from .explaining import Fates
from .people import People, located
from .receiver import Names, Pairs, Receiver
from .receiver import document as receiver
from .sent import UNKNOWN, By, Spill
from .settings import embedded, on_trial, read
from .written import Form, Place, has

Noise = Literal["full", "none"]

OLD, NEW, AGAIN = "old", "new", "again"
START = 1_767_225_600.0
"""The time on the clock of a trial, in seconds since 1970: 2026-01-01."""
LATER = 97_561.0
"""So many seconds later OLD is tried again: what holds the time must differ then."""
MANY = 10_000
"""So many names of events are defined in the fake; a recording with more is no recording of events."""
NAMED = ("event_name", "screen_name")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared, as it was given."""

    old: str
    new: str
    sources: tuple[str, ...]
    tenant: Path | None
    connection: Path | None
    destination: str
    assume: Mapping[str, str]
    seed: int
    noise: Noise
    port: int
    settle: float


@dataclass(slots=True)
class Comparison:
    """What came of it.

    noise     fields in which OLD differs from itself, with what is seen there
    steady    None where OLD was not tried again; else the requests that it made only once, by class
    batches   how many were compared
    bad       what could not be read
    people    how many people they are about
    places    number of a batch -> where it stands in the recording
    """

    asked: Asked
    outcome: Outcome
    batches: int = 0
    people: int = 0
    bad: list[Bad] = field(default_factory=list)
    noise: list[Cause] = field(default_factory=list)
    steady: Mapping[str, int] | None = None
    places: dict[int, str] = field(default_factory=dict)


def compare(asked: Asked, say: Callable[[str], None] = lambda _line: None) -> Comparison:
    """Both forwarders tried with the same batches. `say` is told how far it is.

    Raises `SideError`, `SettingsError`, `RecordingError`, `CannotListen`: one line each.
    """
    with TemporaryDirectory(prefix="sessionm-harness-compare-") as name, ExitStack() as opened:
        trial = _Trial(asked, Path(name), opened, say)
        return trial.compared()


class _Trial:
    def __init__(self, asked: Asked, scratch: Path, opened: ExitStack, say: Callable[[str], None]) -> None:
        self._asked = asked
        self._scratch = scratch
        self._opened = opened
        self._say = say
        self._given = Given.load(asked.tenant, asked.connection, asked.assume, destination=asked.destination)
        self._sides = {run: self._side(given, run) for run, given in ((OLD, asked.old), (NEW, asked.new))}
        self._spill = Spill(scratch)
        opened.callback(self._spill.close)
        self._people = People()
        self._events: dict[str, None] = {}
        self._children: dict[str, Child] = {}

    def _side(self, given: str, run: str) -> Side:
        folder = self._scratch / run
        folder.mkdir()
        side = found(given, folder)
        if isinstance(side, Build) and side.settings is not None and side.folder == OURS:
            # What the installed build cannot read is told with its line, before anything starts.
            Given.load(None, side.settings, self._asked.assume, destination=self._asked.destination)
        return side

    def compared(self) -> Comparison:
        made = Comparison(self._asked, Outcome())
        made.bad = self._read()
        made.batches, made.people = self._spill.batches, self._people.count
        if not made.batches:
            return made
        self._run([OLD, NEW])
        self._say("comparing")
        comparing = self._comparing()
        made.outcome = comparing.outcome(OLD, NEW)
        if made.outcome.causes and self._asked.noise == "full":
            self._sides[AGAIN] = self._sides[OLD]
            self._run([AGAIN])
            self._say("comparing OLD with itself")
            against = self._comparing()
            alone = against.outcome(OLD, AGAIN)
            made.steady = {
                name: count for name, count in alone.classes.items() if name in {"lost", "duplicated", "reordered"}
            }
            made.noise = [one for one in alone.causes if one.place]
            places = against.causes.places()
            if places:
                made.outcome = self._comparing(places).outcome(OLD, NEW)
        self._count(made.outcome.causes)
        firsts = [one.first for one in (*made.outcome.causes, *made.noise)]
        firsts += [one.first for one in made.outcome.writings.values()]
        made.places = {number: self._spill.batch(number)[0] for number in firsts if number != UNKNOWN}
        return made

    def _read(self) -> list[Bad]:
        """Keep the batches of the sources; gives what cannot be read."""
        bad: list[Bad] = []
        interactions: dict[str, int] = {}
        for one in entries(self._asked.sources, duplicate_keys=self._given.choices["duplicate-keys"]):
            if isinstance(one, RecordedBatch):
                body = one.batch.body
                self._spill.add_batch(self._people.of_batch(body), one.place, _dumped(body))
                self._events.update(dict.fromkeys(_event_names(body)) if len(self._events) < MANY else {})
            elif isinstance(one, Bad):
                bad.append(one)
            else:
                source = one.place.rpartition(" entry ")[0]
                interactions[source] = interactions.get(source, 0) + 1
        bad += [
            Bad(source, f"holds {count} interactions and no batches; compare takes batches, replay takes interactions")
            for source, count in interactions.items()
        ]
        return bad

    # --- runs ---------------------------------------------------------------------------------------------

    def _run(self, runs: list[str]) -> None:
        started: list[Child] = []
        for run in runs:
            side = self._sides[run]
            if isinstance(side, Build):
                setup, pairs = self._setup(side, run)
                child = Child(side, setup, Names(pairs), self._spill, run, self._scratch)
                started.append(self._opened.enter_context(child))
                self._children[run] = child
        if started:
            self._say(f"{' and '.join(child.run.upper() for child in started)}: {self._spill.batches} batches")
            together(started)
        for run in runs:
            side = self._sides[run]
            if isinstance(side, Running):
                self._say(f"{run.upper()}: posting {self._spill.batches} batches to {side.url}")
                self._address(side, run)

    def _address(self, side: Running, run: str) -> None:
        tenant, connection = self._given.tenant, self._given.connection
        pairs = {"default": (tenant.api_key, tenant.api_secret)}
        end = connection.account
        if end is not None:
            pairs = {"default": (end.api_key, end.api_secret)}
        key, secret = connection.input_key or INPUT[0], connection.input_secret or INPUT[1]
        ByAddress(
            side,
            Receiver.of(self._receiver(pairs, run)),
            Names(pairs),
            self._spill,
            self._people,
            port=self._asked.port,
            settle=self._asked.settle,
            credentials=(key, secret),
        ).run(run)

    def _setup(self, side: Build, run: str) -> tuple[Setup, Pairs]:
        """How a build is tried: with its own settings, else with those of both sides, else with what it has."""
        file = side.settings or self._asked.connection
        try:
            settings = read(file) if file is not None else embedded(side.folder, self._asked.destination)
        except (OSError, ValueError) as error:
            raise SideError(f"{file or side.name}: cannot be read: {error}") from error
        tried = on_trial(settings, self._asked.destination)
        path = self._scratch / f"{run}.toml"
        path.write_text(tried.text, encoding="utf-8")
        beside = [file.resolve().parent] if file is not None else []
        again = run == AGAIN
        setup = Setup(
            path if settings else None,
            beside,
            self._asked.destination,
            self._asked.assume,
            START + LATER * again,
            self._asked.seed + again,
            self._receiver(tried.pairs, run),
        )
        return setup, tried.pairs

    def _receiver(self, pairs: Pairs, run: str) -> dict[str, Any]:
        return receiver(
            self._tenant(),
            pairs,
            self._asked.destination,
            now=START + LATER * (run == AGAIN),
            seed=self._asked.seed,
            choices=self._given.choices,
        )

    def _tenant(self) -> TenantSettings:
        """The tenant that was given; where it defines no events, with those of the recording."""
        tenant = self._given.tenant
        if tenant.events and self._given.tenant_given:
            return tenant
        mapped = list(self._given.connection.event_mappings.values())
        return replace(tenant, events=tuple(dict.fromkeys([*self._events, *mapped])))

    # --- comparing ----------------------------------------------------------------------------------------

    @property
    def _by(self) -> By:
        return "batch" if all(isinstance(side, Build) for side in self._sides.values()) else "person"

    def _comparing(self, noise: frozenset[Place] = frozenset()) -> Comparing:
        return Comparing(self._spill, by=self._by, noise=noise, explain=self._explain, locate=self._locate)

    def _explain(self, number: int) -> tuple[Fates, Fates] | None:
        if OLD not in self._children or NEW not in self._children:
            return None
        old, new = (self._children[run].explain(number) for run in (OLD, NEW))
        return None if old is None or new is None else (old, new)

    def _locate(self, person: int, forms: list[Form]) -> list[int]:
        batches = ((number, orjson.loads(body)) for number, body in self._spill.batches_of(person))
        return located(batches, forms)

    def _count(self, causes: Iterable[Cause]) -> None:
        """How many requests have each field that changed, on the side that has it."""
        for run in (OLD, NEW):
            wanted = {one.place: one for one in causes if one.place and (one.change == "new") == (run == NEW)}
            if not wanted:
                continue
            for sent in self._spill.every(run):
                form = Form.of(sent)
                for place, cause in wanted.items():
                    cause.of += has(form, place)


def _dumped(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(body, ensure_ascii=False).encode()


def _event_names(body: Mapping[str, Any]) -> Iterator[str]:
    for event in body.get("events") or ():
        data = event.get("data") or {}
        yield from (data[name] for name in NAMED if isinstance(data.get(name), str) and data[name])
