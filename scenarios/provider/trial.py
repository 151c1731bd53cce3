"""One contract on trial: cases are sent, their answers looked at, and what is found is gathered by operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from contracts import Response
from contracts.validation import operations

from .door import NO_ANSWER, Door
from .exchange import Exchange, Meant, surface_of
from .fault import Fault
from .standard import RULES, found, left_out
from .target import Unusable
from .tenancy import Tenancy

LOST_FOR_GOOD = 5
"""So many requests in a row without an answer, and nobody is there any more."""


@dataclass(slots=True)
class Tally:
    """What came of one operation.

    faults   (rule, check) -> the fault whose request is the smallest
    """

    operation: str
    place: str
    surface: str
    asked: int = 0
    requests: int = 0
    succeeded: int = 0
    in_sequence: int = 0
    refused: int = 0
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)
    cases: Counter[tuple[str, str, bool]] = field(default_factory=Counter)

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

    def tally(self, operation: Any) -> Tally:
        name: str = operation.definition.raw["operationId"]
        if name not in self.tallies:
            place = f"{operation.method.upper()} {operation.path}"
            self.tallies[name] = Tally(name, place, surface_of(name))
        return self.tallies[name]

    def afresh(self) -> None:
        """Back to the starting state, where something was changed."""
        if self.state != self.tenancy.state:
            self.tenancy.restore()
            self.state = self.tenancy.state

    def ask(self, case: Any) -> None:
        """One case from the starting state."""
        self.afresh()
        self.look(case, self.send(case))

    def send(self, case: Any) -> Any:
        """Send a case; the answer as the tool sees it."""
        response = case.call()
        if self.door.lost >= LOST_FOR_GOOD:
            raise Unusable(f"{self.tenancy.target.at}: no answer to {self.door.lost} requests in a row; is it still there?")
        return response

    def look(self, case: Any, response: Any, recorder: Any = None) -> Exchange | None:
        """Hold an answer against every check. None where no answer came."""
        tally = self.tally(case.operation)
        tally.asked += 1
        tally.requests += 1
        if self.door.response is None or response.status_code == NO_ANSWER:
            tally.blame(Fault("harness.answers-in-contract", "answered", "no answer came", self.door.request))
            self.state = self.tenancy.now()
            return None
        exchange = self._exchange(case, tally)
        without = left_out(tally.surface, self.status)
        refused = not exchange.accepted or exchange.partly
        for check, said in found(case, response, without, refused=refused, recorder=recorder):
            tally.blame(Fault(RULES.get(check, "harness.answers-in-contract"), check, said, exchange.request))
        for one in self.checks:
            for fault in one(exchange, self):
                tally.blame(fault)
        if exchange.routed and exchange.accepted:
            tally.succeeded += 1
        elif exchange.routed:
            tally.refused += 1
        return exchange

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
