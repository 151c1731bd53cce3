"""Forwarders that read wrongly what batches come out of: buckets, and exported segments."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from contracts import assumptions
from forwarder.sources import ndjson, s3
from forwarder.sources.ndjson import BadRecord
from forwarder.sources.progress import Progress, Reading, Spot
from forwarder.sources.s3 import Buckets, Remark
from scenarios import segments
from scenarios.scenario import Scenario
from scenarios.segment_file import BEHAVIOURS, MINIMAL

from .mutant import Mutant
from .wrong import put, wrong

Patch = tuple[Any, str, Any]
READS_ON = "harness.reads-on"

_opened, _through, _all, _texts = Buckets.opened, Buckets._through, Buckets._all, ndjson.texts  # noqa: SLF001  as they are
_at, _foreign = Progress.at, Buckets._foreign_by_name  # noqa: SLF001  before anybody puts others in their place


def source_mutants() -> Iterator[Mutant]:
    """Every forwarder that reads wrongly."""
    for (rule, what), (says, *patches) in READ.items():
        yield _of_bucket(rule, "read wrongly", what, says, *patches)
    for name, rule in CHOSEN.items():
        for choice in assumptions()[name].choices:
            says = f"Whatever was chosen for {name}, it does as under {choice}."
            yield _of_bucket(rule, "choice ignored", choice, says, (Buckets, "opened", _fixed(name, choice)))
    minimal = partial(segments.imported, behaviours=BEHAVIOURS - {MINIMAL})
    yield wrong(
        MINIMAL,
        "effect skipped",
        "",
        "Every column of an exported file is read.",
        patched=lambda: put((segments, "imported", minimal)),
        meets=_meets,
    )


def _of_bucket(rule: str, kind: str, what: str, says: str, *patches: Patch) -> Mutant:
    return wrong(rule, kind, what, says, patched=lambda: put(*patches), meets=_meets)


def _meets(scenario: Scenario) -> bool:
    """Whether a scenario reads a bucket or a segment at all."""
    return any({"objects", "import"} & set(call) for call in scenario.calls)


def _fixed(name: str, choice: str) -> Callable[..., Iterator[Any]]:
    """Reading, as if one assumption was always chosen like this."""

    def opened(buckets: Buckets, source: str) -> Iterator[Any]:
        buckets._choices = _Over(buckets._choices, name, choice)  # noqa: SLF001  its own
        return _opened(buckets, source)

    return opened


class _Over:
    def __init__(self, own: Any, name: str, choice: str) -> None:
        self._own, self._name, self._choice = own, name, choice

    def __getitem__(self, assumption: str, /) -> str:
        return self._choice if assumption == self._name else self._own[assumption]


CHOSEN: Mapping[str, str] = {
    "s3-foreign": "madconnect.foreign-objects",
    "s3-order": "madconnect.object-order",
    "s3-changed": "madconnect.object-changed",
}
"""Assumption about buckets -> its rule."""


# --- what is put in place of what -------------------------------------------------------------------------


def _first_line(name: str, stream: Any) -> Iterator[Any]:
    yield from itertools.islice(_texts(name, stream), 1)


def _last_line_lost(name: str, stream: Any) -> Iterator[Any]:
    yield from list(_texts(name, stream))[:-1]


def _until_bad(buckets: Buckets, store: Any, stored: Any) -> Iterator[Any]:
    for one in _through(buckets, store, stored):
        yield one
        if isinstance(one, BadRecord):
            return


def _without_bad(buckets: Buckets, store: Any, stored: Any) -> Iterator[Any]:
    yield from (one for one in _through(buckets, store, stored) if not isinstance(one, BadRecord))


def _packed_by_name(name: str, stream: Any) -> Iterator[Any]:
    if name.endswith(".gz"):
        yield from _texts(name, stream)
    else:
        with put((ndjson, "GZIP", b"never")):
            yield from list(_texts(name, stream))


def _chosen(wanted: Callable[[str], bool]) -> Callable[..., Iterator[Any]]:
    def all_(buckets: Buckets, store: Any, objects: Any) -> Iterator[Any]:
        return _all(buckets, store, [one for one in objects if wanted(one.key)])

    return all_


def _unsaid(kind: str) -> Callable[..., Iterator[Any]]:
    """Reading, without a word about what has this kind of remark."""

    def opened(buckets: Buckets, source: str) -> Iterator[Any]:
        for one in _opened(buckets, source):
            if not (isinstance(one, Remark) and one.kind == kind):
                yield one

    return opened


def _from_start(progress: Progress, address: str, etag: str) -> Reading:
    progress.forget([address])
    return _at(progress, address, etag)


READ: Mapping[tuple[str, str], tuple[Any, ...]] = {
    ("madconnect.batch-per-line", "first"): ("Of an object the first batch alone is read.", (s3, "texts", _first_line)),
    ("madconnect.batch-per-line", "last"): ("The last batch of an object is not read.", (s3, "texts", _last_line_lost)),
    ("madconnect.batch-per-line", "bad"): (
        "After a bad line nothing of an object is read.",
        (Buckets, "_through", _until_bad),
    ),
    ("madconnect.batch-per-line", "silent"): (
        "A bad line is passed over in silence.",
        (Buckets, "_through", _without_bad),
    ),
    ("madconnect.compression", "never"): ("Nothing is unpacked.", (ndjson, "GZIP", b"never")),
    ("madconnect.compression", "name"): ("What is packed is told by its name.", (s3, "texts", _packed_by_name)),
    ("madconnect.dated-folders", "flat"): (
        "What stands in a folder is not read.",
        (Buckets, "_all", _chosen(lambda key: "/" not in key)),
    ),
    ("madconnect.dated-folders", "deep"): (
        "What stands in no folder is not read.",
        (Buckets, "_all", _chosen(lambda key: "/" in key)),
    ),
    ("madconnect.verification-file", "read"): (
        "The file with which mParticle tries a bucket is read.",
        (s3, "PROBE", "no file has this name"),
        (Buckets, "_foreign_by_name", lambda _buckets, _name: False),
    ),
    ("madconnect.verification-file", "foreign"): (
        "The file with which mParticle tries a bucket is called foreign.",
        (s3, "PROBE", "no file has this name"),
    ),
    ("madconnect.verification-file", "all"): ("Every object is passed over as if it was that file.", (s3, "PROBE", "")),
    ("madconnect.foreign-objects", "all"): (
        "Every object is looked into, whatever its name.",
        (Buckets, "_foreign_by_name", lambda _buckets, _name: False),
    ),
    ("madconnect.foreign-objects", "by-name"): (
        "What has another ending than mParticle's is foreign by its name.",
        (Buckets, "_foreign_by_name", lambda _buckets, name: not s3.OURS.fullmatch(name)),
    ),
    ("madconnect.foreign-objects", "ours"): (
        "What has mParticle's own names is foreign.",
        (Buckets, "_foreign_by_name", lambda buckets, name: bool(s3.OURS.fullmatch(name)) or _foreign(buckets, name)),
    ),
    ("madconnect.foreign-objects", "inside"): (
        "Somebody else's object is read, whatever its first record.",
        (s3, "_no_record", lambda _first: False),
    ),
    ("madconnect.foreign-objects", "silent"): (
        "What is foreign is passed over in silence.",
        (Buckets, "opened", _unsaid("foreign")),
    ),
    ("madconnect.object-order", "turned"): (
        "The latest object is read first.",
        (Buckets, "_order", lambda _buckets: lambda stored: (-stored.modified, stored.key)),
    ),
    ("madconnect.object-order", "moment"): (
        "Objects of one moment are read in the opposite order of their names.",
        (Buckets, "_order", lambda _buckets: lambda stored: (stored.modified, [-ord(sign) for sign in stored.key])),
    ),
    ("madconnect.object-order", "size"): (
        "The smallest object is read first.",
        (Buckets, "_order", lambda _buckets: lambda stored: (float(stored.size), stored.key)),
    ),
    ("madconnect.object-changed", "done"): (
        "What was read once is not read again, whatever it holds now.",
        (Progress, "done", lambda progress, address, _etag: progress.etag(address) is not None),
    ),
    ("madconnect.object-changed", "silent"): (
        "That an object is read again is not said.",
        (Buckets, "opened", _unsaid("again")),
    ),
    ("madconnect.object-changed", "on"): (
        "What was changed is read on in, not from its start.",
        (Progress, "at", lambda progress, address, etag: _at(progress, address, progress.etag(address) or etag)),
    ),
    (READS_ON, "start"): (
        "Every start reads everything again.",
        (Progress, "at", _from_start),
        (Progress, "done", lambda *_: False),
    ),
    (READS_ON, "within"): ("An object is read from its start again.", (Progress, "at", _from_start)),
    (READS_ON, "objects"): ("What was read to its end is looked through again.", (Progress, "done", lambda *_: False)),
    (READS_ON, "unsettled"): ("What was settled is not remembered.", (Spot, "settle", lambda _spot: None)),
    (READS_ON, "left"): ("What could not be sent counts as settled.", (Spot, "leave", Spot.settle)),
    (READS_ON, "open"): (
        "What could not be sent is not read again.",
        (Reading, "wants", lambda reading, record: record > reading.passed.reached),
    ),
    (READS_ON, "unfinished"): ("No object is ever done.", (Reading, "finish", lambda _reading, _records: None)),
    (READS_ON, "late"): (
        "What comes late and sorts before what was read is not read.",
        (Buckets, "_all", lambda buckets, store, objects: _all(buckets, store, _behind(buckets, objects))),
    ),
    (READS_ON, "silent"): ("What was read before is not mentioned.", (Buckets, "opened", _unsaid("before"))),
}
"""Rule and what is wrong -> a sentence, and what is put in place of what."""


def _behind(buckets: Any, objects: Any) -> Any:
    """The objects from the first on of which something is remembered."""
    known = [number for number, one in enumerate(objects) if buckets._progress.etag(one.address) is not None]  # noqa: SLF001  its own
    return objects[known[0] :] if known else objects
