"""mParticle's Events API: batches, one or several, live or historical."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from contracts import Violation
from mock_sessionm.call import Call
from mock_sessionm.check import known_tenant
from mock_sessionm.envelopes import Refusal, Reply, reply
from mock_sessionm.surface import Surface, View

from .checks import GATE
from .mending import PASSED_OVER, mend
from .reading import HISTORICAL, VENDOR, named, read

SHOWN = 20
"""So many things that were wrong are told in one answer; the journal has them all."""
USED = "X-mp-rate-limit-percentage-used"
EXCEEDED = "X-mp-rate-limit-exceeded"
REFUSALS: dict[str, Refusal] = {
    "mparticle.input-credentials-missing": ("BAD_REQUEST", 401),
    "mparticle.input-credentials-wrong": ("BAD_REQUEST", 403),
    "mparticle.request-bytes-max": ("BAD_REQUEST", "over-size-request"),
    "mparticle.rate": ("BAD_REQUEST", 429),
}
OTHERWISE: Refusal = ("BAD_REQUEST", 400)
"""No other code was ever published (source: mparticle-events-api#response)."""


def post(call: Call) -> dict[str, Any]:
    """Take what is right of a request; the answer is the same whatever was left out."""
    ingest = known_tenant(call).ingest
    source = ingest.input_of(call.header("authorization"))
    good = read(call).good
    left = _left(call)
    ingest.count(len(call.body) if isinstance(call.body, list) else 1)
    mend(call.body, call.found)
    for place, rule in left.items():
        ingest.skip(rule, call.body[int(place[1:])], source)
    for place, batch in good:
        if place not in left:
            ingest.names.update(name for _, name in named(place, batch))
            ingest.take(batch, source, "historical" if call.operation == HISTORICAL else "live")
    return {}


def _left(call: Call) -> dict[str, str]:
    """The batches of several that are not taken, by their pointers, and the first rule because of which."""
    made: dict[str, str] = {}
    for violation in call.found:
        if violation.rule in PASSED_OVER:
            made.setdefault("/" + violation.pointer.split("/")[1], violation.rule)
    return made


def success(_answer: dict[str, Any], _unkept: str) -> Reply:
    """Accepted; there is no body, and nothing is said of what was not taken."""
    return Reply(202, b"", [])


def failure(status: int, _code: str, message: str) -> Reply:
    return reply(status, {"errors": [{"code": "BAD_REQUEST", "message": message}]})


def refuse(status: int, _code: str, found: Sequence[Violation]) -> Reply:
    """An error for each thing that was wrong, the first of many."""
    return reply(status, {"errors": [{"code": "BAD_REQUEST", "message": one.message} for one in found[:SHOWN]]})


def seal(call: Call, made: Reply) -> Reply:
    """What an answer says of the rate limit."""
    if call.tenant is None:
        return made
    ingest = call.tenant.ingest
    told: list[tuple[str, str]] = []
    if made.status == 429:
        told.append((EXCEEDED, ingest.exceeded))
        if ingest.tells_when:
            told.append(("Retry-After", str(math.ceil(ingest.wait()))))
    elif made.status == 202 and "mparticle.rate-used" in call.tenant.behaviours:
        told.append((USED, str(ingest.used())))
    return Reply(made.status, made.body, [*made.headers, *told])


def nobody(_call: Call) -> None:
    """A batch is about a person of mParticle's, and not about a customer of SessionM."""
    return


VIEWS: dict[str, View] = {"postBatch": post, "postBatches": post, "postHistoricalBatches": post}
"""Every operation of mParticle's -> the function that answers it."""

MPARTICLE = Surface(
    name=VENDOR,
    vendor=VENDOR,
    scheme="Basic",
    prefixes=("/v2/",),
    views=VIEWS,
    gate=GATE,
    door=frozenset({"mparticle.input-credentials-missing", "mparticle.input-credentials-wrong"}),
    who=nobody,
    success=success,
    failure=failure,
    refusals=REFUSALS,
    otherwise=OTHERWISE,
    refuse=refuse,
    seal=seal,
)
