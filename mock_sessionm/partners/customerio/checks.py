"""What a call of the Track API's first version is held against, in the order in which the vendor would notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from contracts import Violation
from contracts.interaction import pointer
from mock_sessionm.call import Call
from mock_sessionm.check import Check, contract, known_tenant, marked_checks, operations_below
from mock_sessionm.limits import limit

from .identity import FIXED, TWO_PEOPLE
from .profiles import INSTRUCTIONS

CUSTOMERIO = "customerio"
OPERATIONS = operations_below(CUSTOMERIO, "/api/v1/")
IDENTIFY = frozenset({"identifyPerson"})
MERGE = frozenset({"mergePeople"})
EVENTS = frozenset({"trackEvent", "trackAnonymousEvent"})
SEGMENTS = frozenset({"addToSegment", "removeFromSegment"})
ABOUT_ONE = operations_below(CUSTOMERIO, "/api/v1/customers/")
ANYWHERE = frozenset({"findRegion"})
"""Operations that either region answers (source: customerio-track-api#regions)."""
HOSTS: Mapping[str, str] = {"us": "track.customer.io", "eu": "track-eu.customer.io"}


def region_of(call: Call) -> str:
    """The region of the workspace."""
    return str(known_tenant(call).track.settings.get("region", "us"))


def credentials(call: Call) -> Iterator[Violation]:
    """Site id and API key of a workspace as a Basic pair (source: customerio-track-api#authentication)."""
    if call.holder is None:
        text = "header authorization: no site id and API key of a workspace came; a Basic pair of them is wanted"
        yield Violation("customerio.credentials", "header:authorization", text, "no valid pair", "a Basic pair")


def region(call: Call) -> Iterator[Violation]:
    """A workspace of the US is nothing to the hosts of the EU; the other way round it is served."""
    host = call.header("host").partition(":")[0].lower()
    if call.operation not in ANYWHERE and host == HOSTS["eu"] and region_of(call) == "us":
        text = f"header host: {host} does not know the workspace, which is at {HOSTS['us']}"
        yield Violation("customerio.region", "header:host", text, "the host of the EU", HOSTS["us"])


def rate(call: Call) -> Iterator[Violation]:
    """So many calls a second as the tenant file allows; any number where it says none."""
    people = known_tenant(call).track
    most = people.settings.get("requests_per_second")
    if most is None:
        return
    second = int(known_tenant(call).clock.now())
    begun, count = people.window
    count = count + 1 if begun == second else 1
    people.window = (second, count)
    if count > most:
        text = f"more than {most} calls within a second; try again later"
        yield Violation("customerio.requests-per-second", "", text, "one more", f"{most}")


def body_of(call: Call) -> Mapping[str, Any]:
    return call.body if isinstance(call.body, dict) else {}


def attributes_of(call: Call) -> dict[str, Any]:
    """What an identify call says of a person; without what only says how to take it."""
    return {name: value for name, value in body_of(call).items() if name not in INSTRUCTIONS}


def id_conflict(call: Call) -> Iterator[Violation]:
    """An id in the body is that of the path (source: customerio-errors-seen)."""
    named = known_tenant(call).track.named(call.arguments["identifier"])
    given = body_of(call).get("id")
    if "id" in named and given not in (None, "") and str(given) != named["id"]:
        text = "/id: is another one than the id in the path"
        yield Violation("customerio.id-conflict", "/id", text, "another id", "that of the path")


def id_max(call: Call) -> Iterator[Violation]:
    """An id has so many bytes, wherever it stands."""
    people = known_tenant(call).track
    found: list[tuple[str, Any]] = []
    if "identifier" in call.arguments:
        found.append(("path:identifier", people.named(call.arguments["identifier"]).get("id")))
    if call.operation in IDENTIFY:
        found.append(("/id", body_of(call).get("id")))
    if call.operation in MERGE:
        found += [(f"/{side}/id", _inner(call, side).get("id")) for side in ("primary", "secondary")]
    for place, value in found:
        yield from too_long("customerio.id-max", place, value)


def attribute_name_max(call: Call) -> Iterator[Violation]:
    for name in attributes_of(call):
        yield from too_long("customerio.attribute-name-max", pointer(name), name)


def attribute_value_max(call: Call) -> Iterator[Violation]:
    for name, value in attributes_of(call).items():
        if name != "id":
            yield from too_long("customerio.attribute-value-max", pointer(name), value)


def attribute_kinds(call: Call) -> Iterator[Violation]:
    """A value is a text, a whole number, true or false; what else comes is a question of its own."""
    for name, value in attributes_of(call).items():
        if isinstance(value, float | list | dict) and not name.startswith("cio_subscription_preferences"):
            text = f"{pointer(name)}: must be a text, a whole number, true or false"
            yield Violation("customerio.attribute-kinds", pointer(name), text, "another kind", "a simple value")


def identify_attributes_max(call: Call) -> Iterator[Violation]:
    """The number stands in the contract; the check is here, since it says which attributes are too many."""
    most = limit("customerio.identify-attributes-max")
    for name in list(body_of(call))[most:]:
        text = f"{pointer(name)}: is one of {len(body_of(call))} attributes, at most {most} can be set at once"
        yield Violation("customerio.identify-attributes-max", pointer(name), text, f"{len(body_of(call))}", f"{most}")


def person_attributes_max(call: Call) -> Iterator[Violation]:
    """A person has so many attributes, whenever they came."""
    people = known_tenant(call).track
    found = people.by(people.named(call.arguments["identifier"]))
    known = found.names() if found is not None else set()
    most = limit("customerio.person-attributes-max")
    new = [name for name in attributes_of(call) if name not in known]
    for name in new[max(0, most - len(known)) :]:
        text = f"{pointer(name)}: would be one more than the {most} attributes that a person can have"
        yield Violation("customerio.person-attributes-max", pointer(name), text, "one more", f"{most}")


def event_name_max(call: Call) -> Iterator[Violation]:
    yield from too_long("customerio.event-name-max", "/name", body_of(call).get("name"))


def event_data_max(call: Call) -> Iterator[Violation]:
    """The `data` of an event has so many bytes as JSON without spaces."""
    if "data" in body_of(call):
        yield from too_long("customerio.event-data-max", "/data", body_of(call)["data"])


def seconds(call: Call) -> Iterator[Violation]:
    """Times are seconds; a number that is too great for that is one of milliseconds."""
    most = limit("customerio.unix-seconds")
    names = ("created_at", "_timestamp") if call.operation in IDENTIFY else ("timestamp",)
    for name in names:
        value = body_of(call).get(name)
        if isinstance(value, int) and value > most:
            text = f"/{name}: is no number of seconds since 1970; milliseconds are a thousand times as many"
            yield Violation("customerio.unix-seconds", f"/{name}", text, "a greater number", f"at most {most}")


def known_segment(call: Call) -> Iterator[Violation]:
    """People are put into segments that exist (source: customerio-track-api#segments)."""
    if segment_of(call) is None:
        text = "path segment_id: the workspace has no segment of this id"
        yield Violation("customerio.known-segment", "path:segment_id", text, "an unknown id", "the id of a segment")


def manual_segment(call: Call) -> Iterator[Violation]:
    """Who is in a data-driven segment, its data say (source: customerio-track-api#segments)."""
    found = segment_of(call)
    if found is not None and found.get("kind", "manual") != "manual":
        text = "path segment_id: is a data-driven segment; people are added to manual ones only"
        yield Violation("customerio.manual-segments", "path:segment_id", text, "data-driven", "manual")


def segment_of(call: Call) -> Mapping[str, Any] | None:
    """The segment that a call is about, as the tenant file has it."""
    entries = known_tenant(call).track.settings.get("segments", ())
    return next((one for one in entries if str(one["id"]) == call.arguments["segment_id"]), None)


def two_people(call: Call) -> Iterator[Violation]:
    """An identifier in the body is somebody else's: it is not set, and nobody is told (rule customerio.two-people)."""
    yield from _clashes(call, TWO_PEOPLE, "belongs to another person")


def identifiers_fixed(call: Call) -> Iterator[Violation]:
    """An identifier that is set is changed by Customer.io's own id only (rule customerio.identifiers-fixed)."""
    yield from _clashes(call, FIXED, "is set already, and changed by way of cio_ only")


def _clashes(call: Call, rule: str, why: str) -> Iterator[Violation]:
    people = known_tenant(call).track
    for clash in people.clashes(people.named(call.arguments["identifier"]), body_of(call)):
        if clash.rule == rule:
            place = pointer(clash.name)
            yield Violation(rule, place, f"{place}: {why}; Attribute Update Failure", "another person's", "its own")


def too_long(rule: str, place: str, value: Any) -> Iterator[Violation]:
    """Bytes of UTF-8 are what is counted: of a text itself, of anything else as JSON."""
    if value is None:
        return
    size = len(value.encode()) if isinstance(value, str) else len(orjson.dumps(value))
    most = limit(rule)
    if size > most:
        yield Violation(rule, place, f"{place}: {size} bytes, at most {most}", f"{size} bytes", f"{most} bytes")


def _inner(call: Call, name: str) -> Mapping[str, Any]:
    found = body_of(call).get(name)
    return found if isinstance(found, dict) else {}


DOOR: tuple[Check, ...] = (
    Check("customerio.credentials", credentials, barrier=True, surface=CUSTOMERIO),
    Check("customerio.region", region, barrier=True, surface=CUSTOMERIO),
    Check("customerio.requests-per-second", rate, barrier=True, surface=CUSTOMERIO),
    Check("customerio.contract", contract, barrier=True, surface=CUSTOMERIO),
)
"""What both versions of the Track API look at first."""
COUNTED_HERE = frozenset({"customerio.identify-attributes-max"})
GATE: tuple[Check, ...] = (
    *DOOR,
    *(check for check in marked_checks(CUSTOMERIO, CUSTOMERIO, OPERATIONS) if check.rule not in COUNTED_HERE),
    Check("customerio.id-conflict", id_conflict, IDENTIFY, surface=CUSTOMERIO),
    Check("customerio.id-max", id_max, ABOUT_ONE | MERGE, surface=CUSTOMERIO),
    Check("customerio.attribute-name-max", attribute_name_max, IDENTIFY, surface=CUSTOMERIO),
    Check("customerio.attribute-value-max", attribute_value_max, IDENTIFY, surface=CUSTOMERIO),
    Check("customerio.attribute-kinds", attribute_kinds, IDENTIFY, surface=CUSTOMERIO),
    Check("customerio.identify-attributes-max", identify_attributes_max, IDENTIFY, surface=CUSTOMERIO),
    Check("customerio.person-attributes-max", person_attributes_max, IDENTIFY, surface=CUSTOMERIO),
    Check("customerio.event-name-max", event_name_max, EVENTS, surface=CUSTOMERIO),
    Check("customerio.event-data-max", event_data_max, EVENTS, surface=CUSTOMERIO),
    Check("customerio.unix-seconds", seconds, IDENTIFY | EVENTS, surface=CUSTOMERIO),
    Check("customerio.known-segment", known_segment, SEGMENTS, barrier=True, surface=CUSTOMERIO),
    Check("customerio.manual-segments", manual_segment, SEGMENTS, surface=CUSTOMERIO),
    Check("customerio.two-people", two_people, IDENTIFY, surface=CUSTOMERIO),
    Check("customerio.identifiers-fixed", identifiers_fixed, IDENTIFY, surface=CUSTOMERIO),
)
