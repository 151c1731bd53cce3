"""What came of the operations of a contract, as results: a finding for each rule, and a request that shows it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace

from contracts import Request, rules
from scenarios.verdict import Case, Finding, ScenarioResult

from .fault import Fault
from .tenancy import Tenancy
from .trial import Tally

SUITE = "provider"
LONGEST = 2_000
"""A longer body is cut in what is shown; the seed makes it again."""


def results(vendor: str, tallies: Iterable[Tally], *, ours: bool) -> Iterator[ScenarioResult]:
    """One result for each operation, in the order of the contract; an operation that never succeeded is untried."""
    for tally in tallies:
        findings = tuple(_findings(tally, ours=ours))
        yield ScenarioResult(
            id=f"{SUITE}/{vendor}/{tally.operation}",
            title=f"{tally.place}, as its contract has it",
            suite=SUITE,
            findings=findings,
            cases=_cases(tally),
            untried="" if tally.succeeded or findings else _never(tally),
            requests=tally.requests,
            violations=tally.refused,
        )


def followed(vendor: str, linked: Iterable[str], tallies: Iterable[Tally], *, ours: bool) -> Iterator[ScenarioResult]:
    """One result for each operation that links lead to; one that never succeeded in a sequence is untried."""
    known = {tally.operation: tally for tally in tallies}
    # The tool follows links that it guesses as well; of those, only what was found is told.
    shown_too = {name for name, tally in known.items() if tally.in_sequence or tally.faults}
    for operation in sorted({*linked, *shown_too}):
        tally = known.get(operation)
        findings = tuple(_findings(tally, ours=ours)) if tally else ()
        never = "no sequence led to it" if tally is None else "it never succeeded after the operation that links to it"
        yield ScenarioResult(
            id=f"{SUITE}/{vendor}/sequences/{operation}",
            title=f"{operation}, where the links of the contract lead to it",
            suite=SUITE,
            findings=findings,
            cases=_cases(tally) if tally else (),
            untried="" if findings or (tally and tally.in_sequence) else never,
            requests=tally.requests if tally else 0,
            violations=tally.refused if tally else 0,
        )


def merged(several: Iterable[Iterable[Tally]]) -> list[Tally]:
    """The same operations, tried in several ways, as one."""
    made: dict[str, Tally] = {}
    for tallies in several:
        for tally in tallies:
            one = made.setdefault(tally.operation, Tally(tally.operation, tally.place, tally.surface))
            one.asked += tally.asked
            one.requests += tally.requests
            one.succeeded += tally.succeeded
            one.in_sequence += tally.in_sequence
            one.refused += tally.refused
            one.given |= tally.given
            one.status = tally.status or one.status
            if one.example is None and tally.example is not None:
                one.example, one.line = tally.example, tally.line
            one.cases.update(tally.cases)
            for fault in tally.faults.values():
                one.blame(fault)
    return list(made.values())


def _never(tally: Tally) -> str:
    if not tally.asked:
        return "it could not be called"
    return f"none of {tally.asked} requests got past the refusals, so nothing is known of its successes"


def _cases(tally: Tally) -> tuple[Case, ...]:
    return tuple(
        case
        for (rule, side, held), count in sorted(tally.cases.items())
        if rule in rules()
        for case in [Case(rule, side, held)] * count
    )


def _findings(tally: Tally, *, ours: bool) -> Iterator[Finding]:
    """One finding for each rule that was broken here; the smallest request of each stands for all of them."""
    by_rule: dict[str, list[Fault]] = {}
    for fault in tally.faults.values():
        by_rule.setdefault(fault.rule, []).append(fault)
    for rule, faults in sorted(by_rule.items()):
        faults.sort(key=lambda one: (one.size, one.check))
        smallest = faults[0]
        said = "; ".join(dict.fromkeys(f"{fault.said} ({fault.check})" for fault in faults))
        known = rules().get(rule)
        yield Finding(
            rule,
            " ".join(f"{tally.place}: {said}".split()),
            tally.place,
            smallest.got,
            smallest.wanted,
            "error" if ours or known is None else known.severity,
            reproduce=smallest.shown,
        )


def shown(tallies: Iterable[Tally], tenancy: Tenancy) -> list[Tally]:
    """The tallies, with a line for a shell in each fault, in which the tenant's credentials have names."""
    made = list(tallies)
    for tally in made:
        tally.line = curl(tally.example, tenancy) if tally.example is not None else ""
        tally.faults = {
            mark: fault if fault.shown else replace(fault, shown=curl(fault.request, tenancy))
            for mark, fault in tally.faults.items()
        }
    return made


def curl(request: Request, tenancy: Tenancy) -> str:
    """A request as a line for a shell, with names in the place of credentials."""
    parts = ["curl", "-sS", "-X", request.method, tenancy.target.at + request.target]
    for name, value in request.headers.items():
        if name == "Authorization":
            scheme = value.partition(" ")[0]
            right = value in tenancy.doors.values()
            secret = ("{credentials}" if right else "{wrong credentials}").replace("}", f" for {scheme}}}")
            parts += ["-H", f"Authorization: {scheme} {secret}"]
        elif name not in {"Accept", "Accept-Encoding", "Connection"}:
            parts += ["-H", f"{name}: {value}"]
    if request.body:
        body = request.body.decode("utf-8", "backslashreplace")
        parts += ["--data-raw", body if len(body) <= LONGEST else f"{body[:LONGEST]}…"]
    line = " ".join(shlex.quote(part) for part in parts)
    for secret in tenancy.secrets:
        line = line.replace(secret, "{secret}")
    return line.replace(tenancy.key, "{api_key}")
