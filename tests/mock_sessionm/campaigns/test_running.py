from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from mock_sessionm import Clock
from mock_sessionm.settling import AT_ONCE
from mock_sessionm.tenant import Tenant
from tests.mock_sessionm.asking import NOON, Asker
from tests.mock_sessionm.campaigning import ADA, BOB, behaviors, campaigning, tags, tenant_file, visit

TOMORROW = "2026-06-16T12:00:00Z"


def campaign(**parts: Any) -> dict[str, Any]:
    return {"id": "c", "trigger": {"event": "visit"}, "outcomes": [{"tag": "done"}], **parts}


def daily(**parts: Any) -> dict[str, Any]:
    return campaign(trigger={"first": TOMORROW, "every": "1d"}, repeats=True, outcomes=[{"tag": "daily"}], **parts)


def settled(fake: Asker, by: float) -> Asker:
    fake.tenant.clock.advance(by)
    fake.tenant.settle()
    return fake


def test_only_the_campaigns_that_listen_count_an_event_in_the_order_of_the_file() -> None:
    fake = campaigning(campaigns=[campaign(id="a"), campaign(id="b", trigger={"event": "purchase"}), campaign(id="d")])
    assert [one["campaign_id"] for one in behaviors(visit(fake))] == ["a", "d"]
    assert [one["campaign_id"] for one in behaviors(visit(fake, name="purchase"))] == ["b"]


def test_everybody_has_progress_of_their_own() -> None:
    fake = campaigning(campaigns=[campaign(goal=2, progress_outcomes=[{"tag": "half"}])])
    visit(fake)
    visit(fake, "bob")
    assert (tags(fake), tags(fake, BOB)) == ({"half": 1}, {"half": 1})
    visit(fake)
    assert (tags(fake), tags(fake, BOB)) == ({"half": 1, "done": 1}, {"half": 1})


def test_states_go_from_not_started_over_progress_to_completed_and_round_again() -> None:
    fake = campaigning(campaigns=[campaign(goal=2, repeats=True)])
    one, ada = fake.tenant.campaigns.campaigns[0], fake.tenant.customers.by_id(ADA)
    assert ada is not None
    seen = [fake.tenant.campaigns.state(one, ada)]
    for _ in range(3):
        visit(fake)
        seen.append(fake.tenant.campaigns.state(one, ada))
    assert seen == ["not_started", "in_progress", "completed", "in_progress"]


def test_more_than_the_goal_is_told_as_the_goal() -> None:
    fake = campaigning(campaigns=[campaign(goal=3)], assume={"goal-counts": "quantities"})
    assert behaviors(visit(fake, qty=10**18))[0]["progress"] == {"count": 3, "goal": 3}


def test_a_quantity_that_is_no_number_of_64_bits_counts_once() -> None:
    fake = campaigning(campaigns=[campaign(goal=3)], assume={"goal-counts": "quantities"})
    assert behaviors(visit(fake, qty="9" * 30))[0]["progress"] == {"count": 1, "goal": 3}


def test_what_lay_in_the_past_when_the_campaign_was_set_up_is_not_made_up_for() -> None:
    past = campaign(trigger={"at": "2026-06-15T11:59:59Z"})
    fake = settled(campaigning(campaigns=[past, daily(id="d")]), 86_400)
    assert tags(fake) == {"daily": 1}


def test_a_request_runs_what_is_due_before_it_is_answered() -> None:
    fake = campaigning(campaigns=[daily()])
    fake.tenant.clock.advance("3d")
    answer = fake.core("GET", "/external/users/ada/tags")
    assert answer.body["tags"] == {"daily": {"count": 3}}


@pytest.mark.parametrize(
    "order", [("PUT", "/clock", {"now": "2026-06-18T12:00:00Z"}), ("POST", "/clock/advance", {"by": "3d"})]
)
def test_the_control_api_runs_what_is_due_when_it_moves_the_clock(order: tuple[str, str, dict[str, str]]) -> None:
    fake = campaigning(campaigns=[daily()])
    method, path, body = order
    assert fake.admin(method, path, body).status == 200
    assert tags(fake) == {"daily": 3}


def test_the_clock_shows_afterwards_what_it_showed_before() -> None:
    fake = settled(campaigning(campaigns=[daily()]), 30 * 86_400)
    assert fake.tenant.clock.now() == NOON + 30 * 86_400


