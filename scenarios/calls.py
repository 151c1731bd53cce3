"""Requests straight to the vendor, past any forwarder, each with the answer that it must get."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import orjson

from contracts import Request, Response
from contracts.transport import Transport
from contracts.validation import check, operations, response_schema
from mock_sessionm import Tenant

from .person import seen
from .verdict import Finding

JSON = "application/json"


def call_all(
    calls: tuple[Mapping[str, Any], ...], tenant: Tenant, transport: Transport
) -> Iterator[Finding | Response]:
    """Make every call in turn; yields each answer, and a finding for each thing that is not as it must be.

    A step is a request (`do`), a step in time (`advance`), or a look at what is known of somebody (`knows`).
    """
    people: dict[str, str] = {}
    for number, step in enumerate(calls, start=1):
        if "advance" in step:
            tenant.clock.advance(step["advance"])
        elif "knows" in step:
            yield from _knows(step, tenant, number)
        else:
            answer = transport.send(_request(step, tenant, people))
            yield answer
            body = answer.json()
            if "as" in step and isinstance(body, dict) and "user" in body:
                people[step["as"]] = body["user"]["id"]
            yield from _wrong(step, answer, body, number)


def _request(step: Mapping[str, Any], tenant: Tenant, people: Mapping[str, str]) -> Request:
    method, path = operations("sessionm")[step["do"]]
    path = (
        path.replace("{api_key}", quote(step.get("api_key", "{own}").replace("{own}", tenant.api_key), safe=""))
        .replace("{user_id}", people.get(step.get("who", ""), ""))
        .replace("{external_id}", quote(step.get("external_id", ""), safe=""))
    )
    if "{" in path or "//" in path:
        raise LookupError(f"a call of {step['do']} does not say of whom")
    if "query" in step:
        path += "?" + quote(step["query"].format_map(people), safe="=&")
    body = step["raw"].encode() if "raw" in step else orjson.dumps(step["body"]) if "body" in step else b""
    headers = {"Content-Type": JSON} if body else {}
    if step.get("auth") != "none":
        secret = "wrong" if step.get("auth") == "wrong" else tenant.settings.api_secret
        pair = b64encode(f"{tenant.api_key}:{secret}".encode()).decode("ascii")
        headers["Authorization"] = f"Basic {pair}"
    return Request(method, path, headers, body)


def _wrong(step: Mapping[str, Any], answer: Response, body: Any, number: int) -> Iterator[Finding]:
    """`refused` and `notes` name the rule that the answer must name; neither means that it names none."""
    place = f"step {number}, {step['do']}"
    rule = step.get("refused") or step.get("notes") or ""
    named = [part for part in answer.headers.get("x-harness-rule", "").split(",") if part]
    if (rule not in named) if rule else named:
        yield _finding(place, f"names {', '.join(named) or 'no rule'}", f"names {rule or 'no rule'}")
    shape = response_schema("sessionm", step["do"], answer.status)
    kind = answer.headers.get("content-type", "none")
    if shape is None or kind != JSON or check("sessionm", shape, body):
        yield _finding(place, f"an answer of another shape under HTTP {answer.status} ({kind})", "the contract's shape")
    status = step.get("status", 200)
    if answer.status != status:
        yield _finding(place, f"HTTP {answer.status}", f"HTTP {status}")
    if not isinstance(body, dict):
        yield _finding(place, "no JSON object", "a JSON object")
        return
    wanted = "error" if step.get("refused") else "ok"
    if body.get("status") != wanted:
        yield _finding(place, f"status {body.get('status')}", f"status {wanted}")
    code = (body.get("errors") or {}).get("code")
    if "code" in step and code != step["code"]:
        yield _finding(place, f"code {code}", f"code {step['code']}")
    said = (body.get("errors") or body).get("message") or ""
    if "mentions" in step and step["mentions"] not in said:
        yield _finding(place, "a message that does not name it", f"a message that names {step['mentions']}")
    for name in _missing(step.get("says", {}), body):
        yield _finding(place, f"another value at {name}", f"the value of the example at {name}")
    for pointer in step.get("lacks", ()):
        if _holds(body, pointer):
            yield _finding(place, f"something at {pointer}", f"nothing at {pointer}")


def _knows(step: Mapping[str, Any], tenant: Tenant, number: int) -> Iterator[Finding]:
    person = seen(tenant, step["knows"])
    place = f"step {number}, what is known of the customer"
    if person is None:
        yield _finding(place, "nobody", "the customer")
        return
    if "profile" in step and person.profile != step["profile"]:
        yield _finding(place, _names(person.profile), _names(step["profile"]))
    if "events" in step:
        happened = [{"name": event.name, "attributes": dict(event.attributes)} for event in person.events]
        if happened != step["events"]:
            yield _finding(place, f"{len(happened)} events", f"{len(step['events'])} events, just as in the example")
    if "kept" in step:
        customer = tenant.customers.by_external(step["knows"])
        for name in _missing(step["kept"], customer.events if customer else []):
            yield _finding(place, f"another value at /events{name}", f"the value of the example at /events{name}")


def _names(profile: Mapping[str, Any]) -> str:
    return f"{len(profile)} attributes ({', '.join(sorted(profile)[:5])})"


def _missing(wanted: Any, got: Any, name: str = "") -> Iterator[str]:
    """Places at which `got` has not what `wanted` has; more may be there."""
    if isinstance(wanted, Mapping):
        for key, inner in wanted.items():
            there = isinstance(got, Mapping) and key in got
            if not there:
                yield f"{name}/{key}"
            else:
                yield from _missing(inner, got[key], f"{name}/{key}")
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for index, inner in enumerate(wanted):
            yield from _missing(inner, got[index], f"{name}/{index}")
    elif wanted != got:
        yield name


def _holds(body: Any, pointer: str) -> bool:
    for part in pointer.split("/")[1:]:
        if not isinstance(body, Mapping) or part not in body:
            return False
        body = body[part]
    return True


def _finding(place: str, got: str, wanted: str) -> Finding:
    """A finding whose rule the runner fills in: it is the rule on trial."""
    return Finding("", f"{place}: {got}, wanted {wanted}", place, got, wanted)
