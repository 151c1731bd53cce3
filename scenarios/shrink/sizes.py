"""How large a few records are, in words: 1 batch, 1 event, 11 attributes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def sizes_of(docs: Sequence[Any], what: str) -> str:
    """What is in them, kind by kind, without the kinds of which there is nothing."""
    return ", ".join(_counted(docs, what))


def _counted(docs: Sequence[Any], what: str) -> Iterator[str]:
    yield number(len(docs), what)
    if what != "batches":
        return
    events = [event for doc in docs for event in doc.get("events") or ()]
    attributes = sum(len((event.get("data") or {}).get("custom_attributes") or ()) for event in events)
    attributes += sum(len(doc.get("user_attributes") or ()) for doc in docs)
    for count, name in (
        (len(events), "events"),
        (attributes, "attributes"),
        (sum(len(doc.get("user_identities") or ()) for doc in docs), "identities"),
        (sum(len(doc.get("deleted_user_attributes") or ()) for doc in docs), "deleted attributes"),
        (sum(len(doc.get("audiences") or ()) for doc in docs), "audiences"),
    ):
        if count:
            yield number(count, name)


def number(count: int, name: str) -> str:
    one = {"batches": "batch", "identities": "identity", "tries": "try"}.get(name, name.removesuffix("s"))
    return f"{count:,} {one if count == 1 else name}"
