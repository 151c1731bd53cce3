"""From the command to the first answer, whole processes."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from contracts.interaction import Request

from .figure import CLOCK, Figure
from .processes import ask, fake

ROUNDS = 5
AIM = 0.8


def figures() -> Iterator[Figure]:
    yield Figure("serve: command to first answer", statistics.median(_once() for _ in range(ROUNDS)), "s", AIM, True)


def _once() -> float:
    begun = CLOCK()
    with fake() as started:
        ask(started.url, Request("GET", "/__admin/health"))
        return CLOCK() - begun
