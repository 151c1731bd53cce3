"""What recordings hold: interactions, batches, and what could not be read; each with the place where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from contracts import Interaction
from forwarder import Batch

Missing = Literal["request body", "answer body"]


class RecordingError(ValueError):
    """A recording cannot be read at all; the text is one line that says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One interaction, and where it stands: `traffic.har entry 12`, counted from 1.

    `missing` names the bodies that were there and that the recording does not have: what is in their place is
    empty. `origin` is scheme and host. The numbers of `interaction` are those of the entries; its tenant and its
    operation are known only of the fake's own journal.
    """

    place: str
    interaction: Interaction
    origin: str
    missing: frozenset[Missing] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordedBatch:
    """One batch, and where it stands: `batches.ndjson:12`."""

    place: str
    batch: Batch


class Unread(NamedTuple):
    """A batch that stands on a line of its own and that nobody has parsed yet, and where."""

    place: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Bad:
    """What could not be read, and why; never with a value in it.

    `wrong` is False where nothing is broken and nothing lost: a picture inside an address, the file with which
    mParticle tries a bucket.
    """

    place: str
    why: str
    wrong: bool = True

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


@dataclass(frozen=True, slots=True)
class Recording:
    """What is in a file: interactions, or batches; `bad` is what is there and is neither."""

    path: str
    kind: Literal["interactions", "batches"]
    interactions: tuple[Recorded, ...] = ()
    batches: tuple[RecordedBatch, ...] = ()
    bad: tuple[Bad, ...] = field(default_factory=tuple)
