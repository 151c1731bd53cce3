"""The examples about segments hold, and none of them holds any more when its rule is taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from contracts import Request, Rule, rules
from contracts.register import load_yaml
from contracts.transport import WsgiTransport
from mock_sessionm import BEHAVIOURS, Clock, TenantSettings, create_app, world
from mock_sessionm.behaviours import SEGMENTS
from scenarios.calls import call_all
from scenarios.segment_file import BEHAVIOURS as OF_THE_FILE
from scenarios.segments import Scripted, imported, sent
from scenarios.stage import Stage
from scenarios.verdict import Finding

OWN = [rules()[name] for name in load_yaml("rules/segments.yaml")]
START = "2026-01-01T00:00:00Z"


@cache
def fake(behaviours: frozenset[str]) -> Any:
    """One app for all stories that want the same behaviours; each has a tenant of its own in it."""
    clock = Clock(0.0, frozen=True)
    clock.set(START)
    return create_app(TenantSettings(), clock=clock, behaviours=behaviours)


def stage(behaviours: frozenset[str] = BEHAVIOURS, assume: Mapping[str, str] | None = None) -> Stage:
    app = fake(behaviours)
    every = world(app)
    fresh = every.fresh_credentials()
    tenant = every.create(TenantSettings(**fresh, assumptions=assume or {}))
    return Stage.of(tenant, WsgiTransport(app), app)


def played(rule: Rule, behaviours: frozenset[str] = BEHAVIOURS) -> list[str]:
    """What is wrong in all examples of a rule."""
    return [
        f"{example['title']}: {found.message}"
        for example in rule.examples
        for found in call_all(example["calls"], stage(behaviours, example.get("assume")))
        if isinstance(found, Finding)
    ]


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: rule.id)
def test_every_example_about_segments_holds(rule: Rule) -> None:
    assert played(rule) == []


@pytest.mark.parametrize("name", sorted(SEGMENTS))
def test_a_sender_or_an_importer_without_a_rule_breaks_one_of_its_examples(name: str) -> None:
    assert played(rules()[name], BEHAVIOURS - {name})


def file_examples() -> Iterator[Any]:
    for name in sorted(OF_THE_FILE):
        yield pytest.param(name, id=name)


@pytest.mark.parametrize("name", list(file_examples()))
def test_a_reader_without_a_rule_breaks_one_of_its_examples(name: str) -> None:
    found: list[str] = []
    for example in rules()[name].examples:
        where = stage(assume=example.get("assume"))
        for step in example["calls"]:
            if "import" in step:
                found += imported(where.filled(step), where, behaviours=OF_THE_FILE - {name})
            else:
                list(call_all((step,), where))
    assert found


def test_what_is_kept_is_what_the_register_says_of_the_vendors() -> None:
    vendors = {rule.id for rule in OWN if rule.owner in {"braze", "sessionm"}}
    assert vendors == SEGMENTS
    assert {rule.id for rule in OWN if rule.id.startswith("sessionm.segment-")} == OF_THE_FILE


WEBHOOK = {"url": "https://api.example.com/x", "headers": {"Content-Type": "text/plain"}, "body": "x"}
GOOD: dict[str, Any] = {
    "webhook": WEBHOOK,
    "users": [{"external_id": "a"}],
    "web": [{"status": 503}, {"status": 200}],
    "gives": {},
}


@pytest.mark.parametrize(
    "gives",
    [
        {"outcomes": {"failed": 1}},
        {"tries": [1]},
        {"statuses": [503]},
        {"slept": []},
        {"notes": ["x"]},
        {"rules": ["x"]},
        {"calls": 1},
        {"simulated": 1},
        {"agents": 2},
        {"last_at": 0},
        {"last_status": 503},
        {"numbers": [1]},
        {"numbers_failed": [0]},
        {"why": "x"},
        {"whys": ["x"]},
        {"tags": {"ada": {"gold": 60}}},
        {"sent": [{}]},
        {"sent": [{"at": 1}, {}]},
        {"sent": [{"method": "GET"}, {}]},
        {"sent": [{"url": "https://api.example.com/y"}, {}]},
        {"sent": [{"body": "y"}, {}]},
        {"sent": [{"headers": {"Content-Type": "y"}}, {}]},
        {"sent": [{"matches": {"User-Agent": "x"}}, {}]},
        {"sent": [{"lacks": ["User-Agent"]}, {}]},
    ],
    ids=str,
)
def test_whatever_a_step_says_that_is_not_so_is_found(gives: Any) -> None:
    assert list(sent({**GOOD, "gives": gives}, stage()))


def test_a_step_whose_words_are_true_is_silent() -> None:
    gives = {
        "outcomes": {"received": 1},
        "tries": [2],
        "slept": [58.1],
        "calls": 2,
        "sent": [{"at": 0, "body": "x"}, {"at": 58.1, "headers": {"Content-Type": "text/plain"}}],
    }
    assert list(sent({**GOOD, "gives": gives}, stage())) == []


@pytest.mark.parametrize(
    "gives",
    [
        {"tagged": 1},
        {"unknown": 0},
        {"refused": 1},
        {"pieces": 2},
        {"records": 2},
        {"status": "failed"},
        {"dropped_columns": 1},
        {"unsettled": [[2, 3]]},
        {"notes": ["x"]},
        {"refused_lines": [2]},
        {"mends": "x"},
        {"unreadable": ""},
        {"tags": {"ada": {}, "eve": {"gold": 1}}},
    ],
    ids=str,
)
def test_whatever_an_import_says_that_is_not_so_is_found(gives: Any) -> None:
    assert list(imported({"import": {"csv": "user_id,tag,ttl\nnobody,gold,60\n"}, "gives": gives}, stage()))


def test_a_file_that_cannot_be_read_is_found_unless_the_step_says_so() -> None:
    step = {"import": {"csv": "a,b\n"}, "gives": {}}
    assert list(imported(step, stage()))
    assert list(imported({**step, "gives": {"unreadable": "something else"}}, stage()))
    assert list(imported({**step, "gives": {"unreadable": "no column user_id"}}, stage())) == []


def test_the_outside_world_answers_in_order_and_its_last_word_stands() -> None:
    where = stage()
    web = Scripted([{"status": 500, "times": 2}, {"status": 201, "body": {"a": 1}}], where.tenant.clock)
    answers = [web.fetch("https://a.example", Request("GET", "/"), timeout=1) for _ in range(4)]
    assert [answer.status for answer in answers] == [500, 500, 201, 201]
    assert answers[2].json() == {"a": 1}
