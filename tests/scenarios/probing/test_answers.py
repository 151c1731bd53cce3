"""Each word of a condition, on both sides; and answers told without a value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Response
from contracts.probing import questions
from scenarios.probing.answers import WORDS, Answer, because, choices_of, holds, mentions, shape

BODY = {"status": "ok", "tags": {"gold": 1}, "rows": [{"n": 1, "at": "2026-01-01"}, {"n": 2, "at": None}], "flag": True}


@pytest.mark.parametrize(
    ("word", "yes", "no"),
    [
        ("ok", True, False),
        ("status", 200, 404),
        ("says", {"tags": {"gold": 1}}, {"tags": {"gold": 2}}),
        ("holds", ["/tags/gold", "/rows/1"], ["/tags/gold", "/tags/tin"]),
        ("lacks", ["/tags/tin", "/rows/2"], ["/tags/tin", "/rows/1"]),
        ("sizes", {"/rows": 2, "/tags": 1}, {"/rows": 1}),
        ("kinds", {"/tags": "object", "/rows/0/n": "number", "/rows/1/at": "nothing"}, {"/flag": "number"}),
        ("differs", {"/rows/0/n": 2}, {"/rows/0/n": 1}),
        ("matches", {"/rows/0/at": r"\d{4}-.*"}, {"/rows/0/at": r"\d{4}"}),
        ("over", {"/rows/1/n": 1}, {"/rows/1/n": 2}),
        ("under", {"/rows/0/n": 2}, {"/rows/0/n": 1}),
        ("among", {"/rows": {"n": 2}}, {"/rows": {"n": 3}}),
        ("none", {"/rows": {"n": 3}}, {"/rows": {"n": 2}}),
        ("mentions", "gold", "tin"),
        ("silent_on", "tin", "gold"),
    ],
)
def test_each_word_holds_of_one_answer_and_not_of_another(word: str, yes: Any, no: Any) -> None:
    answers = {"a": Answer(BODY, 200, ok=True)}
    assert holds({"of": "a", word: yes}, answers, lambda value: value)
    assert not holds({"of": "a", word: no}, answers, lambda value: value)


def test_every_word_is_tried() -> None:
    [cases] = [mark.args[1] for mark in test_each_word_holds_of_one_answer_and_not_of_another.pytestmark]
    assert {word for word, _, _ in cases} == set(WORDS)


@pytest.mark.parametrize("word", ["sizes", "kinds", "differs", "matches", "over", "under", "among", "none"])
def test_nothing_can_be_said_of_what_is_not_there(word: str) -> None:
    wanted: Any = {"n": 1} if word in {"among", "none"} else 1
    assert not WORDS[word]({"/elsewhere": wanted}, Answer(BODY))


@pytest.mark.parametrize("value", [10, "10"])
def test_a_number_is_mentioned_whether_it_is_written_as_a_number_or_as_a_text(value: Any) -> None:
    assert mentions({"deep": [{"amount": value}]}, "10")
    assert not mentions({"deep": [{"amount": value}]}, "1")


def test_a_name_that_is_only_a_part_of_another_is_not_mentioned() -> None:
    assert not mentions({"probestore_2": "probestore or so"}, "probestore")


def test_several_conditions_all_must_hold() -> None:
    answers = {"a": Answer(BODY, 200, ok=True)}
    assert not holds({"of": "a", "ok": True, "status": 404}, answers, lambda value: value)


def test_answers_that_do_not_count_decide_nothing() -> None:
    question = questions()["validation-status"]
    assert choices_of(question, {"create": Answer({}, 422, ok=False)}, lambda value: value) == ["422"]
    assert choices_of(question, {"create": Answer({}, 200, ok=True)}, lambda value: value) == []


def test_reasons_are_written_as_the_question_has_them() -> None:
    told = list(because(questions()["take-left-out"].decides["nothing"]))
    assert told == ["wallet: sizes /payload/user_offers 0"]


@pytest.mark.parametrize(
    ("body", "ok"),
    [(b'{"status":"ok"}', True), (b'{"status":"error"}', False), (b"[]", False), (b"", False)],
)
def test_an_answer_goes_well_where_it_says_so(body: bytes, ok: bool) -> None:
    assert Answer.of(Response(200, {}, body), "core").ok is ok


def test_a_deletion_without_a_body_went_well() -> None:
    assert Answer.of(Response(204), "core").ok


@given(st.text(min_size=1))
def test_no_value_of_an_answer_is_told(secret: str) -> None:
    """Only a code that looks like one is shown, and only its own word."""
    body = {"status": "error", "errors": {"code": f"{secret}!", "message": secret}, "who": [secret]}
    told = Answer(body, 400).said()
    assert told == "HTTP 400, refused: {status text, errors {code, message}, who list of 1}"


def test_a_large_object_is_told_by_its_first_names() -> None:
    assert shape({str(number): number for number in range(9)}, 1) == "{0, 1, 2, 3, 4, 5 and 3 more}"
