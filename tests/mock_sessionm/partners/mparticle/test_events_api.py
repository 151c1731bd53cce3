from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import rules
from contracts.validation import check, operations, response_schema
from mock_sessionm.partners.mparticle.checks import GATE
from mock_sessionm.partners.mparticle.events_api import REFUSALS, SHOWN, VIEWS
from tests.mock_sessionm.asking import Asker
from tests.mock_sessionm.posting import PAIR, PATHS, post, posting, taken

OPERATION = {"live": "postBatch", "bulk": "postBatches", "historical": "postHistoricalBatches"}
LONG = {"events": [{"event_type": "screen_view", "data": {"screen_name": "n" * 257}}]}
INT64 = st.integers(-(2**63), 2**63 - 1)


@cache
def strict(on_violation: str) -> Asker:
    return posting(on_violation=on_violation)


@pytest.fixture
def fake() -> Asker:
    return posting()


def test_every_operation_of_the_contract_has_a_view() -> None:
    assert set(VIEWS) == set(operations("mparticle")) == set(OPERATION.values())
    assert {path for _, path in operations("mparticle").values()} == set(PATHS.values())


def test_what_is_refused_with_a_status_of_its_own_is_a_rule_of_the_gate() -> None:
    assert set(REFUSALS) <= {check.rule for check in GATE} <= set(rules())


@pytest.mark.parametrize("path", PATHS)
def test_an_accepted_request_has_no_body_and_no_type(fake: Asker, path: str) -> None:
    answer = post(fake, {"mpid": 1} if path == "live" else [{"mpid": 1}], path)
    assert (answer.status, answer.body) == (202, b"")
    assert "content-type" not in answer.headers
    assert answer.headers["x-mp-rate-limit-percentage-used"] == "0"


@pytest.mark.parametrize("on_violation", ["note", "reject", "reject-all"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [{}],
        [7],
        [{}, 7],
        None,
        "text",
        5,
        {"events": [{}]},
        {"events": 7},
        [{"events": [{}]}],
        b"{",
        b"",
        b"\xff",
        LONG,
    ],
)
def test_every_refusal_has_the_shape_of_the_contract(path: str, body: Any, on_violation: str) -> None:
    answer = post(strict(on_violation).afresh(), body, path)
    assert answer.status in {202, 400}
    if answer.status == 400:
        schema = response_schema("mparticle", OPERATION[path], 400)
        assert schema is not None
        assert check("mparticle", schema, answer.body) == []
        assert answer.body["errors"]
        assert answer.rules


@pytest.mark.parametrize(("pair", "status"), [(None, 401), (("in", "falsch"), 403), (("key", "secret"), 403)])
def test_whoever_has_not_the_inputs_credentials_leaves_nothing(
    fake: Asker, pair: tuple[str, str] | None, status: int
) -> None:
    for path in PATHS:
        assert post(fake, [{"mpid": 1}], path, pair).status == status
    assert taken(fake) == []


def test_each_thing_that_is_wrong_is_told_with_its_place_up_to_some_number(fake: Asker) -> None:
    answer = post(fake, {"mpid": [], "events": 7})
    assert [error["message"].partition(":")[0] for error in answer.body["errors"]] == ["/mpid", "/events"]
    many = post(fake, {"events": [{"event_type": 7} for _ in range(3 * SHOWN)]})
    assert len(many.body["errors"]) == SHOWN
    assert len(fake.world.journal.entries()[-1].violations) == 3 * SHOWN


@pytest.mark.parametrize(
    ("body", "path", "pair", "rule"),
    [
        ({"mpid": 1}, "live", None, "mparticle.input-credentials-missing"),
        ({"mpid": 1}, "live", ("in", "x"), "mparticle.input-credentials-wrong"),
        (b" " * 262_145, "live", PAIR, "mparticle.request-bytes-max"),
        ({"events": [{}]}, "live", PAIR, "mparticle.event-type"),
        ({"events": 7}, "live", PAIR, "mparticle.contract"),
        ({}, "bulk", PAIR, "mparticle.contract"),
        ([7], "bulk", PAIR, "mparticle.nothing-good"),
        ([7] * 101, "historical", PAIR, "mparticle.bulk-batches-max"),
    ],
)
def test_a_request_is_refused_for_one_thing_and_nothing_after_it_is_looked_at(
    fake: Asker, body: Any, path: str, pair: tuple[str, str] | None, rule: str
) -> None:
    answer = post(fake, body, path, pair)
    assert answer.rules == [rule]
    assert len(fake.world.journal.entries()[-1].violations) == 1


