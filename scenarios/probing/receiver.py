"""Whoever SessionM calls, for the length of a probe: takes every call, remembers it, and answers as it was told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from .answers import mentions

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FEED = "/v2/events"
"""Where mParticle takes batches: its success has no body. Any other path is answered as Braze does."""
LARGEST = 1 << 20
"""Bytes of a call that are read; what is longer is taken, and not looked at."""


@dataclass(slots=True)
class Receiver:
    """A WSGI app. `answers` are the statuses of the next calls; success when there are none left."""

    answers: list[int] = field(default_factory=list)
    _calls: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, environment: WSGIEnvironment, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environment.get("PATH_INFO", "")
        raw = environment["wsgi.input"].read(min(int(environment.get("CONTENT_LENGTH") or 0), LARGEST))
        try:
            body = orjson.loads(raw) if raw else None
        except orjson.JSONDecodeError:
            body = None
        with self._lock:
            self._calls.append({"path": path, "body": body})
            status = self.answers.pop(0) if self.answers else 202 if path == FEED else 201
        said = b"" if status == 202 else orjson.dumps({"message": "success" if status < 300 else "not now"})
        headers = [("Content-Type", "application/json")] if said else []
        start_response(
            f"{status} {'OK' if status < 300 else 'Unavailable'}", [*headers, ("Content-Length", str(len(said)))]
        )
        return [said]

    def take(self, about: Sequence[str]) -> list[dict[str, Any]]:
        """The calls that speak of one of these and were not taken yet."""
        with self._lock:
            taken = [call for call in self._calls if any(mentions(call, one) for one in about)]
            self._calls = [call for call in self._calls if call not in taken]
        return taken
