"""Sources of every kind, one after another: files, folders, standard input, buckets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO

from .ndjson import found_files, from_files
from .s3 import SCHEME, Buckets, Found


def records(
    sources: Iterable[str],
    buckets: Callable[[], Buckets],
    *,
    stdin: IO[bytes] | None = None,
    duplicate_keys: str = "last",
) -> Iterator[Found]:
    """Everything in the sources, in their order. `buckets` is asked only where one of them is in a bucket.

    Every source is looked at before the first record comes. Raises `SourceError`.
    """
    opened: list[Iterator[Found]] = []
    reader: Buckets | None = None
    for source in sources:
        if source.startswith(SCHEME):
            reader = reader or buckets()
            opened.append(reader.opened(source))
        else:
            opened.append(from_files(found_files([source]), stdin=stdin, duplicate_keys=duplicate_keys))
    for one in opened:
        yield from one