def test_each_thing_happens_at_its_own_time() -> None:
    expiring = daily(id="e") | {"outcomes": [{"tag": "fresh", "ttl": 43_200}]}
    half_past = campaign(
        id="h", trigger={"first": "2026-06-17T00:00:00Z", "every": "1d"}, conditions=[{"tag": "fresh"}], repeats=True
    )
    early = half_past | {
        "id": "early",
        "trigger": {"first": "2026-06-16T23:59:59Z", "every": "1d"},
        "outcomes": [{"tag": "early"}],
    }
    fake = settled(campaigning(campaigns=[half_past, early, expiring]), 10 * 86_400)
    assert tags(fake) == {"early": 9, "fresh": None}


def test_what_is_too_much_at_once_keeps_its_turn() -> None:
    every_minute = campaign(trigger={"first": TOMORROW, "every": "1m"}, repeats=True, outcomes=[{"tag": "m"}])
    fake = settled(campaigning(campaigns=[every_minute]), 86_400 + 60 * (AT_ONCE + 4))
    assert tags(fake) == {"m": AT_ONCE}
    fake.tenant.settle()
    assert tags(fake) == {"m": AT_ONCE + 5}


@given(st.lists(st.integers(0, 5 * 86_400), max_size=6))
def test_how_the_clock_goes_there_makes_no_difference(steps: list[int]) -> None:
    campaigns = [
        daily(),
        daily(id="d", conditions=[{"tag": "daily", "count_at_least": 3}]) | {"outcomes": [{"tag": "d"}]},
    ]
    settings = tenant_file(campaigns=campaigns)
    in_steps, at_once = (Tenant(settings, clock=Clock(NOON, frozen=True), choices=Choices()) for _ in range(2))
    for tenant, parts in ((in_steps, steps), (at_once, [sum(steps)])):
        for part in parts:
            tenant.clock.advance(part)
            tenant.settle()
    ada, other = in_steps.customers.by_id(ADA), at_once.customers.by_id(ADA)
    assert ada is not None
    assert other is not None
    assert ada.tags == other.tags
    daily_tag = other.tags.get("daily")
    assert (daily_tag.count if daily_tag else 0) == sum(steps) // 86_400


def test_a_clock_that_is_set_back_runs_nothing_twice() -> None:
    fake = settled(campaigning(campaigns=[daily()]), 2 * 86_400)
    fake.tenant.clock.set(NOON)
    settled(fake, 2 * 86_400)
    assert tags(fake) == {"daily": 2}


def test_what_was_exported_goes_on_where_it_was() -> None:
    campaigns = [daily(), campaign(id="v", goal=2)]
    one, other = settled(campaigning(campaigns=campaigns), 2 * 86_400), campaigning(campaigns=campaigns)
    visit(one)
    state = one.admin("GET", "/state").body
    assert other.admin("PUT", "/state", state).status == 200
    assert behaviors(visit(other))[0]["state"] == "completed"
    assert tags(settled(other, 86_400)) == {"daily": 3, "done": 1}


def test_a_state_of_other_campaigns_is_taken_without_them() -> None:
    one, other = campaigning(campaigns=[campaign(id="old", goal=2), daily()]), campaigning(campaigns=[daily(id="new")])
    visit(one)
    assert other.admin("PUT", "/state", one.admin("GET", "/state").body).status == 200
    assert other.tenant.campaigns.export() == {"progress": [], "ran": {"new": 0}}


def test_after_a_reset_nobody_has_come_anywhere() -> None:
    fake = campaigning(campaigns=[campaign(goal=2)])
    visit(fake)
    fake.admin("POST", "/reset", {"only": ["state"]})
    assert behaviors(visit(fake))[0]["progress"]["count"] == 1


def test_a_request_that_begins_within_another_runs_nothing_that_is_due() -> None:
    fake = campaigning(campaigns=[daily()])
    fake.tenant.clock.advance("1d")
    fake.tenant.settling = True
    fake.core("GET", "/external/users/ada/tags")
    assert tags(fake) == {}
    fake.tenant.settling = False
    fake.core("GET", "/external/users/ada/tags")
    assert tags(fake) == {"daily": 1}