def test_the_journal_says_which_batch_of_several_was_not_taken_and_why(fake: Asker) -> None:
    answer = post(fake, [{"mpid": 1}, {"events": [{}]}, 7], "bulk")
    assert (answer.status, answer.rules) == (202, ["mparticle.accepted"])
    found = fake.world.journal.entries()[-1].violations
    assert [one.pointer for one in found] == ["/1/events/0", "/2"]
    assert [one.message for one in found] == ["/1/events/0: missing event_type", "/2: integer, must be object"]
    assert taken(fake) == [{"mpid": 1}]


@pytest.mark.parametrize(("on_violation", "status"), [("note", 202), ("reject", 202), ("reject-all", 400)])
def test_limits_of_mparticles_own_act_as_documented_unless_everything_is_refused(
    on_violation: str, status: int
) -> None:
    fake = posting(on_violation=on_violation)
    answer = post(fake, LONG)
    assert (answer.status, answer.rules) == (status, ["mparticle.event-name-max"])
    names = [event["data"]["screen_name"] for batch in taken(fake) for event in batch["events"]]
    assert names == (["n" * 256] if status == 202 else [])


@pytest.mark.parametrize(
    ("size", "shown"), [(257, "…: 257 characters, at most 256"), (20_000, "…: 20000 characters, at most 256")]
)
def test_a_name_that_is_too_long_is_shown_in_part_and_found_whole(fake: Asker, size: int, shown: str) -> None:
    name = "n" * size
    post(fake, {"mpid": 1, "user_attributes": {name: 1}})
    (found,) = fake.world.journal.entries()[-1].violations
    assert found.pointer == f"/user_attributes/{name}"
    assert found.message.endswith(shown)
    assert len(found.message) < 200


def test_a_short_pointer_is_shown_whole(fake: Asker) -> None:
    post(fake, {"mpid": 1, "user_attributes": {"a": "v" * 4097}})
    (found,) = fake.world.journal.entries()[-1].violations
    assert found.message == "/user_attributes/a: 4097 characters, at most 4096"


def test_no_secret_stands_in_the_journal(fake: Asker) -> None:
    post(fake, {"mpid": 1})
    post(fake, {"mpid": 1}, pair=("in", "falsch"))
    shown = repr(fake.admin("GET", "/requests").body)
    assert "/v2/events" in shown
    for pair in (PAIR, ("in", "falsch")):
        assert all(part not in shown for part in (pair[1], "Basic aW4"))


def test_a_fault_is_answered_in_mparticles_shape(fake: Asker) -> None:
    fault = {"kind": "status", "status": 503}
    fake.admin("PUT", "/faults", {"schedule": [{"match": {"vendor": "mparticle"}, "times": 1, "fault": fault}]})
    answer = post(fake, {"mpid": 1})
    assert answer.status == 503
    assert [error["code"] for error in answer.body["errors"]] == ["BAD_REQUEST"]
    assert post(fake, {"mpid": 1}).status == 202
    assert len(taken(fake)) == 1


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/v2/bulkevent", 404), ("GET", "/v2/events", 405)])
def test_a_path_or_method_that_is_not_there_is_refused_in_mparticles_shape(
    fake: Asker, method: str, path: str, status: int
) -> None:
    answer = fake.send(method, path, b"", {})
    assert answer.status == status
    assert answer.body["errors"][0]["code"] == "BAD_REQUEST"


def test_a_batch_that_nobody_refuses_for_its_size_is_not_counted_by_letters() -> None:
    limit = rules()["mparticle.request-bytes-max"].limit or 0
    assumed = {"over-size-request": "413"}
    assert post(posting(assumed), b'{"a":"' + "é".encode() * (limit // 2) + b'"}').status == 413
    assert post(posting(assumed), b"{}" + b" " * (limit - 2)).status == 202


@given(INT64, INT64, INT64)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_int64_ids_stay_whole_to_the_last_digit(mpid: int, batch_id: int, session: int) -> None:
    fake = strict("reject").afresh()
    batch = {"mpid": mpid, "batch_id": batch_id, "events": [{"event_type": "x", "data": {"session_id": session}}]}
    post(fake, batch)
    assert taken(fake) == [batch]
    shown = fake.admin("GET", f"/tenants/key/mparticle/profiles/{mpid}").body
    assert shown["mpid"] == str(mpid)
    assert fake.admin("GET", "/tenants/key/mparticle/batches").body["batches"][0]["body"] == batch
