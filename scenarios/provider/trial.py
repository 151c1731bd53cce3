"""One contract on trial: cases are sent, their answers looked at, and what is found is gathered by operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contracts import Request, Response
from scenarios.verdict import SideName

from .checks import tried_by
from .door import NO_ANSWER, Door
from .exchange import Exchange, Meant, surface_of
from .fault import Fault
from .fields import given
from .standard import ANSWERS, GONE, LINKED, RULES, found, left_out
from .target import Unusable
from .tenancy import Tenancy

LOST_FOR_GOOD = 5
"""So many requests in a row without an answer, and nobody is there any more."""
FULL = 2_000
UNKNOWN = 401
"""Whose request it was is not known then, so no tenant's journal has it."""


@dataclass(slots=True)
class Tally:
    """What came of one operation.

    in_sequence  how often it succeeded after another operation, or as the first of several
    example      a request that was accepted
    line         the example for a shell
    fullest      the one of them with the most in it, of a size that can be handled
    given, status  the fields that its successes had, and their status
    faults       (rule, check) -> the fault whose request is the smallest
    cases        (rule, side, whether it held) -> how many
    """

    operation: str
    place: str
    surface: str
    asked: int = 0
    requests: int = 0
    succeeded: int = 0
    in_sequence: int = 0
    refused: int = 0
    example: Request | None = None
    fullest: Request | None = None
    line: str = ""
    given: set[str] = field(default_factory=set)
    status: int = 0
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)
    cases: Counter[tuple[str, SideName, bool]] = field(default_factory=Counter)

    def blame(self, fault: Fault) -> None:
        """Remember a fault, unless a smaller request has shown the same."""
        known = self.faults.get((fault.rule, fault.check))
        if known is None or fault.size < known.size:
            self.faults[fault.rule, fault.check] = fault


class Trial:
    """A contract, a tenant, and all that is known so far. `ask` sends one case and looks at the answer."""

    def __init__(self, vendor: str, tenancy: Tenancy, door: Door, checks: Iterable[Any], status: str = "") -> None:
        self.vendor = vendor
        self.tenancy = tenancy
        self.door = door
        self.checks = tuple(checks)
        self.status = status
        self.state = tenancy.state
        self.tallies: dict[str, Tally] = {}
        self.seen: list[Exchange] = []
        self.unseen = True  # whoever was here before may have left anything

    def tally(self, operation: Any) -> Tally:
        name: str = operation.definition.raw["operationId"]
        if name not in self.tallies:
            place = f"{operation.method.upper()} {operation.path}"
            self.tallies[name] = Tally(name, place, surface_of(name))
        return self.tallies[name]

    def afresh(self) -> None:
        """Back to the starting state, where something was changed."""
        if self.unseen or self.state != self.tenancy.state:
            self.tenancy.restore()
            self.state, self.unseen = self.tenancy.state, False

    def ask(self, case: Any) -> None:
        """One case from the starting state."""
        self.afresh()
        self.look(case, self.send(case))

    def send(self, case: Any) -> Any:
        """Send a case; the answer as the tool sees it."""
        if self.unseen:
            # What the tool sends for itself, and shows to nobody, may have changed something.
            self.state = self.tenancy.now()
        self.unseen = True
        response = case.call()
        if self.door.lost >= LOST_FOR_GOOD:
            raise Unusable(
                f"{self.tenancy.target.at}: no answer to {self.door.lost} requests in a row; is it still there?"
            )
        return response

    def look(self, case: Any, response: Any, *, recorder: Any = None, followed: bool = False) -> Exchange | None:
        """Hold an answer against every check. None where no answer came."""
        self.unseen = False
        tally = self.tally(case.operation)
        tally.asked += 1
        tally.requests += 1
        if self.door.response is None or response.status_code == NO_ANSWER:
            tally.blame(Fault(ANSWERS, "answered", "no answer came", self.door.request))
            self.state = self.tenancy.now()
            return None
        exchange = self._exchange(case, tally)
        without = (*left_out(tally.surface, self.status), *((LINKED,) if followed else ()))
        refused = not exchange.accepted or exchange.partly
        blamed = set()
        for check, said in found(case, response, without, refused=refused, recorder=recorder):
            fault = Fault(RULES.get(check, ANSWERS), check, said, exchange.request)
            blamed.add(fault.rule)
            tally.blame(fault)
        for one in self.checks:
            for fault in one(exchange, self):
                blamed.add(fault.rule)
                tally.blame(fault)
        self._count(exchange, tally, blamed, followed=followed)
        return exchange

    def judge(self, request: Request, tally: Tally, meant_as: Meant = "bad") -> None:
        """A request of our own, from the starting state, held against our own checks."""
        self.afresh()
        tally.asked += 1
        tally.requests += 1
        answer = self.door.send(request)
        before, self.state = self.state, self.tenancy.now()
        if answer is None:
            tally.blame(Fault(ANSWERS, "answered", "no answer came", request))
            return
        exchange = Exchange(
            self.vendor,
            tally.surface,
            tally.operation,
            tally.place,
            meant_as,
            True,
            request,
            answer,
            before,
            self.state,
        )
        faults = [fault for one in self.checks for fault in one(exchange, self)]
        for fault in faults:
            tally.blame(fault)
        self._count(exchange, tally, {fault.rule for fault in faults}, followed=False)

    def _count(self, exchange: Exchange, tally: Tally, blamed: set[str], *, followed: bool) -> None:
        """Write down how it ended, and every rule that it tried."""
        side: SideName = "at" if exchange.accepted else "above"
        gone = (GONE,) if followed else ()
        for rule in (*tried_by(exchange), *gone, *(exchange.limits if not exchange.accepted else ())):
            tally.cases[rule, side, rule not in blamed] += 1
        for rule in exchange.limits if exchange.accepted else ():
            if rule in exchange.named or rule in blamed:
                tally.cases[rule, "above", rule not in blamed] += 1
        if not exchange.routed:
            return
        if exchange.response.status != UNKNOWN and self.vendor != "admin":
            self.seen.append(exchange)
        if exchange.accepted:
            tally.succeeded += 1
            tally.in_sequence += followed
            tally.status = exchange.response.status
            tally.given.update(given(exchange.said))
            if tally.example is None:
                tally.example = exchange.request
            if not exchange.named and (tally.fullest is None or _fuller(exchange.request, tally.fullest)):
                tally.fullest = exchange.request
        else:
            tally.refused += 1

    def _exchange(self, case: Any, tally: Tally) -> Exchange:
        request, response = self.door.request, self.door.response
        before, self.state = self.state, self.tenancy.now()
        return Exchange(
            self.vendor,
            tally.surface,
            tally.operation,
            tally.place,
            meant(case),
            request.method == case.operation.method.upper() and _fits(request.path, case.operation.path),
            request,
            response if response is not None else Response(0),
            before,
            self.state,
        )


def _fuller(request: Request, other: Request) -> bool:
    return len(other.body) < len(request.body) <= FULL


def meant(case: Any) -> Meant:
    """What the tool meant a case to be."""
    from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, coverage_scenario

    if case.meta is None or coverage_scenario(case) in REQUEST_SHAPE_PROBES:
        return "odd"
    return "bad" if case.meta.generation.mode.is_negative else "good"


def _fits(path: str, template: str) -> bool:
    """Whether a path leads to where a template stands: as many parts, none of them empty, fixed ones the same."""
    parts, wanted = path.split("/"), template.split("/")
    return len(parts) == len(wanted) and all(
        one == other or (bool(one) and "{" in other) for one, other in zip(parts, wanted, strict=True)
    )
