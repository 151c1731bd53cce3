from __future__ import annotations

import orjson

from benchmarks.planning import batch
from contracts.validation import check
from forwarder import Batch, Connection, plan


def test_the_measured_batch_is_a_valid_one_of_about_1_700_bytes() -> None:
    made = batch(7)
    assert check("mparticle", "#/components/schemas/RecordedBatch", made) == []
    assert 1_600 <= len(orjson.dumps(made)) <= 1_800


def test_the_measured_batch_has_three_events_and_thirty_attributes_and_all_of_it_is_sent() -> None:
    made = batch(7)
    events = [event["data"]["custom_attributes"] for event in made["events"]]
    assert len(events) == 3
    assert len(made["user_attributes"]) + sum(map(len, events)) == 30
    assert {fate.fate for fate in plan(Batch.from_json(made), Connection.default()).fates} == {"sent"}
