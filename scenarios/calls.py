"""Stories straight to the vendor, past any forwarder: requests, each with the answer that it must get, and looks.

A step is a request (`do`), a step in time (`advance`), or one of `LOOKS`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import quote

import orjson

from contracts import Request, Response
from contracts.transport import Lost
from contracts.validation import operations
from mock_sessionm import SURFACE_OF, Tenant, TenantSettings

from .answers import JSON, at, finding, missing, there, wrong
from .sessionm.road import seen
from .stage import Stage
from .verdict import Finding

GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
Look = Callable[[Mapping[str, Any], Stage, str], Iterator[Finding]]


class Speaker(Protocol):
    """Whose credentials a request has, and what the names in its step stand for."""

    @property
    def settings(self) -> TenantSettings: ...

    @property
    def people(self) -> Mapping[str, str]: ...

    def filled(self, value: Any) -> Any: ...


def call_all(calls: tuple[Mapping[str, Any], ...], stage: Stage) -> Iterator[Finding | Response]:
    """Take every step in turn; yields each answer, and a finding for each thing that is not as it must be."""
    for number, step in enumerate(calls, start=1):
        if "do" in step:
            place = f"step {number}, {step['do']}"
            try:
                request = request_of(step, stage)
            except LookupError as missing:
                # The answers before were such that the story does not know of whom it is to speak.
                yield finding(place, f"it cannot be asked ({missing})", "answers that let the story go on")
                return
            try:
                answer = stage.transport.send(request)
            except Lost as lost:
                yield finding(place, f"no answer ({type(lost).__name__})", "an answer")
                return
            yield answer
            yield from _answered(step, answer, stage, place)
        elif "advance" in step:
            stage.tenant.clock.advance(step["advance"])
            stage.tenant.settle()
        else:
            kind = next((name for name in LOOKS if name in step), None)
            if kind is None:
                raise LookupError(f"step {number} is none of do, advance, {', '.join(LOOKS)}")
            # Whoever else writes to the vendor then, the records of the story know nothing of it.
            stage.records.sure &= kind in QUIET
            yield from LOOKS[kind](step, stage, f"step {number}, {kind}")


def _answered(step: Mapping[str, Any], answer: Response, stage: Stage, place: str) -> Iterator[Finding]:
    try:
        body = answer.json()
    except ValueError:
        body = None  # of another shape than the contract's, which is said below
    if "as" in step and there(body, "/user/id"):
        stage.people[step["as"]] = str(at(body, "/user/id"))
    for name, pointer in step.get("keep", {}).items():
        try:
            stage.kept[name] = at(body, pointer)
        except LookupError:
            yield finding(place, f"nothing at {pointer}", f"something at {pointer}")
    told = {name: stage.filled(part) for name, part in step.items() if name in {"says", "mentions"}}
    differs = list(wrong({**step, **told}, answer, body, place))
    yield from differs
    # What is not as the contract has it cannot be read any further.
    if not differs and not step.get("refused"):
        whole = {**step, "body": stage.filled(step.get("body"))}
        named, now = answer.headers.get("x-harness-rule", ""), stage.tenant.clock.now()
        for text in stage.records.told(whole, body, named, now, bool(stage.tenant.settings.users)):
            yield Finding("", f"{place}: {text}", place, text)


def request_of(step: Mapping[str, Any], speaker: Speaker) -> Request:
    """The request of a step, with what its API wants of everybody filled in."""
    settings, surface = speaker.settings, SURFACE_OF[step["do"]]
    method, path = operations(surface.vendor)[step["do"]]
    given = {"api_key": step.get("api_key", "{own}").replace("{own}", settings.api_key)}
    given |= {"user_id": speaker.people.get(step.get("who", ""), ""), "external_id": step.get("external_id", "")}
    given |= step.get("path", {})
    for name, value in given.items():
        path = path.replace(f"{{{name}}}", quote(str(speaker.filled(value)), safe=""))
    if "{" in path or "//" in path:
        raise LookupError(f"a call of {step['do']} does not say of whom")
    if "query" in step:
        path += "?" + quote(speaker.filled(step["query"]), safe="=&")
    body = step["raw"].encode() if "raw" in step else _body(step, speaker) if "body" in step else b""
    headers = {"Content-Type": JSON} if body else {}
    if step.get("auth") != "none":
        headers["Authorization"] = _credentials(step.get("auth", surface.name), surface.scheme, speaker)
    return Request(method, path, {**headers, **step.get("headers", {})}, body)


def _body(step: Mapping[str, Any], speaker: Speaker) -> bytes:
    given = speaker.filled(step["body"])
    if SURFACE_OF[step["do"]].name == "connect" and isinstance(given, dict):
        own = {"retailer_id": speaker.settings.partners["connect"]["retailer_id"]}
        if "who" in step:
            own["user_id"] = speaker.people[step["who"]]
        given = {**own, **given}
    text = orjson.dumps(given).decode()
    if step.get("letters") == "capital":
        text = GUID.sub(lambda found: found[0].upper(), text)
    return text.encode()


def _credentials(name: str, scheme: str, speaker: Speaker) -> str:
    """The Authorization header: that of an API, of a named key of Braze, or one that nobody has."""
    doors: dict[str, str] = {}
    for surface, header in speaker.settings.doors():
        doors.setdefault(surface, header)
    keys = speaker.settings.partners.get("braze", {}).get("keys", ())
    inputs = speaker.settings.partners.get("mparticle", {}).get("inputs", ())
    doors |= {one["name"]: basic(one["key"], one["secret"]) for one in inputs}
    doors |= {key["name"]: f"Bearer {key['api_key']}" for key in keys if "name" in key}
    doors["wrong"] = basic(speaker.settings.api_key, "wrong") if scheme == "Basic" else f"{scheme} wrong"
    return doors[name]


def basic(user: str, password: str) -> str:
    """The Authorization header of a pair of credentials."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


