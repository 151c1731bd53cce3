from typing import Any

import orjson
import pytest

from contracts import Response
from scenarios.answers import accepted, at, complaint, missing, there, wrong

OK = {"status": "ok", "tags": {}}
REFUSED = {"status": "error", "errors": {"code": "validation", "message": "/ttl: too small"}}


def messages(
    step: dict[str, Any], body: Any, *, status: int = 200, rule: str = "", kind: str = "application/json"
) -> str:
    headers = {"content-type": kind, **({"x-harness-rule": rule} if rule else {})}
    found = wrong({"do": "postTags", **step}, Response(status, headers, orjson.dumps(body)), body, "step 1")
    return "; ".join(finding.message for finding in found)


def test_an_answer_as_the_step_says_is_nothing_to_find() -> None:
    assert messages({"says": {"tags": {}}, "lacks": ["/message"]}, OK) == ""
    step = {"refused": "sessionm.tag-ttl-positive", "code": "validation", "mentions": "/ttl"}
    assert messages(step, REFUSED, rule="sessionm.contract,sessionm.tag-ttl-positive") == ""


@pytest.mark.parametrize(
    ("step", "body", "more", "part"),
    [
        ({}, REFUSED, {}, "refused, wanted accepted"),
        ({}, OK, {"rule": "sessionm.x"}, "names sessionm.x, wanted names no rule"),
        ({"refused": "sessionm.y"}, REFUSED, {"rule": "sessionm.x"}, "wanted names sessionm.y"),
        ({"refused": "sessionm.x"}, OK, {"rule": "sessionm.x"}, "accepted, wanted refused"),
        ({"refused": "sessionm.x", "code": "not_found"}, REFUSED, {"rule": "sessionm.x"}, "code validation"),
        ({"refused": "sessionm.x", "mentions": "/tags"}, REFUSED, {"rule": "sessionm.x"}, "names /tags"),
        ({"says": {"tags": {"gold": {}}}}, OK, {}, "another value at /tags/gold"),
        ({"lacks": ["/tags"]}, OK, {}, "something at /tags"),
        ({}, OK, {"status": 201}, "HTTP 201"),
        ({}, OK, {"kind": "text/html"}, "another shape"),
        ({}, {"status": "ok"}, {}, "another shape"),
        ({}, [], {}, "no JSON object"),
        ({"headers_say": {"Retry-After": "3"}}, OK, {}, "header Retry-After: None"),
    ],
)
def test_whatever_is_not_as_the_step_says_is_found(
    step: dict[str, Any], body: Any, more: dict[str, Any], part: str
) -> None:
    assert part in messages(step, body, **more)


def test_each_api_says_in_its_own_words_whether_it_went_well() -> None:
    assert accepted("core", {"status": "ok"})
    assert accepted("pos", {"status": "OK"})
    assert not accepted("connect", {"status": "error"})
    assert accepted("braze", {"message": "success"})
    assert not accepted("braze", {"message": "Bad Request"})


def test_a_complaint_is_read_in_every_shape() -> None:
    assert complaint(REFUSED) == ("validation", "/ttl: too small")
    assert complaint({"message": "Bad Request", "errors": ["a", "b"]}) == ("Bad Request", "a; b")
    assert complaint({"status": "ERROR", "errors": [{"code": "x", "message": "m"}]}) == ("x", "m")
    assert complaint({"status": "ok", "message": "not kept: a"}) == ("not kept: a", "not kept: a")


def test_more_than_was_wanted_may_be_there_but_not_another_kind_of_value() -> None:
    assert list(missing({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "c": 3}], "d": 4})) == []
    assert list(missing({"a": True}, {"a": 1})) == ["/a"]
    assert list(missing({"a": [1]}, {"a": [1, 2]})) == ["/a"]


def test_a_pointer_leads_through_lists_and_objects() -> None:
    assert at({"a": [{"b": 1}]}, "/a/0/b") == 1
    assert not there({"a": []}, "/a/0")
    assert not there({"a": 5}, "/a/b")
