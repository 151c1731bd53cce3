"""Every example of the register that goes straight to SessionM Core, asked of the fake: adding one adds a test."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from contracts import rules
from contracts.settings import checked
from contracts.validation import operations
from mock_sessionm import TenantSettings
from mock_sessionm.core import CORE
from tests.mock_sessionm.asking import Answer, Asker, asker, basic

DOCUMENT = {"core": {"api_key": "key", "api_secret": "secret"}, "events": {"defined": ["visit", "purchase"]}}
BEGUN = "2026-01-01T00:00:00Z"
"""When an example begins that says nothing of it, as in a run."""


def examples() -> Iterator[Any]:
    for rule in rules().values():
        for example in rule.examples:
            if "calls" in example and all(step.get("do", "getUser") in CORE.views for step in example["calls"]):
                yield pytest.param(example, id=f"{rule.id}: {example['title']}")


@pytest.mark.parametrize("example", list(examples()))
def test_the_fake_answers_as_the_register_says(example: Mapping[str, Any]) -> None:
    document = checked({**DOCUMENT, **example.get("tenant", {})}, "tenant.schema.yaml", "example")
    fake = asker(TenantSettings.of(document), assume=example.get("assume"))
    fake.tenant.on_violation = example.get("on_violation", "reject")
    fake.tenant.clock.set(example.get("at", BEGUN))
    known: dict[str, str] = {}
    for step in example["calls"]:
        if "advance" in step:
            fake.tenant.clock.advance(step["advance"])
        elif "knows" in step:
            knows(fake, step)
        else:
            answer = asked(fake, step, known)
            if "as" in step:
                known[step["as"]] = answer.body["user"]["id"]
            held(answer, step)


def asked(fake: Asker, step: Mapping[str, Any], known: Mapping[str, str]) -> Answer:
    method, path = operations("sessionm")[step["do"]]
    path = path.removeprefix("/priv/v1/apps/{api_key}")
    if "who" in step:
        path = path.replace("{user_id}", known[step["who"]])
    path = path.replace("{external_id}", quote(step.get("external_id", ""), safe=""))
    how: dict[str, Any] = {"key": step["api_key"]} if "api_key" in step else {}
    if "auth" in step:
        how["auth"] = {"none": "", "wrong": basic("key", "other")}[step["auth"]]
    if "raw" in step:
        how["raw"] = step["raw"].encode()
    query = f"?{quote(step['query'].format_map(known), safe='=&')}" if "query" in step else ""
    return fake.core(method, path + query, step.get("body"), **how)


def held(answer: Answer, step: Mapping[str, Any]) -> None:
    assert answer.body["status"] == ("error" if "refused" in step else "ok"), answer.body
    if "status" in step:
        assert answer.status == step["status"]
    if "refused" in step:
        assert step["refused"] in answer.rules
        assert answer.code == step["code"]
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
    for part in place.split("/")[1:]:
        if not isinstance(body, dict) or part not in body:
            return False
        body = body[part]
    return True
