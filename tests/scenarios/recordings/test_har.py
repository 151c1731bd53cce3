"""An entry is read in the dialect in which it was written; what is odd is made plain, what is spoilt is named."""

import gzip
import json
import zlib
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.recordings.har import entry
from scenarios.recordings.recorded import Bad, Recorded

JSON = '{"name": "é", "n": 9223372036854775807}'
UTF16 = JSON.encode("utf-16")


def packed(raw: bytes) -> dict[str, str]:
    return {"text": b64encode(raw).decode(), "encoding": "base64"}


def headers(**named: str) -> list[dict[str, str]]:
    return [{"name": name.replace("_", "-").title(), "value": value} for name, value in named.items()]


def made(request: dict[str, Any] | None = None, response: Any = None, **parts: Any) -> dict[str, Any]:
    asked = {"method": "POST", "url": "https://api.example.com/x", "headers": [], **(request or {})}
    answered = {"status": 200, "headers": [], "content": {}} if response is None else response
    return {"startedDateTime": "2026-01-01T00:00:00Z", "request": asked, "response": answered, **parts}


def only(read: Any) -> Recorded:
    (one,) = entry("it", 1, read)
    assert isinstance(one, Recorded), one
    return one


def answer(content: Any, **named: str) -> Any:
    response = only(
        made(response={"status": 200, "headers": headers(**named), "content": content})
    ).interaction.response
    assert response is not None
    return response


@pytest.mark.parametrize(
    ("content", "named", "body"),
    [
        ({"text": JSON}, {}, JSON.encode()),
        (packed(JSON.encode()), {"content_type": "application/json"}, JSON.encode()),
        ({"text": "eyJh\nIjog\r\n MX0=", "encoding": "base64"}, {}, b'{"a": 1}'),
        ({"text": "eyJhIjo=IDF9", "encoding": "BASE64"}, {}, b'{"a": 1}'),
        ({"text": "_-8", "encoding": "base64"}, {}, b"\xff\xef"),
        ({"text": ["{}", "\n"]}, {}, b"{}\n"),
        (packed(gzip.compress(b"{}")), {"content_encoding": "gzip"}, b"{}"),
        (packed(gzip.compress(gzip.compress(b"{}"))), {"content_encoding": "gzip"}, b"{}"),
        (packed(gzip.compress(gzip.compress(b"{}"))), {"content_encoding": "gzip, gzip"}, b"{}"),
        (packed(gzip.compress(b"{") + gzip.compress(b"}")), {"content_encoding": "x-gzip"}, b"{}"),
        (packed(gzip.compress(b"{}")), {"content_type": "application/json"}, b"{}"),
        (packed(zlib.compress(b"{}")), {"content_encoding": "deflate"}, b"{}"),
        (packed(zlib.compress(b"{}")[2:-4]), {"content_encoding": "deflate"}, b"{}"),
        ({"text": "{}"}, {"content_encoding": "br"}, b"{}"),
        ({"text": '3\r\n{"a\r\n5;x=y\r\n": 1}\r\n0\r\n\r\n'}, {"transfer_encoding": "chunked"}, b'{"a": 1}'),
        ({"text": '3\n{"a\n5\n": 1}\n0\n\n'}, {}, b'{"a": 1}'),
        (packed(b"1a\r\n" + gzip.compress(b"{}", mtime=0)[:26]), {}, b"1a\r\n" + gzip.compress(b"{}", mtime=0)[:26]),
        ({"text": "{}"}, {"transfer_encoding": "chunked"}, b"{}"),
        (packed(JSON.encode("latin-1")), {"content_type": 'text/json; charset="ISO-8859-1"'}, JSON.encode()),
        (packed(JSON.encode()), {"content_type": "application/json; charset=ISO-8859-1"}, JSON.encode()),
        (packed(UTF16), {"content_type": "application/json; charset=utf-16"}, JSON.encode()),
        (packed(UTF16), {"content_type": "application/json"}, JSON.encode()),
        (packed(b"\xff{"), {"content_type": "application/json; charset=nonsense"}, b"\xff{"),
        ({"text": "caf\udce9"}, {}, b"caf\xe9"),
        ({"text": "half \ud83d"}, {}, b"half \xed\xa0\xbd"),
    ],
)
def test_a_body_is_given_as_it_was_before_it_travelled(content: Any, named: dict[str, str], body: bytes) -> None:
    found = answer(content, **named)
    assert found.body == body
    assert not {"content-encoding", "transfer-encoding", "content-length"} & found.headers.keys()


