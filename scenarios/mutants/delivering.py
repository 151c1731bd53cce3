"""Forwarders that deliver wrongly: tries that are lost or one too many, waits, order, and who is created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from contracts import rules
from contracts.register import Choices
from contracts.transport import Transport
from forwarder import Connection, Delivered, Delivery, Plan, Retries
from forwarder import judge as judging
from forwarder.judge import RULE, Judgement

from .mutant import Mutant
from .wrong import patching, wrong

Made = Callable[..., Delivery]


def delivery_mutants() -> Iterator[Mutant]:
    """Every forwarder that is wrong in delivery."""
    yield from _tables()
    yield from _waits()
    yield from _orders()


# --- the retry table --------------------------------------------------------------------------------------


def tabled(change: Callable[[Retries], Retries]) -> Made:
    """Delivery with another retry table."""

    def made(transport: Transport, connection: Connection, **more: Any) -> Delivery:
        return Delivery(transport, connection, **more, table=change(Retries.load(connection.choices)))

    return made


def _with(**parts: Any) -> Callable[[Retries], Retries]:
    return lambda table: replace(table, **parts)


def _tables() -> Iterator[Mutant]:
    table = Retries.load(Choices())
    for status in sorted(table.statuses):
        less = tabled(_with(statuses=table.statuses - {status}))
        yield wrong(RULE, "retry lost", f"{status}", f"After HTTP {status} it is not tried again.", delivery=less)
    for status in sorted(_final()):
        more = tabled(_with(statuses=table.statuses | {status}))
        yield wrong(RULE, "tried too often", f"{status}", f"After HTTP {status} it is tried again.", delivery=more)
    for kind, what, says, parts in (
        ("retry lost", "lost", "A request without an answer is not tried again.", {"lost": False}),
        (
            "limit off by one",
            "patience-more",
            "It waits a second longer than it may.",
            {"patience": table.patience + 1},
        ),
        ("limit off by one", "patience-less", "It waits a second less than it may.", {"patience": table.patience - 1}),
        ("wait wrong", "factor", "It does not wait longer each time.", {"factor": 1}),
        ("wait wrong", "first", "It waits twice as long from the first time on.", {"first": 2 * table.first}),
        ("wait wrong", "chance", "Chance may take away all of a wait.", {"jitter": 1}),
        ("wait wrong", "cap", "No wait is longer than the first.", {"cap": table.first}),
        ("wait wrong", "retry-after", "Retry-After is not honoured.", {"retry_after": False}),
    ):
        yield wrong(RULE, kind, what, says, delivery=tabled(_with(**parts)))
    for by, word, kind in ((1, "more", "tried too often"), (-1, "less", "retry lost")):
        says = f"A request is tried once {word} than it may be."

        def counted(table: Retries, by: int = by) -> Retries:
            return replace(table, attempts=table.attempts + by)

        yield wrong(RULE, kind, f"once-{word}", says, delivery=tabled(counted))


def _final() -> set[int]:
    """The statuses that the examples of the rule call final."""
    ends = [one for one in rules()[RULE].examples if one["expect"] == "refused"]
    return {one["given"]["status"] for one in ends if one["given"]["status"] >= 300}


# --- waits and order --------------------------------------------------------------------------------------


class _Never(Delivery):
    def _wait(self, _judgement: Judgement, _failures: int) -> float | None:
        return None


class _Always(Delivery):
    def _wait(self, judgement: Judgement, failures: int) -> float | None:
        own = super()._wait(judgement, failures)
        return 1.0 if own is None and failures < 9 else own


class _AtOnce(Delivery):
    def _wait(self, judgement: Judgement, failures: int) -> float | None:
        return None if super()._wait(judgement, failures) is None else 0.0


class _Overtaking(Delivery):
    """Goes on in a lane whatever became of what is before."""

    def _delivered(self, request: Any, _stopped: dict[str, Delivered]) -> Delivered:
        return super()._delivered(request, {})


class _OvertakingRefused(Delivery):
    """Goes on where nobody could be created."""

    def _delivered(self, request: Any, stopped: dict[str, Delivered]) -> Delivered:
        told = super()._delivered(request, stopped)
        if told.verdict == "refused":
            stopped.pop(request.lane, None)
        return told


class _StoppingRefused(Delivery):
    """Stops a lane whenever something in it is refused."""

    def _delivered(self, request: Any, stopped: dict[str, Delivered]) -> Delivered:
        told = super()._delivered(request, stopped)
        if told.verdict == "refused":
            stopped[request.lane] = told
        return told


class _OneLane(Delivery):
    """Puts a pause between any two tries into the lane of somebody else."""

    def outcomes(self, plan: Plan, *, settled: Any = ()) -> Iterator[Delivered]:
        alone = tuple(replace(one, lane=one.key) for one in plan.requests)
        yield from super().outcomes(replace(plan, requests=alone), settled=settled)


class _CreatingAgain(Delivery):
    """Repeats the request that creates somebody, without asking first whether it was applied."""

    _began: frozenset[str] = frozenset()

    def _try(self, request: Any, access: Any) -> Any:
        if request.key in self._began:
            request = replace(request, method="POST", path=request.creates, creates=None)
        tried = super()._try(request, access)
        if tried.creating and tried.judgement.name == "again":
            self._began |= {request.key}
        return tried


class _CreatingNobody(Delivery):
    def _try(self, request: Any, access: Any) -> Any:
        return super()._try(replace(request, creates=None), access)


class _CreatingAlways(Delivery):
    def _try(self, request: Any, access: Any) -> Any:
        if request.creates is not None:
            request = replace(request, method="POST", path=request.creates, creates=None)
        return super()._try(request, access)


class _CreatingTwice(Delivery):
    """Creates somebody, and then creates them once more."""

    def _try(self, request: Any, access: Any) -> Any:
        tried = super()._try(request, access)
        if tried.creating:
            self._sent(request, "POST", request.creates, access)
        return tried


def _waits() -> Iterator[Mutant]:
    for kind, what, says, made in (
        ("retry lost", "all", "Nothing is tried again.", _Never),
        ("tried too often", "all", "What is refused is tried again as well.", _Always),
        ("wait wrong", "none", "What is tried again is tried at once.", _AtOnce),
    ):
        yield wrong(RULE, kind, what, says, delivery=made)
    for what, says in (("seconds", "a number of seconds"), ("date", "a date")):

        def read(value: str | None, now: float, what: str = what) -> float | None:
            digits = value is not None and value.strip().isdigit()
            return None if digits == (what == "seconds") else _asked_wait(value, now)

        patched = patching(judging, "_asked_wait", read)
        told = f"A Retry-After that is {says} is not read."
        yield wrong(RULE, "wait wrong", f"retry-after-{what}", told, patched=patched)


_asked_wait = judging._asked_wait  # noqa: SLF001  as it is, before anybody puts another in its place


def _orders() -> Iterator[Mutant]:
    for rule, kind, what, says, made in (
        (
            RULE,
            "order changed",
            "lane",
            "What comes after a request that did not arrive goes all the same.",
            _Overtaking,
        ),
        (RULE, "order changed", "lanes", "Every request has a lane of its own.", _OneLane),
        (RULE, "order changed", "nobody", "Events of somebody who could not be created go.", _OvertakingRefused),
        (RULE, "order changed", "refused", "After a refusal nothing of the same person goes.", _StoppingRefused),
        (RULE, "created twice", "again", "A creation whose answer was lost is repeated as it is.", _CreatingAgain),
        ("sessionm.create-or-update", "effect skipped", "create", "Nobody is created.", _CreatingNobody),
        ("sessionm.create-or-update", "effect skipped", "update", "Everybody is created anew.", _CreatingAlways),
        ("sessionm.create-or-update", "created twice", "", "Whoever is created is created twice.", _CreatingTwice),
    ):
        yield wrong(rule, kind, what, says, delivery=made)
