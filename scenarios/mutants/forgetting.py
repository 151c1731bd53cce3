"""Fakes that answer as they should, and keep nothing, or not everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from mock_sessionm import SURFACE_OF
from scenarios.shapes import Place, asked_for, holds, name_of, spots

from .between import Answer, Asked, Pass, between, put_back, remembered
from .mutant import Mutant, Parts
from .stories import about

READS = frozenset(
    {
        *("listUsers", "searchUser", "getUser", "getUserByExternalId", "getTags", "getTagsByExternalId"),
        *("getTimeline", "getTimelineByExternalId", "listCampaigns", "findRegion"),
        *("getCustomerCampaigns", "getCustomerCampaignsByExternalId"),
        *("getUserOffers", "fetchOffersDetails", "getRewardStoreOffers", "getPointBalance", "getAllPointBalances"),
        *("fetchPointAuditLogs", "fetchUserPointAuditLogs", "getUserProgress"),
    }
)
"""The operations after which nothing is different."""


def forgotten() -> Iterator[Mutant]:
    """For each operation that changes something: answered, and forgotten."""
    for operation in SURFACE_OF:
        if operation in READS:
            continue
        rule, near = about(operation, lambda step: bool(step.later) and "refused" not in step.given)
        yield Mutant(
            id=f"{rule}~forgotten~{operation}",
            rule=rule,
            side="fake",
            kind="state not kept",
            says=f"{operation} is answered, and nothing of it is kept",
            parts=Parts(finish=between(_forget, [operation])),
            near=near,
        )


def unread() -> Iterator[Mutant]:
    """For each field of each request: as if it had not come, or as if it had been another."""
    for operation in SURFACE_OF:
        for place, field in asked_for(operation).items():
            if not field.needed:
                yield _unread(operation, place, "unread", _lose)
            if field.kind == "value":
                yield _unread(operation, place, "other", _change)


def _forget(request: Asked, hand_on: Pass) -> Answer:
    if request.tenant is None:
        return hand_on(request.body)
    before = remembered(request.tenant)
    answer = hand_on(request.body)
    put_back(request.tenant, before)
    return answer


def _unread(operation: str, place: Place, what: str, change: Any) -> Mutant:
    rule, near = about(
        operation, lambda step: step.gives(place) and "refused" not in step.given, lambda step: step.gives(place)
    )

    def alter(request: Asked, hand_on: Pass) -> Answer:
        try:
            given = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            return hand_on(request.body)
        if not holds(given, place):
            return hand_on(request.body)
        for holder, key in list(spots(given, place)):
            change(holder, key)
        return hand_on(orjson.dumps(given))

    return Mutant(
        id=f"{rule}~given~{operation}~{name_of(place)}~{what}",
        rule=rule,
        side="fake",
        kind="state not kept",
        says=f"{operation} takes {name_of(place)} for {'nothing' if what == 'unread' else 'something else'}",
        parts=Parts(finish=between(alter, [operation])),
        near=near,
    )


def _lose(holder: Any, key: Any) -> None:
    del holder[key]


def _change(holder: Any, key: Any) -> None:
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int):
        holder[key] = value + 1
    elif isinstance(value, str):
        holder[key] = f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
