"""Recordings written, one record after another: batches as NDJSON, interactions as HAR 1.2.

Nothing is held: what was written is in the file, and a file that breaks off can be read up to there. No credential is
written (`masking`). A name that ends in `.gz` is packed.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from forwarder import Batch
from mock_sessionm import as_har

from .masking import Masker
from .recorded import Recorded, RecordedBatch, RecordingError

CREATOR = "sessionm-harness"


class _Writer:
    """A file that is made anew. `count` says how many records are in it. Raises `RecordingError`."""

    _head = _foot = b""

    def __init__(self, path: str | Path, *, masker: Masker | None = None) -> None:
        self.path = Path(path)
        self.count = 0
        self.masker = masker or Masker()
        self._file: IO[bytes] | None = None
        self._packed: Any = None

    def __enter__(self) -> Self:
        try:
            self._file = self.path.open("wb")
        except OSError as error:
            raise self._unwritable(error) from error
        if self.path.name.endswith(".gz"):
            self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._file, mtime=0)
        self._put(self._head)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End the file as its format wants it, however the block was left."""
        try:
            self._put(self._foot)
            if self._packed is not None:
                self._packed.close()
            if self._file is not None:
                self._file.close()
        except (OSError, RecordingError) as trouble:
            if error is None:
                raise trouble if isinstance(trouble, RecordingError) else self._unwritable(trouble) from trouble

    def flush(self) -> None:
        """Let everything that was written be in the file, should this process be killed."""
        try:
            if self._packed is not None:
                self._packed.flush()
            if self._file is not None:
                self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def _put(self, text: bytes) -> None:
        try:
            (self._packed or self._opened).write(text)
        except OSError as error:
            raise self._unwritable(error) from error

    @property
    def _opened(self) -> IO[bytes]:
        if self._file is None:
            raise ValueError("a writer is used in a `with` block")
        return self._file

    def _unwritable(self, error: OSError) -> RecordingError:
        return RecordingError(f"{self.path}: cannot be written: {error.strerror or error}; name another file")


class BatchWriter(_Writer):
    """Batches, one a line. The key of their input is masked; a line that is given as bytes is not looked at."""

    def write(self, record: RecordedBatch | Batch | Mapping[str, Any] | bytes) -> None:
        """One batch more. Bytes are a whole line, and written as they are. Raises `RecordingError`."""
        if isinstance(record, bytes):
            line = record.strip()
        else:
            body = record.batch if isinstance(record, RecordedBatch) else record
            line = _json(self.masker.batch(body.body if isinstance(body, Batch) else body))
        self._put(line + b"\n")
        self.count += 1


class HarWriter(_Writer):
    """Interactions as HAR 1.2, which is whole whenever the block is left."""

    _foot = b"\n]}}\n"

    def __init__(self, path: str | Path, *, masker: Masker | None = None) -> None:
        super().__init__(path, masker=masker)
        creator = _json({"name": CREATOR, "version": version(CREATOR)})
        self._head = b'{"log": {"version": "1.2", "creator": ' + creator + b', "entries": ['

    def write(self, record: Recorded, *, seconds: float = 0.0, comment: str = "") -> None:
        """One interaction more. `seconds` is how long it took. Raises `RecordingError`."""
        interaction = self.masker.masked(record.interaction)
        entry: dict[str, Any] = as_har((interaction,), record.origin, "")["log"]["entries"][0]
        entry["startedDateTime"] = _iso(interaction.at)
        entry["time"] = round(seconds * 1000, 3)
        entry["timings"] = {"send": 0, "wait": entry["time"], "receive": 0}
        # Also says that bodies are unpacked, and to be taken as they are.
        entry["_missing"] = sorted(record.missing)
        if comment:
            entry["comment"] = comment
        self._put((b",\n" if self.count else b"\n") + _json(entry))
        self.count += 1


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        # A number beyond 64 bits, or half a surrogate pair.
        return json.dumps(value, separators=(",", ":")).encode()
