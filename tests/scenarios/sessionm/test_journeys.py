from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from contracts import rules
from forwarder import Batch
from scenarios.examples import custom, screen
from scenarios.reading import platform_of
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.sessionm.journeys import journeys
from scenarios.world import Embedded

EVERY = list(journeys())


def named(name: str) -> Scenario:
    return next(scenario for scenario in EVERY if scenario.id == f"journey/{name}")


def fates(scenario: Scenario) -> list[dict[str, str]]:
    world = Embedded()
    tenants = world.tenants(scenario)
    return [{fate.point: fate.fate for fate in plan.fates} for plan in world.forward(scenario, tenants).plans]


@pytest.mark.parametrize("journey", EVERY, ids=lambda journey: journey.id)
def test_every_journey_is_kept(journey: Scenario) -> None:
    assert Runner(Embedded()).judge(journey).findings == ()


def test_every_journey_has_an_id_a_title_and_people_of_its_own() -> None:
    assert max(Counter(journey.id for journey in EVERY).values()) == 1
    people = [{batch["mpid"] for batch in journey.batches} for journey in EVERY]
    assert all(len(one) == 1 for one in people)
    assert len(set.union(*people)) == len(EVERY)


def test_every_batch_of_a_journey_is_one_that_is_taken() -> None:
    for journey in EVERY:
        for batch in journey.batches:
            assert Batch.from_json(batch).mpid == batch["mpid"]


def test_a_journey_goes_through_all_ten_platforms_and_one_that_is_not_taken() -> None:
    seen = [platform_of(batch) for batch in named("platforms").batches]
    assert {one for one in seen if one} == set(rules()["sessionm.platforms"].table["spellings"])
    assert None in seen


def test_of_somebody_who_logs_in_only_what_comes_afterwards_is_sent() -> None:
    assert [set(one.values()) for one in fates(named("logs-in"))] == [{"filtered"}, {"filtered"}, {"sent"}]


def test_the_filter_journey_keeps_back_what_it_does_not_name() -> None:
    (one,) = fates(named("filter"))
    assert {point for point, fate in one.items() if fate == "sent"} == {
        "/mpid",
        "/user_identities/customer_id",
        "/user_attributes/LoyaltyTier",
        "/events/0",
        "/events/0/data/custom_attributes/sku",
        "/events/0/data/custom_attributes/price",
        "/events/2",
        "/events/2/data/custom_attributes/sku",
        "/events/4",
    }


def test_events_and_screens_are_written_as_mparticle_writes_them() -> None:
    event: dict[str, Any] = custom("buy", "transaction", size="L")
    assert event["data"] == {
        "event_name": "buy",
        "custom_event_type": "transaction",
        "custom_attributes": {"size": "L"},
    }
    assert screen("Menu")["data"] == {"screen_name": "Menu", "custom_attributes": {}}
