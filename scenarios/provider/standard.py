"""schemathesis' own checks: which of them hold where, and what takes the place of one that cannot."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ANSWERS, INPUT, ACCESS, GONE = (
    "harness.answers-in-contract",
    "harness.input-judged-by-contract",
    "harness.door-is-shut",
    "harness.made-is-there",
)
RULES: Mapping[str, str] = {
    "not_a_server_error": ANSWERS,
    "status_code_conformance": ANSWERS,
    "content_type_conformance": ANSWERS,
    "response_headers_conformance": ANSWERS,
    "response_schema_conformance": ANSWERS,
    "allow_header_conformance": ANSWERS,
    "unsupported_method": ANSWERS,
    "negative_data_rejection": INPUT,
    "positive_data_acceptance": INPUT,
    "missing_required_header": INPUT,
    "ignored_auth": ACCESS,
    "use_after_free": GONE,
    "ensure_resource_availability": GONE,
}
"""Check -> the rule under which what it finds is filed."""


@dataclass(frozen=True, slots=True)
class Left:
    """A standard check that cannot hold somewhere: why, and what of ours looks at the same."""

    check: str
    why: str
    instead: str


BY_BODY = Left(
    "negative_data_rejection",
    "refusals have the HTTP status of a success, so no 4xx comes",
    "the same check, shown a 400 where the body says error; and limits_enforced, which reads the contract itself",
)
BY_STATE = Left(
    "positive_data_acceptance",
    "what the contract allows is refused where the account is not so: points that are not there, an offer that is gone",
    "good_input_known: no refusal of it names the contract or a limit that the body keeps",
)
ONCE = Left(
    "ignored_auth",
    "it asks twice more after each success",
    "door_shut: each operation is asked once without credentials and once with wrong ones, and changes nothing then",
)
PARTLY = Left(
    "negative_data_rejection",
    "a batch that is wrong in part is answered with 207",
    "the same check, shown a 400 for a 207",
)
LINKED = Left(
    "negative_data_rejection",
    "a link puts a value of an answer in the place of what was made wrong",
    "limits_enforced: what was sent is held against the contract once more",
)
LEFT: Mapping[str, tuple[Left, ...]] = {
    "core 400": (ONCE,),
    "core 200": (ONCE, BY_BODY, Left("positive_data_acceptance", "a refusal is a 200 as well", BY_STATE.instead)),
    "connect 400": (ONCE, BY_STATE),
    "connect 200": (ONCE, BY_STATE, BY_BODY),
    "pos 400": (ONCE, BY_STATE),
    "pos 200": (ONCE, BY_STATE, BY_BODY),
    "braze": (ONCE, BY_STATE),
    "customerio": (ONCE, BY_STATE),
    "customerio-v2": (ONCE, BY_STATE, PARTLY),
    "mparticle": (ONCE, BY_STATE),
    "admin": (BY_STATE,),
}
"""API, and for SessionM's the status of its refusals -> what does not hold there."""
REFUSED = 400


def left_out(surface: str, status: str) -> tuple[Left, ...]:
    """What does not hold for an API under a choice of the status of refusals (empty where there is none)."""
    return LEFT.get(f"{surface} {status}", LEFT.get(surface, ()))


def found(
    case: Any, response: Any, without: tuple[Left, ...], *, refused: bool, recorder: Any = None
) -> Iterator[tuple[str, str]]:
    """What the standard checks find in an answer: the name of the check, and what it says in its first line.

    Where a refusal looks like a success, the check for bad input is shown the status that it is elsewhere.
    """
    from schemathesis.specs.openapi import checks

    excluded = [getattr(checks, one.check) for one in without]
    yield from _failures(case, response, recorder, excluded_checks=excluded)
    if checks.negative_data_rejection in excluded and LINKED not in without:
        told = copy.copy(response)
        if refused:
            told.status_code = REFUSED
        yield from _failures(case, told, recorder, checks=[checks.negative_data_rejection])


def _failures(case: Any, response: Any, recorder: Any, **which: Any) -> Iterator[tuple[str, str]]:
    from schemathesis.core.failures import FailureGroup

    try:
        case.validate_response(response, recorder=recorder, **which)
    except FailureGroup as group:
        for failure in sorted(group.exceptions, key=lambda one: (type(one).__name__, str(one))):
            names = getattr(failure, "checks", ()) or (type(failure).__name__,)
            yield names[0], str(getattr(failure, "title", type(failure).__name__))
