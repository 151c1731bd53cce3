import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from mock_sessionm import Clock
from mock_sessionm.books import Books
from mock_sessionm.points import PointsSetup
from mock_sessionm.tiers import BEHAVIOURS, DEFAULT_SYSTEM, Tier, Tiers, ladders, wrong_tiers
from mock_sessionm.timelines import Timelines

OTHER = "30000000-0000-4000-8000-00000000000f"
TABLES = {"tiers": [{"name": "Gold", "points": 100}, {"name": "Silver", "points": 10}]}
ME = "c"


def tiers(assume: dict[str, str] | None = None, tables: dict[str, Any] = TABLES, *, without: str = "") -> Tiers:
    clock, used, choices = Clock(100.0, frozen=True), Counter[str](), Choices(assume or {})
    books = Books(PointsSetup.of({}), clock, random.Random(0), choices, used)
    made = Tiers(tables, clock, books, Timelines(clock), choices, used, BEHAVIOURS - {without})
    books.moved = made.moved
    return made


def name(tier: Tier | None) -> str:
    return tier.name if tier else ""


def told(made: Tiers) -> list[tuple[str, Any]]:
    return [(note.kind, note.payload["name"]) for note in made._timelines.of(ME)]


def test_levels_stand_in_the_order_of_their_points_each_in_its_system() -> None:
    found = ladders({"tiers": [*TABLES["tiers"], {"name": "Alone", "points": 5, "tier_system_id": OTHER.upper()}]})
    assert [(tier.name, tier.rank) for tier in found[DEFAULT_SYSTEM]] == [("Silver", 1), ("Gold", 2)]
    assert [(tier.name, tier.rank) for tier in found[OTHER]] == [("Alone", 1)]
    assert ladders({}) == {}


def test_two_levels_of_one_id_are_complained_of() -> None:
    assert list(wrong_tiers(TABLES)) == []
    (complaint,) = wrong_tiers({"tiers": [{"name": "A", "points": 1}, {"name": "A", "points": 2}]})
    assert complaint.startswith("tiers.1")


@pytest.mark.parametrize(("points", "level"), [(9, ""), (10, "Silver"), (99, "Silver"), (100, "Gold"), (5000, "Gold")])
def test_a_level_is_reached_with_just_its_points(points: int, level: str) -> None:
    made = tiers()
    made._books.deposit(ME, points)
    assert name(made.level(ME)) == level


@given(st.lists(st.integers(1, 40), max_size=12))
def test_by_what_was_earned_a_customer_only_rises_and_each_rise_is_told_once(amounts: list[int]) -> None:
    made = tiers()
    ranks = [0]
    for amount in amounts:
        made._books.deposit(ME, amount)
        made._books.spend(ME, amount)
        level = made.level(ME)
        ranks.append(level.rank if level else 0)
    assert ranks == sorted(ranks)
    assert len(told(made)) == len(set(ranks)) - 1


def test_where_no_tier_is_set_up_nobody_has_a_level() -> None:
    made = tiers(tables={})
    made._books.deposit(ME, 5)
    assert made.level(ME) is None
    assert made.qualify(ME) == []
    assert made._used["tier-qualifying"] == 0


def test_a_level_for_nothing_is_everybodys_from_the_start() -> None:
    made = tiers(tables={"tiers": [{"name": "Member", "points": 0}, {"name": "Star", "points": 5}]})
    standing = made.standing(ME)
    assert standing is not None
    assert (standing.tier.name, standing.since) == ("Member", 0.0)
    assert name(made.next(ME, DEFAULT_SYSTEM)) == "Star"
    assert told(made) == []


def test_a_level_is_entered_at_a_time_and_leads_to_the_next() -> None:
    made = tiers()
    assert name(made.next(ME, DEFAULT_SYSTEM)) == "Silver"
    made._books.deposit(ME, 10)
    standing = made.standing(ME)
    assert standing is not None
    assert standing.since == 100.0
    assert name(made.next(ME, DEFAULT_SYSTEM)) == "Gold"
    made._books.deposit(ME, 90)
    assert made.next(ME, DEFAULT_SYSTEM) is None
    assert told(made) == [("tier_entered", "Silver"), ("tier_entered", "Gold")]


def test_a_move_up_passes_the_levels_between_only_where_that_is_asked() -> None:
    for through, entries in ((True, ["tier_passed", "tier_entered"]), (False, ["tier_entered"])):
        made = tiers()
        made.move(ME, made.systems[DEFAULT_SYSTEM][1], through=through)
        assert [kind for kind, _ in told(made)] == entries
        made.move(ME, made.systems[DEFAULT_SYSTEM][0], through=through)
        assert [kind for kind, _ in told(made)] == [*entries, "tier_entered"]


@pytest.mark.parametrize(("choice", "level"), [("never", "Gold"), ("when-evaluated", "Silver")])
def test_who_has_too_few_points_keeps_the_level_or_not_as_the_choice_says(choice: str, level: str) -> None:
    made = tiers({"tier-falls": choice})
    made.move(ME, made.systems[DEFAULT_SYSTEM][1], through=False)
    made._books.deposit(ME, 10)
    assert name(made.level(ME)) == level
    assert made._used["tier-falls"] == 1


def test_who_falls_out_of_every_level_has_none() -> None:
    made = tiers({"tier-falls": "when-evaluated"})
    made.move(ME, made.systems[DEFAULT_SYSTEM][1], through=False)
    assert made.qualify(ME) == []
    assert made.level(ME) is None


@pytest.mark.parametrize(("choice", "level"), [("with-points", "Silver"), ("when-asked", "")])
def test_points_lead_to_a_level_at_once_or_when_asked_as_the_choice_says(choice: str, level: str) -> None:
    made = tiers({"tier-qualifying": choice})
    made._books.deposit(ME, 10)
    assert name(made.level(ME)) == level
    assert [name(standing.tier) for standing in made.qualify(ME)] == ([] if level else ["Silver"])
    assert name(made.level(ME)) == "Silver"


def test_a_level_is_found_by_its_id_in_either_case() -> None:
    made = tiers()
    silver = made.systems[DEFAULT_SYSTEM][0]
    assert made.tier(silver.id.upper()) == silver
    assert made.tier(OTHER) is None


def test_levels_that_are_written_out_and_read_back_are_the_same() -> None:
    made, read = tiers(), tiers()
    made._books.deposit(ME, 10)
    read.restore(made.export())
    assert read.standing(ME) == made.standing(ME)
    read.restore({ME: {DEFAULT_SYSTEM: {"tier": OTHER, "since": 5}}})
    assert read.level(ME) is None


def test_without_the_behaviour_points_lead_nowhere() -> None:
    made = tiers(without="sessionm.tier-by-points")
    made._books.deposit(ME, 10)
    assert made.level(ME) is None
