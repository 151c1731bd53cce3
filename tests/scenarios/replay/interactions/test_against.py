"""Recorded interactions against whoever is at an address: who that may be, and what becomes of their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from contracts import Request, Response
from contracts.transport import Lost, WsgiTransport
from mock_sessionm import Clock, create_app, world
from scenarios.given import Given
from scenarios.replay.interactions.again import InteractionReplay
from scenarios.replay.interactions.against import Elsewhere, Gone, allowed, there
from scenarios.verdict import ScenarioResult
from tests.scenarios.replay.interactions.recorded_day import Traffic, day, ours, person

HERE = "http://127.0.0.1:8600"
FAR = "https://api.example.com"


@pytest.mark.parametrize(
    "given", [[HERE], ["http://localhost:1"], ["http://[::1]:8600/"], [FAR, FAR], [f"{FAR}/", FAR]]
)
def test_this_machine_and_whoever_is_named_twice_may_be_asked(given: list[str]) -> None:
    assert allowed(given) == given[0].rstrip("/")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([FAR], "name it twice"),
        ([FAR, HERE], "two addresses"),
        (["ftp://a"], "no http or https address"),
        ([], "no address"),
        (["http://127.0.0.1.example.com"], "name it twice"),
    ],
)
def test_nobody_else_is_asked(given: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says) as error:
        allowed(given)
    assert "\n" not in str(error.value)


@dataclass
class Way:
    """Into an app, as if it were at an address; after so many requests nobody is there any more."""

    app: Any
    left: int = 10_000

    def send(self, request: Request) -> Response:
        self.left -= 1
        if self.left < 0:
            raise Lost("connection refused")
        return WsgiTransport(self.app).send(request)


@dataclass
class Stranger(Way):
    """The same without our control API."""

    def send(self, request: Request) -> Response:
        if request.target.startswith("/__admin"):
            return Response(404, {"content-type": "text/html"}, b"<html>")
        return super().send(request)


@pytest.fixture
def given() -> Given:
    return replace(Given.load(None, None, {}), tenant=ours(), tenant_given=True)


def replayed(given: Given, way: Any, entries: Any) -> Iterator[ScenarioResult]:
    with InteractionReplay(
        given, against=HERE, ground=there(HERE, given, on_violation="note", transport=way)
    ) as replay:
        yield from replay.play(entries)


def test_a_fake_at_an_address_gets_a_tenant_for_the_replay_and_loses_it_again(given: Given) -> None:
    app = create_app(clock=Clock(0, frozen=True))
    results = list(replayed(given, Way(app), day(2).entries))
    assert [finding for one in results for finding in one.findings] == []
    assert not [one for one in results if one.untried]
    assert list(world(app).tenants) == ["local-key"]


def test_a_stranger_is_asked_under_the_credentials_that_were_given(given: Given) -> None:
    app = create_app(ours(), clock=Clock(1_900_000_000, frozen=True), on_violation="note")
    assert isinstance(there(HERE, given, on_violation="note", transport=Stranger(app)), Elsewhere)
    results = list(replayed(given, Stranger(app), day(2).entries))
    assert [finding for one in results for finding in one.findings] == []


def test_another_build_that_answers_otherwise_is_found(given: Given) -> None:
    made = Traffic()
    person(made, "7000000000")
    app = create_app(ours(), clock=Clock(1_900_000_000, frozen=True), on_violation="note")

    @app.after_request
    def older(response: Any) -> Any:
        if response.is_json and b"first_name" in response.data:
            body = orjson.loads(response.data)
            body["user"].pop("first_name")
            response.set_data(orjson.dumps(body))
        return response

    found = [finding for one in replayed(given, Stranger(app), made.entries) for finding in one.findings]
    assert {one.rule for one in found} == {"harness.replay-equal"}
    assert found[0].got == "no such field"


def test_whom_nobody_there_knows_is_untried(given: Given) -> None:
    app = create_app(ours(), clock=Clock(0, frozen=True))
    results = list(replayed(given, Stranger(app), day(1).entries[2:4]))
    assert [bool(one.untried) for one in results] == [True, True]
    assert not results[0].findings


def test_whoever_goes_half_way_is_named_with_the_entry_and_the_rest_is_kept(given: Given) -> None:
    app = create_app(ours(), clock=Clock(0, frozen=True))
    kept: list[ScenarioResult] = []
    with pytest.raises(Gone, match=r"day\.har entry 6") as error:
        kept.extend(replayed(given, Stranger(app, left=5), day(1).entries))
    assert "\n" not in str(error.value)


def test_nobody_at_the_address_is_one_line(given: Given) -> None:
    with pytest.raises(Gone, match="no answer from"):
        there(HERE, given, on_violation="note", transport=Way(create_app(), left=0))
