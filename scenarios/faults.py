"""Trouble on purpose: every kind of fault, and what delivery must make of it.

Which answers are tried again is read from the examples of the rule, how often and how long apart from the retry
table: a table that lost a status is found out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain, count
from typing import Any

from contracts import Choices, rules
from forwarder import Retries

from .destinations import DESTINATIONS
from .examples import custom, of_person
from .road import Road, road_to
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

TROUBLED = 50_000
"""How far the people of these scenarios are from the first of their destination."""
QUOTA: Mapping[str, Any] = {"kind": "quota", "limit": 2, "window": 60}


def faults(choices: Choices, destination: str = "sessionm") -> Iterator[Scenario]:
    """Every fault scenario on the road to a destination, under the choices that decide how often something is tried."""
    table = Retries.load(choices)
    first = DESTINATIONS[destination].people + TROUBLED
    attempts = {"retry-attempts": str(table.attempts)}
    for scenario in _Faults(road_to(destination), table, count(first)).every():
        yield replace(scenario, pinned=True, on_violation="reject", assume={**attempts, **scenario.assume})


class _Faults:
    """The fault scenarios of one road."""

    def __init__(self, road: Road, table: Retries, unused: Iterator[int]) -> None:
        self.road = road
        self.struck = road.struck
        self.table = table
        self.unused = unused
        self.event = road.struck.event_ending

    def every(self) -> Iterator[Scenario]:
        again = self.table.attempts > 1
        yield from self._statuses(again=again)
        if again:
            yield from self._connections()
            yield from self._creation()
            yield from self._waits()
            yield from self._quotas()
            yield from self._order()

    def _statuses(self, *, again: bool) -> Iterator[Scenario]:
        last = self.table.attempts - 1
        for status in AGAIN:
            kind = {"kind": "status", "status": status}
            for times in sorted({1, last} if again else ()):
                title = f"HTTP {status}, {_times(times)}, then the event arrives once"
                wanted = {"attempts": {self.event: times + 1}, "waits": self._backoff(times)}
                yield self._fault(f"{status}-{times}", title, "at", kind, times, wanted)
            yield self._fault(
                f"{status}-always",
                f"HTTP {status} every time: the event is given up after {self.table.attempts} tries, and that is said",
                "at",
                kind,
                self.table.attempts,
                {"attempts": {self.event: self.table.attempts}, "waits": self._backoff(last), **self._given_up()},
                outcomes={self.event: "exhausted"},
            )
        for status in FINAL:
            yield self._final(
                f"{status}-final",
                f"HTTP {status}: the event is refused at once, and that is said",
                {"kind": "status", "status": status},
            )
        yield self._final(
            "page",
            "a success that is no JSON is the page of some other server: the event is refused at once",
            {"kind": "status", "status": 200, "body": "<html>", "headers": {"Content-Type": "text/html"}},
        )

        for status, body in self.struck.foreign.items():
            yield self._final(
                f"{status}-instead",
                f"HTTP {status}, a success that the vendor never sends: the event is refused at once, and that is said",
                {"kind": "status", "status": status, "body": body},
            )

    def _final(self, name: str, title: str, fault: Mapping[str, Any]) -> Scenario:
        wanted = {"attempts": {self.event: 1}, "waits": [], **self._given_up()}
        return self._fault(name, title, "above", fault, 1, wanted, outcomes={self.event: "refused"})

    def _given_up(self) -> dict[str, Any]:
        """What is lost with the request: the event, or the person as well where one request carries both."""
        return {"gives_up": True} if self.struck.user else {"gives_up": True, "nobody": True}

    def _backoff(self, failures: int) -> list[tuple[float, float]]:
        """From and to which second each wait may last: longer each time, less what chance takes away."""
        table = self.table
        longest = [min(table.cap, table.first * table.factor**number) for number in range(failures)]
        return [(most * (1 - table.jitter), most) for most in longest]

    def _connections(self) -> Iterator[Scenario]:
        twice = {"attempts": {self.event: 2}, "waits": self._backoff(1)}
        once = self.struck.once
        reset = {"kind": "reset"}
        title = "the connection is lost before the event is applied: it arrives once"
        yield self._fault("reset", title, "at", reset, 1, twice)
        # The second try carries the same id, so a vendor who looks at it counts one event.
        title = "the connection is lost after the event was applied: the second try is known by its id"
        yield self._fault("reset-after-apply", title, "at", {"kind": "reset-after-apply"}, 1, twice, assume=once)
        if self.struck.answers:
            title = "half an answer is no answer"
            yield self._fault("truncate", title, "at", {"kind": "truncate", "bytes": 2}, 1, twice, assume=once)

    def _creation(self) -> Iterator[Scenario]:
        """Trouble while somebody is created, where that is a request of its own."""
        if self.struck.create is None:
            return
        for name, fault in (
            ("reset", {"kind": "reset"}),
            ("reset-after-apply", {"kind": "reset-after-apply"}),
            ("500", {"kind": "status", "status": 500}),
        ):
            yield self._fault(
                f"create-{name}",
                f"trouble ({name}) while the customer is created: there is one customer afterwards",
                "at",
                fault,
                1,
                {"attempts": {"user": 2}, "customers": 1, "waits": self._backoff(1)},
                at=("POST", self.struck.create),
            )
        yield self._fault(
            "user-final",
            "the customer is refused: the event is not tried, and both are refused",
            "above",
            {"kind": "status", "status": 422, "headers": {"X-Trouble": "on purpose"}},
            1,
            {"attempts": {"user": 1, self.event: 0}, "nobody": True},
            at=("POST", self.struck.create),
            outcomes={"user": "refused", self.event: "refused"},
        )
        yield self._fault(
            "update-final",
            "the customer is refused for another reason than that nobody knows them: nobody is created",
            "above",
            {"kind": "status", "status": 422, "headers": {"X-Trouble": "on purpose"}},
            1,
            {"attempts": {"user": 1, self.event: 1}, "customers": 0, "nobody": True},
            at=("PUT", self.struck.user or ""),
            outcomes={"user": "refused", self.event: "refused"},
        )

    def _waits(self) -> Iterator[Scenario]:
        """Answers that are late, or that ask for time."""
        slow, too_slow = {"kind": "latency", "seconds": 2}, {"kind": "latency", "seconds": 60}
        wanted: dict[str, Any] = {"attempts": {self.event: 1}, "waits": []}
        yield self._fault("slow", "a slow answer is an answer", "at", slow, 1, wanted)
        title = "an answer that comes too late counts as none"
        wanted = {"attempts": {self.event: 2}}
        yield self._fault("too-slow", title, "at", too_slow, 1, wanted, assume=self.struck.once)
        patience = int(self.table.patience)
        for name, asked, seconds in (
            ("seconds", "17", 17),
            ("date", "Thu, 01 Jan 2026 00:00:40 GMT", 40),
            ("just-so", str(patience), patience),
        ):
            yield self._fault(
                f"retry-after-{name}",
                f"a 429 that says when to come back is obeyed: in {seconds} seconds",
                "at",
                {"kind": "status", "status": 429, "headers": {"Retry-After": asked}},
                1,
                {"attempts": {self.event: 2}, "waits": [(seconds, seconds)]},
            )
        yield self._fault(
            "retry-after-too-long",
            "a 429 that asks for more patience than there is: the event is given up, and that is said",
            "above",
            {"kind": "status", "status": 429, "headers": {"Retry-After": str(patience + 1)}},
            1,
            {"attempts": {self.event: 1}, "waits": [], **self._given_up()},
            outcomes={self.event: "exhausted"},
        )

    def _quotas(self) -> Iterator[Scenario]:
        for name, told in (("quota", {"retry_after": 60}), ("quota-untold", {})):
            number = next(self.unused)
            # Where one request carries all events of a batch, five events are five batches.
            events = [[custom(f"event_{index}")] for index in range(5)]
            each = [list(chain(*events))] if self.struck.user else events
            yield Scenario(
                id=self._id(name),
                title="a quota of two requests a minute lets five events through, a minute apart",
                suite="faults",
                destination=self.road.name,
                rule=RETRIES,
                side="at",
                batches=tuple(of_person({"events": some}, number, self.road.name) for some in each),
                faults=({"match": {"path": self.struck.event}, "fault": {**QUOTA, **told}},),
                expects={"waits": [(60, 60), (60, 60)]},
            )

    def _order(self) -> Iterator[Scenario]:
        """Nothing overtakes what could not be settled; a refusal is settled, and what comes after it goes on."""
        if self.struck.user is None:
            return
        down = {"kind": "status", "status": max(AGAIN)}
        no = {"kind": "status", "status": 422, "headers": {"X-Trouble": "on purpose"}}
        most = self.table.attempts
        yield self._fault(
            "user-always",
            "the customer cannot be written: the event is not tried, and both are given up",
            "above",
            down,
            most,
            {"attempts": {"user": most, self.event: 0}, "nobody": True},
            at=("PUT", self.struck.user),
            outcomes={"user": "exhausted", self.event: "exhausted"},
        )
        events = [custom("visit"), custom("purchase", "transaction")]
        for name, fault, times, ending, after, tries in (
            ("second-waits", down, most, "exhausted", "exhausted", 0),
            ("second-goes", no, 1, "refused", "delivered", 1),
        ):
            still = ["purchase"] if tries else []
            first = self._fault(
                name,
                f"of two events the first is {ending}: the second is {after}",
                "above",
                fault,
                times,
                {"attempts": {"event.0": times, "event.1": tries}, "gives_up": True, "still": still},
                outcomes={"event.0": ending, "event.1": after},
            )
            yield replace(first, batches=({**first.batches[0], "events": events},))

    def _fault(
        self,
        name: str,
        title: str,
        side: SideName,
        fault: Mapping[str, Any],
        times: int,
        expects: Mapping[str, Any],
        *,
        at: tuple[str, str] | None = None,
        outcomes: Mapping[str, str] | None = None,
        assume: Mapping[str, str] | None = None,
    ) -> Scenario:
        """One scenario; `at` is the method and the path of what the fault strikes, by default the event's."""
        match = {"method": at[0], "path": at[1]} if at else {"path": self.struck.event}
        delivered = {"user": "delivered"} if self.struck.user else {}
        batch = {"user_attributes": {"FavoriteStore": "Boston"}, "events": [custom("visit")]}
        return Scenario(
            id=self._id(name),
            title=title,
            suite="faults",
            destination=self.road.name,
            rule=RETRIES,
            side=side,
            batches=(of_person(batch, next(self.unused), self.road.name),),
            faults=({"match": match, "times": times, "fault": dict(fault)},),
            expects=expects,
            outcomes={**delivered, self.event: "delivered", **(outcomes or {})},
            assume=assume or {},
        )

    def _id(self, name: str) -> str:
        return f"fault/{name}" if self.road.name == "sessionm" else f"fault/{self.road.name}/{name}"


def _times(times: int) -> str:
    return "once" if times == 1 else f"{times} times"
