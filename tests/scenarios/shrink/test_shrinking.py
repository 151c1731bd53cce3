"""A recording with few wrong batches, through the whole of it: looked at, made small, judged again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from scenarios.given import Given
from scenarios.population import Population
from scenarios.replay.gathering import Kept, Person
from scenarios.replay.playing import Terms
from scenarios.shrink.batch_side import BatchSide
from scenarios.shrink.judging import wrong_with
from scenarios.shrink.kind import kind_of
from scenarios.shrink.reducing import Docs
from scenarios.shrink.shrinking import Minimum, Unsteady, shrink
from scenarios.shrink.survey import Survey, about
from scenarios.verdict import Finding

from .wrong_forwarders import FAULTS, MARK, SEEN, forgetful, plan, raising

RULE = "sessionm.event-attributes-max"
GIVEN = Given.load(None, None, {})
TERMS = Terms(key="test", given=GIVEN, destination="sessionm", seed=1)


def people(*batches: dict[str, Any], each: int = 1) -> list[Person]:
    """People of so many batches each."""
    kept = [Kept(number, f"r:{number}", batch) for number, batch in enumerate(batches, 1)]
    return [tuple(kept[index : index + each]) for index in range(0, len(kept), each)]


def shrunk(planning: Any, several: Sequence[Person], *rules: str, **settings: Any) -> list[Minimum | Unsteady]:
    side = BatchSide(TERMS, planning=planning)
    survey = Survey(about(rules, warnings=False), settings.pop("each", False))
    side.look([list(several)], survey, lambda _done: None)
    return list(shrink(survey, side, side.afresh, **settings))


def batch(mpid: int, fault: str = "", **more: Any) -> dict[str, Any]:
    return {
        "environment": "development",
        "mpid": mpid,
        "user_identities": {"customer_id": f"member-{mpid}", "email": f"ada.{mpid}@example.com"},
        "device_info": {"platform": "iOS"},
        MARK: {"application_name": fault or "Shop", "os": "IOS"},
        **more,
    }


def event(count: int, **more: Any) -> dict[str, Any]:
    attributes = {f"attribute {index}": f"value {index}" for index in range(count)}
    return {
        "event_type": "custom_event",
        "data": {"event_name": "purchase", "custom_event_type": "transaction", "custom_attributes": attributes | more},
    }


ATTRIBUTES = {"FavoriteStore": "Oslo", "birthday month": "May", "ShoeSize": 42, "opt in?": False}


def recording() -> list[Person]:
    """Innocent batches, and among them one for each fault."""
    drawn = Population(7)
    made = [drawn.batch() for _ in range(20)]
    for number, fault in enumerate(FAULTS, 1):
        more: dict[str, Any] = {"user_attributes": {}, "events": []}
        match fault:
            case "too-many":
                more["events"] = [event(3), event(13)]
            case "long":
                more["events"] = [event(2, note="so long " * 40)]
            case "desktop":
                more |= {"device_info": {"platform": "desktop"}, "user_attributes": ATTRIBUTES}
            case "names" | "store":
                more["user_attributes"] = {**ATTRIBUTES, "ShoeSize": "42", "opt in?": "no"}
            case "identity":
                more["user_identities"] = {"customer_id": "member-6", "other": "card-6", "google": "ada-6"}
            case _:
                more["user_attributes"] = ATTRIBUTES
        made.insert(2 * number, batch(number, fault, **more))
    return people(*made)


@pytest.fixture(scope="module")
def found() -> list[Minimum | Unsteady]:
    """What becomes of the whole recording."""
    return shrunk(plan, recording())


def test_every_fault_comes_down_to_one_batch_of_one_person_and_nothing_else_is_found(
    found: list[Minimum | Unsteady],
) -> None:
    assert all(isinstance(one, Minimum) for one in found)
    by_fault = {one.docs[0][MARK]["application_name"]: one for one in found if isinstance(one, Minimum)}
    assert set(by_fault) == set(FAULTS)
    assert len(found) == len(FAULTS)
    assert [len(one.docs) for one in by_fault.values()] == [1] * len(FAULTS)
    assert len(by_fault["too-many"].docs[0]["events"]) == 1
    assert len(by_fault["too-many"].docs[0]["events"][0]["data"]["custom_attributes"]) == 11
    assert by_fault["numbers"].docs[0]["user_attributes"] in ({"ShoeSize": 1}, {"opt in?": False})
    assert by_fault["store"].docs[0]["user_attributes"] == {"FavoriteStore": "x"}
    assert [one.kind.rule for one in by_fault.values() if one.whole]


def test_nothing_can_be_left_out_of_what_remains(found: list[Minimum | Unsteady]) -> None:
    side = BatchSide(TERMS, planning=plan)
    (whole,) = next(one.docs for one in found if isinstance(one, Minimum) and one.kind[::2] == (RULE, "more"))
    smaller: list[Docs] = [({key: part for key, part in whole.items() if key != gone},) for gone in whole]
    attributes = whole["events"][0]["data"]["custom_attributes"]
    for gone in attributes:
        rest = {key: part for key, part in attributes.items() if key != gone}
        data = {**whole["events"][0]["data"], "custom_attributes": rest}
        smaller.append(({**whole, "events": [{**whole["events"][0], "data": data}]},))
    for docs in smaller:
        assert RULE not in {one.rule for one in side.findings([docs])[0]}


def test_what_others_need_stays_though_nothing_is_wrong_with_it() -> None:
    SEEN.clear()
    first = batch(5, user_attributes={"store": "Oslo", "size": "7"})
    last = batch(5, user_attributes={"wish": "shoes"}, events=[event(2)])
    side = people(first, batch(5, events=[event(1)]), last, each=3)

    def afresh(*given: Any, **more: Any) -> Any:
        return forgetful(*given, **more)

    class Forgetting(BatchSide):
        def findings(self, rounds: Sequence[Docs]) -> list[list[Finding]]:
            made = []
            for docs in rounds:
                SEEN.clear()
                made += super().findings([docs])
            return made

        def afresh(self) -> "Forgetting":
            return Forgetting(TERMS, planning=afresh)

    judge = Forgetting(TERMS, planning=afresh)
    survey = Survey(about(("sessionm.forwards-custom-events",), warnings=False))
    judge.look([side], survey, lambda _done: None)
    (found,) = shrink(survey, judge, judge.afresh)
    assert isinstance(found, Minimum)
    assert [sorted(one) for one in found.docs] == [["mpid", "user_attributes", "user_identities"], ANY]
    assert found.docs[0]["user_attributes"] == {"store": "x"}


ANY = ["events", "mpid", "user_identities"]


def test_a_forwarder_that_falls_over_a_batch_is_shown_what_it_falls_over() -> None:
    several = people(batch(1), batch(2, user_attributes={"tier": "gold", "size": "7"}), batch(3))
    side = BatchSide(replace(TERMS, key="raising", planning=f"{raising.__module__}:raising"))
    survey = Survey(about((), warnings=False))
    side.look([several], survey, lambda _done: None)
    found = list(shrink(survey, side, side.afresh))
    shown = [one.docs[0]["user_attributes"] for one in found if isinstance(one, Minimum)]
    assert shown == [{"tier": "gold"}] * len(found)


def test_what_cannot_be_shown_again_is_told_and_not_written() -> None:
    calls = iter(range(10**6))

    def moody(*given: Any, **more: Any) -> Any:
        return (plan if next(calls) else without_everything)(*given, **more)

    def without_everything(batch: Any, connection: Any, *, now: float | None = None) -> Any:
        return FAULTS["store"](batch, connection, now=now)

    found = shrunk(moody, people(batch(1, user_attributes=ATTRIBUTES), batch(2)), "sessionm.forwards-user-attributes")
    assert [type(one) for one in found] == [Unsteady]


def test_when_the_time_is_up_what_there_is_then_is_given_and_said_to_be_no_minimum() -> None:
    now = iter(range(10**6))
    several = people(batch(1, "too-many", user_attributes=ATTRIBUTES, events=[event(2), event(13)]))
    for found in shrunk(plan, several, RULE, patience=3, clock=lambda: float(next(now))):
        assert isinstance(found, Minimum)
        assert not found.whole
        assert found.kind in {kind_of(one) for one in found.findings}


def test_so_many_are_made_as_were_asked_for() -> None:
    several = people(
        batch(1, "numbers", user_attributes=ATTRIBUTES), batch(2, "store", user_attributes={"FavoriteStore": "Oslo"})
    )
    assert len(shrunk(plan, several)) == 2
    assert len(shrunk(plan, several, limit=1)) == 1


def test_each_kind_of_finding_has_its_own_where_that_is_asked_for() -> None:
    names = {"$FirstName": "Ada", "$LastName": "Lovelace"}
    several = people(batch(1, "fields", user_attributes=names))
    assert len(shrunk(plan, several)) == 1
    kinds = shrunk(plan, several, each=True)
    assert [sorted(one.docs[0]["user_attributes"]) for one in kinds if isinstance(one, Minimum)] == [
        ["$FirstName"],
        ["$LastName"],
    ]


@pytest.mark.parametrize("bad", [{"mpid": "seven"}, {"events": {}}, [], None])
def test_what_is_no_batch_is_no_candidate(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        wrong_with(bad)
