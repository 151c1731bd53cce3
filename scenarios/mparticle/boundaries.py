"""Boundary scenarios of mParticle's limits: for every number both sides of it, straight to its Events API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contracts import Rule
from scenarios.examples import filler
from scenarios.ladder import ladder, vendor_story
from scenarios.scenario import Scenario
from scenarios.verdict import SideName

Measure = Callable[[Rule, Iterator[int]], Iterator[Scenario]]
HISTORICAL = "postHistoricalBatches"
LONG_AGO = 1_760_000_000_000
"""Milliseconds since 1970: some three months before the stories begin."""
Made = tuple[dict[str, Any], dict[str, Any], list[str]]
"""A batch with so many of something; what must be kept of it, at least; pointers at which nothing may be kept."""
FOUR_BYTES = "\U0001f600"
ATTRIBUTES = "/body/events/0/data/custom_attributes/"
USER = "/body/user_attributes/"
AT_ONCE = 1000
"""So many events go into one request, which must not be too large."""


def _request_bytes(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    for text, do in (("{}", "postBatch"), ("[{}]", "postBatches"), (f'{{"a":"{FOUR_BYTES * 60_000}"}}', "postBatch")):
        for size, side in ladder(rule):
            padding = size - len(text.encode())
            if padding >= 0:
                step = {"do": do, "raw": text + " " * padding, **_refusal(rule, side)}
                title = f"a request of {size} bytes to {do}"
                yield vendor_story(
                    rule, side, title, [step, {"batches": [] if side == "above" else [{}]}], next(unused)
                )


def _batches(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    for size, side in ladder(rule):
        if size:
            step = {"do": "postBatches", "body": [{"mpid": number} for number in range(size)], **_refusal(rule, side)}
            taken = [] if side == "above" else [{"body": {"mpid": number}} for number in range(size)]
            yield vendor_story(rule, side, f"{size} batches in a request", [step, {"batches": taken}], next(unused))


def _unique_names(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    """Names of events and of screens count together; those that are there may come again."""
    most = rule.limit or 0
    for size, side in ladder(rule):
        steps: list[dict[str, Any]] = []
        for first in range(0, size, AT_ONCE):
            events = [_named(number) for number in range(first, min(size, first + AT_ONCE))]
            kept = [event for number, event in enumerate(events, start=first) if number < most]
            said = {} if len(kept) == len(events) else {"notes": rule.id}
            steps += [{"do": "postBatch", "body": {"mpid": 1, "events": events}, **said}]
            steps += [{"batches": [{"body": {"events": kept}}]}]
        old = {"mpid": 1, "events": [_named(0)]}
        steps += [{"do": "postBatch", "body": old}, {"batches": [{"body": old}]}]
        yield vendor_story(rule, side, f"{size} names of events and screens", steps, next(unused))


def _named(number: int) -> dict[str, Any]:
    if number % 2:
        return {"event_type": "screen_view", "data": {"screen_name": f"name {number}"}}
    return {"event_type": "custom_event", "data": {"event_name": f"name {number}", "custom_event_type": "other"}}


# --- what one batch may hold ------------------------------------------------------------------------------


def _event_name(size: int, most: int) -> Made:
    return (
        _events({"event_name": "n" * size}, {"event_name": FOUR_BYTES * size}),
        _events({"event_name": "n" * min(size, most)}, {"event_name": FOUR_BYTES * min(size, most)}),
        [],
    )


def _attribute_name(size: int, most: int) -> Made:
    long, short = "n" * size, "n" * min(size, most)
    made = {"custom_attributes": {"first": 0, long: 1, "last": 2}}
    return (
        _events(made),
        _events({"custom_attributes": {"first": 0, short: 1, "last": 2}}),
        [ATTRIBUTES + long] if size > most else [],
    )


def _attribute_value(size: int, most: int) -> Made:
    made = _events({"custom_attributes": {"first": 0, "long": FOUR_BYTES * size}}, {"custom_attributes": {"other": 1}})
    if size <= most:
        return made, made, []
    return made, _events({}, {"custom_attributes": {"other": 1}}), [ATTRIBUTES + "first", ATTRIBUTES + "long"]


def _attributes(size: int, most: int) -> Made:
    made = _events({"custom_attributes": filler(size)}, {"custom_attributes": {"other": 1}})
    if size <= most:
        return made, made, []
    return made, _events({}, {"custom_attributes": {"other": 1}}), [ATTRIBUTES + name for name in filler(size)]


def _user_attributes(size: int, most: int) -> Made:
    return (
        {"user_attributes": filler(size)},
        {"user_attributes": filler(min(size, most))},
        [USER + name for name in filler(max(0, size - most), most)],
    )


def _one_user_attribute(make: Callable[[int], dict[str, Any]]) -> Callable[[int, int], Made]:
    """One user attribute of some size between two others, which are kept whatever becomes of it."""

    def build(size: int, most: int) -> Made:
        around = {"first": 0, **make(size), "last": 2}
        kept = around if size <= most else {"first": 0, "last": 2}
        gone = [] if size <= most else [USER + name for name in make(size)]
        return {"user_attributes": around}, {"user_attributes": kept}, gone

    return build


def _events(*told: dict[str, Any]) -> dict[str, Any]:
    return {"events": [{"event_type": "custom_event", "data": {"custom_event_type": "other", **one}} for one in told]}


def _of_old(batch: dict[str, Any]) -> dict[str, Any]:
    """The same batch, of things that happened long enough ago for the historical path."""
    events = batch.get("events", [{"event_type": "custom_event", "data": {"custom_event_type": "other"}}])
    return {**batch, "events": [{**one, "data": {**one["data"], "timestamp_unixtime_ms": LONG_AGO}} for one in events]}


def _within_a_batch(build: Callable[[int, int], Made]) -> Measure:
    """The batch is taken on both sides; beyond the limit the answer names the rule, and a part is not as it came."""

    def measure(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
        for size, side in ladder(rule):
            body, kept, gone = build(size, rule.limit or 0)
            said = {"notes": rule.id} if side == "above" else {}
            ways = (("postBatch", [body]), ("postBatches", [{"mpid": 1}, body]), (HISTORICAL, [_of_old(body)]))
            for do, posted in ways:
                looked = [{"body": _of_old(kept) if do == HISTORICAL else kept, "lacks": gone}]
                steps: list[dict[str, Any]] = [
                    {"do": do, "body": posted[0] if do == "postBatch" else posted, **said},
                    {"batches": [{}, *looked] if do == "postBatches" else looked},
                ]
                yield vendor_story(rule, side, f"{size} of what counts, by {do}", steps, next(unused))

    return measure


OF_MPARTICLE: dict[str, Measure] = {
    "request-bytes": _request_bytes,
    "batches": _batches,
    "mparticle-unique-names": _unique_names,
    "mparticle-event-name": _within_a_batch(_event_name),
    "mparticle-event-attribute-name": _within_a_batch(_attribute_name),
    "mparticle-event-attribute-value": _within_a_batch(_attribute_value),
    "mparticle-event-attributes": _within_a_batch(_attributes),
    "mparticle-user-attributes": _within_a_batch(_user_attributes),
    "mparticle-user-attribute-name": _within_a_batch(_one_user_attribute(lambda size: {"n" * size: 1})),
    "mparticle-user-attribute-value": _within_a_batch(_one_user_attribute(lambda size: {"long": FOUR_BYTES * size})),
    "mparticle-user-attribute-list": _within_a_batch(_one_user_attribute(lambda size: {"list": ["v"] * size})),
    "mparticle-user-attribute-list-value": _within_a_batch(
        _one_user_attribute(lambda size: {"list": ["short", "v" * size]})
    ),
}
"""What a rule counts -> the scenarios that try it."""


def _refusal(rule: Rule, side: SideName) -> dict[str, Any]:
    return {"refused": rule.id, "status": 400, "code": "BAD_REQUEST"} if side == "above" else {}
