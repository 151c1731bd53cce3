"""Whom the requests that arrived at the fake speak of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from contracts import Interaction

UNDEFINED = "sessionm.undefined-event"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One interaction: every whole text and number in its path, its query and its body, and what was wrong with it.

    `spoilt` are the events of a call that was refused because another event in it is not defined at SessionM.
    """

    heard: Interaction
    names: frozenset[str]
    posts_events: bool
    spoilt: frozenset[str] = frozenset()


class Arrivals:
    """Everything that arrived, to be asked whom it speaks of: `customer-1` does not stand in `customer-12`."""

    def __init__(self, heard: Iterable[Interaction]) -> None:
        self._every = [arrival(one) for one in heard]
        self._by_name: dict[str, list[int]] = {}
        for number, one in enumerate(self._every):
            for name in one.names:
                self._by_name.setdefault(name, []).append(number)

    def about(self, ids: Iterable[str]) -> list[Arrival]:
        """What speaks of one of these ids, in its order."""
        numbers = {number for id_ in ids for number in self._by_name.get(id_, ())}
        return [self._every[number] for number in sorted(numbers)]


def arrival(heard: Interaction) -> Arrival:
    """What a request says; a body that is no JSON says nothing."""
    path, _, query = heard.request.target.partition("?")
    body = heard.request.body
    names = {unquote(part) for part in path.split("/")} | {value for _, value in parse_qsl(query)}
    try:
        said = orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        said = None
    names |= _leaves(said)
    events = said.get("events") if isinstance(said, dict) else None
    spoilt = events if isinstance(events, dict) and any(one.rule == UNDEFINED for one in heard.violations) else ()
    return Arrival(heard, frozenset(names), path.endswith("/events"), frozenset(spoilt))


def _leaves(value: Any) -> set[str]:
    found: set[str] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, (str, int)) and not isinstance(one, bool):
            found.add(str(one))
    return found
