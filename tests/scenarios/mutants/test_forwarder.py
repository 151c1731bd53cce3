"""Every rule that the forwarder keeps has wrong forwarders that break it, and each of them is found out."""

from __future__ import annotations

import random
from contextlib import nullcontext
from functools import cache

import pytest

from contracts import rules
from forwarder import DESTINATIONS
from scenarios.mutants.forwarder import ALIKE, every_mutant, forwarder_mutants
from scenarios.mutants.hunt import clean_world, every_scenario, hunt, judged
from scenarios.mutants.mutant import Mutant
from scenarios.runner import Runner

OWED = {rule.id for rule in rules().values() if rule.owner == "forwarder"}
SEED = 20_260_101


@cache
def every() -> tuple[Mutant, ...]:
    return tuple(forwarder_mutants())


def sampled() -> list[Mutant]:
    """A mutant of each kind, and some more."""
    chance = random.Random(SEED)
    mixed = chance.sample(every(), len(every()))
    return list({**{one.kind: one for one in mixed}, **{one.id: one for one in mixed[:20]}}.values())


def test_every_rule_of_the_forwarder_has_a_mutant_and_no_other_rule_has() -> None:
    assert {mutant.rule for mutant in every()} == OWED


def test_no_two_mutants_have_the_same_id_and_each_says_its_rule_and_kind() -> None:
    assert len({mutant.id for mutant in every()}) == len(every())
    for mutant in every():
        assert mutant.id.split("~")[:2] == [mutant.rule, mutant.kind.replace(" ", "-")]
        assert mutant.side == "forwarder"
        assert mutant.says.endswith(".")


def test_a_mutant_has_the_same_id_whenever_it_is_made() -> None:
    assert [mutant.id for mutant in forwarder_mutants()] == [mutant.id for mutant in every()]


def test_a_mutant_names_a_road_that_there_is_and_scenarios_that_there_are() -> None:
    known = {scenario.id for scenario in every_scenario()}
    for mutant in every():
        assert mutant.road in {"", *DESTINATIONS}
        assert set(mutant.shows) <= known


@pytest.mark.parametrize("mutant", sampled(), ids=lambda mutant: mutant.id)
def test_a_wrong_forwarder_is_found_out(mutant: Mutant) -> None:
    assert hunt(mutant).killed


@pytest.mark.parametrize("name", sorted(ALIKE))
def test_what_nobody_can_tell_from_the_forwarder_is_a_mutant_of_a_rule_and_cannot_be_told(name: str) -> None:
    made = {mutant.id: mutant for mutant in every_mutant()}
    assert made[name].rule in OWED
    assert ALIKE[name]
    assert not hunt(made[name]).killed


def test_a_mutant_puts_back_what_it_changed() -> None:
    chance = random.Random(SEED)
    patching = [mutant for mutant in every() if mutant.patched is not nullcontext]
    assert len(patching) > 100
    for mutant in chance.sample(patching, 30):
        with mutant.patched():
            pass
    runner = Runner(clean_world())
    found = {one.id: judged(runner, one).verdict for one in every_scenario() if one.kind == "road"}
    assert {name for name, verdict in found.items() if verdict != "kept"} == set()
