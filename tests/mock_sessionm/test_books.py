import contextlib
import json
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from mock_sessionm import Clock
from mock_sessionm.books import BEHAVIOURS, Books
from mock_sessionm.points import PointsSetup, TooFew, Want

DAY = 86_400.0
A, B = "10000000-0000-4000-8000-00000000000a", "10000000-0000-4000-8000-00000000000b"
SETUP = PointsSetup.of(
    {"point_accounts": [{"id": A, "name": "A", "expires_after": "10d"}, {"id": B, "name": "B"}]},
)
ME = "c"


def books(assume: dict[str, str] | None = None, *, without: str = "", setup: PointsSetup = SETUP) -> Books:
    clock = Clock(DAY * 100, frozen=True)
    return Books(setup, clock, random.Random(0), Choices(assume or {}), Counter(), BEHAVIOURS - {without})


# --- laws -------------------------------------------------------------------------------------------------

amounts = st.integers(1, 50)
deposits = st.tuples(st.just("deposit"), amounts, st.sampled_from([A, B]))
accounts = st.sampled_from([(A,), (B,), (A, B), (B, A), None])
spends = st.tuples(st.just("spend"), amounts, accounts, st.sampled_from([None, "one", "two"]), st.booleans())
moves = st.tuples(st.just("move"), st.integers(-15, 15))
histories = st.lists(st.one_of(deposits, spends, moves), max_size=25)
choices = st.fixed_dictionaries(
    {
        "points-spent-first": st.sampled_from(["oldest", "newest"]),
        "spend-accounts": st.sampled_from(["in-order", "oldest-first"]),
        "force-spend": st.sampled_from(["overdraft", "as-far-as-it-goes", "refused"]),
    }
)


def happens(made: Books, step: tuple[Any, ...], *, force: bool = True) -> bool:
    """One step of a history; whether something was booked by it."""
    if step[0] == "move":
        made._clock.set(made._clock.now() + step[1] * DAY)
        return False
    if step[0] == "deposit":
        made.deposit(ME, step[1], account_id=step[2])
        return True
    before = len(made._of(ME))
    try:
        made.spend(ME, step[1], account_ids=step[2], idempotency_id=step[3], force=force and step[4])
    except TooFew:
        assert len(made._of(ME)) == before
    return len(made._of(ME)) > before


@given(histories, choices)
def test_the_books_always_balance_and_the_log_adds_up_to_the_balance(history: Any, assume: dict[str, str]) -> None:
    made = books(assume)
    for step in history:
        happens(made, step)
        log = made.log(ME)
        for account in (A, B):
            own = [entry for entry in log if entry.account_id == account]
            came = sum(entry.amount for entry in own if entry.kind == "issued")
            spent = sum(entry.amount for entry in own if entry.kind == "spent")
            gone = sum(entry.amount for entry in own if entry.kind == "expired")
            assert made.balance(ME, account) == came + spent + gone == sum(entry.amount for entry in own)
            assert gone == -sum(entry.expired for entry in own)
        assert made.available(ME) == sum(entry.amount for entry in log)
        assert [entry.at for entry in log] == sorted(entry.at for entry in log)
        assert len({entry.id for entry in log}) == len(log)


@given(histories, choices)
def test_without_force_no_account_ever_falls_below_zero(history: Any, assume: dict[str, str]) -> None:
    made = books(assume)
    for step in history:
        happens(made, step, force=False)
        assert min(made.balance(ME, A), made.balance(ME, B)) >= 0
        assert all(entry.spent + entry.expired <= max(entry.amount, 0) for entry in made.log(ME))


@given(histories, choices)
def test_a_history_that_is_told_twice_under_the_same_ids_spends_once(history: Any, assume: dict[str, str]) -> None:
    made = books(assume)
    for step in history:
        happens(made, step)
        if step[0] == "spend" and step[3] and made.booked(ME, step[3]) is not None:
            before = made.export()
            first = made.spend(ME, step[1] + 1, account_ids=step[2], idempotency_id=step[3])
            again = made.spend(ME, step[1], account_ids=step[2], idempotency_id=step[3], force=True)
            assert first == again
            assert made.export() == before


@given(histories, choices, st.lists(st.integers(-30, 30), max_size=6))
def test_looking_at_other_times_loses_no_points(history: Any, assume: dict[str, str], looks: list[int]) -> None:
    made = books(assume)
    for step in history:
        happens(made, step)
    now, log = made._clock.now(), made.log(ME)
    for days in looks:
        made._clock.set(max(now + days * DAY, 0))
        made.log(ME)
        made.available(ME)
    made._clock.set(now)
    assert made.log(ME) == log


@given(histories, st.lists(st.integers(0, 9), min_size=1, max_size=8))
def test_many_small_steps_in_time_are_one_long_one(history: Any, steps: list[int]) -> None:
    one, many = books(), books()
    for step in history:
        happens(one, step)
        happens(many, step)
    one._clock.advance(sum(steps) * DAY)
    for days in steps:
        many._clock.advance(days * DAY)
        many.available(ME)
    assert one.log(ME) == many.log(ME)
    assert one.export() == many.export()


