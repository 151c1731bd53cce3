"""What is not as it should be: the person at the vendor held against the expectation, and fates against the facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from contracts import Violation, rules
from forwarder import Fate

from .account import Destiny, Difference, Expected
from .person import Happened, Person
from .reading import all_points
from .road import Blame
from .verdict import Finding

FATES = "harness.fates-true"
POINT = itemgetter(0)
"""The place of a fate."""
SHAPES = frozenset({"sessionm.event-context-flat"})
"""Vendors' rules about the shape of a request, which whoever makes the request must keep."""


def check_people(
    expected: Expected,
    actual: Mapping[str, Person | None],
    otherwise: Blame,
    *,
    strict: bool = True,
    blame: str = "",
    spoilt: Container[str] = (),
) -> Iterator[Finding]:
    """One finding for each difference between what should be known of each person and what is.

    `otherwise` are the rules to which a difference is laid that has no reason of its own.
    Where the documents leave open which field carries an identity, only `strict` asks for the chosen one.
    `blame` is the rule for whose sake the fake refused something: what is missing is missing because of it.
    Of the events in `spoilt` none is missed.
    """
    for mpid, should in expected.people.items():
        wanted, got = should, actual.get(mpid)

        def why(part: str, name: str, otherwise: str, mpid: str = mpid) -> str:
            return expected.reasons.get((mpid, part, name), otherwise)

        if wanted is None or got is None:
            if wanted is not got:
                rule = why("person", "", otherwise.nobody if wanted else otherwise.somebody)
                rule = blame if wanted and blame else rule
                who = ("nobody", "a customer with this MPID") if wanted else ("a customer", "nobody")
                yield _finding(rule, "", *who, mpid)
            continue
        if not strict:
            # Where nothing but the email is missing, it has a reason of its own.
            lost = _identity_values(wanted) - _identity_values(got)
            email = lost == {str(wanted.fields.get("email")).casefold()}
            rule = why("fields", "email", otherwise.identities) if email else otherwise.identities
            yield from _check_identities(got, wanted, rule, mpid)
            got, wanted = _without_identities(got), _without_identities(wanted)
        for part, got_part, wanted_part, rule in (
            ("fields", got.fields, wanted.fields, otherwise.fields),
            ("identifiers", got.identifiers, wanted.identifiers, otherwise.identities),
            ("profile", got.profile, wanted.profile, otherwise.profile),
        ):
            yield from _check_part(expected, mpid, part, f"/{part}", got_part, wanted_part, rule)
        if got.phones != wanted.phones:
            yield _finding(otherwise.phones, "/phones", _sized(got.phones), _sized(wanted.phones), mpid)
        if got.shown != wanted.shown:
            yield _finding(otherwise.shown, "/external_id", "another external id", "the expected one", mpid)
        kept = {event.name for event in got.events}
        events = [event for event in wanted.events if event.name in kept or event.name not in spoilt]
        yield from _check_events(got.events, events, why, otherwise, mpid, blame)
        yield from _check_attributes(expected, mpid, got.events, events, otherwise.attributes)


def _check_attributes(
    expected: Expected, mpid: str, got: list[Happened], wanted: list[Happened], otherwise: str
) -> Iterator[Finding]:
    """The attributes of events, one by one, where the events are the same."""
    if [event.name for event in got] == [event.name for event in wanted]:
        for index, (is_, meant) in enumerate(zip(got, wanted, strict=True)):
            place = f"/events/{index}/attributes"
            yield from _check_part(expected, mpid, "attributes", place, is_.attributes, meant.attributes, otherwise)


