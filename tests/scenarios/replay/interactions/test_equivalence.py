"""What two answers may differ in: what the table lets pass, with its reason, and nothing else."""

from collections import Counter
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Response
from scenarios.replay.interactions.allowances import EQUIVALENCE
from scenarios.replay.interactions.equivalence import Comparison, Difference, Sides
from scenarios.replay.interactions.handed_out import HandedOut
from scenarios.replay.interactions.values import kind_of, moment_of

ONE, OTHER = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "ab")
A, B = {"external_id": "a"}, {"external_id": "b"}
JSON = {"content-type": "application/json"}


def held(
    there: Any,
    here: Any,
    *,
    set_up: bool = True,
    sides: Sides | None = None,
    asked: str = "",
    operation: str = "getUser",
) -> tuple[list[Difference], Counter[tuple[str, str]]]:
    sides = sides or Sides(HandedOut(), set_up, Counter())
    made = Comparison(sides, operation, asked)
    found = made.differences(Response(200, JSON, orjson.dumps(there)), Response(200, JSON, orjson.dumps(here)))
    return found, sides.ignored


def user(**fields: Any) -> dict[str, Any]:
    return {"status": "ok", "user": fields}


def test_every_row_has_a_reason_and_stands_there_once() -> None:
    assert all(row.reason for row in EQUIVALENCE)
    places = [(row.within, row.field) for row in EQUIVALENCE if row.kind != "any order"]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("there", "here", "field"),
    [
        (user(id=ONE), user(id=OTHER), "id"),
        (user(created_at="2026-01-01 00:00:01"), user(created_at="2026-01-01 00:00:00"), "created_at"),
        (user(a=1, b=2), user(b=2, a=1), "keys"),
        (user(dob=1), user(dob=1.0), "dob"),
        ({"status": "ok", "message": "yes"}, {"status": "ok", "message": "no"}, "message"),
        ({"status": "ok", "message": "not kept"}, {"status": "ok"}, "message"),
        (user(unheard_of=1), user(), "unheard_of"),
        (user(city=None), user(), "city"),
        (user(identifiers=[A, B]), user(identifiers=[B, A]), "identifiers"),
    ],
)
def test_what_the_table_lets_pass_is_counted(there: Any, here: Any, field: str) -> None:
    found, ignored = held(there, here)
    assert not found
    assert field in {name for name, _ in ignored}
    assert all(reason for _, reason in ignored)


@pytest.mark.parametrize(
    ("there", "here", "place"),
    [
        (user(email="a@b.c"), user(email="b@b.c"), "/user/email"),
        (user(email="A@b.c"), user(email="a@b.c"), "/user/email"),
        (user(opted_in=1), user(opted_in=True), "/user/opted_in"),
        (user(zip="1"), user(zip=1), "/user/zip"),
        (user(), user(city="x"), "/user/city"),
        (user(city="x"), user(), "/user/city"),
        (user(user_profile={"title": "a"}), user(user_profile={"title": "b"}), "/user/user_profile/title"),
        (user(created_at="2026-01-01 00:00:00"), user(created_at="2026-01-01T00:00:00Z"), "/user/created_at"),
        (user(identifiers=[A]), user(identifiers=[B]), "/user/identifiers/0/external_id"),
        ({"status": "error", "errors": {"code": "a"}}, {"status": "error", "errors": {"code": "b"}}, "/errors/code"),
        ({"status": "ok", "tags": {"a": {"count": 1}}}, {"status": "ok", "tags": {}}, "/tags/a"),
    ],
)
def test_everything_else_must_be_equal(there: Any, here: Any, place: str) -> None:
    found, _ = held(there, here)
    assert place in [one.place for one in found]


def test_an_id_is_another_one_always_in_the_same_way() -> None:
    sides = Sides(HandedOut(), True, Counter())
    assert not held(user(id=ONE), user(id=OTHER), sides=sides)[0]
    assert not held(user(id=ONE), user(id=OTHER), sides=sides)[0]
    assert held(user(id=OTHER), user(id=OTHER), sides=sides)[0]
    assert held(user(id=ONE), user(id=ONE), sides=sides)[0]


def test_an_id_that_was_sent_is_not_handed_out() -> None:
    assert held(user(id=ONE), user(id=OTHER), asked=f"/users/{ONE}")[0]


def test_what_is_set_up_is_equal_where_a_file_says_so() -> None:
    there, here = ({"payload": {"details": [{"account_name": name}]}} for name in ("A", "B"))
    assert held(there, here)[0]
    assert not held(there, here, set_up=False)[0]


def test_a_clock_that_is_ahead_is_ahead_everywhere() -> None:
    sides = Sides(HandedOut(), True, Counter())
    here = user(created_at="2026-01-01 00:00:00")
    assert not held(user(created_at="2026-01-02 00:00:00"), here, sides=sides)[0]
    assert not held(user(created_at="2026-01-02 00:00:30"), here, sides=sides)[0]
    assert held(user(created_at="2026-01-03 00:00:00"), here, sides=sides)[0]


def test_of_a_whole_answer_the_status_comes_first() -> None:
    made = Comparison(Sides(HandedOut(), True, Counter()), "getUser")
    one = made.differences(Response(200, JSON, b"{}"), Response(404, JSON, b"{}"))
    assert [(each.got, each.wanted) for each in one] == [("HTTP 200", "HTTP 404")]
    two = made.differences(Response(200, {"content-type": "text/html"}, b"<p>"), Response(200, JSON, b"{}"))
    assert [each.name for each in two] == ["content-type"]
    three = made.differences(Response(200, JSON, b"<p>"), Response(200, JSON, b"{}"))
    assert [each.name for each in three] == ["body"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_an_answer_is_the_same_as_itself(value: Any) -> None:
    assert not held(user(a=value), user(a=value))[0]


@given(st.text() | st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none())
def test_no_kind_says_the_value(value: Any) -> None:
    assert kind_of(value) in {"null", "true", "false", "whole number", "number"} or kind_of(value).startswith(
        "text of "
    )


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "now", None, [], True])
def test_what_is_no_moment_is_none(text: Any) -> None:
    assert moment_of(text if not isinstance(text, list) else str(text)) is None


def test_a_moment_may_be_seconds_or_milliseconds() -> None:
    assert moment_of(1_780_000_000) == moment_of(1_780_000_000_000) == moment_of("2026-05-28T20:26:40Z")
