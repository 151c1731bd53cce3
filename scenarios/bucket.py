"""A bucket in memory, read by the forwarder as a real one is: for the rules that only this source keeps."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from forwarder.sources.ndjson import BadRecord, Record, Skipped
from forwarder.sources.progress import Progress
from forwarder.sources.s3 import SCHEME, Buckets, Remark, Stored
from mock_sessionm import Tenant

from .stage import Stage

NAME = "mp-forwarding-example"
PROGRESS = "progress"
"""Under which name a story keeps the folder of what was read in an earlier step."""


class Memory:
    """A `Store` of one bucket, from the `objects` of a step.

    An object is a text, or a list of MPIDs: a batch a line for each. `gzip` packs all of them, `cut` takes so many
    bytes from their ends, `modified` says when an object came, in seconds.
    """

    def __init__(self, step: Mapping[str, Any]) -> None:
        self._contents = {key: _content(one, step) for key, one in step["objects"].items()}
        self._modified = step.get("modified", {})

    def listed(self, bucket: str, prefix: str) -> Iterator[Stored]:
        for key, content in self._contents.items():
            if key.startswith(prefix):
                etag = blake2b(content, digest_size=8).hexdigest()
                yield Stored(bucket, key, etag, len(content), self._modified.get(key, 0.0))

    def part(self, stored: Stored, start: int, size: int) -> bytes:
        return self._contents[stored.key][start : start + size]


class _Leaning:
    """The choices of a tenant; each time one is asked for it is counted."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def __getitem__(self, assumption: str, /) -> str:
        return self._tenant.choice(assumption)


def read(step: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    """Read the bucket of a step, settle every batch; yields a message for each thing that is not as `gives` says.

    `read` are the MPIDs of the batches in their order, `bad` and `skipped` are counts, `remarks` counts the rest by
    its kind. A later step of the same story reads on from there. Batches of the MPIDs in `leaves` are not settled;
    before the batch of the MPID `stops` all comes to an end, as after a kill.
    """
    with Progress(_remembered(stage), "example") as progress:
        got = _got(step, stage, progress)
    for name, wanted in {"bad": 0, "skipped": 0, "remarks": {}, **step["gives"]}.items():
        if got[name] != wanted:
            yield f"{name} is {got[name]}, wanted {wanted}"


def _remembered(stage: Stage) -> Path:
    """The file in which a story remembers what was read; it goes when the story does. Every step begins with it."""
    if PROGRESS not in stage.kept:
        folder = stage.kept[PROGRESS] = tempfile.mkdtemp(prefix="sessionm-harness-")
        weakref.finalize(stage, shutil.rmtree, folder, ignore_errors=True)
    return Path(stage.kept[PROGRESS]) / "progress"


def _got(step: Mapping[str, Any], stage: Stage, progress: Progress) -> dict[str, Any]:
    """What reading the bucket gives, in the words of `gives`."""
    buckets = Buckets(lambda: Memory(step), progress, _Leaning(stage.tenant), from_start=step.get("from_start", False))
    got: dict[str, Any] = {"read": [], "bad": 0, "skipped": 0, "remarks": {}}
    for found in buckets.opened(f"{SCHEME}{NAME}/{step.get('prefix', '')}"):
        match found:
            case Record(batch=batch, place=place):
                if batch.mpid == step.get("stops"):
                    break
                got["read"].append(batch.mpid)
                if place and batch.mpid in step.get("leaves", ()):
                    place.leave()
                elif place:
                    place.settle()
            case BadRecord():
                got["bad"] += 1
            case Skipped():
                got["skipped"] += 1
            case Remark(kind=kind):
                got["remarks"][kind] = got["remarks"].get(kind, 0) + 1
    return got


def _content(one: str | list[int], step: Mapping[str, Any]) -> bytes:
    lines = one.encode() if isinstance(one, str) else b"".join(orjson.dumps({"mpid": mpid}) + b"\n" for mpid in one)
    packed = gzip.compress(lines, mtime=0) if step.get("gzip") else lines
    return packed[: len(packed) - step.get("cut", 0)]