def _check_part(
    expected: Expected,
    mpid: str,
    part: str,
    place: str,
    got: Mapping[str, Any],
    wanted: Mapping[str, Any],
    otherwise: str,
) -> Iterator[Finding]:
    """The differences in one part of a person, each with the documented rule or the doubt that explains it."""
    for name, is_, should in _differences(got, wanted):
        rule = expected.reasons.get((mpid, part, name), otherwise)
        doubt = expected.doubts.get((mpid, part, name), {}).get(_difference(got, wanted, name), "")
        if doubt and _is_choice(doubt, name, got, wanted, expected.texts.get((mpid, part, name), set())):
            rule = doubt
        yield _finding(rule, f"{place}/{name}", is_, should, mpid)


def _is_choice(doubt: str, name: str, got: Mapping[str, Any], wanted: Mapping[str, Any], texts: Container[str]) -> bool:
    """Whether another choice would make just this difference."""
    if name in got and name in wanted:
        return got[name] in texts
    # Which ones stay is a matter of choice, how many is not.
    return not doubt.endswith("-kept") or len(got) == len(wanted)


def _difference(got: Mapping[str, Any], wanted: Mapping[str, Any], name: str) -> Difference:
    if name not in got:
        return "missing"
    if name not in wanted:
        return "more"
    return "text" if isinstance(got[name], str) else "kind"


def _check_identities(got: Person, wanted: Person, rule: str, mpid: str) -> Iterator[Finding]:
    is_, should = _identity_values(got), _identity_values(wanted)
    for what, values in (("fewer", should - is_), ("more", is_ - should - {mpid})):
        if values:
            text = f"{len(values)} identities {what} than the filter lets through"
            yield _finding(rule, "/identifiers", text, f"{len(should)} identities", mpid)


def _identity_values(person: Person) -> set[str]:
    """Without regard to case: an email is stored in small letters, but not where it came as an external id."""
    email = person.fields.get("email")
    values = {*person.identifiers.values(), *person.phones, *([email] if email else [])}
    return {value.casefold() for value in values}


def _without_identities(person: Person) -> Person:
    fields = {name: value for name, value in person.fields.items() if name != "email"}
    return Person(fields=fields, profile=person.profile, events=person.events)


def _check_events(
    got: list[Happened], wanted: list[Happened], why: Any, otherwise: Blame, mpid: str, blame: str
) -> Iterator[Finding]:
    names, wanted_names = [event.name for event in got], [event.name for event in wanted]
    if names != wanted_names:
        more, fewer = Counter(names) - Counter(wanted_names), Counter(wanted_names) - Counter(names)
        for name in more:
            # An event that no batch names must come from one that has no name to be forwarded under.
            rule = why("events", name, why("events", "", otherwise.more_events))
            yield _finding(rule, "/events", f"one {name} more", "not", mpid)
        for name in fewer:
            rule = blame or why("events", name, otherwise.fewer_events)
            yield _finding(rule, "/events", f"one {name} fewer", name, mpid)
        if not more and not fewer:
            yield _finding(otherwise.order, "/events", "another order", "the batch's order", mpid)


def blamed(found: Iterable[Violation]) -> str:
    """The first rule that the forwarder broke in what the fake received; empty where it broke none."""
    return next((violation.rule for violation in found if is_senders(violation.rule)), "")


def check_example(arrives: Mapping[str, Any], person: Person | None, rule: str, mpid: str) -> Iterator[Finding]:
    """What an example says outright, held against what is known."""
    if person is None:
        yield _finding(rule, "", "nobody", "a customer with this MPID", mpid)
        return
    for name, value in arrives.get("user", {}).items():
        if person.fields.get(name) != value:
            is_ = _kind(person.fields[name]) if name in person.fields else "nothing"
            yield _finding(rule, f"/fields/{name}", is_, _kind(value), mpid)
    for part, got in (("identifiers", person.identifiers), ("profile", person.profile)):
        if part in arrives:
            for name, is_, should in _differences(got, arrives[part]):
                yield _finding(rule, f"/{part}/{name}", is_, should, mpid)
    if "phones" in arrives and person.phones != arrives["phones"]:
        yield _finding(rule, "/phones", _sized(person.phones), _sized(arrives["phones"]), mpid)
    if "events" in arrives:
        wanted = [Happened(event["name"], event["attributes"]) for event in arrives["events"]]
        if person.events != wanted:
            yield _finding(rule, "/events", _told(person.events), _told(wanted), mpid)
    if "mpid_as" in arrives and (person.shown == mpid) != (arrives["mpid_as"] == "external_id"):
        yield _finding(rule, "/external_id", "another external id", arrives["mpid_as"], mpid)


