"""What a change of a contract does to recorded traffic: which requests and answers were good by OLD and are not by NEW.

A place, an operation, a rule, sizes and kinds: no value of the recording is in anything that is made here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from contracts import Request, Response, Violation
from contracts.conformance import Conformance
from contracts.revision import Contract
from forwarder import Connection, plan

from .recordings.recorded import Bad, Recording

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Message:
    """One request of a recording, with its answer where there is one."""

    place: str
    request: Request
    response: Response | None = None
    request_body: bool = True
    answer_body: bool = True


@dataclass(frozen=True, slots=True)
class Struck:
    """One request or answer that the change makes bad, or good."""

    place: str
    what: Literal["request", "answer"]
    operation: str
    breaches: tuple[Violation, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "place": self.place,
            "what": self.what,
            "operation": self.operation,
            "breaches": [
                {
                    "rule": one.rule,
                    "pointer": one.pointer,
                    "got": one.got,
                    "allowed": one.allowed,
                    "message": one.message,
                }
                for one in self.breaches
            ],
        }


@dataclass(slots=True)
class Tally:
    """How many requests, or answers, there are of each kind."""

    recorded: int = 0
    unknown: int = 0
    bodiless: int = 0
    good: int = 0
    bad: int = 0
    broken: list[Struck] = field(default_factory=list)
    mended: list[Struck] = field(default_factory=list)

    @property
    def judged(self) -> int:
        return self.good + self.bad + len(self.broken) + len(self.mended)

    def to_json(self) -> dict[str, Any]:
        return {
            "recorded": self.recorded,
            "unknown": self.unknown,
            "without_body": self.bodiless,
            "good_by_both": self.good,
            "bad_by_both": self.bad,
            "broken": [one.to_json() for one in self.broken],
            "mended": [one.to_json() for one in self.mended],
        }


@dataclass(slots=True)
class Impact:
    """What the change does to everything in some recordings."""

    recordings: tuple[str, ...]
    requests: Tally = field(default_factory=Tally)
    answers: Tally = field(default_factory=Tally)
    bad: tuple[Bad, ...] = ()
    unplanned: int = 0

    @property
    def broken(self) -> list[Struck]:
        return [*self.requests.broken, *self.answers.broken]

    def to_json(self) -> dict[str, Any]:
        return {
            "recordings": list(self.recordings),
            "requests": self.requests.to_json(),
            "answers": self.answers.to_json(),
            "batches_without_request": self.unplanned,
            "unreadable": [{"place": one.place, "why": one.why} for one in self.bad],
        }


def impact(old: Contract, new: Contract, recordings: Sequence[Recording], connection: Connection) -> Impact:
    """Hold everything in the recordings against both contracts.

    Batches become requests by `plan`, with the limits of the contract that is installed. What stands in place of
    a request that is for no operation of either contract is counted as unknown. Raises `ContractError`.
    """
    made = Impact(tuple(one.path for one in recordings), bad=tuple(bad for one in recordings for bad in one.bad))
    before, after = Conformance(old), Conformance(new)
    for recording in recordings:
        for message in messages(recording, connection):
            if message is None:
                made.unplanned += 1
            else:
                _judge(made, before, after, message)
    return made


def messages(recording: Recording, connection: Connection) -> Iterator[Message | None]:
    """The requests of a recording, in its order; None for a batch of which nothing is sent."""
    for one in recording.interactions:
        interaction = one.interaction
        bodies = ("request body" not in one.missing, "answer body" not in one.missing)
        yield Message(one.place, interaction.request, interaction.response, *bodies)
    for found in recording.batches:
        planned = plan(found.batch, connection).requests
        if not planned:
            yield None
        for request in planned:
            yield Message(found.place, Request(request.method, request.path, {}, request.body))


def _judge(made: Impact, before: Conformance, after: Conformance, message: Message) -> None:
    requests, answers = made.requests, made.answers
    request, response = message.request, message.response
    requests.recorded += 1
    answers.recorded += response is not None
    was, now = before.call(request), after.call(request)
    if was is None and now is None:
        requests.unknown += 1
        answers.unknown += response is not None
        return
    if not message.request_body:
        requests.bodiless += 1
    old = [_nowhere("OLD", request)] if was is None else before.request(was, request, with_body=message.request_body)
    new = [_nowhere("NEW", request)] if now is None else after.request(now, request, with_body=message.request_body)
    name = (now or was or _unreachable()).operation.name
    _count(requests, Struck(message.place, "request", name, _told(new or old)), old, new)
    if response is None or was is None or now is None:
        answers.unknown += response is not None
        return
    if not message.answer_body:
        answers.bodiless += 1
    old = before.answer(was, response, with_body=message.answer_body)
    new = after.answer(now, response, with_body=message.answer_body)
    _count(answers, Struck(message.place, "answer", name, _told(new or old)), old, new)


def _count(tally: Tally, struck: Struck, old: list[Violation], new: list[Violation]) -> None:
    if old and new:
        tally.bad += 1
    elif new:
        tally.broken.append(struck)
    elif old:
        tally.mended.append(struck)
    else:
        tally.good += 1


def _nowhere(which: str, request: Request) -> Violation:
    return Violation("", "", f"{which} has no operation for this {request.method} path", "", "")


def _unreachable() -> Any:
    raise AssertionError("a request that no contract knows is counted before")


def _told(found: list[Violation]) -> tuple[Violation, ...]:
    """What is wrong, without any number that a person may have sent: a size stays, a value goes."""
    return tuple(_without_value(one) for one in found)


def _without_value(one: Violation) -> Violation:
    if one.pointer == "status" or not NUMBER.fullmatch(one.got):
        return one
    message = one.message.replace(f" {one.got},", " a number,", 1)
    return Violation(one.rule, one.pointer, message, "a number", one.allowed)
