"""Requests that are done once: a repetition under the same id gets the answer that the first one got."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import orjson

from .clock import Clock
from .envelopes import Reply

BEHAVIOURS = frozenset({"sessionm.pos-request-id"})
"""The rule that is kept by remembering answers, not by a check of the gate."""
BOUND = 100_000
"""So many answers are remembered; the oldest goes first."""
PROCESSING = 1.0
"""Seconds for which a request is still being processed, under the choice that lets it take time at all."""

Seen = Literal["new", "done", "other", "pending"]
"""What is known of a request id: nothing, an answer, an answer to another request, an answer to come."""


@dataclass(frozen=True, slots=True)
class Done:
    """A request that was done: a mark by which another one is told apart, when, and what was answered."""

    mark: str
    at: float
    status: int
    body: str
    headers: tuple[tuple[str, str], ...]


class Repeats:
    """The requests of one tenant's points of sale, by their ids."""

    __slots__ = ("_behaviours", "_choice", "_clock", "_done")

    def __init__(self, clock: Clock, choice: Callable[[str], str], behaviours: frozenset[str] = BEHAVIOURS) -> None:
        self._clock = clock
        self._choice = choice
        self._behaviours = behaviours
        self._done: dict[str, Done] = {}

    def __len__(self) -> int:
        return len(self._done)

    def seen(self, request_id: str, mark: str) -> Seen:
        """What is known of a request that comes now; `mark` tells it from another one under the same id."""
        done = self._done.get(request_id)
        if done is None or "sessionm.pos-request-id" not in self._behaviours:
            return "new"
        if done.mark != mark and self._choice("pos-request-id-reused") == "refused":
            return "other"
        fresh = self._clock.now() - done.at < PROCESSING
        return "pending" if fresh and self._choice("pos-pending") == "one-second" else "done"

    def answer(self, request_id: str) -> Reply:
        """The stored answer. Raises `KeyError` where there is none."""
        done = self._done[request_id]
        return Reply(done.status, done.body.encode(), list(done.headers))

    def keep(self, request_id: str, mark: str, reply: Reply) -> None:
        """Remember the answer to a request that was done just now."""
        while len(self._done) >= BOUND:
            del self._done[next(iter(self._done))]
        self._done[request_id] = Done(mark, self._clock.now(), reply.status, reply.body.decode(), tuple(reply.headers))

    def export(self) -> dict[str, Any]:
        """Everything, as JSON that `restore` takes."""
        return {request_id: asdict(done) for request_id, done in self._done.items()}

    def restore(self, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Put in place what `export` gave; `kept` has the shape that the admin contract describes."""
        self._done = {
            request_id: Done(**{**entry, "headers": _pairs(entry["headers"])}) for request_id, entry in kept.items()
        }


def mark_of(operation: str, body: Any) -> str:
    """A short mark of a request: equal for one that says the same to the same operation."""
    said = orjson.dumps([operation, body], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def _pairs(headers: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)
