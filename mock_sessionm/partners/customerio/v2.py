"""The Track API's second version: one operation or many, each answered for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from contracts import Violation
from mock_sessionm.call import Call
from mock_sessionm.envelopes import Reply
from mock_sessionm.surface import Surface, View

from .envelope import BAD_REQUEST, CODES, HEADERS, OTHERWISE, REFUSALS, text_of
from .envelope import failure as fail_as_first
from .envelope import refuse as refuse_as_first
from .operations import BATCH, CUSTOMERIO, ENTITY, EVENTS, Operation, read, said
from .people import People
from .phones import PHONE, with_phone
from .v1 import people_of
from .v2_checks import GATE, V2

PARTLY, DONE = 207, 200
INVALID = "invalid"
"""The one reason that was seen (source: customerio-errors-seen); every refusal gives it, for want of another."""
PREFIX = "/batch/"
TEXTS = {"customerio.attribute-value-max": "property value cannot be longer than {allowed}"}
"""Rule -> what this version says of a violation, where it is not what the first one says."""


def entity(call: Call) -> dict[str, Any]:
    for one in read(call).operations:
        apply(call, one)
    return {}


def batch(call: Call) -> dict[str, Any]:
    """Every operation that broke no rule, in order; an error for each thing that is wrong with the others."""
    failed = {_index(one.pointer) for one in call.failed}
    for one in read(call).operations:
        if _index(one.place) not in failed:
            apply(call, one)
    if not failed:
        return {}
    wrong = sorted(call.failed, key=lambda one: _index(one.pointer))
    if len(failed) == len(said(call)) and people_of(call).choice("customerio-v2-all-wrong") == "400":
        return {"status": BAD_REQUEST, "errors": [error_of(one) for one in wrong]}
    return {"status": PARTLY, "errors": [{"batch_index": _index(one.pointer), **error_of(one)} for one in wrong]}


def apply(call: Call, one: Operation) -> None:
    """Do what an operation says."""
    if one.kind == "person":
        _of_person(call, one)
    elif one.kind == "object":
        _of_object(call, one)
    else:
        people_of(call).entities.report(str(one.identifiers["id"]), one.given["name"], one.attributes)


def _of_person(call: Call, one: Operation) -> None:
    people = people_of(call)
    if one.action == "merge":
        people.merge(one.given["primary"], one.given["secondary"])
        return
    ACTIONS[one.action](people, one, with_phone(people, one.identifiers))


def _identify(people: People, one: Operation, who: Mapping[str, Any]) -> None:
    attributes = {**one.attributes, **_phone(who)}
    if "timestamp" in one.given:
        attributes.setdefault("_timestamp", one.given["timestamp"])
    if "cio_relationships" in one.given:
        attributes["cio_relationships"] = {"relationships": _to_objects(one)}
    people.identify(who, attributes)


def _event(people: People, one: Operation, who: Mapping[str, Any]) -> None:
    """An event of the first version, where what is said of it is `data` and the action its `type`."""
    known = {name: one.given[name] for name in ("name", "id", "timestamp") if name in one.given}
    people.track(_known(people, who), {**known, "type": one.action, "data": dict(one.attributes)})


def _add_device(people: People, one: Operation, who: Mapping[str, Any]) -> None:
    people.add_device(_known(people, who), _device(one))


def _delete_device(people: People, one: Operation, who: Mapping[str, Any]) -> None:
    people.delete_device(who, _device(one)["id"])


def _device(one: Operation) -> dict[str, Any]:
    """A device of the first version, where its token is the id."""
    given = dict(one.given["device"])
    return {"id": given.pop("token"), **given}


def _relate(people: People, one: Operation, who: Mapping[str, Any]) -> None:
    people.relate(_known(people, who), _to_objects(one), add=one.action == "add_relationships")


def _to_objects(one: Operation) -> list[dict[str, Any]]:
    """Relationships as they are kept, where ids of objects and of their types are texts."""
    return [{**other, "identifiers": _texts(other["identifiers"])} for other in one.given["cio_relationships"]]


def _texts(identifiers: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in identifiers.items()}


def _suppress(people: People, one: Operation, who: Mapping[str, Any]) -> None:
    people.suppress(who)
    if who != one.identifiers:
        people.suppress(one.identifiers)  # the number itself, too: whoever has it next is left alone as well


ACTIONS: Mapping[str, Callable[[People, Operation, Mapping[str, Any]], Any]] = {
    "identify": _identify,
    "delete": lambda people, _one, who: people.delete(who),
    **dict.fromkeys(EVENTS, _event),
    "add_relationships": _relate,
    "delete_relationships": _relate,
    "add_device": _add_device,
    "delete_device": _delete_device,
    "suppress": _suppress,
    "unsuppress": lambda people, _one, who: people.unsuppress(who),
}
"""Action on a person -> what it does; merging names two of them and stands apart."""


def _phone(who: Mapping[str, Any]) -> dict[str, Any]:
    """The number as an attribute, for somebody who is known by nothing else."""
    return {PHONE: who[PHONE]} if PHONE in who else {}


def _known(people: People, who: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same, once somebody is there who has the number; what else is unknown, the workspace itself adds."""
    if PHONE in who and people.choice("customerio-unknown-person") == "created":
        people.identify(who, _phone(who))
        return with_phone(people, who)
    return who


