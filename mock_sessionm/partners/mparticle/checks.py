"""What a request to mParticle is held against before its batches are looked at, in the order of mParticle's answers."""

from __future__ import annotations

import dataclasses
from base64 import b64decode
from collections.abc import Iterable, Iterator

from contracts import Violation
from mock_sessionm.call import Call
from mock_sessionm.check import Check, contract, known_tenant, marked_checks, operations_below
from mock_sessionm.limits import limit

from . import limits
from .reading import HISTORICAL, SINGLE, VENDOR, read

OPERATIONS = operations_below(VENDOR, "/v2/")
BULK = OPERATIONS - {SINGLE}
LIVE = OPERATIONS - {HISTORICAL}
AUTHORIZATION = "header:authorization"
NO_EVENT_TYPE = 'Required event field "event_type" is missing or empty.'
"""The one message that is published (source: mparticle-events-api#response)."""


def credentials_missing(call: Call) -> Iterator[Violation]:
    """A Basic header with a pair in it (source: mparticle-events-api#response)."""
    if call.holder is None and not _has_pair(call.header("authorization")):
        text = "header authorization: no Basic credentials came; key and secret of an input are wanted"
        yield Violation("mparticle.input-credentials-missing", AUTHORIZATION, text, "no pair", "key and secret")


def credentials_wrong(call: Call) -> Iterator[Violation]:
    """The pair is that of an input (source: mparticle-events-api#response)."""
    if call.holder is None and _has_pair(call.header("authorization")):
        text = "header authorization: no input has this key and secret"
        yield Violation("mparticle.input-credentials-wrong", AUTHORIZATION, text, "another pair", "key and secret")


def request_bytes(call: Call) -> Iterator[Violation]:
    """One request has only so many bytes, however many batches it holds (source: mparticle-limits#events-api)."""
    most = limit("mparticle.request-bytes-max")
    if len(call.raw) > most:
        text = f"the body: {len(call.raw)} bytes, at most {most}; send fewer batches in a request"
        yield Violation("mparticle.request-bytes-max", "", text, f"{len(call.raw)} bytes", f"{most}")


def event_type(call: Call) -> Iterator[Violation]:
    """An event of the one batch says of which kind it is."""
    found = call.body.get("events") if isinstance(call.body, dict) else None
    for index, event in enumerate(found if isinstance(found, list) else ()):
        kind = event.get("event_type") if isinstance(event, dict) else event
        if kind is None or kind == "":
            yield Violation("mparticle.event-type", f"/events/{index}/event_type", NO_EVENT_TYPE, "nothing", "a kind")


def shape(call: Call) -> Iterator[Violation]:
    """The shape of the request; what is wrong within one batch of several is not a matter of the whole."""
    encoding = call.header("content-encoding").strip().lower()
    if encoding not in {"", "identity"}:
        text = "header content-encoding: mParticle documents none; send the body as plain JSON"
        yield Violation("mparticle.contract", "header:content-encoding", text, "an encoding", "none")
        return
    yield from (one for one in contract(call) if call.operation == SINGLE or not one.pointer)


def strictness(call: Call) -> Iterator[Violation]:
    """What the published schema has to say beyond that, where it is held."""
    yield from read(call).wrong


def nothing_good(call: Call) -> Iterator[Violation]:
    """Bad batches are passed over as long as one is good."""
    parts = read(call)
    if parts.wrong and not parts.good and known_tenant(call).choice("mparticle-nothing-good") == "refused":
        yield from _under("mparticle.nothing-good", parts.wrong)


def partly_taken(call: Call) -> Iterator[Violation]:
    """What is wrong with the batches of a request that are not taken while the request is."""
    yield from _under("mparticle.accepted", read(call).wrong)


def rate(call: Call) -> Iterator[Violation]:
    """So many batches a second, however many requests they come in (source: mparticle-limits#api-throttling)."""
    ingest = known_tenant(call).ingest
    if ingest.wait():
        text = f"more than {ingest.rate:g} batches within a second"
        yield Violation("mparticle.rate", "", text, "one more", f"{ingest.rate:g}")


def _has_pair(header: str) -> bool:
    scheme, _, packed = header.strip().partition(" ")
    try:
        return scheme.lower() == "basic" and ":" in b64decode(packed.strip(), validate=True).decode("utf-8")
    except ValueError:
        return False


def _under(rule: str, found: Iterable[Violation]) -> Iterator[Violation]:
    yield from (dataclasses.replace(one, rule=rule) for one in found)


GATE: tuple[Check, ...] = (
    Check("mparticle.input-credentials-missing", credentials_missing, barrier=True, surface=VENDOR),
    Check("mparticle.input-credentials-wrong", credentials_wrong, barrier=True, surface=VENDOR),
    Check("mparticle.request-bytes-max", request_bytes, barrier=True, surface=VENDOR),
    Check("mparticle.event-type", event_type, frozenset({SINGLE}), barrier=True, surface=VENDOR),
    Check("mparticle.contract", shape, barrier=True, surface=VENDOR),
    *(dataclasses.replace(one, barrier=True) for one in marked_checks(VENDOR, VENDOR, OPERATIONS)),
    Check("mparticle.strictness", strictness, frozenset({SINGLE}), barrier=True, surface=VENDOR),
    Check("mparticle.nothing-good", nothing_good, BULK, barrier=True, surface=VENDOR),
    Check("mparticle.rate", rate, barrier=True, surface=VENDOR),
    Check("mparticle.accepted", partly_taken, BULK, surface=VENDOR),
    *limits.checks(VENDOR, LIVE),
)
