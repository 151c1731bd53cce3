"""One step beyond each limit that is marked in a contract: a request that was accepted, changed until it breaks it.

What is made up breaks simple limits by itself, and a number of a deep or guarded schema by luck only; here nothing is
left to luck where a single change of an accepted body is enough.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote

import orjson

from contracts import Request, rules, validate
from contracts.register import openapi
from contracts.validation import operations, request_schema

from .exchange import contract_rule, has_body

MANY = 3_000
"""No longer text or list is made: what needs more is measured in bytes, and tried elsewhere."""
OTHERS: tuple[Any, ...] = (0, -1, 1.5, True, None, "", " ", "_x", "a b", [], {}, {"a": {"b": 1}})


def beyond(vendor: str, operation: str, accepted: Request) -> Iterator[tuple[str, Request]]:
    """A rule, and a request that breaks it, as far as one change of an accepted request can; each rule once."""
    if not has_body(vendor, operation) or not accepted.body:
        return
    body = orjson.loads(accepted.body)
    left = {rule for rule in _marked_below(vendor, operation) if rule in rules()}
    fallback: dict[str, Any] = {}
    for changed in _changes(body, {rules()[rule].limit or 0 for rule in left}):
        if not left:
            break
        broken = {violation.rule for violation in validate(vendor, operation, changed)}
        for rule in sorted(broken & left):
            if broken == {rule}:
                left.discard(rule)
                fallback.pop(rule, None)
                yield rule, with_body(accepted, changed)
            elif contract_rule(vendor) not in broken:
                fallback.setdefault(rule, changed)
    for rule, changed in sorted(fallback.items()):
        if rule in left:
            yield rule, with_body(accepted, changed)


def with_body(accepted: Request, body: Any) -> Request:
    """The same request about something else."""
    return Request(accepted.method, accepted.target, accepted.headers, orjson.dumps(body))


def _changes(body: Any, numbers: set[int]) -> Iterator[Any]:
    """The body with one place changed, in every way that may be too much, too little, or of another kind."""
    sizes = sorted(number + 1 for number in numbers if 0 < number < MANY)
    for place in _places(body):
        for value in _instead(_at(body, place), sizes):
            made = copy.deepcopy(body)
            if not place:
                yield value
                continue
            *outer, last = place
            _at(made, outer)[last] = value
            yield made
        if place and isinstance(_at(body, place[:-1]), dict):
            made = copy.deepcopy(body)
            del _at(made, place[:-1])[place[-1]]
            yield made


def _instead(value: Any, sizes: list[int]) -> Iterator[Any]:
    if isinstance(value, list):
        for size in sizes if value else ():
            yield [value[0]] * size
        yield []
    elif isinstance(value, dict):
        inner = next(iter(value.values()), "x")
        for size in sizes:
            yield {**value, **{f"a{number}": inner for number in range(size)}}
        for name in ("_x", "a b", "é"):
            yield {**value, name: inner}
    else:
        if isinstance(value, str):
            yield from ("x" * size for size in sizes)
        yield from (one for one in OTHERS if type(one) is not type(value) or one != value)


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield place
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, (*place, name))
    elif isinstance(value, list) and value:
        yield from _places(value[0], (*place, 0))


def _at(value: Any, place: Any) -> Any:
    for part in place:
        value = value[part]
    return value


@cache
def _marked_below(vendor: str, operation: str) -> frozenset[str]:
    """The rules whose marks stand in the schema of an operation's body."""
    found: set[str] = set()
    seen: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, list):
            for inner in part:
                walk(inner)
        elif isinstance(part, Mapping):
            found.update(part.get("x-rules", {}).values())
            ref = part.get("$ref")
            if isinstance(ref, str) and ref not in seen:
                seen.add(ref)
                walk(_schema(vendor, ref))
            for inner in part.values():
                walk(inner)

    if operation in operations(vendor):
        walk(_schema(vendor, request_schema(vendor, operation)))
    return frozenset(found)


def _schema(vendor: str, ref: str) -> Any:
    found: Any = openapi(vendor)
    for part in ref.removeprefix("#").split("/")[1:]:
        found = found[unquote(part).replace("~1", "/").replace("~0", "~")]
    return found
