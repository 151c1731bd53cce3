from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices, assumptions, rules, sources
from contracts.interaction import Response
from contracts.register import load_yaml
from contracts.transport import Lost, TimedOut
from forwarder.judge import RULE, Judgement, Retries, judge
from tests.forwarder.vendor import error, event, ok, user

TABLE = Retries.load()


def judged(outcome: Response | Lost, *, creates: bool = True, now: float = 0.0) -> Judgement:
    return judge(user() if creates else event(), outcome, TABLE, now=now)


@pytest.mark.parametrize("example", rules()[RULE].examples, ids=lambda e: f"{e['given']['status']}-{e['expect']}")
def test_every_example_of_the_retry_rule_is_judged_as_it_says(example: Any) -> None:
    response = Response(example["given"]["status"], {}, example["given"]["body"].encode())
    assert judged(response, creates=False).name == example["expect"]


def test_every_part_of_the_table_names_where_it_was_read() -> None:
    for part in load_yaml("retries.yaml").values():
        kind, _, name = part["source"].partition(":")
        assert name in assumptions() if kind == "assumption" else part["source"].partition("#")[0] in sources()


def test_the_table_is_the_one_that_the_vendor_publishes() -> None:
    assert TABLE.statuses == {408, 429, 500, 502, 503, 504}


@pytest.mark.parametrize("choice", assumptions()["retry-attempts"].choices)
def test_the_number_of_attempts_is_the_assumptions_choice(choice: str) -> None:
    assert Retries.load(Choices({"retry-attempts": choice})).attempts == int(choice)


@given(st.integers(300, 599))
def test_a_status_is_tried_again_exactly_where_the_table_says_so(status: int) -> None:
    assert (judged(Response(status)).name == "again") == (status in TABLE.statuses)


@pytest.mark.parametrize("lost", [Lost("reset by peer"), TimedOut("no answer within 10 s")])
def test_a_lost_connection_is_tried_again(lost: Lost) -> None:
    assert judged(lost) == Judgement("again", "lost", str(lost))


@pytest.mark.parametrize("status", [200, 404, 422])
def test_an_unknown_user_is_absent_only_for_a_request_that_can_create_the_user(status: int) -> None:
    assert judged(error("user_not_found", status)).name == "absent"
    assert judged(error("user_not_found", status), creates=False).name == "refused"


def test_a_code_in_upper_case_is_the_same_code() -> None:
    assert judged(error("USER_NOT_FOUND", 404)).name == "absent"


def test_an_error_under_200_is_refused_with_its_code_and_the_vendors_message() -> None:
    judgement = judged(error("validation"))
    assert (judgement.name, judgement.code, judgement.why) == ("refused", "validation", "HTTP 200 validation (no)")


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Response(200, {}, b"<html>"), "not_json"),
        (Response(404, {}, b"<html>"), "http_404"),
        (Response(302, {"location": "/login"}), "http_302"),
        (Response(200, {}, b'{"status":"error"}'), "error"),
        (Response(200, {}, b'{"status":"error","errors":[1]}'), "error"),
    ],
)
def test_an_answer_of_another_server_is_no_delivery(outcome: Response, code: str) -> None:
    assert (judged(outcome).name, judged(outcome).code) == ("refused", code)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", orjson.dumps({"status": "ok", "user": {}})])
def test_a_success_without_an_error_in_it_is_delivered(body: bytes) -> None:
    assert judged(Response(200, {}, body)) == Judgement("delivered")
    assert judged(ok()).name == "delivered"


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        (format_datetime(datetime.fromtimestamp(1060, UTC), usegmt=True), 60.0),
        (format_datetime(datetime.fromtimestamp(10, UTC), usegmt=True), 0.0),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, after: float | None) -> None:
    assert judged(Response(429, {"retry-after": header}), now=1000.0).after == after


@given(st.text(max_size=40))
def test_no_retry_after_breaks_the_judge(header: str) -> None:
    after = judged(Response(503, {"retry-after": header})).after
    assert after is None or after >= 0


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_never_passes_the_cap_and_chance_takes_away_no_more_than_its_part(failures: int, chance: float) -> None:
    longest = TABLE.wait(failures, 0.0)
    assert longest <= TABLE.cap
    assert longest * (1 - TABLE.jitter) <= TABLE.wait(failures, chance) <= longest


def test_chance_takes_away_its_whole_part_at_most() -> None:
    assert TABLE.wait(1, 1.0) == TABLE.first * (1 - TABLE.jitter) < TABLE.first


def test_waits_grow_by_the_factor_until_the_cap() -> None:
    waits = [TABLE.wait(failures, 0.0) for failures in range(1, 10)]
    assert waits[:3] == [TABLE.first, TABLE.first * TABLE.factor, TABLE.first * TABLE.factor**2]
    assert waits[-1] == TABLE.cap
