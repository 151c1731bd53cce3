from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Rule, rules
from contracts.register import load_yaml
from scenarios.customerio.boundaries import LETTERS, MEASURES, WIDE, text_of
from scenarios.examples import of_register
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.world import Embedded

RUNNER = Runner(Embedded())
"""Each story has a tenant of its own in it."""
TRACK = [rules()[name] for name in load_yaml("rules/track.yaml")]


def stories(rule: Rule) -> list[Scenario]:
    measured = list(MEASURES[rule.measure](rule, count(1))) if rule.measure else []
    return measured + list(of_register(lambda one, _example: one is rule, count(1_000)))


@pytest.mark.parametrize("rule", TRACK, ids=lambda rule: rule.id)
def test_the_fake_does_as_the_register_says(rule: Rule) -> None:
    assert [finding.message for story in stories(rule) for finding in RUNNER.judge(story).findings] == []


@given(st.integers(0, 500), st.sampled_from(list(LETTERS.values())))
def test_a_text_has_just_so_many_bytes(size: int, letter: str) -> None:
    assert len(text_of(size, letter).encode()) == size


def test_a_text_of_wide_letters_has_fewer_letters_than_bytes() -> None:
    assert text_of(1000, WIDE) == WIDE * 250
    assert text_of(1001, WIDE) == WIDE * 250 + "y"
    assert len(WIDE.encode()) == 4


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_of_a_rule_and_stands_on_every_side(name: str) -> None:
    (rule,) = (rule for rule in TRACK if rule.measure == name)
    assert {story.side for story in stories(rule)} == {"below", "at", "above"}
