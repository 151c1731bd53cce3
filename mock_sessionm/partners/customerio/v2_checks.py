"""What a call of the Track API's second version is held against, in the order in which the vendor would notice.

An operation of a batch that breaks a rule is a failure of its own. What depends on the people of the workspace is
looked at as they are before the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from contracts import Violation
from mock_sessionm.call import Call
from mock_sessionm.check import Check, Find, known_tenant
from mock_sessionm.envelopes import NOT_JSON, NOTHING
from mock_sessionm.limits import limit

from . import checks as first
from .identity import FIXED, TWO_PEOPLE
from .operations import BATCH, ENTITY, EVENTS, KNOWN, SHAPE, Operation, read, said, size
from .phones import with_phone
from .profiles import INSTRUCTIONS

V2 = "customerio-v2"
BODY = "customerio.v2-body"
KILOBYTE = "customerio-v2-kilobyte"
WHERE_MARKED = ("customerio.v2-one-identifier", "customerio.merge-one-identifier", "customerio.event-name-required")
"""Rules whose keyword stands in the shape of an operation."""


def body(call: Call) -> Iterator[Violation]:
    """JSON came; and for a batch, an object with a list of operations."""
    if call.unreadable:
        yield Violation(BODY, "", f"the body: {call.unreadable}", NOT_JSON, "JSON")
    elif not call.raw:
        yield Violation(BODY, "", "the body: nothing came, JSON is wanted", NOTHING, "JSON")
    elif call.operation == BATCH and not isinstance(call.body, dict):
        yield Violation(BODY, "", "the body: must be an object with a batch", "another kind", "object")
    elif call.operation == BATCH and not isinstance(call.body.get("batch"), list):
        yield Violation(BODY, "/batch", "/batch: must be a list of operations", "no list", "array")


def batch_size(call: Call) -> Iterator[Violation]:
    """A call has so many bytes, as it came."""
    yield from _too_big(call, "customerio.v2-batch-size", "", len(call.raw))


def operation_size(call: Call) -> Iterator[Violation]:
    """An operation has so many bytes: that of an entity call as it came, those of a batch without spaces."""
    for place, given in said(call):
        yield from _too_big(call, "customerio.v2-operation-size", place, size(given) if place else len(call.raw))


def _too_big(call: Call, rule: str, place: str, came: int) -> Iterator[Violation]:
    kilobytes = limit(rule)
    # Of a size that is allowed either way, nobody need ask what a kilobyte is.
    if came <= kilobytes * 1000:
        return
    most = kilobytes * int(known_tenant(call).choice(KILOBYTE))
    if came > most:
        yield Violation(rule, place, f"{place or 'the body'}: {came} bytes, at most {most}", f"{came}", f"{most}")


def of_shape(rule: str) -> Find:
    """The check of what is wrong with the shapes of operations, as far as this rule says it."""

    def find(call: Call) -> Iterable[Violation]:
        return [one for one in read(call).wrong if one.rule == rule]

    return find


def each(look: Callable[[Call, Operation], Iterable[Violation]]) -> Find:
    """The check that looks at every operation of the right shape."""

    def find(call: Call) -> Iterator[Violation]:
        for operation in read(call).operations:
            yield from look(call, operation)

    return find


def enabled(call: Call, one: Operation) -> Iterator[Violation]:
    """Nobody is named by an email where the workspace knows people by id only, nor the other way round."""
    people = known_tenant(call).track
    for way, given in _named(one):
        for name in {"id", "email"} & set(given) - set(people.identifiers):
            place = one.at(*way, name)
            text = f"{place}: the workspace does not know people by {name}"
            yield Violation("customerio.v2-enabled-identifiers", place, text, name, " or ".join(people.identifiers))


def _named(one: Operation) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Where an operation names people, and by what."""
    if one.kind != "person":
        return
    for name in ("primary", "secondary") if one.action == "merge" else ("identifiers",):
        yield (name,), one.given[name]


def id_max(_call: Call, one: Operation) -> Iterator[Violation]:
    for way, given in _named(one):
        yield from first.too_long("customerio.id-max", one.at(*way, "id"), _text(given.get("id")))
    if one.does("identify"):
        yield from first.too_long("customerio.id-max", one.at("attributes", "id"), _text(one.attributes.get("id")))


