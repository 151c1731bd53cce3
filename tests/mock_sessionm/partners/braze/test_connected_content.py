import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from contracts import Request, Response
from contracts.serving import Server
from contracts.transport import HttpWeb, InProcessWeb, Lost, TimedOut
from mock_sessionm.partners.braze import ConnectedContent, ContentCall, Person, Renderer
from mock_sessionm.partners.braze.connected_content import ContentRequest, Kept
from mock_sessionm.partners.braze.liquid.errors import Abort
from scenarios.rendering import World

FIXTURES = Path(__file__).parents[3] / "fixtures" / "document_003"


def content(world: World, **given: object) -> ConnectedContent:
    return ConnectedContent(world, world.clock, sleep=world.sleep, **given)  # type: ignore[arg-type]


def wallets(environ: dict[str, object], start: object) -> Iterator[bytes]:
    """An offer wallet endpoint that keeps to what the page shows."""
    body = orjson.loads(environ["wsgi.input"].read())  # type: ignore[attr-defined]
    good = environ["PATH_INFO"] == "/offers/api/2.0/offers/get_user_offers" and environ["REQUEST_METHOD"] == "POST"
    good = good and environ["HTTP_AUTHORIZATION"] == "Basic c2VjcmV0" and body["retailer_id"] == "r-1"
    start("200 OK" if good else "401 Unauthorized", [("Content-Type", "application/json")])  # type: ignore[operator]
    answer = orjson.loads((FIXTURES / "wallet_answer.json").read_bytes())
    answer["payload"]["user_id"] = body["user_id"]
    yield orjson.dumps(answer) if good else b'{"status":"error"}'


def snippet() -> str:
    text = (FIXTURES / "wallet.liquid").read_text(encoding="utf-8")
    return text.replace("YOUR-RETAIL-ID", "r-1").replace("YOUR-BASE64-ENCODED-KEY", "c2VjcmV0")


POINTS = "{{wallet.payload.available_points}} of {{wallet.payload.user_id}} {{wallet.__http_status_code__}}"


def test_the_documents_snippet_brings_the_wallet_over_a_real_port() -> None:
    with Server(wallets) as server:
        host = server.url.removeprefix("http://")
        caller = ConnectedContent(HttpWeb(), lambda: 0.0, sleep=lambda _seconds: None, allowed=[host])
        made = Renderer(caller).render(
            snippet() + POINTS, Person({"user_id": "u-1"}), variables={"endpoint_connect": server.url}
        )
    assert made.text.strip() == "100 of u-1 200"
    assert [(call.method, call.status, call.cached, call.why) for call in made.calls] == [("POST", 200, False, "")]


def test_the_documents_snippet_brings_it_in_process_too() -> None:
    web = InProcessWeb({"https://connect.example.com": wallets})
    caller = ConnectedContent(web, lambda: 0.0, sleep=lambda _seconds: None)
    variables = {"endpoint_connect": "https://connect.example.com"}
    made = Renderer(caller).render(snippet() + POINTS, Person({"user_id": "u-2"}), variables=variables)
    assert made.text == "\n\n\n100 of u-2 200"


def test_a_call_holds_no_header_no_body_and_no_credential() -> None:
    assert [field.name for field in dataclasses.fields(ContentCall)] == [
        "method",
        "url",
        "status",
        "cached",
        "seconds",
        "why",
    ]
    world = World([{"status": 401, "body": "secret"}, {"lost": True}])
    caller = content(world, credentials={"c": ("user", "secret")})
    calls: list[ContentCall] = []
    asked = ContentRequest("https://me:secret@example.com/a", headers={"X": "secret"}, body="secret", basic_auth="c")
    caller.bring(asked, calls)
    caller.bring(asked, calls)
    assert "secret" not in repr(calls)


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        content(World([{"body": "x"}])).bring(ContentRequest("https://example.com/"), [])
    assert caplog.records == []


def test_a_cache_can_be_shared_and_is_good_until_its_time() -> None:
    cache: dict[str, Kept] = {}
    world = World([{"body": "x"}, {"body": "y"}])
    one, other = content(world, cache=cache), content(world, cache=cache)
    asked = ContentRequest("https://example.com/")
    assert one.bring(asked, []).text == other.bring(asked, []).text == "x"
    assert [kept.until - world.now for kept in cache.values()] == [300]


def test_a_credential_is_read_when_the_content_is_made() -> None:
    credentials = {"c": ("user", "pass")}
    caller = content(World([{"body": "x"}]), credentials=credentials)
    credentials.clear()
    assert caller.bring(ContentRequest("https://example.com/", basic_auth="c"), []).text == "x"


class Web:
    """Answers nothing but an error, or an empty 200; `waited` are the timeouts that it was given."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.waited: list[float] = []

    def fetch(self, _url: str, _request: Request, *, timeout: float) -> Response:
        self.waited.append(timeout)
        if self.error is not None:
            raise self.error
        return Response(200)


def still(web: Web) -> ConnectedContent:
    """A caller whose clock stands still."""
    return ConnectedContent(web, lambda: 0.0, sleep=lambda _seconds: None)


@pytest.mark.parametrize("error", [Lost("no"), TimedOut("no"), ValueError("no")])
def test_whatever_the_web_does_the_message_goes_on(error: Exception) -> None:
    calls: list[ContentCall] = []
    made = still(Web(error)).bring(ContentRequest("https://example.com/"), calls)
    assert (made.text, made.value, calls[0].status) == ("", None, None)
    assert calls[0].why.startswith("no answer in time" if isinstance(error, TimedOut) else "no connection")


@pytest.mark.parametrize(("error", "status"), [(TimedOut("late"), 598), (Lost("gone"), None)])
def test_a_timeout_counts_for_the_hosts_health_and_a_lost_connection_does_not(
    error: Exception, status: int | None
) -> None:
    calls: list[ContentCall] = []
    caller = still(Web(error))
    for _ in range(3002):
        caller.bring(ContentRequest("https://example.com/", no_cache=True), calls)
    assert [call.status for call in calls[-2:]] == [None, status]


def test_the_timeout_that_the_web_is_given_is_the_rules() -> None:
    web = Web()
    still(web).bring(ContentRequest("https://example.com/"), [])
    assert web.waited == [2.0]


def test_used_up_retries_abort_with_the_address_and_without_its_credentials() -> None:
    world = World([{"status": 500}])
    with pytest.raises(Abort, match=r"failed 5 retries of https://example\.com/a$"):
        content(world).bring(ContentRequest("https://me:secret@example.com/a", retry=True), [])


def test_what_was_never_called_is_not_tried_again() -> None:
    world = World([{"body": "x"}])
    for asked in (
        ContentRequest("https://example.com:99/", retry=True),
        ContentRequest("https://example.com/", basic_auth="none", retry=True),
        ContentRequest("https://example.com/", headers={"X": "\n"}, retry=True),
    ):
        calls: list[ContentCall] = []
        content(world).bring(asked, calls)
        assert (len(calls), world.slept, world.sent) == (1, [], [])