def _of_object(call: Call, one: Operation) -> None:
    people = people_of(call)
    if one.action == "delete":
        for profile in people.profiles:
            people.relate({"cio_id": profile.cio_id}, [{"identifiers": _texts(one.identifiers)}], add=False)
        people.entities.delete(one.identifiers)
        return
    if one.action in {"identify", "identify_anonymous"}:
        people.entities.identify(one.identifiers, one.attributes)
    for other in one.given.get("cio_relationships", ()):
        # An anonymous id names nobody of whom there is a profile.
        if "anonymous_id" not in other["identifiers"]:
            entry = {**other, "identifiers": _texts(one.identifiers)}
            people.relate(other["identifiers"], [entry], add=one.action != "delete_relationships")


# --- what is answered --------------------------------------------------------------------------------------


def error_of(violation: Violation) -> dict[str, Any]:
    """What is wrong, in the words of the second version."""
    template = TEXTS.get(violation.rule)
    place = violation.pointer
    if place.startswith(PREFIX):
        place = "/" + "/".join(place.split("/")[3:])
    parts = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]
    text = template.format(allowed=violation.allowed) if template else text_of(violation)
    return {"reason": INVALID, "field": ".".join(parts), "message": text}


def success(answer: dict[str, Any], _unkept: str) -> Reply:
    """200 and an empty object; 207 and the errors where operations were wrong, or what they are by choice."""
    if not answer:
        return Reply(DONE, b"{}\n", list(HEADERS))
    return Reply(
        answer["status"], orjson.dumps({"errors": answer["errors"]}, option=orjson.OPT_INDENT_2) + b"\n", list(HEADERS)
    )


def failure(status: int, code: str, message: str) -> Reply:
    """One text; for a 400, as the error that it is."""
    if status != BAD_REQUEST:
        return fail_as_first(status, code, message)
    return _wrong([{"reason": INVALID, "field": "", "message": message}])


def refuse(status: int, code: str, violations: Sequence[Violation]) -> Reply:
    """Everything that was wrong with a call at once; the way in is refused as the first version does."""
    if status != BAD_REQUEST:
        return refuse_as_first(status, code, violations)
    return _wrong([error_of(one) for one in violations])


def _wrong(errors: Sequence[Mapping[str, Any]]) -> Reply:
    return Reply(BAD_REQUEST, orjson.dumps({"errors": errors}, option=orjson.OPT_INDENT_2) + b"\n", list(HEADERS))


def _index(place: str) -> int:
    return int(place.split("/")[2])


VIEWS: dict[str, View] = {ENTITY: entity, BATCH: batch}
TRACK_V2 = Surface(
    name=V2,
    vendor=CUSTOMERIO,
    scheme="Basic",
    prefixes=("/api/v2/",),
    views=VIEWS,
    gate=GATE,
    door=frozenset({"customerio.credentials"}),
    who=lambda _call: None,
    success=success,
    failure=failure,
    refusals=REFUSALS,
    otherwise=OTHERWISE,
    codes=CODES,
    refuse=refuse,
)
