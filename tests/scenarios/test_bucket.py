from __future__ import annotations

from typing import Any

import pytest

from contracts.transport import WsgiTransport
from mock_sessionm import TenantSettings, create_app, world
from scenarios.bucket import read
from scenarios.stage import Stage

GOOD = "App_20260101000000000000_00001.txt"
TRUE: dict[str, Any] = {
    "read": [1, 2],
    "bad": 1,
    "skipped": 1,
    "remarks": {"read": 1, "foreign": 1},
}


@pytest.fixture
def stage() -> Stage:
    app = create_app(TenantSettings())
    return Stage.of(next(iter(world(app).tenants.values())), WsgiTransport(app), app)


def step(**more: Any) -> dict[str, Any]:
    objects = {GOOD: '{"mpid": 1}\nhello\n{"mpid": 2}\n', "folder/": "", "notes.csv": "a,b"}
    return {"objects": objects, "gives": TRUE, **more}


def test_a_step_that_gives_what_it_says_has_nothing_to_tell(stage: Stage) -> None:
    assert list(read(step(), stage)) == []


@pytest.mark.parametrize(
    "wrong",
    [{"read": [2, 1]}, {"read": [1]}, {"bad": 0}, {"skipped": 2}, {"remarks": {"read": 1}}],
    ids=str,
)
def test_whatever_is_not_as_the_step_says_is_told(stage: Stage, wrong: dict[str, Any]) -> None:
    [message] = read(step(gives={**TRUE, **wrong}), stage)
    assert message.startswith(f"{next(iter(wrong))} is ")


@pytest.mark.parametrize("left_out", ["bad", "skipped", "remarks"])
def test_what_a_step_does_not_mention_must_not_be(stage: Stage, left_out: str) -> None:
    gives = {name: part for name, part in TRUE.items() if name != left_out}
    assert len(list(read(step(gives=gives), stage))) == 1


def test_a_later_step_reads_on_and_counts_the_assumptions_it_leans_on(stage: Stage) -> None:
    objects = {GOOD: [1, 2]}
    first = {"objects": objects, "stops": 2, "gives": {"read": [1]}}
    then = {"objects": objects, "gives": {"read": [2], "remarks": {"read": 1}}}
    assert [message for one in (first, then) for message in read(one, stage)] == []
    assert stage.tenant.used["s3-order"] == 2
    assert "s3-foreign" not in stage.tenant.used
