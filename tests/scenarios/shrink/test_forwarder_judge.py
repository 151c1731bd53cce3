"""A forwarder on a port, asked about a recording and about many candidates."""

from collections.abc import Iterator
from typing import Any

import pytest

from scenarios.given import Given
from scenarios.shrink.forwarder_judge import ForwarderJudge
from scenarios.shrink.shrinking import Minimum, shrink
from scenarios.shrink.survey import Survey, about
from tests.scenarios.shrink.test_shrinking import RULE, batch, event, people
from tests.scenarios.test_foreign import Stranger

from .wrong_forwarders import MARK, plan, without


class Wrong(Stranger):
    """It plans as one of the wrong forwarders does."""

    planning: Any = staticmethod(plan)

    def accept(self, batches: Any) -> None:
        import random
        import time

        from contracts.transport import HttpTransport
        from forwarder import Batch, Delivery

        delivery = Delivery(
            HttpTransport(self.target), self.connection, clock=time.time, sleep=lambda _: None, chance=random.Random(1)
        )
        for raw in batches:
            delivery.deliver(self.planning(Batch.read(raw), self.connection, now=time.time()))


class OnlyOne(Wrong):
    """Its fault is with one person alone."""

    @staticmethod
    def planning(batch: Any, connection: Any, *, now: float) -> Any:
        wrong = without("cap_event_attributes") if batch.mpid == 2 else plan
        return wrong(batch, connection, now=now)


@pytest.fixture(params=[Wrong, OnlyOne], ids=["by-what-a-batch-holds", "by-whose-it-is"])
def judge(request: pytest.FixtureRequest) -> Iterator[ForwarderJudge]:
    stranger = request.param()
    url = stranger.server.url
    asked = ForwarderJudge(url, Given.load(None, None, {}), port=0, settle=0.05, seed=1)
    with stranger.server, asked:
        stranger.target = asked.url
        yield asked


def test_a_fault_of_somebody_elses_forwarder_comes_down_to_one_batch(judge: ForwarderJudge) -> None:
    survey = Survey(about((RULE,), warnings=False))
    several = people(batch(1, events=[event(2)]), batch(2, "too-many", events=[event(11)]), batch(3))
    judge.look([several], survey, lambda _done: None)
    assert survey.records == 3
    found = [one for one in shrink(survey, judge, judge.afresh) if isinstance(one, Minimum)]
    assert found
    for one in found:
        (doc,) = one.docs
        assert len(doc["events"]) == 1
        assert len(doc["events"][0]["data"]["custom_attributes"]) == 11
        assert MARK in doc or doc["mpid"] == 2
    heard, tenant = judge.heard(found[0].docs)
    assert {one.operation for one in heard} >= {"createUser", "postEventsByExternalId"}
    assert tenant.events
