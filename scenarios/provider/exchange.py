"""One request and its answer, with everything that can be known of them: what the checks look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from contracts import Request, Response, Violation, rules, validate
from contracts.validation import CONTRACT, operations, request_schema
from mock_sessionm import SURFACE_OF
from scenarios.answers import accepted

Meant = Literal["good", "bad", "odd"]
"""What the tool wanted: input that holds to the contract, that breaks it, or a request of another shape."""
UNREADABLE = object()
WRITES = {"PUT", "POST", "DELETE", "PATCH"}
ASKING = ("get", "fetch", "list", "search", "find")
"""How the names of operations begin that only ask, whatever their method."""


@dataclass(frozen=True)
class Exchange:
    """What was asked, what was answered, and the state before and after (empty where it cannot be seen).

    surface   the API: core, connect, …; admin for our own
    place     method and path template: where findings are filed
    meant     what the tool meant it to be
    routed    whether it went to the operation, method and path and all
    """

    vendor: str
    surface: str
    operation: str
    place: str
    meant: Meant
    routed: bool
    request: Request
    response: Response
    before: bytes = b""
    after: bytes = b""

    @cached_property
    def body(self) -> Any:
        """The request's body; `UNREADABLE` where it is no JSON, None where there is none."""
        return _json(self.request.body)

    @cached_property
    def said(self) -> Any:
        """The answer's body; `UNREADABLE` where it is no JSON, None where there is none."""
        return _json(self.response.body)

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The rules that the answer names."""
        return tuple(one for one in self.response.headers.get("x-harness-rule", "").split(",") if one)

    @cached_property
    def accepted(self) -> bool:
        """Whether it was done, by status and body, in the words of its API."""
        if self.response.status >= 300:
            return False
        if self.surface == "admin" or (self.surface == "mparticle" and self.response.status == 202):
            return True
        return isinstance(self.said, dict) and accepted(self.surface, self.said)

    @property
    def partly(self) -> bool:
        """Whether some of it was refused and the rest was done."""
        return self.response.status == 207

    @property
    def asks(self) -> bool:
        """Whether it is an operation that only asks."""
        return self.request.method in {"GET", "HEAD"} or self.operation.startswith(ASKING)

    @cached_property
    def broken(self) -> tuple[Violation, ...]:
        """What the body breaks of the contract as it is written, whatever was made of it."""
        if self.body is UNREADABLE or not has_body(self.vendor, self.operation) or not self.request.body:
            return ()
        return tuple(validate(self.vendor, self.operation, self.body))

    @cached_property
    def limits(self) -> dict[str, Violation]:
        """The documented rules that the body breaks, each with its first violation."""
        found: dict[str, Violation] = {}
        for violation in self.broken:
            if violation.rule in rules():
                found.setdefault(violation.rule, violation)
        return found

    def texts(self) -> Iterator[str]:
        """Everything that the answer says, but for the names of what it says."""
        yield from (
            leaves(self.said) if self.said is not UNREADABLE else (self.response.body.decode("utf-8", "replace"),)
        )


def leaves(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)


def surface_of(operation: str) -> str:
    """The API to which an operation belongs."""
    surface = SURFACE_OF.get(operation)
    return surface.name if surface is not None else "admin"


def has_body(vendor: str, operation: str) -> bool:
    """Whether the contract gives an operation a body."""
    if operation not in operations(vendor):
        return False
    try:
        request_schema(vendor, operation)
    except KeyError:
        return False
    return True


def contract_rule(vendor: str) -> str:
    """The id under which a breach is filed that no rule of the register names."""
    return f"{vendor}.{CONTRACT}"


def _json(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return UNREADABLE
