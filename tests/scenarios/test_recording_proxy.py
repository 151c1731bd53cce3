"""A proxy passes on to the byte, and writes down what passed: in order, unpacked, without credentials or production."""

import asyncio
import gzip
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.relaying import Passed, Relay
from contracts.serving import Server
from contracts.transport import WIRE
from scenarios.recording_proxy import HELD, RecordingProxy, has_production, is_for_trying
from scenarios.recordings.opening import read_recording
from scenarios.recordings.recorded import Recorded, RecordingError
from scenarios.recordings.writing import HarWriter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PACKED = gzip.compress(b'{"n": 9223372036854775807}', mtime=0)


class Upstream:
    """A server that answers by the path, and keeps what it was asked."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Mapping[str, str], bytes]] = []

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        body = environ["wsgi.input"].read()
        self.heard.append((environ["RAW_URI"], {**environ}, body))
        name = environ["RAW_URI"].partition("?")[0].rpartition("/")[2]
        if name == "reset":
            environ[WIRE].reset = True
        if name == "slow":
            environ[WIRE].delay = 1.0
        if name in {"204", "304"}:
            start_response(f"{name} x", [("ETag", '"a"')])
            return []
        if name == "packed":
            start_response("200 OK", [("Content-Type", "application/json"), ("Content-Encoding", "gzip")])
            return [PACKED]
        start_response(
            "201 Created", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Length", str(len(body)))]
        )
        return [body if environ["REQUEST_METHOD"] != "HEAD" else b""]


class Stand:
    """A proxy before the upstream, and the file that it writes."""

    def __init__(self, folder: Path, url: str, **settings: Any) -> None:
        self.path = folder / "it.har"
        self.writer = HarWriter(self.path)
        self.writer.__enter__()
        self.proxy = RecordingProxy(Relay(url, settings.pop("timeout", 5.0)), self.writer, **settings)
        self.server = Server(self.proxy, asgi=True).start()

    def ask(self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        connection.request(method, target, body, dict(headers or {}), encode_chunked=True)
        answer = connection.getresponse()
        answer.whole = answer.read()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def recorded(self) -> list[Recorded]:
        """Stops the proxy, and reads what it wrote."""
        self.server.stop()
        self.proxy.close()
        self.writer.__exit__(None, None, None)
        json.loads(self.path.read_bytes())
        found = read_recording(self.path)
        assert found.bad == ()
        return list(found.interactions)


@pytest.fixture
def upstream() -> Iterator[tuple[Upstream, str]]:
    app = Upstream()
    with Server(app) as server:
        yield app, server.url


def test_requests_and_answers_pass_to_the_byte(tmp_path: Path, upstream: tuple[Upstream, str]) -> None:
    app, url = upstream
    stand = Stand(tmp_path, f"{url}/base/")
    answer = stand.ask("POST", "/a%2Fb%2f/c?x=%20y&z", b"\xff" * 300_000, {"Accept-Encoding": "br", "X-A": "é"})
    target, environ, body = app.heard[0]
    assert (target, body) == ("/base/a%2Fb%2f/c?x=%20y&z", b"\xff" * 300_000)
    assert (environ["HTTP_ACCEPT_ENCODING"], environ["HTTP_X_A"]) == ("br", "é")
    assert environ["HTTP_HOST"] == url.removeprefix("http://")
    assert (answer.status, answer.whole) == (201, body)
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]
    assert len(answer.headers.get_all("date")) == 1
    (one,) = stand.recorded()
    assert (one.origin, one.interaction.request.target) == (url, "/base/a%2Fb%2f/c?x=%20y&z")
    assert one.interaction.request.body == body
    assert one.interaction.response is not None
    assert one.interaction.response.headers["set-cookie"] == "***"


def test_a_packed_body_passes_packed_and_is_recorded_unpacked(tmp_path: Path, upstream: tuple[Upstream, str]) -> None:
    app, url = upstream
    stand = Stand(tmp_path, url)
    answer = stand.ask("POST", "/packed", PACKED, {"Content-Encoding": "gzip", "Content-Type": "application/json"})
    assert (answer.whole, answer.headers["content-encoding"]) == (PACKED, "gzip")
    assert app.heard[0][2] == PACKED
    (one,) = stand.recorded()
    assert one.interaction.response is not None
    assert one.interaction.request.body == one.interaction.response.body == b'{"n": 9223372036854775807}'


def test_answers_without_a_body_pass_and_so_do_requests_in_chunks(
    tmp_path: Path, upstream: tuple[Upstream, str]
) -> None:
    app, url = upstream
    stand = Stand(tmp_path, url)
    assert [stand.ask("GET", path).status for path in ("/204", "/304")] == [204, 304]
    head = stand.ask("HEAD", "/x")
    assert (head.status, head.whole, head.headers["content-length"]) == (201, b"", "0")
    chunked = stand.ask("PUT", "/x", iter([b"one", b"two"]), {"Expect": "100-continue", "Transfer-Encoding": "chunked"})
    assert (chunked.whole, app.heard[-1][2]) == (b"onetwo", b"onetwo")
    found = stand.recorded()
    assert [one.interaction.request.method for one in found] == ["GET", "GET", "HEAD", "PUT"]
    assert all(one.missing == frozenset() for one in found)


def test_a_server_that_is_away_is_a_502_that_says_so_and_an_entry_without_an_answer(tmp_path: Path) -> None:
    with Server(Upstream()) as gone:
        url = gone.url
    lines: list[str] = []
    stand = Stand(tmp_path, url, told=lines.append)
    answer = stand.ask("GET", "/x")
    assert answer.status == 502
    assert answer.whole == f"sessionm-harness record: no answer from {url}: Connection refused\n".encode()
    (one,) = stand.recorded()
    assert one.interaction.response is None
    assert "Connection refused" in json.loads(stand.path.read_text())["log"]["entries"][0]["comment"]
    assert "Connection refused" in lines[0]


def test_an_answer_that_breaks_off_or_comes_too_late_is_none(tmp_path: Path, upstream: tuple[Upstream, str]) -> None:
    stand = Stand(tmp_path, upstream[1], timeout=0.2)
    assert stand.ask("POST", "/reset", b"x").status == 502
    assert stand.ask("GET", "/slow").status == 504
    assert [one.interaction.response for one in stand.recorded()] == [None, None]


def test_credentials_pass_and_are_not_written(tmp_path: Path, upstream: tuple[Upstream, str]) -> None:
    app, url = upstream
    stand = Stand(tmp_path, url)
    body = b'{"api_secret": "geheim"}'
    stand.ask(
        "POST", "/priv/v1/apps/geheim/users?token=geheim", body, {"Authorization": "Basic geheim", "Cookie": "a=geheim"}
    )
    assert app.heard[0][1]["HTTP_AUTHORIZATION"] == "Basic geheim"
    assert app.heard[0][2] == body
    stand.recorded()
    assert "geheim" not in stand.path.read_text()
    assert stand.writer.masker.count >= 5


@pytest.mark.parametrize(("production", "kept"), [(False, 1), (True, 3)])
def test_batches_of_production_pass_and_are_left_out_unless_told(
    production: bool, kept: int, tmp_path: Path, upstream: tuple[Upstream, str]
) -> None:
    stand = Stand(tmp_path, upstream[1], production=production)
    batch = b'{"environment": "production", "events": []}'
    assert stand.ask("POST", "/v2/events", batch).whole == batch
    stand.ask("POST", "/v2/bulkevents", gzip.compress(b"[{}, " + batch + b"]"), {"Content-Encoding": "gzip"})
    stand.ask("POST", "/v2/events", batch.replace(b"production", b"development"))
    assert len(stand.recorded()) == kept
    assert (stand.proxy.tally.recorded, stand.proxy.tally.production) == (kept, 3 - kept)


class Gates:
    """A way to a server that answers each request when the test lets it."""

    base_url = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.open: dict[str, threading.Event] = {}

    def send(self, _method: str, target: str, *_rest: Any) -> Passed:
        assert self.open[target].wait(10)
        return Passed(200, [], b"")

    def close(self) -> None:
        pass


def asked(proxy: RecordingProxy, target: str) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(_message: dict[str, Any]) -> None:
        pass

    scope = {"type": "http", "method": "GET", "raw_path": target.encode(), "query_string": b"", "headers": []}
    return asyncio.ensure_future(proxy(scope, receive, send))


def test_entries_stand_in_the_order_in_which_their_requests_began(tmp_path: Path) -> None:
    gates = Gates()
    gates.open = {f"/{number}": threading.Event() for number in range(3)}

    async def played(proxy: RecordingProxy) -> None:
        under_way = [asked(proxy, target) for target in gates.open]
        await asyncio.sleep(0)
        for number in (2, 1):
            gates.open[f"/{number}"].set()
            await under_way[number]
            assert proxy.tally.recorded == 0
        gates.open["/0"].set()
        await under_way[0]

    with HarWriter(tmp_path / "it.har") as writer:
        proxy = RecordingProxy(gates, writer)  # type: ignore[arg-type]
        asyncio.run(played(proxy))
        proxy.close()
    found = read_recording(tmp_path / "it.har").interactions
    assert [one.interaction.request.target for one in found] == ["/0", "/1", "/2"]


def test_nobody_is_waited_for_too_long(tmp_path: Path) -> None:
    gates = Gates()
    gates.open = {f"/{number}": threading.Event() for number in range(HELD + 2)}

    async def played(proxy: RecordingProxy) -> None:
        first, *others = [asked(proxy, target) for target in gates.open]
        for number, one in enumerate(others, start=1):
            gates.open[f"/{number}"].set()
            await one
        assert proxy.tally.recorded == HELD + 1
        gates.open["/0"].set()
        await first

    with HarWriter(tmp_path / "it.har") as writer:
        proxy = RecordingProxy(gates, writer)  # type: ignore[arg-type]
        asyncio.run(played(proxy))
    assert len(read_recording(tmp_path / "it.har").interactions) == HELD + 2


def test_a_disk_that_is_full_ends_the_recording_and_not_the_answers(
    tmp_path: Path, upstream: tuple[Upstream, str]
) -> None:
    stopped: list[bool] = []
    stand = Stand(tmp_path, upstream[1], stop=lambda: stopped.append(True))

    def full(*_: Any, **__: Any) -> None:
        raise RecordingError("it.har: cannot be written: No space left on device")

    stand.writer.write = full  # type: ignore[method-assign]
    assert [stand.ask("POST", "/x", b"a").whole for _ in range(2)] == [b"a", b"a"]
    assert stand.recorded() == []
    assert stopped == [True]
    assert "No space left" in str(stand.proxy.trouble)


@pytest.mark.parametrize(
    ("host", "trying"),
    [
        ("api-shop.stg-sessionm.com", True),
        ("api-shop.q-sessionm.com", True),
        ("api-shop.ent-sessionm.com", False),
        ("api.sessionm.com", False),
        ("sandbox.api.example.com", True),
        ("api-uat2.example.com", True),
        ("pre-prod.example.com", True),
        ("api.example.com", False),
        ("latest.example.com", False),
        ("contest.example.com", False),
        ("shop.dev", False),
        ("test-prod.example.com", False),
        ("fake.test", True),
        ("10.0.0.1", False),
    ],
)
def test_a_host_is_for_trying_only_where_its_name_says_so(host: str, trying: bool) -> None:
    assert is_for_trying(host) is trying


def test_production_is_what_the_batch_says_and_not_what_an_attribute_says() -> None:
    assert has_production(b'[{"environment": "Production"}]')
    assert not has_production(b'{"environment": "development", "user_attributes": {"environment": "production"}}')
    assert not has_production(b"production")