def test_a_body_in_another_character_set_has_a_header_that_is_true() -> None:
    found = answer(packed("é".encode("latin-1")), content_type="text/plain; charset=latin-1; a=b")
    assert found.headers["content-type"] == "text/plain; charset=utf-8; a=b"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"size": 7}, {}),
        ({"size": 7, "text": ""}, {}),
        ({"text": "5\r\nhello\r\n9\r\nhal"}, {"transfer_encoding": "chunked"}),
        (packed(b"\x8b\xff\xfe no utf-8, nor br"), {"content_encoding": "br"}),
    ],
)
def test_a_body_that_cannot_be_had_is_missing(content: Any, named: dict[str, str]) -> None:
    assert only(made(response={"status": 200, "headers": headers(**named), "content": content})).missing == {
        "answer body"
    }


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        ({"method": "HEAD"}, {"status": 200, "headers": [], "content": {"size": 7}}),
        ({}, {"status": 304, "headers": [], "content": {"size": 7}}),
        ({"bodySize": -1, "postData": {"mimeType": "", "text": "", "params": []}}, {"status": 200, "content": None}),
        ({"bodySize": 0, "postData": {"mimeType": "x"}}, {"status": 200, "bodySize": -1, "content": {"size": -1}}),
    ],
)
def test_a_body_that_never_was_is_not_missing(request_: dict[str, Any], response: dict[str, Any]) -> None:
    assert only(made(request_, response)).missing == frozenset()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"text": "secret!", "encoding": "base64"}, "response.content.text is not base64"),
        ({"text": "secret", "encoding": "rot13"}, "response.content has an encoding other than base64"),
        (packed(gzip.compress(b"{}")[:-9]), "response.content.text is gzip, cut short"),
        (packed(b"\x1f\x8bsecret"), "response.content.text is damaged gzip"),
        ("secret", "response.content is no object"),
    ],
)
def test_where_only_the_answer_is_spoilt_the_request_is_kept_and_both_are_told(content: Any, why: str) -> None:
    named = headers(content_encoding="gzip")
    one, bad = entry("it", 1, made(response={"status": 200, "headers": named, "content": content}))
    assert isinstance(one, Recorded)
    assert one.missing == {"answer body"}
    assert bad == Bad("it", why)


@pytest.mark.parametrize("response", [{"status": 0}, {"status": -1}, {"status": None}, {"status": ""}])
def test_an_answer_that_never_came_is_none(response: Any) -> None:
    assert only(made(response=response)).interaction.response is None
    assert only({"request": {"method": "GET", "url": "http://x/"}}).interaction.response is None


PSEUDO = headers(authority="api.example.com", scheme="https", method="GET", path="/a%2Fb?c=d")


@pytest.mark.parametrize(
    ("request_", "origin", "target"),
    [
        ({"url": "https://u:p@api.example.com:8443/a?b#c"}, "https://api.example.com:8443", "/a?b"),
        ({"url": "https://api.example.com?b"}, "https://api.example.com", "/?b"),
        ({"url": "wss://api.example.com/a"}, "https://api.example.com", "/a"),
        ({"url": "http://api.example.com/a b/é"}, "http://api.example.com", "/a%20b/%C3%A9"),
        ({"url": "/a", "headers": [["Host", "api.example.com"]]}, "https://api.example.com", "/a"),
        (
            {"url": "", "method": None, "headers": [{**one, "name": f":{one['name'].lower()}"} for one in PSEUDO]},
            "https://api.example.com",
            "/a%2Fb?c=d",
        ),
    ],
)
def test_the_address_is_found_wherever_it_stands(request_: dict[str, Any], origin: str, target: str) -> None:
    one = only(made(request_))
    assert (one.origin, one.interaction.request.target) == (origin, target)
    assert not [name for name in one.interaction.request.headers if name.startswith(":")]


def test_an_address_of_no_server_is_told_and_is_not_wrong() -> None:
    for url in ("data:text/plain,secret", "chrome-extension://secret/a.js", "about:blank"):
        assert list(entry("it", 1, made({"url": url}))) == [
            Bad("it", "request.url is no http or https address", wrong=False)
        ]
    assert list(entry("it", 1, made({"url": "secret"}))) == [Bad("it", "request.url is no http or https address")]
    (bad,) = entry("it", 1, made({"url": "/secret"}))
    assert bad == Bad("it", "request.url has no host, and no header names one")


def test_headers_can_be_sent_again_whatever_stood_in_them() -> None:
    listed = [["A", "1"], ("a", 2), {"name": "B", "value": "x\r\ny"}, {"name": "C", "value": "€"}, {"value": "z"}, 7]
    found = only(made({"headers": [*listed, {"name": "Cookie", "value": "a=1"}, ["cookie", "b=2"]]}))
    assert found.interaction.request.headers == {"a": "1, 2", "b": "x y", "c": "â\x82¬", "cookie": "a=1; b=2"}
    assert only(made({"headers": {"A": ["1", "2"], "B": None}})).interaction.request.headers == {"a": "1, 2", "b": ""}


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-01-01T00:00:00.000Z", 1767225600.0),
        ("2026-01-01T01:00:00.1234567+01:00", 1767225600.123456),
        ("2025-12-31T17:00:00.500-0700", 1767225600.5),
        ("2026-01-01T00:00:00", 1767225600.0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 1767225600.0),
        ("yesterday", 0.0),
        (7, 0.0),
        ("0001-01-01T00:00:00Z", 0.0),
    ],
)
def test_times_are_read_in_every_form(text: Any, at: float) -> None:
    assert only({**made(), "startedDateTime": text}).interaction.at == pytest.approx(at, abs=1e-6)


NAMES = ("request", "response", "method", "url", "headers", "postData", "text", "encoding", "params", "content", "size")
MORE = ("status", "bodySize", "name", "value", "startedDateTime", "_missing", "_tenant", "mimeType")
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
junk = st.recursive(
    plain | st.sampled_from([JSON, "base64", "gzip", "chunked"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES + MORE), inner, max_size=6),
    max_leaves=20,
)


@given(junk, junk, junk)
@settings(max_examples=200, deadline=None)
def test_junk_in_an_entry_never_does_more_than_spoil_it(request_: Any, response: Any, whole: Any) -> None:
    request_ = {"method": "GET", "url": "http://x/", **request_} if isinstance(request_, dict) else request_
    for read in (whole, {"request": request_, "response": response}):
        for one in entry("it", 1, json.loads(json.dumps(read))):
            assert isinstance(one, Recorded | Bad)
