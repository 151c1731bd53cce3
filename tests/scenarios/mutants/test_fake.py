"""Every rule that the fake keeps has wrong fakes, and the scenarios find each of them out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from itertools import islice

import pytest

from contracts import Choices, rules
from mock_sessionm import TenantSettings, World, create_app, world
from scenarios.mutants.equivalents import EQUIVALENT, fits, why_not
from scenarios.mutants.fake import KINDS, fake_mutants
from scenarios.mutants.forgetting import READS
from scenarios.mutants.hunt import every_scenario, hunt, likely, world_of
from scenarios.mutants.mutant import Mutant
from scenarios.mutants.stories import owned
from scenarios.runner import Runner
from scenarios.scenario import Scenario

SEED = 20261129
SAMPLE = 40


@cache
def made() -> dict[str, Mutant]:
    """Every mutant that is one, by its id."""
    return {mutant.id: mutant for mutant in fake_mutants()}


@cache
def thinkable() -> dict[str, Mutant]:
    """Those that are none, too."""
    return {mutant.id: mutant for make in KINDS for mutant in make()}


def sample() -> list[str]:
    """Some of each kind, the same every time."""
    chance = random.Random(SEED)
    by_kind: dict[str, list[str]] = {}
    for mutant in made().values():
        by_kind.setdefault(mutant.kind, []).append(mutant.id)
    each = max(1, SAMPLE // len(by_kind))
    return [id_ for ids in by_kind.values() for id_ in chance.sample(ids, min(each, len(ids)))]


def near(mutant: Mutant) -> Iterator[Scenario]:
    """The scenarios near to a mutant and those about its rule."""
    own = {scenario.id for scenario in every_scenario() if scenario.rule == mutant.rule}
    return islice(likely(mutant), len({*mutant.near, *own}))


def test_every_rule_that_the_fake_keeps_has_a_mutant() -> None:
    assert set(owned()) <= {mutant.rule for mutant in made().values()}


def test_a_mutant_has_an_id_of_its_own_that_begins_with_a_rule() -> None:
    ids = Counter(mutant.id for make in KINDS for mutant in make())
    assert [id_ for id_, times in ids.items() if times > 1] == []
    assert {id_.partition("~")[0] for id_ in ids} <= set(rules())
    assert all(mutant.id.startswith(f"{mutant.rule}~") and mutant.side == "fake" for mutant in made().values())


def test_ids_are_the_same_every_time() -> None:
    assert [mutant.id for mutant in fake_mutants()] == list(made())


def test_every_kind_of_wrong_has_mutants() -> None:
    assert {mutant.kind for mutant in made().values()} == {
        "answer with another value",
        "answer without a field",
        "choice not followed",
        "clock ignored",
        "limit gone",
        "limit off by one",
        "list in another order",
        "state not kept",
        "table row wrong",
        "wrong code",
        "wrong rule",
        "wrong status",
    }


@pytest.mark.parametrize("id_", sample())
def test_a_mutant_dies(id_: str) -> None:
    assert hunt(made()[id_]).killed


def test_the_fake_itself_is_no_mutant() -> None:
    """What stands between the stories and the fake changes nothing by itself."""
    assert not hunt(next(iter(made().values())), every_scenario()[:0]).killed
    plain = Mutant(id="none", rule="sessionm.user-record", side="fake", kind="none", says="nothing")
    assert not hunt(plain, near(plain)).killed


@pytest.mark.parametrize("pattern", EQUIVALENT)
def test_an_exception_stands_for_mutants_that_nobody_finds_out(pattern: str) -> None:
    meant = [mutant for id_, mutant in thinkable().items() if fits(id_, pattern)]
    assert meant, "no mutant would have such an id; take the pattern out"
    tried = random.Random(SEED).sample(meant, min(2, len(meant)))
    assert [mutant.id for mutant in tried if hunt(mutant, near(mutant)).killed] == []


def test_an_exception_is_no_mutant() -> None:
    assert not any(why_not(id_) for id_ in made())
    assert all(why_not(id_) for id_ in thinkable().keys() - made().keys())


def test_a_mutant_puts_back_what_it_changed() -> None:
    plain = Mutant(id="none", rule="sessionm.user-record", side="fake", kind="none", says="nothing")
    scenarios = [scenario for scenario in every_scenario() if scenario.rule == "sessionm.tag-ttl-positive"]
    for id_ in ("sessionm.tag-ttl-positive~one-more", "sessionm.expiring-tag~clock-still"):
        assert hunt(made()[id_]).killed
        runner = Runner(world_of(plain))
        assert {runner.judge(scenario).verdict for scenario in scenarios} == {"kept"}


def test_what_only_reads_changes_nothing() -> None:
    """The table of operations that read is held against the fake: none of their answers is stale after another."""
    known = {mutant.id.rpartition("~")[2] for mutant in thinkable().values() if "~stale~" in mutant.id}
    assert known == READS


def test_an_app_that_becomes_another_one_has_nothing_of_the_first() -> None:
    first = create_app(TenantSettings())
    before: World = world(first)
    changed = partial(create_app, TenantSettings(), within=first)
    second = changed(choices=Choices({"tag-answer": "list"}), limits={"sessionm.tag-ttl-positive": 5})
    assert second is first
    assert world(second) is not before
    assert world(second).choices["tag-answer"] == "list"
    again = changed()
    assert world(again).choices["tag-answer"] == "by-name"
