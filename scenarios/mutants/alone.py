"""The few wrong fakes that nothing in the register leads to, each alone, with the reason why."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from mock_sessionm import SURFACE_OF

from .between import Alter, Answer, Asked, Pass, between, put_back, remembered
from .mutant import Mutant, Parts

FORBIDDEN = 403
WALLET = "getUserOffers"


def _forget_the_feed(request: Asked, hand_on: Pass) -> Answer:
    if request.tenant is None or "HTTP_HOST" not in request.environ:
        return hand_on(request.body)
    before = remembered(request.tenant)
    answer = hand_on(request.body)
    sent = request.tenant.stores["outgoing"].export()
    put_back(request.tenant, before)
    request.tenant.stores["outgoing"].restore(sent)
    return answer


def _wallet_alone(request: Asked, hand_on: Pass) -> Answer:
    status, headers, body = hand_on(request.body)
    return (FORBIDDEN if "HTTP_HOST" in request.environ and request.operation != WALLET else status), headers, body


def _without_progress(request: Asked, hand_on: Pass) -> Answer:
    status, headers, body = hand_on(request.body)
    told = orjson.loads(body)
    if "progress" in told.get("payload", {}):
        told["payload"]["progress"] = []
    return status, headers, orjson.dumps(told)


def _without_incentives(request: Asked, hand_on: Pass) -> Answer:
    status, headers, body = hand_on(request.body)
    told = orjson.loads(body)
    told.get("user", {}).pop("tier_details", None)
    return status, headers, orjson.dumps(told)


CONNECT = tuple(name for name, surface in SURFACE_OF.items() if surface.name == "connect")
MADE: tuple[tuple[str, str, str, Alter, tuple[str, ...]], ...] = (
    (
        # The feed is a road between two neighbours: no request of a story is of it, so none leads to a mutant.
        "mparticle.feed-of-sessionm",
        "forgotten",
        "what SessionM's feed posts is taken, and forgotten",
        _forget_the_feed,
        ("postBatch",),
    ),
    (
        # Connected Content asks from within a message: what Connect answers to stories says nothing of that.
        "sessionm.connected-content-any-endpoint",
        "wallet-alone",
        "Connected Content is answered by the offer wallet alone",
        _wallet_alone,
        CONNECT,
    ),
    (
        # Its fields are told by the rules about tiers, too, and their mutants file there.
        "sessionm.user-progress",
        "no-progress",
        "no progress is told",
        _without_progress,
        ("getUserProgress",),
    ),
    (
        # As above: what comes with expand_incentives is balances and tiers.
        "sessionm.incentives-on-request",
        "none",
        "expand_incentives brings nothing",
        _without_incentives,
        ("getUser", "getUserByExternalId", "searchUser"),
    ),
)
"""Rule, what, as a sentence, what happens to a request, and to which operations."""


KIND_OF = {
    "forgotten": "state not kept",
    "wallet-alone": "wrong status",
    "no-progress": "answer without a field",
    "none": "answer without a field",
}


def alone() -> Iterator[Mutant]:
    """Every mutant that is written down."""
    for rule, what, says, alter, operations in MADE:
        yield Mutant(
            id=f"{rule}~{what}",
            rule=rule,
            side="fake",
            kind=KIND_OF[what],
            says=says,
            parts=Parts(finish=between(alter, operations)),
        )
