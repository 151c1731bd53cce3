"""What an API asks of every call, tried at each of its operations.

An example with `everywhere` says what is laid over a request. For each operation that the rule's check looks at, a
request is taken out of some other example, where it is accepted: with that laid over it, it must be refused, and
afterwards, as it was, go well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from contracts import Rule, rules
from contracts.register import openapi
from contracts.validation import operations
from mock_sessionm import GATE, SURFACE_OF

from .examples import expanded
from .scenario import Scenario
from .shapes import asked_for

Calls = tuple[Mapping[str, Any], ...]
EXPECTED = frozenset({"says", "lacks", "headers_say", "keep", "as", "status", "code", "mentions", "notes", "refused"})
"""What a step says of its answer."""
FRAME = ("tenant", "at", "assume")
"""What of an example is taken over with its steps."""


def everywhere(vendor: str) -> Iterator[Scenario]:
    """Every scenario that follows from an example with `everywhere` of the rules that are tried with a vendor."""
    for rule in rules().values():
        for example in rule.examples:
            if "everywhere" in example and rule.vendor == vendor:
                for operation in operations_of(rule, example["everywhere"]):
                    if operation not in example.get("but", ()):
                        yield _scenario(rule, example, operation)


def _over(tables: Mapping[str, Any], others: Mapping[str, Any]) -> Mapping[str, Any]:
    """Tables of a tenant with others laid over them, name by name."""
    made = dict(tables)
    for name, table in others.items():
        both = isinstance(table, Mapping) and isinstance(made.get(name), Mapping)
        made[name] = {**made[name], **table} if both else table
    return made


def _counted(part: Any, steps: int) -> Any:
    """`$steps` in a table of the tenant stands for how many requests the story has before the one that is wrong."""
    if isinstance(part, dict):
        return {name: _counted(inner, steps) for name, inner in part.items()}
    return steps if part == "$steps" else part


def operations_of(rule: Rule, over: Mapping[str, Any]) -> list[str]:
    """The operations at which a rule's check looks, as far as what is laid over a request fits there."""
    looked_at = [
        name
        for check in GATE
        if check.rule == rule.id
        for name, surface in SURFACE_OF.items()
        if check.looks_at(surface.name, name)
    ]
    return [name for name in dict.fromkeys(looked_at) if _fits(name, over) and name in accepted()]


def _fits(operation: str, over: Mapping[str, Any]) -> bool:
    fields, path = asked_for(operation), operations(SURFACE_OF[operation].vendor)[operation][1]
    if not all((name,) in fields for name in over.get("body", {})) or ("raw" in over and not fields):
        return False
    if "query" in over and over["query"].partition("=")[0] not in queried(operation):
        return False
    return not over.get("path") or any(f"{{{name}}}" in path for name in over["path"])


@cache
def queried(operation: str) -> frozenset[str]:
    """The query parameters of an operation."""
    document = openapi(SURFACE_OF[operation].vendor)
    method, path = operations(SURFACE_OF[operation].vendor)[operation]
    item = document["paths"][path]
    found = [*item.get("parameters", ()), *item[method.lower()].get("parameters", ())]
    named = [
        document["components"]["parameters"][one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in found
    ]
    return frozenset(one["name"] for one in named if one["in"] == "query")


@cache
def accepted() -> Mapping[str, tuple[Mapping[str, Any], Calls]]:
    """Operation -> an example in which it is accepted, and the steps as far as that; the plainest such story."""
    found: dict[str, tuple[tuple[bool, int, int], Mapping[str, Any], Calls]] = {}
    for rule in rules().values():
        for example in rule.examples:
            # One call more than such an example counts on, and it would be another story.
            if "on_violation" in example or "second_tenant" in example or "_per_" in repr(example.get("tenant")):
                continue
            calls = tuple(example.get("calls", ()))
            for number, step in enumerate(calls, start=1):
                if not ("do" in step or "advance" in step):
                    break
                name = step.get("do", "")
                plain = not {"auth", "api_key", "raw", "headers", "refused", "notes", "status"} & set(step)
                simple = ("assume" in example, number, len(repr(example.get("tenant", ""))))
                if name and plain and (name not in found or simple < found[name][0]):
                    found[name] = (simple, example, calls[:number])
    return {name: (example, calls) for name, (_, example, calls) in found.items()}


def _scenario(rule: Rule, example: Mapping[str, Any], operation: str) -> Scenario:
    frame, calls = accepted()[operation]
    over = expanded(example["everywhere"])
    last = {name: part for name, part in calls[-1].items() if name not in EXPECTED}
    if "user_id" in over.get("path", {}):
        last = {name: part for name, part in last.items() if name not in {"who", "external_id"}}
    wrong = {**last, **over}
    if "raw" in over:
        wrong.pop("body", None)
    if "body" in over:
        wrong["body"] = {**last.get("body", {}), **over["body"]}
    if "path" in over:
        wrong["path"] = {**last.get("path", {}), **over["path"]}
    told = {name: example[name] for name in ("status", "code") if name in example}
    told["notes" if example.get("notes") else "refused"] = rule.id
    first = (*example.get("first", ()), *calls[:-1])
    tried: tuple[Mapping[str, Any], ...] = (
        (calls[-1], {**wrong, **told}) if example.get("behind") else ({**wrong, **told}, calls[-1])
    )
    if example.get("notes"):
        tried = tried[:1]
    tenant = {name: _counted(part, len(calls)) for name, part in example.get("tenant", {}).items()}
    return Scenario(
        id=f"{rule.id}/everywhere-{operation}",
        title=f"{example['title']}: {operation}",
        suite="boundaries",
        rule=rule.id,
        side=example["side"],
        pinned=True,
        on_violation="reject",
        calls=(*first, *tried),
        tenant=_over(frame.get("tenant", {}), tenant),
        assume={**frame.get("assume", {}), **example.get("assume", {})},
        at=frame.get("at", "2026-01-01T00:00:00Z"),
    )
