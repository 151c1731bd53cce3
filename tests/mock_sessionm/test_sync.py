from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import rules
from mock_sessionm.sync import BEHAVIOURS, OPEN_JOBS, PIECE, Did, Row
from tests.mock_sessionm.asking import Asker, asker

LIMIT = rules()[PIECE].limit or 0


def order(fake: Asker, rows: list[Any], **how: Any) -> Any:
    return fake.admin("POST", "/tenants/key/imports/tags", {"rows": rows, **how})


def test_one_call_is_a_whole_file_and_says_what_each_row_did(fake: Asker) -> None:
    ada = fake.create(external_id="ada")
    answer = order(fake, [[2, ada, "gold", 60], [3, "nobody", "gold", 60]], last=True)
    assert answer.body == {
        "job": "tags-1",
        "status": "success",
        "state": "split",
        "pieces": 1,
        "records": 2,
        "num_failed": 0,
        "rows": [[2, "tagged", None, None], [3, "unknown", "sessionm.sync-unknown-not-failed", None]],
    }
    assert fake.core("GET", "/external/users/ada/tags").body["tags"]["gold"]["ttl"] == 60


def test_a_file_may_come_in_several_calls(fake: Asker) -> None:
    ada = fake.create(external_id="ada")
    first = order(fake, [[2, ada, "gold", 60]])
    assert first.body["rows"] == []
    second = order(fake, [[3, ada, "tin", 60]], job=first.body["job"], last=True)
    assert [row[0] for row in second.body["rows"]] == [2, 3]
    assert second.body["records"] == 2
    assert order(fake, [], job=first.body["job"]).status == 404


def test_an_empty_file_is_a_job_without_pieces(fake: Asker) -> None:
    assert order(fake, [], last=True).body["pieces"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rows": [[0, "a", "b", 1]]},
        {"rows": [[2, "", "b", 1]]},
        {"rows": [[2, "a", "", 1]]},
        {"rows": [[2, "a", "b"]]},
        {"rows": [[2, "a", "b", "30d"]]},
        {"rows": [[2, "a", "b", 1, 1]]},
        {"rows": [], "lookup_key": "phone"},
        {"rows": [], "seed": -1},
        {"rows": [], "more": 1},
    ],
)
def test_a_bad_order_is_one_line_and_changes_nothing(fake: Asker, body: Any) -> None:
    answer = fake.admin("POST", "/tenants/key/imports/tags", body)
    assert answer.status == 400
    assert "\n" not in answer.body["error"]


def test_a_tenant_or_a_job_that_there_is_not_is_a_404(fake: Asker) -> None:
    assert fake.admin("POST", "/tenants/nobody/imports/tags", {"rows": []}).status == 404
    assert order(fake, [], job="tags-9").status == 404


def test_a_reset_forgets_files_on_their_way(fake: Asker) -> None:
    job = order(fake, [[2, "a", "b", 1]]).body["job"]
    fake.admin("POST", "/reset")
    assert order(fake, [], job=job).status == 404


def test_jobs_that_nobody_ends_are_forgotten_in_their_order(fake: Asker) -> None:
    jobs = [order(fake, [[2, "a", "b", 1]]).body["job"] for _ in range(OPEN_JOBS + 1)]
    assert order(fake, [], job=jobs[0]).status == 404
    assert order(fake, [], job=jobs[1]).status == 200


def test_without_a_time_to_live_of_its_own_a_ttl_below_one_ends_the_tag_where_that_is_the_choice() -> None:
    fake = asker(assume={"tag-ttl-zero": "expires-now"})
    ada = fake.create(external_id="ada")
    order(fake, [[2, ada, "gold", 60]], last=True)
    assert order(fake, [[2, ada, "gold", 0]], last=True).body["rows"] == [[2, "tagged", None, None]]
    assert fake.core("GET", "/external/users/ada/tags").body["tags"] == {}


def test_a_ttl_below_one_fails_and_counts_as_failed(fake: Asker) -> None:
    ada = fake.create(external_id="ada")
    answer = order(fake, [[2, ada, "gold", 0], [3, ada, "gold", 1]], last=True)
    assert answer.body["rows"] == [[2, "failed", "sessionm.tag-ttl-positive", None], [3, "tagged", None, None]]
    assert answer.body["num_failed"] == 1


def take(fake: Asker, rows: list[Row], seed: int, chunk: int) -> list[Did]:
    sync = fake.tenant.imports
    job = sync.begin("user_id", seed)
    did: list[Did] = []
    for start in range(0, max(len(rows), 1), chunk):
        did += sync.take(job, rows[start : start + chunk], last=start + chunk >= len(rows))
    return did


@settings(max_examples=20)
@given(st.integers(0, 4 * LIMIT), st.integers(0, 99), st.sampled_from([777, LIMIT, 2 * LIMIT + 1]))
def test_every_row_is_handled_once_however_the_file_is_sent(count: int, seed: int, chunk: int) -> None:
    fake = asker()
    did = take(fake, [Row(line, "nobody", "gold", 60) for line in range(2, count + 2)], seed, chunk)
    assert sorted(one.line for one in did) == list(range(2, count + 2))


@settings(max_examples=5)
@given(st.integers(0, 99))
def test_lines_keep_their_order_within_a_piece_and_the_same_seed_is_the_same_order(seed: int) -> None:
    rows = [Row(line, "nobody", "gold", 60) for line in range(6 * LIMIT)]
    fake = asker()
    did = [one.line for one in take(fake, rows, seed, LIMIT)]
    assert did == [one.line for one in take(fake, rows, seed, 999)]
    for start in range(0, 6 * LIMIT, LIMIT):
        assert did[start] % LIMIT == 0
        assert did[start : start + LIMIT] == list(range(did[start], did[start] + LIMIT))


def test_pieces_are_not_always_handled_in_the_order_of_the_file() -> None:
    rows = [Row(line, "nobody", "gold", 60) for line in range(6 * LIMIT)]
    orders = {tuple(one.line for one in take(asker(), rows, seed, LIMIT) if one.line % LIMIT == 0) for seed in range(9)}
    assert len(orders) > 1


def test_a_contradiction_names_the_line_that_was_handled_first(fake: Asker) -> None:
    ada = fake.create(external_id="ada")
    did = take(fake, [Row(2, ada, "gold", 60), Row(3, ada, "gold", 90), Row(4, ada, "gold", 60)], 0, 9)
    assert did[1:] == [Did(3, "tagged", "sessionm.sync-unsettled", 2), Did(4, "tagged")]


def test_every_behaviour_is_a_rule_of_the_register() -> None:
    assert set(rules()) >= BEHAVIOURS


def test_chance_comes_from_the_seed_alone() -> None:
    random.seed(1)
    rows = [Row(line, "nobody", "gold", 60) for line in range(3 * LIMIT)]
    first = take(asker(), rows, 5, LIMIT)
    random.seed(2)
    assert take(asker(), rows, 5, LIMIT) == first