def id_conflict(_call: Call, one: Operation) -> Iterator[Violation]:
    named, given = one.identifiers.get("id"), one.attributes.get("id")
    if one.does("identify") and named is not None and given not in (None, "") and str(given) != str(named):
        place = one.at("attributes", "id")
        text = f"{place}: is another one than the id among the identifiers"
        yield Violation("customerio.id-conflict", place, text, "another id", "that of the identifiers")


def attribute_name_max(_call: Call, one: Operation) -> Iterator[Violation]:
    for name in _attributes(one):
        yield from first.too_long("customerio.attribute-name-max", one.at("attributes", name), name)


def attribute_value_max(_call: Call, one: Operation) -> Iterator[Violation]:
    for name, value in _attributes(one).items():
        if name != "id":
            yield from first.too_long("customerio.attribute-value-max", one.at("attributes", name), value)


def identify_attributes_max(_call: Call, one: Operation) -> Iterator[Violation]:
    most = limit("customerio.identify-attributes-max")
    given = one.attributes if one.does("identify") else {}
    for name in list(given)[most:]:
        place = one.at("attributes", name)
        text = f"{place}: is one of {len(given)} attributes, at most {most} can be set at once"
        yield Violation("customerio.identify-attributes-max", place, text, f"{len(given)}", f"{most}")


def person_attributes_max(call: Call, one: Operation) -> Iterator[Violation]:
    people = known_tenant(call).track
    if not one.does("identify"):
        return
    found = people.by(with_phone(people, one.identifiers))
    known = found.names() if found is not None else set()
    most = limit("customerio.person-attributes-max")
    new = [name for name in _attributes(one) if name not in known]
    for name in new[max(0, most - len(known)) :]:
        place = one.at("attributes", name)
        text = f"{place}: would be one more than the {most} attributes that a person can have"
        yield Violation("customerio.person-attributes-max", place, text, "one more", f"{most}")


def event_name_max(_call: Call, one: Operation) -> Iterator[Violation]:
    if one.does(*EVENTS):
        yield from first.too_long("customerio.event-name-max", one.at("name"), one.given["name"])


def two_people(call: Call, one: Operation) -> Iterator[Violation]:
    yield from _clashes(call, one, TWO_PEOPLE, "belongs to another person")


def identifiers_fixed(call: Call, one: Operation) -> Iterator[Violation]:
    yield from _clashes(call, one, FIXED, "is set already, and changed by way of cio_id only")


def _clashes(call: Call, one: Operation, rule: str, why: str) -> Iterator[Violation]:
    people = known_tenant(call).track
    if not one.does("identify"):
        return
    for clash in people.clashes(with_phone(people, one.identifiers), one.attributes):
        if clash.rule == rule:
            place = one.at("attributes", clash.name)
            yield Violation(rule, place, f"{place}: {why}; Attribute Update Failure", "another person's", "its own")


def _attributes(one: Operation) -> Mapping[str, Any]:
    """What an operation says of a person; without what only says how to take it."""
    if not one.does("identify"):
        return {}
    return {name: value for name, value in one.attributes.items() if name not in INSTRUCTIONS}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _of(rule: str, look: Callable[[Call, Operation], Iterable[Violation]]) -> Check:
    return Check(rule, each(look), surface=V2)


GATE: tuple[Check, ...] = (
    Check("customerio.credentials", first.credentials, barrier=True, surface=V2),
    Check("customerio.region", first.region, barrier=True, surface=V2),
    Check("customerio.requests-per-second", first.rate, barrier=True, surface=V2),
    Check("customerio.v2-batch-size", batch_size, frozenset({BATCH}), barrier=True, surface=V2),
    Check(BODY, body, barrier=True, surface=V2),
    Check("customerio.v2-operation-size", operation_size, frozenset({BATCH, ENTITY}), surface=V2),
    Check(KNOWN, of_shape(KNOWN), surface=V2),
    *(Check(rule, of_shape(rule), surface=V2) for rule in WHERE_MARKED),
    Check(SHAPE, of_shape(SHAPE), surface=V2),
    _of("customerio.v2-enabled-identifiers", enabled),
    _of("customerio.id-conflict", id_conflict),
    _of("customerio.id-max", id_max),
    _of("customerio.attribute-name-max", attribute_name_max),
    _of("customerio.attribute-value-max", attribute_value_max),
    _of("customerio.identify-attributes-max", identify_attributes_max),
    _of("customerio.person-attributes-max", person_attributes_max),
    _of("customerio.event-name-max", event_name_max),
    _of("customerio.two-people", two_people),
    _of("customerio.identifiers-fixed", identifiers_fixed),
)
