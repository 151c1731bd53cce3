"""Trouble on purpose: every kind of fault, and what delivery must make of it.

Which answers are tried again is read from the examples of the rule, how often and how long apart from the retry
table: a table that lost a status is found out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from contracts import Choices, rules
from forwarder import Retries

from .examples import custom, of_person
from .scenario import Scenario
from .verdict import SideName

RETRIES = "mparticle.retries"


def _statuses(ending: str) -> tuple[int, ...]:
    """The statuses that come to this end in the examples of the rule."""
    examples = rules()[RETRIES].examples
    return tuple(
        one["given"]["status"] for one in examples if one["expect"] == ending and one["given"]["status"] >= 300
    )


AGAIN = _statuses("again")
FINAL = _statuses("refused")

USER, EVENT, CREATE = "*/external/users/*", "*/events", "*/users"


def faults(choices: Choices, first: int = 700_001) -> Iterator[Scenario]:
    """Every fault scenario under the choices that decide how often something is tried."""
    unused = count(first)
    table = Retries.load(choices)
    attempts = {"retry-attempts": str(table.attempts)}
    for scenario in _faults(unused, table):
        yield replace(scenario, pinned=True, on_violation="reject", assume={**attempts, **scenario.assume})


def _faults(unused: Iterator[int], table: Retries) -> Iterator[Scenario]:
    last = table.attempts - 1
    again = last > 0
    for status in AGAIN:
        kind = {"kind": "status", "status": status}
        for times in sorted({1, last} if again else ()):
            title = f"HTTP {status}, {_times(times)}, then the event arrives once"
            wanted = {"attempts": {"event.0": times + 1}, "waits": _backoff(table, times)}
            yield _fault(f"{status}-{times}", title, "at", kind, EVENT, times, unused, wanted)
        yield _fault(
            f"{status}-always",
            f"HTTP {status} every time: the event is given up after {table.attempts} tries, and that is said",
            "at",
            kind,
            EVENT,
            table.attempts,
            unused,
            {"attempts": {"event.0": table.attempts}, "waits": _backoff(table, last), "gives_up": True},
            outcomes={"user": "delivered", "event.0": "exhausted"},
        )
    for status in FINAL:
        yield _fault(
            f"{status}-final",
            f"HTTP {status}: the event is refused at once, and that is said",
            "above",
            {"kind": "status", "status": status},
            EVENT,
            1,
            unused,
            {"attempts": {"event.0": 1}, "waits": [], "gives_up": True},
            outcomes={"user": "delivered", "event.0": "refused"},
        )
    yield _fault(
        "page",
        "a success that is no JSON is the page of some other server: the event is refused at once",
        "above",
        {"kind": "status", "status": 200, "body": "<html>", "headers": {"Content-Type": "text/html"}},
        EVENT,
        1,
        unused,
        {"attempts": {"event.0": 1}, "waits": [], "gives_up": True},
        outcomes={"user": "delivered", "event.0": "refused"},
    )
    if again:
        yield from _connections(unused, table)
        yield from _waits(unused, table)
        yield from _order(unused, table)


def _backoff(table: Retries, failures: int) -> list[tuple[float, float]]:
    """From and to which second each wait may last: longer from one to the next, less what chance takes away."""
    longest = [min(table.cap, table.first * table.factor**number) for number in range(failures)]
    return [(most * (1 - table.jitter), most) for most in longest]


def _connections(unused: Iterator[int], table: Retries) -> Iterator[Scenario]:
    reset, applied = {"kind": "reset"}, {"kind": "reset-after-apply"}
    twice = {"attempts": {"event.0": 2}, "waits": _backoff(table, 1)}
    yield _fault(
        "reset",
        "the connection is lost before the event is applied: it arrives once",
        "at",
        reset,
        EVENT,
        1,
        unused,
        twice,
    )
    # The second try carries the same transaction id, so a vendor who looks at it counts one event.
    yield _fault(
        "reset-after-apply",
        "the connection is lost after the event was applied: the second try is known by its transaction id",
        "at",
        applied,
        EVENT,
        1,
        unused,
        twice,
        assume={"event-transactions": "once"},
    )
    yield _fault(
        "truncate",
        "half an answer is no answer",
        "at",
        {"kind": "truncate", "bytes": 5},
        EVENT,
        1,
        unused,
        twice,
        assume={"event-transactions": "once"},
    )
    for name, fault in (("reset", reset), ("reset-after-apply", applied), ("500", {"kind": "status", "status": 500})):
        yield _fault(
            f"create-{name}",
            f"trouble ({name}) while the customer is created: there is one customer afterwards",
            "at",
            fault,
            CREATE,
            1,
            unused,
            {"attempts": {"user": 2}, "customers": 1, "waits": _backoff(table, 1)},
            method="POST",
        )


def _waits(unused: Iterator[int], table: Retries) -> Iterator[Scenario]:
    """Answers that are late, or that ask for time."""
    slow, too_slow = {"kind": "latency", "seconds": 2}, {"kind": "latency", "seconds": 60}
    yield _fault(
        "slow", "a slow answer is an answer", "at", slow, EVENT, 1, unused, {"attempts": {"event.0": 1}, "waits": []}
    )
    yield _fault(
        "too-slow",
        "an answer that comes too late counts as none",
        "at",
        too_slow,
        EVENT,
        1,
        unused,
        {"attempts": {"event.0": 2}},
        assume={"event-transactions": "once"},
    )
    yield from _asked_waits(unused, int(table.patience))


def _asked_waits(unused: Iterator[int], patience: int) -> Iterator[Scenario]:
    """A vendor who says when to come back; `patience` is the longest wait in seconds that is borne."""
    for name, asked, seconds in (
        ("seconds", "17", 17),
        ("date", "Thu, 01 Jan 2026 00:00:40 GMT", 40),
        ("just-so", str(patience), patience),
    ):
        yield _fault(
            f"retry-after-{name}",
            f"a 429 that says when to come back is obeyed: in {seconds} seconds",
            "at",
            {"kind": "status", "status": 429, "headers": {"Retry-After": asked}},
            EVENT,
            1,
            unused,
            {"attempts": {"event.0": 2}, "waits": [(seconds, seconds)]},
        )
    yield _fault(
        "retry-after-too-long",
        "a 429 that asks for more patience than there is: the event is given up, and that is said",
        "above",
        {"kind": "status", "status": 429, "headers": {"Retry-After": str(patience + 1)}},
        EVENT,
        1,
        unused,
        {"attempts": {"event.0": 1}, "waits": [], "gives_up": True},
        outcomes={"user": "delivered", "event.0": "exhausted"},
    )
    for name, told in (("quota", {"retry_after": 60}), ("quota-untold", {})):
        yield Scenario(
            id=f"fault/{name}",
            title="a quota of two requests a minute lets five events through, a minute apart",
            suite="faults",
            rule=RETRIES,
            side="at",
            batches=(of_person({"events": [custom(f"event_{index}") for index in range(5)]}, next(unused)),),
            faults=({"match": {"path": EVENT}, "fault": {"kind": "quota", "limit": 2, "window": 60, **told}},),
            expects={"waits": [(60, 60), (60, 60)]},
        )


def _order(unused: Iterator[int], table: Retries) -> Iterator[Scenario]:
    """Nothing overtakes what could not be settled; a refusal is settled, and what comes after it goes on."""
    down = {"kind": "status", "status": max(AGAIN)}
    no = {"kind": "status", "status": 422, "headers": {"X-Trouble": "on purpose"}}
    given_up = {"attempts": {"user": table.attempts, "event.0": 0}, "nobody": True}
    yield _fault(
        "user-always",
        "the customer cannot be written: the event is not tried, and both are given up",
        "above",
        down,
        USER,
        table.attempts,
        unused,
        given_up,
        method="PUT",
        outcomes={"user": "exhausted", "event.0": "exhausted"},
    )
    yield _fault(
        "user-final",
        "the customer is refused: the event is not tried, and both are refused",
        "above",
        no,
        CREATE,
        1,
        unused,
        {"attempts": {"user": 1, "event.0": 0}, "nobody": True},
        method="POST",
        outcomes={"user": "refused", "event.0": "refused"},
    )
    events = [custom("visit"), custom("purchase", "transaction")]
    for name, fault, times, ending, after, tries in (
        ("second-waits", down, table.attempts, "exhausted", "exhausted", 0),
        ("second-goes", no, 1, "refused", "delivered", 1),
    ):
        first = _fault(
            name,
            f"of two events the first is {ending}: the second is {after}",
            "above",
            fault,
            EVENT,
            times,
            unused,
            {
                "attempts": {"event.0": times, "event.1": tries},
                "gives_up": True,
                "still": ["purchase"] if tries else [],
            },
            outcomes={"user": "delivered", "event.0": ending, "event.1": after},
        )
        yield replace(first, batches=({**first.batches[0], "events": events},))


def _fault(
    name: str,
    title: str,
    side: SideName,
    fault: Mapping[str, Any],
    path: str,
    times: int,
    unused: Iterator[int],
    expects: Mapping[str, Any],
    *,
    method: str = "",
    outcomes: Mapping[str, str] | None = None,
    assume: Mapping[str, str] | None = None,
) -> Scenario:
    match = {"path": path, **({"method": method} if method else {})}
    return Scenario(
        id=f"fault/{name}",
        title=title,
        suite="faults",
        rule=RETRIES,
        side=side,
        batches=(
            of_person({"user_attributes": {"FavoriteStore": "Boston"}, "events": [custom("visit")]}, next(unused)),
        ),
        faults=({"match": match, "times": times, "fault": dict(fault)},),
        expects=expects,
        outcomes=outcomes or {"user": "delivered", "event.0": "delivered"},
        assume=assume or {},
    )


def _times(times: int) -> str:
    return "once" if times == 1 else f"{times} times"
