"""The data points of a batch: everything of which somebody may ask what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def points(body: dict[str, Any]) -> Iterator[str]:
    """The JSON pointer of every data point, in the order of the batch.

    A point is the MPID, each user identity, each user attribute, each deleted user attribute, each event, each
    custom attribute of an event and each audience; a list or an object as a value is one point.
    """
    if "mpid" in body:
        yield "/mpid"
    found = body.get("user_identities")
    if isinstance(found, dict):
        yield from places("/user_identities/", found)
    else:
        yield from (f"/user_identities/{index}" for index in range(len(found or ())))
    yield from places("/user_attributes/", body.get("user_attributes") or ())
    yield from (f"/deleted_user_attributes/{index}" for index in range(len(body.get("deleted_user_attributes") or ())))
    for index, event in enumerate(body.get("events") or ()):
        yield f"/events/{index}"
        names = (event.get("data") or {}).get("custom_attributes") or ()
        yield from places(f"/events/{index}/data/custom_attributes/", names)
    yield from (f"/audiences/{index}" for index in range(len(body.get("audiences") or ())))


def places(parent: str, names: Iterable[str]) -> list[str]:
    """The JSON pointers of names that stand side by side; `parent` ends with a slash."""
    # Names with something to escape are so rare that all of them are asked at once.
    together = "".join(names)
    if "~" in together or "/" in together:
        return [parent + name.replace("~", "~0").replace("/", "~1") for name in names]
    return [parent + name for name in names]
