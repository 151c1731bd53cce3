"""The same batches for other people: so that many candidates may be on their way at a time, and none is met twice.

Ids get other digits and letters and keep their lengths where these are long enough to tell people apart.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from .reducing import Docs

LONG = 6
"""Letters and digits of a text that are changed at most; shorter ones get so many more."""
FIRST_MPID = 8_000_000_000
NAMED = ("source_request_id", "batch_id", "message_id")
"""Fields by which a forwarder may know a batch again."""


def as_others(docs: Docs, number: int) -> Docs:
    """The batches with other ids, which are the same wherever they were the same; each number gives other ones."""
    return tuple(_batch(doc, number) for doc in docs)


def _batch(doc: Mapping[str, Any], number: int) -> dict[str, Any]:
    made = dict(doc)
    if doc.get("mpid"):
        made["mpid"] = _mpid(doc["mpid"], number)
    for name in NAMED:
        if isinstance(doc.get(name), str):
            made[name] = other(doc[name], number)
    found = doc.get("user_identities")
    if isinstance(found, Mapping):
        made["user_identities"] = {kind: _identity(value, number) for kind, value in found.items()}
    elif found:
        made["user_identities"] = [
            {**one, "identity": _identity(one["identity"], number)} if "identity" in one else one for one in found
        ]
    if isinstance(doc.get("events"), list):
        made["events"] = [_event(one, number) for one in doc["events"]]
    return made


def _event(event: Any, number: int) -> Any:
    inner = event.get("data") if isinstance(event, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(inner.get("source_message_id"), str):
        return event
    return {**event, "data": {**inner, "source_message_id": other(inner["source_message_id"], number)}}


def _identity(value: Any, number: int) -> Any:
    return other(value, number) if isinstance(value, str) and value else value


def _mpid(mpid: Any, number: int) -> Any:
    """A number of as many digits, which stays below 2**63, or a short one that is longer."""
    whole = int(mpid)
    made = whole - whole % 10**LONG + number % 10**LONG if abs(whole) > FIRST_MPID else FIRST_MPID + number
    return str(made) if isinstance(mpid, str) else made


def other(text: str, number: int) -> str:
    """Another text of the same kinds of letters: before an @ where there is one, at the end otherwise."""
    head, at, tail = text.partition("@")
    places = [index for index, letter in enumerate(head) if letter.isascii() and letter.isalnum()][-LONG:]
    if len(places) < LONG:
        return f"{head}{number}{at}{tail}"
    letters = list(head)
    for index in reversed(places):
        letter = letters[index]
        row = (
            string.digits
            if letter.isdigit()
            else string.ascii_uppercase
            if letter.isupper()
            else string.ascii_lowercase
        )
        number, left = divmod(number, len(row))
        letters[index] = row[(row.index(letter) + left) % len(row)]
    return "".join(letters) + at + tail