def check_violations(found: Iterable[Violation], expected_rules: Iterable[str], mpid: str) -> Iterator[Finding]:
    """A forwarder-owned rule that the fake saw broken; what the vendor or the customer owns is no fault of it."""
    tolerated = set(expected_rules)
    for violation in dict.fromkeys(found):
        if is_senders(violation.rule) and violation.rule not in tolerated:
            yield Finding(
                violation.rule, violation.message, violation.pointer, violation.got, violation.allowed, batch=mpid
            )


def is_senders(name: str) -> bool:
    """Whether it is the sender's fault where this rule is broken, and not the vendor's or the customer's affair."""
    rule = rules().get(name)
    return (rule is not None and rule.owner == "forwarder") or name.endswith(".contract") or name in SHAPES


def check_fates(
    batch: Mapping[str, Any], fates: Sequence[Fate], destinies: Mapping[str, Destiny], mpid: str
) -> Iterator[Finding]:
    """Every point has one fate, which is the one that it should have, and the reason is the right one."""
    counted = Counter(map(POINT, fates))
    for point in all_points(batch):
        if counted[point] != 1:
            yield _finding(FATES, point, f"{counted[point]} fates", "one fate", mpid)
    for fate in fates:
        destiny = destinies.get(fate.point)
        if destiny is None:
            yield _finding(FATES, fate.point, fate.fate, "no such point", mpid)
        elif destiny.fate != fate.fate:
            yield _finding(destiny.rule, fate.point, fate.fate, destiny.fate, mpid)
        elif fate.fate != "sent" and fate.rule != destiny.rule:
            # What is sent may have several rules to thank; what is not has one reason, and `explain` tells it.
            yield _finding(FATES, fate.point, f"{fate.fate} by {fate.rule}", f"by {destiny.rule}", mpid)


def check_sent(
    bodies: Mapping[str, Any], fates: Sequence[Fate], carries: Callable[[Any, Fate], bool], mpid: str
) -> Iterator[Finding]:
    """What is said to be sent stands under its name in the request that is said to carry it.

    So does the point into which another is said to be merged.
    """
    for fate in fates:
        if fate.fate == "sent" or (fate.fate == "merged" and fate.as_ is not None):
            body = bodies.get(fate.request or "")
            if body is None or not carries(body, fate):
                yield _finding(FATES, fate.point, "not in its request", f"{fate.fate} as {fate.as_}", mpid)


def _differences(got: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in {**wanted, **got}:
        if name not in got:
            yield name, "nothing", _kind(wanted[name])
        elif name not in wanted:
            yield name, _kind(got[name]), "nothing"
        elif got[name] != wanted[name] or type(got[name]) is not type(wanted[name]):
            is_, should = _kind(got[name]), _kind(wanted[name])
            yield name, f"another {is_}" if is_ == should else is_, should


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case str():
            return f"text of {len(value)} characters"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case _:
            return f"a {type(value).__name__}"


def _sized(values: Sequence[Any]) -> str:
    return f"{len(values)} numbers"


def _told(events: Sequence[Happened]) -> str:
    return "; ".join(f"{event.name} ({len(event.attributes)} attributes)" for event in events) or "no event"


def _finding(rule: str, place: str, got: str, wanted: str, mpid: str) -> Finding:
    where = place or "the customer"
    return Finding(rule, f"{where}: {got}, wanted {wanted}", place, got, wanted, batch=mpid)
