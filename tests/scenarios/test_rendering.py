from collections.abc import Mapping
from typing import Any

import pytest

from contracts import Choices, Rule, rules
from contracts.register import load_yaml
from mock_sessionm.partners.braze import TEMPLATE_BEHAVIOURS
from scenarios.rendering import World, rendered

OURS = [rules()[name] for name in load_yaml("rules/templates.yaml")]
OK = {"render": "Hi {{${first_name}}}", "person": {"first_name": "Ada"}, "gives": {"text": "Hi Ada"}}
CALL = "{% connected_content https://example.com/a %}"


def broken(rule: Rule, behaviours: frozenset[str] = TEMPLATE_BEHAVIOURS) -> list[str]:
    """What is not as the rule's examples say."""
    return [
        message
        for example in rule.examples
        for step in example.get("calls", ())
        if "render" in step and "there" not in step
        for message in rendered(step, behaviours, Choices(example.get("assume", {})))
    ]


@pytest.mark.parametrize("rule", OURS, ids=lambda rule: rule.id)
def test_every_example_holds(rule: Rule) -> None:
    assert broken(rule) == []


@pytest.mark.parametrize("name", sorted(TEMPLATE_BEHAVIOURS))
def test_a_braze_without_a_behaviour_breaks_the_rules_examples(name: str) -> None:
    assert broken(rules()[name], TEMPLATE_BEHAVIOURS - {name})


def test_every_rule_of_brazes_own_is_a_behaviour_and_no_other() -> None:
    assert {rule.id for rule in OURS if rule.owner == "braze"} == TEMPLATE_BEHAVIOURS


@pytest.mark.parametrize("rule", OURS, ids=lambda rule: rule.id)
def test_every_rule_is_tried_on_both_sides(rule: Rule) -> None:
    assert {"at", "above"} <= {example["side"] for example in rule.examples}


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (OK, []),
        ({**OK, "gives": {"text": "Hi Bob"}}, ["the text is 'Hi Ada', wanted 'Hi Bob'"]),
        ({**OK, "gives": {"aborted": "x"}}, ["aborted is None, wanted 'x'"]),
        ({"render": "{% abort_message('x') %}", "gives": {"text": ""}}, ["aborted is 'x', wanted None"]),
        ({**OK, "gives": {"refused": "x"}}, ["rendered, wanted a refusal that names 'x'"]),
        ({"render": "{{", "gives": {"text": ""}}, ["refused: line 1: {{ is not closed; write }}; wanted 'a message'"]),
        (
            {"render": "{{", "gives": {"refused": "open"}},
            ["refused: line 1: {{ is not closed; write }}; wanted 'open'"],
        ),
        ({**OK, "gives": {"lint": ["a.b"]}}, ["lint finds nothing, wanted ['a.b']"]),
        ({"render": "{{", "gives": {"lint": []}}, ["lint finds ['braze.template-syntax@1'], wanted nothing"]),
        ({"render": "\n{{", "gives": {"lint": ["braze.template-syntax@2"]}}, []),
        (
            {"render": "{{", "gives": {"lint": ["braze.template-syntax@2"]}},
            ["lint finds ['braze.template-syntax@1'], wanted ['braze.template-syntax@2']"],
        ),
        ({**OK, "gives": {"made": 1}}, ["0 calls, wanted 1"]),
        ({**OK, "gives": {"calls": [{}]}}, ["0 calls, wanted 1"]),
        ({**OK, "gives": {"last": {"status": 200}}}, ["no call, wanted one"]),
        ({**OK, "gives": {"sent": [{}]}}, ["0 requests went out, wanted 1"]),
        ({**OK, "gives": {"slept": [1]}}, ["slept [], wanted [1]"]),
        ({"render": CALL, "gives": {"text": ""}}, ["GET https://example.com/a: called, and the step has no web"]),
        ({"render": CALL, "web": [{"method": "POST"}], "gives": {}}, ["called GET, wanted POST"]),
        ({"render": CALL, "web": [{"url": "x"}], "gives": {}}, ["called https://example.com/a, wanted x"]),
        ({"render": CALL, "web": [{}], "gives": {"calls": [{"status": 1}]}}, ["status of a call is 200, wanted 1"]),
        (
            {"render": CALL, "web": [{}], "gives": {"last": {"cached": True}}},
            ["cached of a call is False, wanted True"],
        ),
        ({"render": CALL, "web": [{}], "gives": {"last": {"why": "x"}}}, ["why of a call is '', wanted 'x'"]),
        (
            {"render": CALL, "web": [{"status": 404}], "gives": {"last": {"why": ""}}},
            ["why of a call is 'HTTP 404', wanted ''"],
        ),
        ({"render": CALL, "web": [{}], "gives": {"sent": []}}, ["1 requests went out, wanted 0"]),
        (
            {"render": CALL, "web": [{}], "gives": {"sent": [{"body": "x"}]}},
            ["the body that went out is '', wanted 'x'"],
        ),
        (
            {"render": CALL, "web": [{}], "gives": {"sent": [{"headers": {"accept": "x"}}]}},
            ["the header accept is '*/*', wanted 'x'"],
        ),
        (
            {**OK, "then": [{"person": {}, "gives": {"text": "Hi Ada"}}]},
            ["render 2: the text is 'Hi ', wanted 'Hi Ada'"],
        ),
    ],
)
def test_whatever_is_not_as_the_step_says_is_told(step: Mapping[str, Any], told: list[str]) -> None:
    assert list(rendered(step)) == told


@pytest.mark.parametrize("step", [{**OK, "peron": {}}, {**OK, "gives": {"txt": ""}}])
def test_a_misspelt_part_of_a_step_stops_at_once(step: Mapping[str, Any]) -> None:
    with pytest.raises(LookupError, match="is no part of a step that renders"):
        list(rendered(step))


def test_answers_come_in_their_order_and_the_last_one_for_ever() -> None:
    template = "{% for i in (1..5) %}{% connected_content https://example.com/ :no_cache %}{% endfor %}"
    web = [{"body": "a", "times": 2}, {"body": "b"}, {"size": 2}]
    assert list(rendered({"render": template, "web": web, "gives": {"text": "aabxxxx"}})) == []


def test_time_passes_by_answers_and_by_sleep_alone() -> None:
    world = World([])
    began = world.clock()
    world.sleep(5)
    assert (world.clock() - began, world.slept) == (5, [5])