# --- looks ------------------------------------------------------------------------------------------------


def _knows(step: Mapping[str, Any], stage: Stage, place: str) -> Iterator[Finding]:
    """What is known of a customer, named by an external id."""
    tenant = stage.look()
    person, customer = seen(tenant, step["knows"]), tenant.customers.by_external(step["knows"])
    if person is None or customer is None:
        yield finding(place, "nobody", "the customer")
        return
    if "profile" in step and person.profile != step["profile"]:
        yield finding(place, _names(person.profile), _names(step["profile"]))
    if "tags" in step and sorted(tenant.customers.tags(customer)) != sorted(step["tags"]):
        yield finding(place, f"tags {', '.join(tenant.customers.tags(customer)) or 'none'}", f"tags {step['tags']}")
    if "events" in step:
        happened = [{"name": event.name, "attributes": dict(event.attributes)} for event in person.events]
        if happened != step["events"]:
            yield finding(place, f"{len(happened)} events", f"{len(step['events'])} events, just as in the example")
    for name in missing(step["kept"], customer.events) if "kept" in step else ():
        yield finding(place, f"another value at /events{name}", f"the value of the example at /events{name}")


def _names(profile: Mapping[str, Any]) -> str:
    return f"{len(profile)} attributes ({', '.join(sorted(profile)[:5])})"


def _profile(step: Mapping[str, Any], stage: Stage, place: str) -> Iterator[Finding]:
    """What Customer.io's side knows of a person; `gone` for somebody of whom it must know nothing."""
    people = stage.look().track
    found = people.person(str(stage.filled(step["person"])))
    if found is None or step.get("gone"):
        if (found is None) is not bool(step.get("gone")):
            yield finding(
                place, "nobody" if found is None else "somebody", "nobody" if step.get("gone") else "somebody"
            )
        return
    got = people.shown(found)
    for pointer in missing(stage.filled(step.get("says", {})), got):
        yield finding(place, f"another value at {pointer}", f"the value of the example at {pointer}")
    for pointer in step.get("lacks", ()):
        if there(got, pointer):
            yield finding(place, f"something at {pointer}", f"nothing at {pointer}")


def _entities(step: Mapping[str, Any], stage: Stage, place: str) -> Iterator[Finding]:
    """What Customer.io's side knows besides people: as many objects and deliveries as the step lists, in order."""
    known = stage.look().track.entities.export()
    for kind, wanted in stage.filled(step["entities"]).items():
        got = known[kind]
        if len(got) != len(wanted):
            yield finding(place, f"{len(got)} {kind}", f"{len(wanted)} {kind}")
        for index, (one, other) in enumerate(zip(wanted, got, strict=False)):
            for pointer in missing(one, other):
                yield finding(place, f"another value at /{kind}/{index}{pointer}", "the value of the example")