@given(histories, choices, st.lists(st.tuples(amounts, accounts, st.booleans()), max_size=4))
def test_what_is_told_of_spends_beforehand_is_what_becomes_of_them(
    history: Any, assume: dict[str, str], spends: list[Any]
) -> None:
    made = books(assume)
    for step in history:
        happens(made, step)
    wants = [Want(amount, tuple(named or (A, B)), None, force) for amount, named, force in spends]
    before = made.export()
    foretold = {index for index, _ in made.lacking(ME, wants)}
    assert made.export() == before
    for index, want in enumerate(wants):
        step = ("spend", want.amount, want.account_ids, None, want.force)
        try:
            made.spend(ME, step[1], account_ids=want.account_ids, force=want.force)
        except TooFew:
            assert index in foretold
        else:
            assert index not in foretold


@given(histories, choices)
def test_books_that_are_written_out_and_read_back_are_the_same(history: Any, assume: dict[str, str]) -> None:
    made, read = books(assume), books(assume)
    for step in history:
        happens(made, step)
    read.restore(json.loads(json.dumps(made.export())))
    read._clock.set(made._clock.now())
    assert read.log(ME) == made.log(ME)
    assert read.export() == made.export()
    assert read.booked(ME, "one") == made.booked(ME, "one")


# --- cases ------------------------------------------------------------------------------------------------


def test_of_two_spends_for_the_last_points_one_wins_and_the_other_is_told() -> None:
    made = books()
    made.deposit(ME, 100, account_id=B)
    assert made.spend(ME, 60).amount == 60
    with pytest.raises(TooFew) as told:
        made.spend(ME, 60)
    assert (told.value.wanted, told.value.there) == (60, 40)
    assert made.available(ME) == 40


def test_a_deposit_goes_to_the_first_account_and_a_spend_takes_from_all() -> None:
    made = books()
    assert made.deposit(ME, 5).account_id == A
    made.deposit(ME, 5, account_id=B)
    spent = made.spend(ME, 8)
    assert [(entry.account_id, entry.amount) for entry in spent.entries] == [(A, -5), (B, -3)]
    assert {entry.origin.request_id for entry in spent.entries} == {spent.id}


def test_a_deposit_under_a_known_id_happens_once() -> None:
    made = books()
    first = made.deposit(ME, 5, idempotency_id="x")
    assert made.deposit(ME, 9, idempotency_id="x") == first
    assert made.deposit("somebody else", 9, idempotency_id="x").amount == 9
    assert made.available(ME) == 5


def test_totals_are_what_was_spent_or_earned_and_what_is_left() -> None:
    for choice, total in (("spent", 30), ("earned", 100)):
        made = books({"total-points": choice})
        made.deposit(ME, 100)
        made.spend(ME, 30)
        assert made.totals(ME) == (total, 70)
        assert made._used["total-points"] == 1


def test_a_forced_spend_is_paid_by_what_comes_later() -> None:
    made = books()
    made.deposit(ME, 10, account_id=B)
    made.spend(ME, 25, account_ids=[A, B], force=True)
    assert (made.balance(ME, A), made.balance(ME, B)) == (-15, 0)
    assert made.deposit(ME, 10, account_id=A).spent == 10
    assert made.deposit(ME, 10, account_id=A).spent == 5
    assert (made.balance(ME, A), made.balance(ME, B)) == (5, 0)


def test_points_that_come_back_when_the_clock_goes_back_pay_what_is_owed_first() -> None:
    made = books()
    made.deposit(ME, 10, account_id=A)
    made._clock.advance("10d")
    made.spend(ME, 6, account_ids=[A], force=True)
    assert made.balance(ME, A) == -6
    made._clock.set(DAY * 100)
    assert made.balance(ME, A) == 4
    with pytest.raises(TooFew):
        made.spend(ME, 5, account_ids=[A])
    made.spend(ME, 4, account_ids=[A])
    assert made.balance(ME, A) == 0


def test_whoever_wants_to_know_is_told_whose_points_moved() -> None:
    made = books()
    heard: list[str] = []
    made.moved = heard.append
    made.deposit(ME, 5, idempotency_id="x")
    made.deposit(ME, 5, idempotency_id="x")
    made.spend(ME, 5)
    with pytest.raises(TooFew):
        made.spend(ME, 5)
    assert heard == [ME, ME]


def test_points_do_not_outlive_the_calendar() -> None:
    setup = PointsSetup.of({"point_accounts": [{"name": "A", "expires_after": "999999999d"}]})
    made = books(setup=setup)
    expires = made.deposit(ME, 1).expires
    assert expires is not None
    assert expires < 253_402_300_800


def test_an_assumption_counts_only_where_it_makes_a_difference() -> None:
    made = books()
    made.deposit(ME, 5)
    made.spend(ME, 1)
    assert made._used["points-spent-first"] == made._used["spend-accounts"] == 0
    made.deposit(ME, 5, account_id=B)
    made.spend(ME, 1)
    assert made._used["points-spent-first"] == made._used["spend-accounts"] == 1


@pytest.mark.parametrize("rule", sorted(BEHAVIOURS))
def test_books_without_a_behaviour_book_otherwise(rule: str) -> None:
    outcomes = []
    for without in ("", rule):
        made = books(without=without)
        made.deposit(ME, 20)
        made._clock.advance("1d")
        made.deposit(ME, 20)
        made.deposit(ME, 20, account_id=B)
        made.spend(ME, 10, account_ids=[A], idempotency_id="x")
        made.spend(ME, 10, account_ids=[A], idempotency_id="x")
        made._clock.advance("9d")
        with contextlib.suppress(TooFew):
            made.spend(ME, 25)
        outcomes.append([(entry.kind, entry.amount, entry.account_id) for entry in made.log(ME)])
    assert outcomes[0] != outcomes[1]
