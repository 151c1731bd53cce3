"""Each interaction held against the contract itself, whatever the gate of the fake made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from contracts import Choices, Interaction, Response, rules, validate
from contracts.validation import check, held, response_schema, statuses, takes_body

from .verdict import Finding

REQUESTS = "harness.requests-in-contract"
ANSWERS = "harness.answers-in-contract"
JSON = "application/json"
FAULT = "x-harness-fault"
"""The header of an answer that is trouble on purpose, and no answer of the vendor's."""
ALLOWED = {
    "sessionm.event-values-are-strings": ("event-attribute-values", "as-is"),
    "sessionm.non-ascii-letters": ("non-ascii-letters", "kept"),
    "sessionm.empty-key": ("empty-key", "underscore"),
    "sessionm.key-replace": ("non-ascii-letters", "kept"),
    "sessionm.key-strip": ("empty-key", "underscore"),
}
"""A mark in a contract -> the choice under which a sender departs from it, since the documents are silent there."""


def wrong_requests(heard: Iterable[Interaction], choices: Choices, mpid: str = "") -> Iterator[Finding]:
    """Everything in requests of a forwarder that the contract does not allow, batch by the MPID it is about."""
    for finding in _wrong_requests(heard, choices):
        yield replace(finding, batch=mpid)


def _wrong_requests(heard: Iterable[Interaction], choices: Choices) -> Iterator[Finding]:
    for one in heard:
        request, place = one.request, f"{one.request.method} {one.operation}"
        if not one.operation:
            yield Finding(
                REQUESTS, f"{request.method}: no operation has this path", place, "an unknown path", "a known one"
            )
            continue
        if not takes_body(one.vendor, one.operation):
            continue
        kind = request.headers.get("content-type", "none").partition(";")[0].strip().lower()
        if kind != JSON:
            yield Finding(REQUESTS, f"{place}: content type {kind}, wanted {JSON}", place, kind, JSON)
        if held(one.vendor, one.operation, request.body):
            # The same text was looked at before.
            continue
        try:
            body = request.json()
        except ValueError:
            yield Finding(REQUESTS, f"{place}: the body is no JSON", place, "no JSON", "JSON")
            continue
        for violation in validate(one.vendor, one.operation, body):
            assumption, choice = ALLOWED.get(violation.rule, ("", ""))
            if assumption and choices[assumption] == choice:
                continue
            rule = violation.rule if violation.rule in rules() else REQUESTS
            text = f"{place}: {violation.message}"
            yield Finding(rule, text, f"{place} {violation.pointer}", violation.got, violation.allowed)


def wrong_answers(heard: Iterable[Interaction]) -> Iterator[Finding]:
    """Every answer that has another status, kind or shape than the contract lists for its operation."""
    for one in heard:
        if one.response is None or not one.operation or FAULT in one.response.headers:
            continue
        told = departs(one.vendor, one.operation, one.response)
        if told is not None:
            place = f"{one.request.method} {one.operation} {one.response.status}"
            yield replace(told, message=f"{place}: {told.message}", pointer=f"{place} {told.pointer}".rstrip())


def departs(vendor: str, operation: str, answer: Response) -> Finding | None:
    """The first thing in an answer that the contract does not list; None where it is as the contract has it."""
    if answer.status not in statuses(vendor, operation):
        listed = ", ".join(map(str, sorted(statuses(vendor, operation))))
        return _finding(f"HTTP {answer.status}", f"one of {listed}")
    schema = response_schema(vendor, operation, answer.status)
    kind = answer.headers.get("content-type", "none").partition(";")[0]
    if schema is None:
        return _finding(f"a body ({kind})", "no body") if answer.body else None
    if kind != JSON:
        return _finding(f"content type {kind}", JSON)
    try:
        body = answer.json()
    except ValueError:
        return _finding("a body that is no JSON", "JSON")
    for violation in check(vendor, schema, body):
        return Finding(ANSWERS, violation.message, violation.pointer, violation.got, violation.allowed)
    return None


def _finding(got: str, wanted: str) -> Finding:
    return Finding(ANSWERS, f"{got}, wanted {wanted}", "", got, wanted)
