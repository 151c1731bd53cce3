from pathlib import Path

import pytest

from forwarder import Batch, Connection, plan
from scenarios.forwarder_named import NoForwarder
from scenarios.replay.planner import Planner

BATCH = Batch.from_json({"mpid": 7, "user_identities": {"customer_id": "c"}})
THEIRS = """
from forwarder import plan as right
def same(batch, connection, *, now=None):
    return right(batch, connection, now=now)
def fails(batch, connection, *, now=None):
    return batch.body["no such key"]
def odd(batch, connection, *, now=None):
    return []
"""


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "a_planner_of_theirs.py").write_text(THEIRS)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "a_planner_of_theirs"


def test_ours_plans_where_nobody_is_named_and_theirs_where_somebody_is(theirs: str) -> None:
    right = plan(BATCH, Connection.default())
    assert Planner()(BATCH, Connection.default()) == Planner(f"{theirs}:same")(BATCH, Connection.default()) == right


@pytest.mark.parametrize(
    ("name", "said"),
    [("fails", "raised KeyError at a_planner_of_theirs.py:6"), ("odd", "gave list in place of a Plan")],
)
def test_one_that_fails_plans_nothing_and_is_counted_with_where_it_failed(theirs: str, name: str, said: str) -> None:
    planner = Planner(f"{theirs}:{name}")
    for _ in range(2):
        assert planner(BATCH, Connection.default()).requests == ()
    assert planner.raised == {said: 2}


def test_nobody_of_that_name_is_told_before_anything_is_played(theirs: str) -> None:
    with pytest.raises(NoForwarder):
        Planner(f"{theirs}:nobody")
