"""The Track API's limits: bytes of UTF-8 in letters of one byte and of four, attributes, and people of a segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contracts import Rule
from scenarios.customerio import second_version
from scenarios.customerio.on_the_road import by_forwarder
from scenarios.ladder import ladder, vendor_story
from scenarios.scenario import Scenario
from scenarios.verdict import SideName

WIDE = "\U0001f600"
"""A letter of four bytes, which Python and JSON Schema count as one."""
IN_JSON = 8
"""Bytes that `{"a":""}` has around a text."""
LETTERS = {"letters of one byte": "x", "letters of four bytes": WIDE}

Calls = list[dict[str, Any]]


def text_of(size: int, letter: str) -> str:
    """A text of so many bytes, of one letter as far as it goes, and then of letters of one byte."""
    wide, rest = divmod(size, len(letter.encode()))
    return letter * wide + "y" * rest


def _bytes(what: str, calls_of: Callable[[Rule, SideName, str], Calls], least: int = 1) -> Any:
    """A measure: texts of every size of the ladder, in both kinds of letters."""

    def measure(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
        for size, side in ladder(rule):
            if size < least:
                # There is no identifier and no name of nothing.
                continue
            for kind, letter in LETTERS.items():
                text = text_of(size, letter)
                calls = [*calls_of(rule, side, text), *second_version.steps(rule, side, text)]
                yield vendor_story(rule, side, f"{size} bytes of {what} in {kind}", calls, next(unused))
        yield from by_forwarder(rule, unused, LETTERS, text_of)

    return measure


def refusal(rule: Rule, side: SideName) -> dict[str, Any]:
    """What the answer says on this side of the limit."""
    return {"refused": rule.id, "status": 400} if side == "above" else {}


def _told(side: SideName, text: str) -> dict[str, Any]:
    """What the refusal mentions."""
    return {"mentions": text} if side == "above" else {}


def _id(rule: Rule, side: SideName, text: str) -> Calls:
    gone = {"gone": True} if side == "above" else {"says": {"id": text}}
    told = {"says": {"meta": {"errors": [f"id cannot be longer than {rule.limit} bytes"]}}} if side == "above" else {}
    other = "e@example.com"
    return [
        {"do": "identifyPerson", "path": {"identifier": text}, "body": {}, **refusal(rule, side), **told},
        {"person": text, **gone},
        {"do": "trackEvent", "path": {"identifier": text}, "body": {"name": "visit"}, **refusal(rule, side)},
        {"do": "deletePerson", "path": {"identifier": text}, **refusal(rule, side)},
        {"do": "identifyPerson", "path": {"identifier": other}, "body": {"id": text}, **refusal(rule, side)},
        {"person": text, **gone},
        {
            "do": "mergePeople",
            "body": {"primary": {"email": other}, "secondary": {"id": text}},
            **refusal(rule, side),
        },
        {"do": "mergePeople", "body": {"primary": {"id": text}, "secondary": {"id": "b"}}, **refusal(rule, side)},
    ]


def _attribute_name(rule: Rule, side: SideName, text: str) -> Calls:
    put = {"do": "identifyPerson", "path": {"identifier": "ada"}, "body": {text: "v"}, **refusal(rule, side)}
    if side == "above":
        told = f"attribute name cannot be longer than {rule.limit} bytes"
        return [{**put, "says": {"meta": {"errors": [told]}}}, {"person": "ada", "gone": True}]
    return [put, {"person": "ada", "says": {"attributes": {text: "v"}}}]


def _attribute_value(rule: Rule, side: SideName, text: str) -> Calls:
    put = {"do": "identifyPerson", "path": {"identifier": "ada"}, "body": {"plan": text}, **refusal(rule, side)}
    if side == "above":
        told = f"value for attribute 'plan' cannot be longer than {rule.limit} bytes"
        return [{**put, "says": {"meta": {"errors": [told]}}}, {"person": "ada", "gone": True}]
    steps = [put, {"person": "ada", "says": {"attributes": {"plan": text}}}]
    inner = text.encode()[IN_JSON:].decode(errors="ignore")
    if len(inner.encode()) == len(text.encode()) - IN_JSON:
        nested = {"do": "identifyPerson", "path": {"identifier": "bob"}, "body": {"plan": {"a": inner}}}
        above = {"do": "identifyPerson", "path": {"identifier": "bob"}, "body": {"plan": {"a": inner + "y"}}}
        steps += [nested, {**above, **(refusal(rule, "above") if side == "at" else {})}]
    return steps


def _event_name(rule: Rule, side: SideName, text: str) -> Calls:
    says: dict[str, Any] = {}
    if side == "above":
        says = {"says": {"meta": {"errors": [f"event name cannot be longer than {rule.limit} bytes"]}}}
    look = {"gone": True} if side == "above" else {"says": {"events": [{"name": text}]}}
    return [
        {"do": "trackEvent", "path": {"identifier": "ada"}, "body": {"name": text}, **refusal(rule, side), **says},
        {"do": "trackAnonymousEvent", "body": {"name": text}, **refusal(rule, side), **says},
        {"person": "ada", **look},
    ]


def _event_data(rule: Rule, side: SideName, text: str) -> Calls:
    inner = text_of(len(text.encode()) - IN_JSON, text[0])
    body = {"name": "visit", "data": {"a": inner}}
    look = {"gone": True} if side == "above" else {"says": {"events": [{"data": {"a": inner}}]}}
    return [
        {"do": "trackEvent", "path": {"identifier": "ada"}, "body": body, **refusal(rule, side)},
        {"do": "trackAnonymousEvent", "body": body, **refusal(rule, side)},
        {"person": "ada", **look},
    ]


def _attributes(first: int, last: int) -> dict[str, str]:
    return {f"attribute_{number:04d}": "v" for number in range(first, last)}


def _identify_attributes(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    for size, side in ladder(rule):
        put = {"do": "identifyPerson", "path": {"identifier": "ada@example.com"}, "body": _attributes(0, size)}
        look: dict[str, Any] = {"says": {"attributes": _attributes(0, min(size, (rule.limit or 0) - 1))}}
        if side == "at":
            # Email is the person's one attribute more, so of the last one another rule speaks.
            put = {"do": "identifyPerson", "path": {"identifier": "ada"}, "body": {"id": "ada", **_attributes(1, size)}}
            look = {"says": {"attributes": _attributes(1, size)}}
        elif side == "above":
            look = {"gone": True}
        told = _told(side, "cannot set more than")
        calls = [
            {**put, **refusal(rule, side), **told},
            {"person": "ada" if side == "at" else "ada@example.com", **look},
        ]
        calls += second_version.attributes(rule, side, _attributes(1, size)) if size else []
        yield vendor_story(rule, side, f"{size} attributes at once", calls, next(unused))
    yield _surplus(rule, next(unused))


def _surplus(rule: Rule, number: int) -> Scenario:
    """By the other choice the first ones are kept, and the rest is not."""
    most = rule.limit or 0
    body = {"id": "ada", **_attributes(1, most + 2)}
    last = f"attribute_{most:04d}"
    calls = [
        {"do": "identifyPerson", "path": {"identifier": "ada"}, "body": body, "notes": rule.id},
        {"person": "ada", "says": {"attributes": _attributes(1, most)}, "lacks": [f"/attributes/{last}"]},
    ]
    choice = {"customerio-surplus-attributes": "ignored"}
    return vendor_story(rule, "above", "of too many at once the first are kept", calls, number, assume=choice)


def _person_attributes(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    """The id is one of them; the others come in pieces, none of which is too large by itself."""
    most = rule.limit or 0
    piece = max(1, most * 2 // 3)
    for size, side in ladder(rule):
        if size == 0:
            continue
        calls: Calls = [{"do": "identifyPerson", "path": {"identifier": "ada"}, "body": {}}]
        kept: dict[str, str] = {}
        for first in range(1, size, piece):
            more = _attributes(first, min(first + piece, size))
            fits = 1 + len(kept) + len(more) <= most
            kept |= more if fits else {}
            over = {} if fits else {"refused": rule.id, "status": 400, "mentions": "cannot have more than"}
            calls.append({"do": "identifyPerson", "path": {"identifier": "ada"}, "body": more, **over})
        calls += second_version.full(rule, _attributes(1, 2)) if side == "at" else []
        calls.append({"person": "ada", "says": {"attributes": kept}})
        # What the person has already can be written again, however full the profile is.
        calls.append({"do": "identifyPerson", "path": {"identifier": "ada"}, "body": _attributes(1, min(2, size))})
        yield vendor_story(rule, side, f"{size} attributes in pieces", calls, next(unused))
    kept_calls: Calls = [
        {"do": "identifyPerson", "path": {"identifier": "ada"}, "body": _attributes(1, piece)},
        {"do": "identifyPerson", "path": {"identifier": "ada"}, "body": _attributes(piece, most + 1), "notes": rule.id},
        {"person": "ada", "says": {"attributes": _attributes(1, most)}, "lacks": [f"/attributes/attribute_{most:04d}"]},
    ]
    choice = {"customerio-surplus-attributes": "ignored"}
    yield vendor_story(rule, "above", "what is too much is not kept", kept_calls, next(unused), assume=choice)


def _segment_ids(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    tenant = {"customerio": {"segments": [{"id": 7, "name": "gold"}], "people": [{"id": "ada"}, {"id": "bob"}]}}
    for size, side in ladder(rule):
        if size == 0:
            continue
        ids = [*(f"nobody-{number}" for number in range(1, size)), "ada"]
        put = {"path": {"segment_id": "7"}, "body": {"ids": ids}, **refusal(rule, side)}
        calls: Calls = [
            {"do": "addToSegment", **put, **_told(side, "/ids")},
            {"person": "ada", "says": {"segments": [] if side == "above" else [7]}},
            {"do": "addToSegment", "path": {"segment_id": "7"}, "body": {"ids": ["ada"]}},
            {"do": "removeFromSegment", **put},
            {"person": "ada", "says": {"segments": [7] if side == "above" else []}},
        ]
        yield vendor_story(rule, side, f"{size} people at once", calls, next(unused), tenant)


MEASURES: dict[str, Callable[[Rule, Iterator[int]], Iterator[Scenario]]] = {
    "customerio-id-bytes": _bytes("id", _id),
    "customerio-attribute-name-bytes": _bytes("an attribute's name", _attribute_name),
    "customerio-attribute-value-bytes": _bytes("an attribute's value", _attribute_value),
    "customerio-event-name-bytes": _bytes("an event's name", _event_name),
    "customerio-event-data-bytes": _bytes("an event's data", _event_data, least=IN_JSON),
    "customerio-identify-attributes": _identify_attributes,
    "customerio-person-attributes": _person_attributes,
    "customerio-segment-ids": _segment_ids,
    **second_version.MEASURES,
}
"""What a rule counts -> the stories about it."""
