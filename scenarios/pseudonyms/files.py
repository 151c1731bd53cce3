"""Recordings from file to file: read once to learn, again to write; what is not clean takes nobody's place."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from tempfile import mkstemp
from typing import NamedTuple

import orjson

from forwarder import Batch, BatchError
from mock_sessionm import as_har
from scenarios.recordings.opening import unread
from scenarios.recordings.recorded import Bad, Recorded, RecordedBatch, Unread
from scenarios.recordings.writing import BatchWriter, HarWriter

from .pseudonym import Pseudonyms
from .rewriting import CannotBeRead, Rewriter
from .scan import Leftover, Scan

SHOWN = 40
"""So many leftovers are kept to be told; the others are counted."""


class CannotPseudonymise(ValueError):
    """Nothing was written; the text is one line that says why, and what to do."""


class Piece(NamedTuple):
    """One record: a batch as its text, or an interaction with scheme and host."""

    place: str
    text: str = ""
    recorded: Recorded | None = None


@dataclass(slots=True)
class Outcome:
    """What was done. Nothing was written where `leftovers` or `refused` say so."""

    files: int = 0
    batches: int = 0
    interactions: int = 0
    people: int = 0
    replaced: int = 0
    found: int = 0
    named: int = 0
    bad: list[Bad] = field(default_factory=list)
    left_out: int = 0
    leftovers: list[Leftover] = field(default_factory=list)
    more: int = 0

    @property
    def clean(self) -> bool:
        return not self.leftovers and not self.bad


def pseudonymise(source: Path, target: Path, key: bytes, *, leave_out_bad: bool = False) -> Outcome:
    """Write `source`, a file or a folder, with other people in it to `target`.

    Raises `CannotPseudonymise` and `RecordingError` where there is nothing to be read or no place to write to. Only a
    clean outcome is written.
    """
    pairs = _pairs(source, target)
    outcome = Outcome(files=len(pairs))
    rewriter = Rewriter(Pseudonyms(key))
    skipped = _learn(rewriter, [path for path, _ in pairs], outcome)
    if leave_out_bad:
        outcome.left_out, outcome.bad = len(outcome.bad), []
    if outcome.bad:
        return outcome
    if not outcome.batches and not outcome.interactions:
        raise CannotPseudonymise(f"{source}: holds no batch and no interaction that can be read")
    outcome.people = len(rewriter.known)
    scan = Scan(rewriter.known)
    with ExitStack() as stack:
        made = [(_beside(place, stack), place) for _, place in pairs]
        for at, ((path, _), (beside, place)) in enumerate(zip(pairs, made, strict=True)):
            is_har = _write(path, beside, rewriter, scan, skipped, outcome)
            if is_har and place != target:
                made[at] = (beside, _named_har(place))
        outcome.replaced, outcome.found, outcome.named = rewriter.replaced, rewriter.found, len(scan.named)
        if outcome.clean:
            for beside, place in made:
                beside.replace(place)
    return outcome


# --- reading ----------------------------------------------------------------------------------------------


def _pairs(source: Path, target: Path) -> list[tuple[Path, Path]]:
    if not source.exists():
        raise CannotPseudonymise(f"{source}: does not exist; name a file or a folder")
    within = source.is_dir() and source.resolve() in target.resolve().parents
    if within or (target.exists() and source.samefile(target)):
        raise CannotPseudonymise(f"{target}: is what is read; name another place to write to")
    if not source.is_dir():
        return [(source, target / source.name if target.is_dir() else target)]
    if target.exists() and not target.is_dir():
        raise CannotPseudonymise(f"{target}: is a file, and {source} a folder; name a folder")
    inside = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    found = [path for path in inside if not any(part.startswith(".") for part in path.parts)]
    if not found:
        raise CannotPseudonymise(f"{source}: is an empty folder")
    return [(source / path, target / path) for path in found]


def _learn(rewriter: Rewriter, paths: list[Path], outcome: Outcome) -> set[str]:
    """Who is in the files; gives the places of what cannot be used."""
    skipped: set[str] = set()
    days: list[float] = []
    for path in paths:
        for piece in _pieces(path):
            try:
                if isinstance(piece, Bad):
                    outcome.bad.append(piece)
                    continue
                if piece.recorded is None:
                    rewriter.learn(piece.text)
                    outcome.batches += 1
                else:
                    one = piece.recorded.interaction
                    rewriter.learn_interaction(one)
                    rewriter.written_interaction(one)
                    days = [min([*days[:1], one.at]), max([*days[1:], one.at])] if one.at else days
                    outcome.interactions += 1
            except CannotBeRead as error:
                outcome.bad.append(Bad(piece.place, str(error)))
                skipped.add(piece.place)
    rewriter.replaced = rewriter.found = 0
    if days:
        first, last = (datetime.fromtimestamp(day, UTC).date() for day in (days[0], days[-1]))
        rewriter.pseudonyms.begin(first, last)
    return skipped


def _pieces(path: Path) -> Iterator[Piece | Bad]:
    """Everything in a file: batches as texts, of which nothing else shall change; interactions as they are read."""
    for one in unread([str(path)]):
        match one:
            case Unread():
                yield _batch(one)
            case RecordedBatch():
                yield Piece(one.place, _dumped(one.batch))
            case Recorded():
                yield Piece(one.place, recorded=one)
            case Bad() if one.wrong:
                yield one


def _batch(one: Unread) -> Piece | Bad:
    try:
        Batch.read(one.raw)
    except BatchError as error:
        return Bad(one.place, f"{error.pointer}: {error.reason}".removeprefix(": "))
    return Piece(one.place, one.raw.decode("utf-8-sig").replace("\r", " ").replace("\n", " "))


def _dumped(batch: Batch) -> str:
    try:
        return orjson.dumps(batch.body).decode()
    except TypeError:
        return json.dumps(batch.body, ensure_ascii=False)  # a number beyond 64 bits


# --- writing ----------------------------------------------------------------------------------------------


def _beside(place: Path, stack: ExitStack) -> Path:
    """A file beside the one that shall be; it goes when the stack does, unless it took its place."""
    try:
        for folder in reversed([one for one in place.parents if not one.exists()]):
            folder.mkdir()
            stack.callback(_remove_empty, folder)
        suffix = ".part.gz" if place.name.endswith(".gz") else ".part"
        number, name = mkstemp(prefix=f".{place.name[:100]}.", suffix=suffix, dir=place.parent)
    except OSError as error:
        raise CannotPseudonymise(f"{place}: cannot be written: {error.strerror or error}") from error
    os.close(number)
    made = Path(name)
    stack.callback(made.unlink, missing_ok=True)
    mask = os.umask(0)
    os.umask(mask)
    made.chmod(0o666 & ~mask)
    return made


def _named_har(place: Path) -> Path:
    """What is HAR is called so, where nobody else gave it a name."""
    name, packed = place.name.removesuffix(".gz"), ".gz" if place.name.endswith(".gz") else ""
    return place if name.endswith(".har") else place.with_name(f"{name.rpartition('.')[0] or name}.har{packed}")


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _write(path: Path, beside: Path, rewriter: Rewriter, scan: Scan, skipped: set[str], outcome: Outcome) -> bool:
    """One file; whether it is HAR."""
    good = (one for one in _pieces(path) if not isinstance(one, Bad) and one.place not in skipped)
    first = next(good, None)
    if first is not None and first.recorded is not None:
        with HarWriter(beside) as interactions:
            for piece in chain([first], good):
                if piece.recorded is None:
                    raise CannotPseudonymise(f"{piece.place}: is a batch among interactions; put it into another file")
                other = replace(piece.recorded, interaction=rewriter.written_interaction(piece.recorded.interaction))
                interactions.write(other)
                _look(scan, piece.place, _entry(other), _entry(piece.recorded), outcome)
        return True
    with BatchWriter(beside) as batches:
        for piece in chain([first] if first else [], good):
            if piece.recorded is not None:
                raise CannotPseudonymise(f"{piece.place}: is an interaction among batches; put it into another file")
            after = rewriter.written(piece.text)
            batches.write(after.encode())
            _look(scan, piece.place, after, piece.text, outcome)
    return False


def _look(scan: Scan, place: str, after: str, before: str, outcome: Outcome) -> None:
    found = scan.leftovers(place, after, before)
    outcome.leftovers += islice(found, max(SHOWN - len(outcome.leftovers), 0))
    outcome.more += sum(1 for _ in found)


def _entry(recorded: Recorded) -> str:
    made = as_har([replace(recorded.interaction, tenant="")], recorded.origin, "")["log"]["entries"][0]
    return orjson.dumps(made).decode()
