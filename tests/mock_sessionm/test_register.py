"""Every example of the register that goes straight to SessionM, asked of the fake: adding one adds a test."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from contracts import rules
from contracts.settings import checked
from contracts.validation import operations
from mock_sessionm import Clock, TenantSettings
from mock_sessionm.surfaces import SURFACE_OF
from tests.mock_sessionm.asking import Answer, Asker, asker, basic

DOCUMENT = {"core": {"api_key": "key", "api_secret": "secret"}, "events": {"defined": ["visit", "purchase"]}}
GUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
BEGUN = "2026-01-01T00:00:00Z"
"""When an example begins that says nothing of it, as in a run."""


def examples() -> Iterator[Any]:
    for rule in rules().values():
        for example in rule.examples:
            if "calls" in example and all(played(step) for step in example["calls"]):
                yield pytest.param(example, id=f"{rule.id}: {example['title']}")


def played(step: Mapping[str, Any]) -> bool:
    """Whether a step is one of those that are played here: requests to SessionM, steps in time, looks at people."""
    if "do" not in step:
        return bool({"advance", "knows"} & set(step)) and not {"tags"} & set(step)
    surface = SURFACE_OF[step["do"]]
    return surface.name in {"core", "connect"} and step.get("auth", "none") in {"none", "wrong", "core", "connect"}


@pytest.mark.parametrize("example", list(examples()))
def test_the_fake_answers_as_the_register_says(example: Mapping[str, Any]) -> None:
    document = checked({**DOCUMENT, **example.get("tenant", {})}, "tenant.schema.yaml", "example")
    fake = asker(TenantSettings.of(document), assume=example.get("assume"), clock=Clock(0, frozen=True))
    fake.tenant.on_violation = example.get("on_violation", "reject")
    fake.tenant.clock.set(example.get("at", BEGUN))
    known: dict[str, Any] = {}
    for step in example["calls"]:
        if "advance" in step:
            fake.tenant.clock.advance(step["advance"])
            fake.tenant.settle()
        elif "knows" in step:
            knows(fake, step)
        else:
            answer = asked(fake, step, known)
            if "as" in step:
                known[step["as"]] = answer.body["user"]["id"]
            for name, place in step.get("keep", {}).items():
                known[name] = found(answer.body, place)
            held(answer, {**step, "says": filled(step.get("says", {}), known)})


def asked(fake: Asker, step: Mapping[str, Any], known: Mapping[str, Any]) -> Answer:
    method, path = operations("sessionm")[step["do"]]
    given = {"external_id": step.get("external_id", ""), **step.get("path", {})}
    given |= {"user_id": known[step["who"]]} if "who" in step else {}
    for name, value in given.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    how: dict[str, Any] = {"key": step["api_key"]} if "api_key" in step else {}
    if "auth" in step:
        how["auth"] = credentials(fake)[step["auth"]]
    if "raw" in step:
        how["raw"] = step["raw"].encode()
    if SURFACE_OF[step["do"]].name == "connect":
        body = {"user_id": known[step["who"]]} if "who" in step else {}
        body |= filled(step.get("body", {}), known)
        if step.get("letters") == "capital":
            body = json.loads(re.sub(GUID, lambda guid: guid[0].upper(), json.dumps(body)))
        return fake.connect(path, body, **how)
    query = f"?{quote(filled(step['query'], known), safe='=&')}" if "query" in step else ""
    return fake.core(method, path.removeprefix("/priv/v1/apps/{api_key}") + query, step.get("body"), **how)


def credentials(fake: Asker) -> dict[str, str]:
    connect = fake.tenant.settings.partners["connect"]
    return {
        "none": "",
        "wrong": basic("key", "other"),
        "core": basic("key", "secret"),
        "connect": basic(connect["key"], connect["secret"]),
    }


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with `{name}` replaced by what an earlier step got to know."""
    if isinstance(value, dict):
        return {name: filled(part, known) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, known) for part in value]
    if not isinstance(value, str):
        return value
    if value[1:-1] in known and value == f"{{{value[1:-1]}}}":
        return known[value[1:-1]]
    return re.sub(r"\{(\w+)\}", lambda name: str(known.get(name[1], name[0])), value)


def found(body: Any, place: str) -> Any:
    for part in place.split("/")[1:]:
        body = body[int(part)] if isinstance(body, list) else body[part]
    return body


def held(answer: Answer, step: Mapping[str, Any]) -> None:
    assert answer.body["status"] == ("error" if "refused" in step else "ok"), answer.body
    if "status" in step:
        assert answer.status == step["status"]
    if "refused" in step:
        assert step["refused"] in answer.rules
        assert answer.code == step.get("code", answer.code)
    if "notes" in step:
        assert step["notes"] in answer.rules
    if "mentions" in step:
        assert step["mentions"] in answer.message
    assert within(step.get("says", {}), answer.body), answer.body
    for place in step.get("lacks", ()):
        assert not has(answer.body, place)


def knows(fake: Asker, step: Mapping[str, Any]) -> None:
    customer = fake.tenant.customers.by_external(step["knows"])
    assert customer is not None
    if "profile" in step:
        assert customer.attributes == step["profile"]
    if "events" in step:
        kept = [{"name": event["name"], "attributes": event["context"]} for event in customer.events]
        assert kept == step["events"]
    if "kept" in step:
        assert within(step["kept"], customer.events), customer.events


def within(wanted: Any, came: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(came, dict) and all(name in came and within(wanted[name], came[name]) for name in wanted)
    if isinstance(wanted, list) and isinstance(came, list) and len(wanted) == len(came):
        return all(within(one, other) for one, other in zip(wanted, came, strict=True))
    return bool(wanted == came)


def has(body: Any, place: str) -> bool:
    try:
        found(body, place)
    except (LookupError, TypeError):
        return False
    return True
