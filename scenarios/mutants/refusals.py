"""Fakes that do not enforce a rule, or refuse in another way than the vendor would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import orjson

from contracts import Violation, rules
from mock_sessionm import BEHAVIOURS, GATE, SURFACE_OF
from scenarios.answers import accepted, complaint

from .between import Answer, Asked, Pass, between
from .hunt import every_scenario
from .mutant import Mutant, Parts
from .stories import steps

RULE_HEADER = "x-harness-rule"
ANOTHER_CODE = "another_code"
STATUS = {200: 400, 201: 200, 202: 200, 207: 200, 400: 200, 401: 403, 403: 401, 404: 200, 409: 400, 413: 400, 429: 503}
"""The HTTP status of a refusal -> a wrong one."""


def gone() -> Iterator[Mutant]:
    """The gate without one check, the fake without one thing that it does."""
    several = Counter(check.rule for check in GATE) + Counter(BEHAVIOURS)
    for check in GATE:
        what = f"~{check.surface}" if several[check.rule] > 1 else ""
        yield Mutant(
            id=f"{check.rule}~gone{what}",
            rule=check.rule,
            side="fake",
            kind="limit gone",
            says=f"{check.surface} does not enforce it",
            parts=Parts(gate=tuple(other for other in GATE if other is not check)),
        )
    for rule in sorted(BEHAVIOURS):
        what = "~behaviour" if several[rule] > 1 else ""
        yield Mutant(
            id=f"{rule}~gone{what}",
            rule=rule,
            side="fake",
            kind="limit gone",
            says="the fake does not act by it",
            parts=Parts(behaviours=BEHAVIOURS - {rule}),
        )


def gone_somewhere() -> Iterator[Mutant]:
    """A check that looks at all the operations that it should look at but one."""
    for check in GATE:
        on = tuple(_looked_at(check))
        for operation in on if len(on) > 1 else ():
            left = frozenset(on) - {operation}
            yield Mutant(
                id=f"{check.rule}~gone~{operation}",
                rule=check.rule,
                side="fake",
                kind="limit gone",
                says=f"{operation} does not enforce it, what stands beside it does",
                parts=Parts(gate=tuple(replace(one, operations=left) if one is check else one for one in GATE)),
                near=_refusing(check.rule, operation),
            )


def otherwise() -> Iterator[Mutant]:
    """A refusal with another code, with another status, in the name of another rule."""
    for rule in _refusals():
        near = _refusing(rule)
        for kind, what, alter in (
            ("wrong code", "code", _other_code),
            ("wrong status", "status", _other_status),
        ):
            yield Mutant(
                id=f"{rule}~{what}",
                rule=rule,
                side="fake",
                kind=kind,
                says=f"a refusal because of it has another {what}",
                parts=Parts(finish=between(_of_refusal(rule, alter))),
                near=near,
            )
        for check in GATE:
            if check.rule == rule:
                yield _misnamed(check, near)


def _misnamed(check: Any, near: tuple[str, ...]) -> Mutant:
    other = next(one.rule for one in GATE if one.surface == check.surface and one.rule != check.rule)

    def find(call: Any) -> Iterable[Violation]:
        return [replace(one, rule=other) if one.rule == check.rule else one for one in check.find(call)]

    several = sum(one.rule == check.rule for one in GATE) > 1
    wrong = replace(check, find=find)
    return Mutant(
        id=f"{check.rule}~name" + (f"~{check.surface}" if several else ""),
        rule=check.rule,
        side="fake",
        kind="wrong rule",
        says=f"what breaks it is filed under {other}",
        parts=Parts(gate=tuple(wrong if one is check else one for one in GATE)),
        near=near,
    )


# --- answers ----------------------------------------------------------------------------------------------


def _of_refusal(rule: str, alter: Callable[[int, Any], tuple[int, Any]]) -> Callable[[Asked, Pass], Answer]:
    """What changes the answers that refuse something because of a rule."""

    def change(request: Asked, hand_on: Pass) -> Answer:
        status, headers, body = hand_on(request.body)
        named = next((value for name, value in headers if name.lower() == RULE_HEADER), "")
        if rule not in named.split(",") or not body:
            return status, headers, body
        told = orjson.loads(body)
        if accepted(SURFACE_OF[request.operation].name, told) and status < 400:
            return status, headers, body
        status, told = alter(status, told)
        return status, headers, orjson.dumps(told)

    return change


def _other_status(status: int, told: Any) -> tuple[int, Any]:
    return STATUS.get(status, 500), told


def _other_code(status: int, told: Any) -> tuple[int, Any]:
    """The same answer with another code, or, of a vendor that has none, another first text."""
    errors = told.get("errors")
    reasons = [one.get("reason") for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    code = reasons[0] if reasons and reasons[0] else complaint(told)[0]
    return status, _exchanged(told, code)


def _exchanged(value: Any, code: str) -> Any:
    if isinstance(value, dict):
        return {name: _exchanged(inner, code) for name, inner in value.items()}
    if isinstance(value, list):
        return [_exchanged(inner, code) for inner in value]
    return ANOTHER_CODE if isinstance(value, str) and value == code else value


# --- which rules refuse, and where ------------------------------------------------------------------------


@cache
def _refusals() -> tuple[str, ...]:
    """The rules because of which some scenario is refused."""
    found = dict.fromkeys(
        call["refused"] for scenario in every_scenario() for call in scenario.calls if call.get("refused")
    )
    return tuple(rule for rule in found if rule in rules())


@cache
def _refused_on(rule: str) -> tuple[str, ...]:
    """The operations at which a scenario is refused because of a rule."""
    return tuple(name for name, each in steps().items() if any(one.given.get("refused") == rule for one in each))


def _refusing(rule: str, operation: str = "") -> tuple[str, ...]:
    """The scenarios in which a rule is named, at one operation or at any; those that say a code first."""
    found = [
        (not ("code" in step.given or "says" in step.given), step.rule != rule, step.scenario)
        for name, each in steps().items()
        if operation in {"", name}
        for step in each
        if rule in (step.given.get("refused"), step.given.get("notes"))
    ]
    return tuple(dict.fromkeys(name for *_, name in sorted(found, key=lambda row: row[:2])))


def _looked_at(check: Any) -> Iterable[str]:
    return (name for name, surface in SURFACE_OF.items() if check.looks_at(surface.name, name))
