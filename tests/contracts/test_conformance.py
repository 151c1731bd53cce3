"""Requests and answers held against any contract."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Request, Response, validate
from contracts.conformance import Conformance
from contracts.register import openapi
from contracts.revision import ContractError
from contracts.validation import operations
from tests.contracts.difference.laws import contract

JSON = "application/json"
HEADERS = {"Content-Type": JSON}


def document(**parts: Any) -> dict[str, Any]:
    thing = {
        "type": "object",
        "properties": {"size": {"type": "integer", "maximum": 5, "x-rules": {"maximum": "v.size"}}},
    }
    item = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"maxLength": 3}}],
        "put": {
            "operationId": "putThing",
            "parameters": [
                {"name": "page", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 9}},
                {"name": "tag", "in": "query", "schema": {"type": "array", "maxItems": 2, "items": {"type": "string"}}},
            ],
            "requestBody": {"required": True, "content": {JSON: {"schema": thing}}},
            "responses": {
                "200": {"description": "done", "content": {JSON: {"schema": thing}}},
                "4XX": {"description": "no"},
            },
        },
    }
    search = {"get": {"responses": {"default": {"description": "done"}}}}
    return {"openapi": "3.1.0", "paths": {"/things/{id}": item, "/things/search": search}, **parts}


def found(method: str, target: str, body: bytes = b"", headers: Any = None, **parts: Any) -> list[tuple[str, str]]:
    judge = Conformance(contract(v=document(**parts)))
    request = Request(method, target, HEADERS if headers is None else headers, body)
    call = judge.call(request)
    assert call is not None
    return [(one.rule, one.pointer) for one in judge.request(call, request)]


def test_a_request_finds_its_operation_the_one_without_parameters_first() -> None:
    judge = Conformance(contract(v=document()))
    named = {
        target: (judge.call(Request(method, target)) or judge).__class__.__name__
        for method, target in (
            ("PUT", "/things/a%2Fb?x"),
            ("GET", "/things/search"),
            ("GET", "/things/a"),
            ("PUT", "/"),
        )
    }
    assert list(named.values()) == ["Call", "Call", "Conformance", "Conformance"]
    call = judge.call(Request("GET", "/things/search"))
    assert call is not None
    assert call.operation.name == "GET /things/search"
    call = judge.call(Request("PUT", "/things/a%2Fb?x"))
    assert call is not None
    assert (call.operation.name, call.arguments) == ("putThing", {"id": "a%2Fb"})


def test_of_two_paths_that_fit_the_one_with_fewer_parameters_is_meant() -> None:
    both = document()
    both["paths"]["/things/{id}"]["get"] = {"operationId": "getThing", "responses": {}}
    judge = Conformance(contract(v=both))
    names = [(judge.call(Request("GET", f"/things/{name}")) or judge) for name in ("search", "a")]
    assert [call.operation.name for call in names if not isinstance(call, Conformance)] == [
        "GET /things/search",
        "getThing",
    ]


def test_the_path_of_a_server_stands_before_the_paths() -> None:
    assert found("PUT", "/v2/things/a?page=1", b"{}", servers=[{"url": "https://example.com/v2/"}]) == []


@pytest.mark.parametrize(
    ("target", "body", "wanted"),
    [
        ("/things/a?page=9&tag=x&tag=y", b'{"size": 5}', []),
        ("/things/a?page=9", b'{"size": 6}', [("v.size", "/size")]),
        ("/things/abcd?page=9", b"{}", [("v.contract", "path:id")]),
        ("/things/%61%62%63?page=9", b"{}", []),
        ("/things/{api_key}?page=9", b"{}", []),
        ("/things/a", b"{}", [("v.contract", "query:page")]),
        ("/things/a?page=ten", b"{}", [("v.contract", "query:page")]),
        ("/things/a?page=10", b"{}", [("v.contract", "query:page")]),
        ("/things/a?page=1&tag=x&tag=y&tag=z", b"{}", [("v.contract", "query:tag")]),
        ("/things/a?page=1", b"", [("v.contract", "")]),
        ("/things/a?page=1", b"{", [("v.contract", "")]),
    ],
)
def test_everything_that_a_request_breaks_is_found(target: str, body: bytes, wanted: list[tuple[str, str]]) -> None:
    assert found("PUT", target, body) == wanted


def test_a_media_type_that_the_contract_does_not_name_breaks_it() -> None:
    assert found("PUT", "/things/a?page=1", b"a=b", {"content-type": "text/plain; charset=utf-8"}) == [
        ("v.contract", "content-type")
    ]
    assert found("PUT", "/things/a?page=1", b"{}", {}) == []


def test_a_body_that_is_not_known_is_not_missed() -> None:
    judge = Conformance(contract(v=document()))
    request = Request("PUT", "/things/a?page=1", HEADERS)
    call = judge.call(request)
    assert call is not None
    assert judge.request(call, request, with_body=False) == []


@pytest.mark.parametrize(
    ("response", "wanted"),
    [
        (Response(200, {"content-type": JSON}, b'{"size": 5}'), []),
        (Response(200, {"content-type": JSON}, b'{"size": 6}'), ["/size"]),
        (Response(200, {"content-type": "text/html"}, b"<p>"), ["content-type"]),
        (Response(204), ["status"]),
        (Response(422, {"content-type": "text/html"}, b"<p>"), []),
    ],
)
def test_everything_that_an_answer_breaks_is_found(response: Response, wanted: list[str]) -> None:
    judge = Conformance(contract(v=document()))
    call = judge.call(Request("PUT", "/things/a"))
    assert call is not None
    assert [one.pointer for one in judge.answer(call, response)] == wanted


def test_a_schema_that_is_none_is_told_in_one_line() -> None:
    broken = document()
    broken["paths"]["/things/{id}"]["put"]["requestBody"]["content"][JSON]["schema"] = {"maxItems": "five"}
    judge = Conformance(contract(v=broken))
    request = Request("PUT", "/things/a?page=1", HEADERS, b"{}")
    call = judge.call(request)
    assert call is not None
    with pytest.raises(ContractError, match=r"^a test: the schema at /paths/.* of v is none: ") as caught:
        judge.request(call, request)
    assert "\n" not in str(caught.value)


@given(
    body=st.dictionaries(
        st.sampled_from(["tags", "ttl"]), st.integers(-1, 99) | st.lists(st.text(max_size=3), max_size=3)
    )
)
def test_it_says_of_the_installed_contract_what_validate_says(body: Any) -> None:
    judge = JUDGE
    method, path = operations("sessionm")["postTags"]
    request = Request(method, path.replace("{user_id}", "1"), HEADERS, orjson.dumps(body))
    call = judge.call(request)
    assert call is not None
    assert call.operation.name == "postTags"
    told = [one for one in judge.request(call, request) if not one.pointer.startswith("path:")]
    assert told == validate("sessionm", "postTags", body)


JUDGE = Conformance(contract(sessionm=openapi("sessionm")))
