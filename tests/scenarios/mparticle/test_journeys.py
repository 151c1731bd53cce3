from __future__ import annotations

from collections import Counter

import pytest

from contracts import Choices
from mock_sessionm import Tenant
from scenarios.faults import faults
from scenarios.generated import generated
from scenarios.mparticle.journeys import journeys
from scenarios.place import Forwarded
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.world import Embedded

EVERY = list(journeys())


def named(name: str) -> Scenario:
    return next(scenario for scenario in EVERY if scenario.id == f"journey/mparticle/{name}")


def forwarded(name: str) -> tuple[Tenant, Forwarded]:
    world = Embedded()
    tenants = world.tenants(named(name))
    return tenants["default"], world.forward(named(name), tenants)


@pytest.mark.parametrize("journey", EVERY, ids=lambda journey: journey.id)
def test_every_journey_is_kept(journey: Scenario) -> None:
    assert Runner(Embedded()).judge(journey).findings == ()


def test_every_journey_has_an_id_and_people_of_its_own() -> None:
    assert max(Counter(journey.id for journey in EVERY).values()) == 1
    people = [{batch["mpid"] for batch in journey.batches if batch.get("mpid")} for journey in EVERY]
    assert all(len(one) == 1 for one in people)
    assert len(set.union(*people)) == len(EVERY)


@pytest.mark.parametrize("person", list(generated(3, 40, destination="mparticle")), ids=lambda one: one.id)
def test_invented_people_arrive_as_they_should(person: Scenario) -> None:
    assert Runner(Embedded()).judge(person).findings == ()


def test_trouble_on_the_road_loses_nothing() -> None:
    runner = Runner(Embedded())
    runner.run(faults(Choices(), destination="mparticle"))
    assert list(runner.report(seed=0, fail_on="error", vendors=()).findings) == []


def test_a_line_of_a_bucket_leaves_nothing_of_its_source_behind() -> None:
    tenant, _ = forwarded("line")
    first = tenant.ingest.batches[0].body
    assert set(first) == {
        *("environment", "mpid", "device_info", "user_identities", "user_attributes", "source_request_id", "events")
    }
    assert first["events"][0]["data"]["session_id"] == 4957918240501247982
    assert "of-the-source" not in str(tenant.ingest.batches)


def test_what_is_sent_again_is_known_and_what_only_looks_alike_is_taken() -> None:
    tenant, said = forwarded("again")
    assert len(said.heard) == 5
    assert len(tenant.ingest.batches) == 3
    assert len(tenant.ingest.duplicates) == 2


def test_no_digit_is_lost_on_the_wire() -> None:
    _, said = forwarded("digits")
    body = said.heard[0].request.body.decode()
    for number in (2**63 - 1, -(2**63), 2**53 + 1, 2**63 - 2, -(2**63) + 1):
        assert f":{number}" in body


def test_a_batch_that_is_too_large_goes_in_parts_and_is_known_when_it_comes_again() -> None:
    tenant, said = forwarded("split")
    parts = [one.body["source_request_id"] for one in tenant.ingest.batches]
    assert parts == ["wide.1", "wide.2", "wide.3", "small"]
    assert [len(outcomes) for outcomes in said.outcomes] == [3, 3, 1]