def _elsewhere(module: str, name: str) -> Look:
    """A look that another module takes: it gives a message for each thing that is not as the step says."""

    def look(step: Mapping[str, Any], stage: Stage, place: str) -> Iterator[Finding]:
        # Imported when it is needed: Liquid and the forwarder are no part of most stories.
        taken = getattr(import_module(f".{module}", __package__), name)
        for message in taken(stage.filled(step), stage):
            yield Finding("", f"{place}: {message}", place, message)

    return look


def _rendered(step: Mapping[str, Any], stage: Stage, place: str) -> Iterator[Finding]:
    from .rendering import rendered, rendered_there

    tenant = stage.tenant
    if "there" in step:
        told = rendered_there(stage.filled({name: part for name, part in step.items() if name != "there"}), stage)
    else:
        told = rendered(step, tenant.behaviours, tenant.choices)
    for message in told:
        yield Finding("", f"{place}: {message}", place, message)


def _remembered(name: str, read: Callable[[Tenant], Sequence[Mapping[str, Any]]]) -> Look:
    """A look at what the fake sent out since the last such look: as much as the step says, in its order."""

    def look(step: Mapping[str, Any], stage: Stage, place: str) -> Iterator[Finding]:
        every = read(stage.look())
        got, stage.read[name] = list(every[stage.read.get(name, 0) :]), len(every)
        wanted = stage.filled(step[name])
        if len(got) != len(wanted):
            yield finding(place, f"{len(got)} of them", f"{len(wanted)}")
        for number, (one, other) in enumerate(zip(wanted, got, strict=False), start=1):
            told = {key: part for key, part in one.items() if key != "lacks"}
            for pointer in missing(told, other):
                yield finding(place, f"number {number} has another value at {pointer}", "the value of the example")
            for pointer in one.get("lacks", ()):
                if there(other, pointer):
                    yield finding(place, f"number {number} has something at {pointer}", "nothing there")

    return look


def _known_to_mparticle(step: Mapping[str, Any], stage: Stage, place: str) -> Iterator[Finding]:
    """What mParticle knows of an MPID; `says: null` means that it knows nobody."""
    found = stage.look().ingest.profiles.get(step["mparticle_profile"])
    known = found and {"mpid": found.mpid, "attributes": found.attributes, "identities": found.identities}
    wanted = step.get("says", {})
    if (known is None) is not (wanted is None):
        yield finding(place, "nobody" if known is None else "somebody", "nobody" if wanted is None else "somebody")
        return
    for name in missing(wanted or {}, known):
        yield finding(place, f"another value at {name}", f"the value of the example at {name}")
    for pointer in step.get("lacks", ()):
        if there(known, pointer):
            yield finding(place, f"something at {pointer}", f"nothing at {pointer}")


LOOKS: dict[str, Look] = {
    "knows": _knows,
    "render": _rendered,
    "webhook": _elsewhere("segments", "sent"),
    "import": _elsewhere("segments", "imported"),
    "objects": _elsewhere("bucket", "read"),
    "forward": _elsewhere("feedback", "forwarded"),
    "feed_back": _elsewhere("feedback", "fed_back"),
    "sent": _remembered("sent", lambda tenant: tenant.messages()),
    "person": _profile,
    "entities": _entities,
    "outgoing": _remembered("outgoing", lambda tenant: tenant.sent_out()),
    "batches": _remembered("batches", lambda tenant: tenant.ingest.shown()["batches"]),
    "duplicates": _remembered("duplicates", lambda tenant: tenant.ingest.shown()["duplicates"]),
    "skipped": _remembered("skipped", lambda tenant: tenant.ingest.shown()["skipped"]),
    "mparticle_profile": _known_to_mparticle,
}
"""Kind of a step -> what is looked at, and held against what the step says."""
QUIET = LOOKS.keys() - {"render", "webhook", "import", "objects", "forward", "feed_back"}
"""The looks that only look."""
