from __future__ import annotations

from collections import Counter

import pytest

from contracts import Choices
from forwarder import Retries
from scenarios.faults import FINAL, faults
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.world import Embedded

EVERY = list(faults(Choices()))


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.id)
def test_every_trouble_is_met_as_the_retry_table_says(fault: Scenario) -> None:
    assert Runner(Embedded()).judge(fault).findings == ()


def test_every_status_of_the_retry_table_is_tried_and_none_is_both_retried_and_final() -> None:
    table = Retries.load(Choices())
    struck = {entry["fault"].get("status") for fault in EVERY for entry in fault.faults}
    assert table.statuses <= struck
    assert not table.statuses & set(FINAL)
    assert set(FINAL) <= struck


def test_every_kind_of_fault_that_the_fake_knows_is_tried() -> None:
    kinds = {entry["fault"]["kind"] for fault in EVERY for entry in fault.faults}
    assert kinds == {"status", "latency", "reset", "reset-after-apply", "truncate", "quota"}


@pytest.mark.parametrize("attempts", ["1", "10"])
def test_how_often_something_is_tried_follows_the_choice(attempts: str) -> None:
    choices = Choices({"retry-attempts": attempts})
    runner = Runner(Embedded(choices=choices))
    runner.run(fault for fault in faults(choices) if fault.expects.get("gives_up"))
    assert runner.report(seed=0, fail_on="warn", vendors=[]).verdict == "kept"


def test_every_scenario_has_an_id_and_a_person_of_its_own() -> None:
    assert max(Counter(fault.id for fault in EVERY).values()) == 1
    assert max(Counter(fault.batches[0]["mpid"] for fault in EVERY).values()) == 1


def test_the_rule_of_retries_is_tried_on_both_sides() -> None:
    assert {fault.side for fault in EVERY} == {"at", "above"}
