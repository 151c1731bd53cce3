"""The data points of a batch: everything of which somebody may ask what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def points(body: dict[str, Any]) -> Iterator[str]:
    """The JSON pointer of every data point, in the order of the batch.

    A point is the MPID, each user identity, each user attribute, each deleted user attribute, each event and
    each custom attribute of an event; a list or an object as a value is one point.
    """
    if "mpid" in body:
        yield "/mpid"
    found = body.get("user_identities")
    if isinstance(found, dict):
        yield from (f"/user_identities/{escape(name)}" for name in found)
    else:
        yield from (f"/user_identities/{index}" for index in range(len(found or ())))
    yield from (f"/user_attributes/{escape(name)}" for name in body.get("user_attributes") or ())
    yield from (f"/deleted_user_attributes/{index}" for index in range(len(body.get("deleted_user_attributes") or ())))
    for index, event in enumerate(body.get("events") or ()):
        yield f"/events/{index}"
        for name in (event.get("data") or {}).get("custom_attributes") or ():
            yield f"/events/{index}/data/custom_attributes/{escape(name)}"


def escape(name: str) -> str:
    """A name as one part of a JSON pointer."""
    if "~" in name or "/" in name:
        return name.replace("~", "~0").replace("/", "~1")
    return name
