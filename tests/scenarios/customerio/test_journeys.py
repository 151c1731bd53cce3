from __future__ import annotations

from collections import Counter

import pytest

from scenarios.customerio.journeys import journeys
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.world import Embedded
from tests.scenarios.experiments import every_scenario

EVERY = list(journeys())


@pytest.mark.parametrize("journey", EVERY, ids=lambda journey: journey.id)
def test_every_journey_is_kept(journey: Scenario) -> None:
    assert Runner(Embedded()).judge(journey).findings == ()


def test_every_journey_has_an_id_and_people_of_its_own() -> None:
    assert max(Counter(journey.id for journey in EVERY).values()) == 1
    people = [{batch.get("mpid") for batch in journey.batches} - {None} for journey in EVERY]
    assert all(len(one) == 1 for one in people)
    assert len(set.union(*people)) == len(EVERY)
    ids = {journey.id for journey in EVERY}
    others = {batch.get("mpid") for one in every_scenario() if one.id not in ids for batch in one.batches}
    assert not others & set.union(*people)
