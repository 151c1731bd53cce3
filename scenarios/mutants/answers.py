"""Fakes that keep what they should, and answer something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from mock_sessionm import SURFACE_OF
from scenarios.answers import accepted
from scenarios.shapes import Place, answered, name_of, spots

from .between import Answer, Asked, Pass, between, put_back, remembered
from .forgetting import READS
from .mutant import Mutant, Parts
from .stories import about

Change = Callable[[Any, Any], None]
"""Does something to what stands in an object or a list under a key."""


def other_answers() -> Iterator[Mutant]:
    """For each field of each answer: without it, with another value, turned round if it is a list."""
    for operation in SURFACE_OF:
        for place, field in answered(operation).items():
            if not field.needed:
                yield _changed(operation, place, "lost", "answer without a field", _lost)
            if field.kind == "value":
                yield _changed(operation, place, "other", "answer with another value", _other)
            if field.kind == "list":
                yield _changed(operation, place, "reversed", "list in another order", _reversed)


def stale() -> Iterator[Mutant]:
    """For each operation that reads: as it was before the last change."""
    for operation in READS:
        rule, near = about(operation, lambda step: bool(step.given.get("says") or step.given.get("lacks")))
        yield Mutant(
            id=f"{rule}~stale~{operation}",
            rule=rule,
            side="fake",
            kind="state not kept",
            says=f"{operation} answers as things were before the last change",
            parts=Parts(finish=_stale(operation)),
            near=near,
        )


def _changed(operation: str, place: Place, what: str, kind: str, change: Change) -> Mutant:
    rule, near = about(operation, lambda step: step.tells(place))

    def alter(request: Asked, hand_on: Pass) -> Answer:
        status, headers, body = hand_on(request.body)
        told = orjson.loads(body) if body else None
        if not isinstance(told, dict) or not accepted(SURFACE_OF[operation].name, told):
            return status, headers, body
        for holder, key in list(spots(told, place)):
            change(holder, key)
        return status, headers, orjson.dumps(told)

    return Mutant(
        id=f"{rule}~answer~{operation}~{name_of(place)}~{what}",
        rule=rule,
        side="fake",
        kind=kind,
        says=f"{operation} answers {name_of(place)} otherwise: {what}",
        parts=Parts(finish=between(alter, [operation])),
        near=near,
    )


def _lost(holder: Any, key: Any) -> None:
    del holder[key]


def _other(holder: Any, key: Any) -> None:
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, (int, float)):
        holder[key] = value + 1
    elif isinstance(value, str):
        holder[key] = f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"


def _reversed(holder: Any, key: Any) -> None:
    if isinstance(holder[key], list):
        holder[key] = holder[key][::-1]


def _stale(operation: str) -> Callable[[Any], None]:
    before: dict[str, Any] = {}

    def alter(request: Asked, hand_on: Pass) -> Answer:
        tenant = request.tenant
        if tenant is None:
            return hand_on(request.body)
        if request.operation not in READS:
            before[tenant.api_key] = remembered(tenant)
        if request.operation != operation:
            return hand_on(request.body)
        now = remembered(tenant)
        if tenant.api_key in before:
            put_back(tenant, before[tenant.api_key])
        answer = hand_on(request.body)
        put_back(tenant, now)
        return answer

    return between(alter)
