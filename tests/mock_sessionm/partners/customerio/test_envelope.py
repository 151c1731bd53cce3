from __future__ import annotations

import json

import pytest

from contracts import Violation
from mock_sessionm.partners.customerio.envelope import failure, refuse, success, text_of


def test_success_is_an_object_and_a_newline_whatever_was_not_kept() -> None:
    assert success({}, "not kept: a name")[:2] == (200, b"{}\n")
    assert success({"region": "us"}, "").body == b'{"region":"us"}\n'


@pytest.mark.parametrize(
    ("status", "meta"),
    [(400, {"errors": ["why"]}), (401, {"error": "text"}), (404, {"error": "why"}), (500, {"error": "why"})],
)
def test_a_failure_has_one_text_in_the_place_for_it(status: int, meta: object) -> None:
    made = failure(status, "text", "why")
    assert (made.status, json.loads(made.body)) == (status, {"meta": meta})
    assert made.body.startswith(b'{\n  "meta": {\n    "err')
    assert made.body.endswith(b"}\n")


def test_a_refusal_tells_each_text_once_in_the_order_of_the_gate() -> None:
    found = [
        Violation("customerio.attribute-value-max", "/a~1b", "ours", "1001 bytes", "1000 bytes"),
        Violation("customerio.contract", "/plan", "/plan: is wrong"),
        Violation("customerio.contract", "/plan", "/plan: is wrong"),
    ]
    told = json.loads(refuse(400, "Bad Request", found).body)["meta"]["errors"]
    assert told == ["value for attribute 'a/b' cannot be longer than 1000 bytes", "/plan: is wrong"]
    assert json.loads(refuse(429, "Too many requests", found).body) == {"meta": {"error": "Too many requests"}}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("customerio.event-name-max", "event name cannot be longer than 100 bytes"),
        ("customerio.id-conflict", "id attribute and identifier are not the same value"),
        ("customerio.unheard-of", "ours"),
    ],
)
def test_recorded_texts_stand_for_ours(rule: str, text: str) -> None:
    assert text_of(Violation(rule, "/name", "ours", "101 bytes", "100 bytes")) == text
