"""The limits of the Track API once more, in operations of its second version: alone, and beside a right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contracts import Rule, assumptions
from scenarios.ladder import vendor_story
from scenarios.scenario import Scenario
from scenarios.verdict import SideName

Calls = list[dict[str, Any]]
KILOBYTE = "customerio-v2-kilobyte"
WHO = "zoe"
OTHER = "e@example.com"
"""Whom the steps of the first version give the id of the same story."""
BESIDE = {"type": "person", "action": "identify", "identifiers": {"id": "beside"}}


def person(action: str, identifiers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An operation on a person."""
    return {"type": "person", "action": action, "identifiers": identifiers, **more}


OPERATIONS: dict[str, Callable[[str], dict[str, dict[str, Any]]]] = {
    "customerio.id-max": lambda text: {
        "identifiers.id": person("event", {"id": text}, name="visit"),
        "attributes.id": person("identify", {"email": OTHER}, attributes={"id": text}),
        "primary.id": {"type": "person", "action": "merge", "primary": {"id": text}, "secondary": {"id": "nobody"}},
    },
    "customerio.attribute-name-max": lambda text: {
        f"attributes.{text}": person("identify", {"id": WHO}, attributes={text: "v"})
    },
    "customerio.attribute-value-max": lambda text: {
        "attributes.plan": person("identify", {"id": WHO}, attributes={"plan": text})
    },
    "customerio.event-name-max": lambda text: {"name": person("event", {"id": WHO}, name=text)},
}
"""Rule -> the field of each operation in which a text stands, and the operation."""


def steps(rule: Rule, side: SideName, text: str) -> Calls:
    """The same text by the second version; nothing for a rule that is of the first one only."""
    made: Calls = []
    if rule.id in OPERATIONS:
        for field, operation in OPERATIONS[rule.id](text).items():
            made += both(rule, side, field, operation)
    return made


def both(rule: Rule, side: SideName, field: str | None, operation: dict[str, Any]) -> Calls:
    """An operation alone, then in a batch; the one error is of `field`, where there is but one."""
    alone: dict[str, Any] = {"do": "sendEntity", "body": operation}
    among: dict[str, Any] = {"do": "sendBatch", "body": {"batch": [operation, BESIDE]}}
    if side == "above":
        alone |= {"status": 400, "refused": rule.id}
        among |= {"status": 207, "notes": rule.id}
    if side == "above" and field is not None:
        error: dict[str, Any] = {"reason": "invalid", "field": field}
        alone["says"] = {"errors": [error]}
        among["says"] = {"errors": [{"batch_index": 0, **error}]}
    look = [{"person": WHO, "gone": True}] if side == "above" else []
    return [alone, among, {"person": "beside"}, *look]


def _sizes(rule: Rule) -> Iterator[tuple[int, SideName, str]]:
    """One byte less than is allowed, just so, one more, and twice as many, by each reading of a kilobyte."""
    for choice in assumptions()[KILOBYTE].choices:
        most = (rule.limit or 0) * int(choice)
        yield from ((most - 1, "below", choice), (most, "at", choice), (most + 1, "above", choice))
        yield most * 2, "above", choice


def _padded(size: int) -> dict[str, Any]:
    """An event that is so many bytes as JSON without spaces."""
    made = person("event", {"id": WHO}, name="visit", attributes={"a": ""})
    made["attributes"]["a"] = "x" * (size - length(made))
    return made


def length(body: Any) -> int:
    """The bytes of a body as it is sent."""
    import orjson

    return len(orjson.dumps(body))


def operation_bytes(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    """Operations around the limit."""
    for size, side, choice in _sizes(rule):
        calls = both(rule, side, "", _padded(size))
        look = {"person": WHO, "gone": True} if side == "above" else {"person": WHO, "says": {"events": [{}, {}]}}
        title = f"an operation of {size} bytes, {choice} to the kilobyte"
        yield vendor_story(rule, side, title, [*calls, look], next(unused), assume={KILOBYTE: choice})


def batch_bytes(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    """Batches around the limit, of operations that are each within theirs."""
    for size, side, choice in _sizes(rule):
        batch = [_padded(25_000) for _ in range(size // 25_000 - 1)]
        # A comma goes before all operations but the first.
        batch.append(_padded(size - length({"batch": batch}) - 1))
        if length(batch[-1]) > 30_000:
            batch[-1] = _padded(20_000)
            batch.append(_padded(size - length({"batch": batch}) - 1))
        call: dict[str, Any] = {"do": "sendBatch", "body": {"batch": batch}}
        look: dict[str, Any] = {"person": WHO}
        if side == "above":
            call |= {"status": 400, "refused": rule.id, "says": {"errors": [{"reason": "invalid", "field": ""}]}}
            look |= {"gone": True}
        title = f"a batch of {size} bytes, {choice} to the kilobyte"
        yield vendor_story(rule, side, title, [call, look], next(unused), assume={KILOBYTE: choice})


def attributes(rule: Rule, side: SideName, given: dict[str, Any]) -> Calls:
    """An identify of these attributes, the id among them."""
    return both(rule, side, None, person("identify", {"id": WHO}, attributes={"id": WHO, **given}))


def full(rule: Rule, known: dict[str, Any]) -> Calls:
    """Of somebody with a full profile, what is there can be written again, and nothing is added."""
    who = {"id": "ada"}
    more = person("identify", who, attributes={"one_more": "v"})
    error = {"reason": "invalid", "field": "attributes.one_more"}
    return [
        {"do": "sendEntity", "body": person("identify", who, attributes=known)},
        {"do": "sendEntity", "body": more, "status": 400, "refused": rule.id, "says": {"errors": [error]}},
        {"do": "sendBatch", "body": {"batch": [BESIDE, more]}, "status": 207, "notes": rule.id},
        {"person": "ada", "lacks": ["/attributes/one_more"]},
    ]


MEASURES: dict[str, Callable[[Rule, Iterator[int]], Iterator[Scenario]]] = {
    "customerio-v2-operation-bytes": operation_bytes,
    "customerio-v2-batch-bytes": batch_bytes,
}
"""What a rule counts -> the stories about it."""
