import io
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Request, Response
from contracts.serving import Server
from contracts.transport import (
    WIRE,
    HttpTransport,
    HttpWeb,
    InProcessWeb,
    Lost,
    TimedOut,
    Wire,
    WsgiTransport,
    environ,
    origin,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TARGETS = ["/a%2Fb/c", "/a%252Fb", "/%E2%82%AC?name=%2F%3F", "/a//b", "/a/../b/.", "/a/%2E%2E/b", "/;a=b", "/?", "/%FF"]


def echo(environment: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    """Answers with what it was asked for."""
    start_response("201 Created", [("X-Method", environment["REQUEST_METHOD"]), ("X-Target", environment["RAW_URI"])])
    return [environment["wsgi.input"].read()]


def troubled(**trouble: Any) -> Callable[..., list[bytes]]:
    def app(environment: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        wire: Wire = environment[WIRE]
        for name, value in trouble.items():
            setattr(wire, name, value)
        start_response("200 OK", [])
        return [b"0123456789"]

    return app


@contextmanager
def silent() -> Iterator[str]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


# Small hexadecimal digits become capitals over HTTP (%ff, %FF): urllib3 does it, and both mean the same byte.
@pytest.mark.parametrize("target", TARGETS)
def test_the_target_arrives_as_it_was_sent_over_http_and_in_process(target: str) -> None:
    request = Request("PUT", target, {"X-One": "1"}, b"body")
    with Server(echo) as server:
        over_http = HttpTransport(server.url).send(request)
    for answer in (over_http, WsgiTransport(echo).send(request)):
        assert (answer.status, answer.body) == (201, b"body")
        assert answer.headers["x-method"] == "PUT"
        # An empty query is no query.
        assert answer.headers["x-target"] == target.removesuffix("?") or target.endswith("?")


def test_header_names_of_an_answer_are_small_letters_over_http_and_in_process() -> None:
    with Server(echo) as server:
        for transport in (HttpTransport(server.url), WsgiTransport(echo)):
            assert {"x-method", "x-target"} <= set(transport.send(Request("GET", "/")).headers)


def test_nobody_at_the_address_is_lost_in_one_plain_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with pytest.raises(Lost, match=rf"^no answer from {url}: .*[Cc]onnection refused") as lost:
        HttpTransport(url).send(Request("GET", "/"))
    assert not isinstance(lost.value, TimedOut)
    assert "\n" not in str(lost.value)


def test_no_answer_in_time_is_timed_out_which_is_a_kind_of_lost() -> None:
    with silent() as url, pytest.raises(TimedOut, match=rf"^no answer within 0\.05 s from {url}$"):
        HttpTransport(url, timeout=0.05).send(Request("GET", "/"))
    assert issubclass(TimedOut, Lost)


@pytest.mark.parametrize("trouble", [{"reset": True}, {"truncate": 0}, {"truncate": 9}])
def test_an_answer_that_does_not_come_whole_is_lost_over_http_and_in_process(trouble: dict[str, Any]) -> None:
    app = troubled(**trouble)
    with Server(app) as server:
        for transport in (HttpTransport(server.url), WsgiTransport(app)):
            with pytest.raises(Lost):
                transport.send(Request("GET", "/"))


def test_an_answer_that_is_cut_where_it_ends_is_whole() -> None:
    assert WsgiTransport(troubled(truncate=10)).send(Request("GET", "/")).body == b"0123456789"


def test_a_delay_in_process_is_handed_to_whoever_keeps_time() -> None:
    waits: list[float] = []
    app = troubled(delay=3.0)
    assert WsgiTransport(app, timeout=4.0, wait=waits.append).send(Request("GET", "/")) == Response(
        200, {}, b"0123456789"
    )
    with pytest.raises(TimedOut):
        WsgiTransport(app, timeout=2.0, wait=waits.append).send(Request("GET", "/"))
    assert waits == [3.0, 2.0]


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    def away(_environment: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        start_response("302 Found", [("Location", "/elsewhere")])
        return []

    with Server(away) as server:
        assert HttpTransport(server.url).send(Request("GET", "/")).status == 302


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(echo) as server, silent() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.setenv("no_proxy", "")
        assert HttpTransport(server.url, timeout=5).send(Request("GET", "/")).status == 201


def test_an_answer_is_read_to_its_end_and_the_app_is_told() -> None:
    closed = threading.Event()

    class Chunks(list[bytes]):
        def close(self) -> None:
            closed.set()

    def app(_environment: "WSGIEnvironment", start_response: "StartResponse") -> Chunks:
        start_response("200 OK", [])
        return Chunks([b"a", b"b"])

    assert WsgiTransport(app).send(Request("GET", "/")).body == b"ab"
    assert closed.is_set()


def test_the_process_environment_never_gets_into_a_wsgi_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_TEST_SECRET", "do not show")
    made = environ("GET", "/", {"X-A": "b"}, b"", Wire())
    assert "do not show" not in map(str, made.values())
    # Names such as SERVER_PORT may well exist in both; their values may not come from the process.
    assert not [name for name in os.environ if name in made and made[name] == os.environ[name]]


@given(
    st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z-]{0,9}", fullmatch=True), st.text("abc", max_size=3), max_size=5)
)
def test_headers_cannot_take_the_place_of_what_the_server_says(headers: dict[str, str]) -> None:
    made = environ("GET", "/x", headers, b"12", Wire())
    assert (made["REQUEST_METHOD"], made["PATH_INFO"], made["SERVER_NAME"]) == ("GET", "/x", "127.0.0.1")
    assert isinstance(made["wsgi.input"], io.BytesIO)


def _hello(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['HTTP_HOST']} {environ['RAW_URI']}".encode()]


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://API.Example.com/a?b", "https://api.example.com"),
        ("http://127.0.0.1:8600", "http://127.0.0.1:8600"),
        ("http://[::1]:80/x", "http://[::1]:80"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, wanted: str) -> None:
    assert origin(url) == wanted


@pytest.mark.parametrize("url", ["", "ftp://a", "https://", "http://a:b", "http://[::1", "a.example/x"])
def test_what_is_no_address_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError, match="no http or https address"):
        origin(url)


def test_in_one_process_an_address_leads_to_its_app_and_no_further() -> None:
    web = InProcessWeb({"https://a.example": _hello})
    answer = web.fetch("https://A.example/x", Request("GET", "/x%2Fy"), timeout=1)
    assert answer.body == b"a.example /x%2Fy"
    with pytest.raises(Lost, match=r"nobody is at https://b\.example"):
        web.fetch("https://b.example", Request("GET", "/"), timeout=1)
    assert InProcessWeb({}, otherwise=web).fetch("https://a.example", Request("GET", "/"), timeout=1).status == 200


def test_over_http_an_address_is_asked_by_its_origin() -> None:
    with Server(_hello) as server:
        web = HttpWeb()
        for _ in range(2):
            assert web.fetch(f"{server.url}/a", Request("GET", "/a"), timeout=5).status == 200
