"""Recorded requests held against the rules: what the fake noticed, and what no check of it looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from contracts import Violation, rules
from contracts.conformance import Call
from scenarios.in_contract import REQUESTS
from scenarios.recorded import contract
from scenarios.recordings.recorded import Recorded
from scenarios.shapes import asked_for
from scenarios.verdict import Finding

from .accounts import json_of

SHOWN = 5
"""So many places of one request are told at which it breaks the same rule."""
REMEMBERED = 1024
QUERIES: dict[tuple[str, str], tuple[Violation, ...]] = {}
"""(operation, query) -> what is wrong with it: most clients send the same few."""
WRITES = frozenset({"createUser", "updateUser", "updateUserByExternalId"})


def sent_wrongly(
    one: Recorded, call: Call, violations: Sequence[Violation], *, well: bool, refused_now: bool
) -> Iterator[Finding]:
    """A finding for each rule that a request broke.

    What only a vendor minds, and was refused, is life: a customer who is not there is asked for all the time. What a
    sender must keep is broken whatever was answered. Where the fake refuses what went well then, the vendor's first
    reason is enough.
    """
    known = rules()
    place = f"{one.interaction.request.method} {call.operation.name}"
    told: set[tuple[str, str]] = set()
    several: Counter[str] = Counter()
    minded = False
    for violation in (*violations, *_parameters(one, call)):
        rule = known.get(violation.rule)
        by_sender = rule is not None and rule.owner == "forwarder"
        if (not well and not by_sender) or (violation.rule, violation.pointer) in told:
            continue
        if several[violation.rule] == SHOWN:
            continue
        several[violation.rule] += 1
        if not by_sender and refused_now:
            if minded:
                continue
            minded = True
        told.add((violation.rule, violation.pointer))
        yield Finding(
            rule.id if rule else REQUESTS,
            f"{place}: {violation.message}",
            f"{place} {violation.pointer}".rstrip(),
            violation.got,
            violation.allowed,
            severity=rule.severity if rule else "error",
        )
    if well and call.operation.name in WRITES:
        yield from _miscased(one, place)


def senders(finding: Finding) -> bool:
    """Whether a finding is about the request alone, whatever the vendor makes of it."""
    rule = rules().get(finding.rule)
    return rule is None or rule.owner in {"forwarder", "harness"}


def noted(violations: Sequence[Violation]) -> bool:
    """Whether something was noticed that a sender must keep, and that a fake may be told to let through."""
    known = rules()
    return any(violation.rule in known and known[violation.rule].owner == "forwarder" for violation in violations)


def _parameters(one: Recorded, call: Call) -> tuple[Violation, ...]:
    """What stands in the query and breaks the contract; not every check of the fake's looks there."""
    query = one.interaction.request.target.partition("?")[2]
    if not query:
        return ()
    key = (call.operation.name, query)
    found = QUERIES.get(key)
    if found is None:
        wrong = contract().request(call, one.interaction.request, with_body=False)
        found = tuple(violation for violation in wrong if violation.pointer.startswith("query:"))
        if len(QUERIES) >= REMEMBERED:
            QUERIES.clear()
        QUERIES[key] = found
    return found


def _miscased(one: Recorded, place: str) -> Iterator[Finding]:
    """Fields of a customer in another casing than theirs: SessionM reads past them, and nothing is kept."""
    body = json_of(one.interaction.request.body)
    user: Any = body.get("user") if isinstance(body, Mapping) else None
    for name in user if isinstance(user, Mapping) else ():
        meant = _fields().get(name.casefold().replace("_", ""))
        if meant is not None and name != meant and name not in _fields().values():
            text = f"{place}: /user/{name}: no field of a customer is called so; {meant} is one"
            yield Finding(REQUESTS, text, f"{place} /user/{name}", name, meant)


@cache
def _fields() -> Mapping[str, str]:
    """The fields of a customer, by their letters alone."""
    names = [place[1] for place in asked_for("createUser") if len(place) == 2 and place[0] == "user"]
    return {name.casefold().replace("_", ""): name for name in names}
