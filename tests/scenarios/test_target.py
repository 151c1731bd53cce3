"""Scenarios against a fake at an address are judged as against the one in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from typing import Any

import pytest

from contracts import Choices, Request, Response
from contracts.serving import Server
from contracts.transport import HttpTransport, Lost, WsgiTransport
from mock_sessionm import BEHAVIOURS, GATE, Clock, TenantSettings, create_app, world
from scenarios.generated import generated
from scenarios.given import Given
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.target import LOCAL, Target, TargetError, reaches
from scenarios.verdict import ScenarioResult
from scenarios.world import Embedded
from tests.scenarios.experiments import about, every_scenario

URL = "http://target.example"
EACH = 24
"""Of each kind of scenario, one in so many is tried both ways."""
SPECIAL = (
    "fault/slow", "fault/too-slow", "fault/reset", "fault/reset-after-apply", "fault/truncate", "fault/quota",
    "customerio.anonymous-merged/1", "customerio.trigger-age/1", "customerio.merge-events/1", "braze.audience/5",
    "sessionm.user-offer-exists/1", "sessionm.sync-pieces/1",
)  # fmt: skip
"""What went wrong once: exact times, connections that break, what a tenant brings along."""


@cache
def given() -> Given:
    return Given.load(None, None, {})


@cache
def sample() -> tuple[Scenario, ...]:
    """Some scenarios of every suite, kind, destination and vendor, and those that need more than others."""

    def alike(one: Scenario) -> tuple[str, ...]:
        return (one.suite, one.kind, one.destination, one.rule.partition(".")[0], *sorted(_steps(one)))

    every = sorted(every_scenario(), key=alike)
    chosen = [one for _, several in groupby(every, alike) for one in list(several)[::EACH]]
    chosen += [one for one in every if one.second_tenant or one.on_violation in {"note", "reject-all"}]
    chosen += [one for one in every if one.id in SPECIAL]
    for destination in ("sessionm", "customerio", "mparticle"):
        chosen += generated(1, 3, given().names(), None, destination)
    return tuple({one.id: one for one in chosen}.values())


def _steps(one: Scenario) -> set[str]:
    return {
        name for call in one.calls for name in ("advance", "webhook", "import", "feed_back", "there") if name in call
    }


def strange_fake(**parts: Any) -> Any:
    """A fake that was started in another way than the embedded one, with people and offers of its own."""
    settings = TenantSettings.of(
        {
            "core": {"api_key": "own", "api_secret": "own"},
            "events": {"defined": ["visit"]},
            "users": [{"user": {"external_id": "e-1", "email": "ada@example.com"}}],
            "feed": {"endpoint": "https://s2s.mparticle.com", "key": "k", "secret": "s"},
        }
    )
    choices = Choices({"undefined-attribute": "refused", "validation-status": "400", "tag-answer": "list"})
    return create_app(settings, on_violation="note", seed=7, choices=choices, **parts)


def embedded(**parts: Any) -> Embedded:
    return Embedded(app=create_app(TenantSettings(), clock=Clock(0, frozen=True), seed=1, **parts), seed=1)


def results(place: Any, scenarios: tuple[Scenario, ...]) -> tuple[list[ScenarioResult], Runner]:
    found: list[ScenarioResult] = []
    runner = Runner(place)
    runner.run(scenarios, progress=found.append)
    return found, runner


def opened(app: Any, way: Any = None, **more: Any) -> Target:
    made = Target.open(URL, given(), seed=1, on_violation="reject", transport=way or WsgiTransport(app), **more)
    assert isinstance(made, Target)
    return made


@pytest.fixture(params=["a port", "a way without a port"])
def way(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    """A strange fake, and a way to it."""
    app = strange_fake()
    if request.param == "a port":
        with Server(app) as server:
            yield app, HttpTransport(server.url)
    else:
        yield app, WsgiTransport(app)


def test_what_is_found_at_an_address_is_what_is_found_in_this_process(way: tuple[Any, Any]) -> None:
    app, transport = way
    here, own = results(embedded(), sample())
    with opened(app, transport) as target:
        there, far = results(target, sample())
    tried = [(one, other) for one, other in zip(here, there, strict=True) if not other.untried]
    assert [other for _, other in tried] == [one for one, _ in tried]
    assert {one.verdict for one, _ in tried} == {"kept"}
    assert {other.untried for other in there} == {"", LOCAL}
    assert far.fates == own.fates
    assert len(tried) > 120


def test_assumptions_are_counted_where_they_made_a_difference() -> None:
    scenarios = tuple(one for one in sample() if one.kind == "road" or any(map(reaches, one.calls)))
    _, own = results(embedded(), scenarios)
    with opened(strange_fake()) as target:
        _, far = results(target, scenarios)
    assert far.used == own.used


@pytest.mark.parametrize("id_", ["fault/slow", "fault/too-slow", "fault/503-1"])
def test_as_much_time_passes_at_an_address_as_in_this_process(id_: str) -> None:
    scenario = next(one for one in every_scenario() if one.id == id_)
    here = embedded()
    own = here.tenants(scenario)
    slept = here.forward(scenario, own).slept
    with opened(strange_fake()) as target:
        theirs = target.tenants(scenario)
        assert target.forward(scenario, theirs).slept == slept
        assert theirs["default"].clock.now() == pytest.approx(own["default"].clock.now(), abs=0.002)


def test_a_tenant_of_a_scenario_has_nothing_of_the_targets_own() -> None:
    app = strange_fake()
    scenario = next(one for one in every_scenario() if one.kind == "road" and not one.tenant)
    with opened(app) as target:
        (made,) = target.tenants(scenario).values()
        there = world(app).tenants[made.api_key]
        assert (there.settings.users, there.settings.tables) == ((), {})
        assert there.choices == target.choices_for(scenario)
        assert there.clock.iso() == made.clock.iso() == "2026-01-01T00:00:00.000Z"


WRONG: dict[str, dict[str, Any]] = {
    **{
        rule: {"gate": tuple(check for check in GATE if getattr(check, "rule", "") != rule)}
        for rule in ("sessionm.email-unique", "sessionm.points-enough", "braze.known-id")
    },
    **{
        rule: {"behaviours": BEHAVIOURS - {rule}}
        for rule in ("sessionm.campaign-event", "customerio.delete", "mparticle.batch-id")
    },
}


@pytest.mark.parametrize("rule", WRONG)
def test_a_wrong_fake_at_an_address_is_found_out_with_the_same_blame(rule: str) -> None:
    scenarios = tuple(about(rule))
    here, _ = results(embedded(**WRONG[rule]), scenarios)
    with opened(strange_fake(**WRONG[rule])) as target:
        there, _ = results(target, scenarios)
    assert "broken" in {one.verdict for one in there}
    assert there == here


def test_a_story_of_which_nothing_reaches_the_target_is_untried() -> None:
    rendered = next(one for one in every_scenario() if one.calls and all("render" in step for step in one.calls))
    with opened(strange_fake()) as target:
        found, _ = results(target, (rendered,))
    assert [one.untried for one in found] == [LOCAL]


def tenants(app: Any) -> list[str]:
    return list(world(app).tenants)


class Breaking(WsgiTransport):
    """A way on which something happens at a request to SessionM Core."""

    what: Callable[[], Any]

    def send(self, request: Request) -> Response:
        if request.path.startswith("/priv/"):
            self.what()
        return WsgiTransport.send(self, request)


@pytest.mark.parametrize("end", [KeyboardInterrupt, RuntimeError])
def test_no_tenant_stays_behind_however_a_run_ends(end: type[BaseException]) -> None:
    app = strange_fake()

    class Ended(Breaking):
        def what(self) -> None:
            raise end

    with pytest.raises(end), opened(app, Ended(app)) as target:
        results(target, tuple(about("sessionm.email-unique")))
    assert tenants(app) == ["own"]


def test_no_tenant_stays_behind_where_all_went_well() -> None:
    app = strange_fake()
    with opened(app) as target:
        results(target, tuple(about("sessionm.email-unique")))
    assert tenants(app) == ["own"]
    assert not len(world(app).journal)


def test_two_runs_on_one_target_do_not_meet() -> None:
    app = strange_fake()
    (scenario, *_) = about("sessionm.email-unique")
    with opened(app) as one, opened(app) as other:
        first, second = one.tenants(scenario), other.tenants(scenario)
        assert first["default"].api_key != second["default"].api_key


def test_a_tenant_with_the_same_credentials_in_the_way_leaves_a_story_untried() -> None:
    app = strange_fake()
    scenario = next(one for one in every_scenario() if one.tenant.get("braze", {}).get("keys"))
    with opened(app) as one, opened(app) as other:
        one.tenants(scenario)
        found = Runner(other).judge(scenario)
    assert "credentials" in found.untried


def test_a_target_that_stops_is_said_in_one_line() -> None:
    app = strange_fake()

    class Stopped(Breaking):
        gone = False

        def what(self) -> None:
            self.gone = True

        def send(self, request: Request) -> Response:
            if self.gone:
                raise Lost("connection refused")
            return super().send(request)

    scenario = next(one for one in every_scenario() if one.kind == "road")
    with pytest.raises(TargetError) as error, opened(app, Stopped(app)) as target:
        results(target, (scenario,))
    assert str(error.value).startswith(f"--target: {URL} does not answer any more")
    assert "\n" not in str(error.value)


def test_a_tenant_that_somebody_else_deletes_is_said_in_one_line() -> None:
    app = strange_fake()

    class Deleted(Breaking):
        def what(self) -> None:
            for key in tenants(app)[1:]:
                world(app).delete(key)

    scenario = next(one for one in every_scenario() if one.kind == "road")
    with pytest.raises(TargetError, match="let nobody else delete"), opened(app, Deleted(app)) as target:
        results(target, (scenario,))


@pytest.mark.parametrize(
    ("step", "does"),
    [
        ({"do": "createUser"}, True),
        ({"webhook": {}, "web": []}, False),
        ({"webhook": {}}, True),
        ({"render": ""}, False),
        ({"render": "", "there": True}, True),
        ({"objects": {}}, False),
        ({"advance": "1d"}, False),
        ({"forward": {}}, True),
        ({"import": {}, "gives": {"unreadable": "x"}}, False),
        ({"import": {}, "gives": {}}, True),
    ],
)
def test_a_step_reaches_the_target_or_does_not(step: dict[str, Any], does: bool) -> None:
    assert reaches(step) is does


ODD = [
    b"<html>",
    b"[]",
    b"7",
    b'{"user": []}',
    b'{"user": {}}',
    b'{"status": "ok", "user": "ada", "users": [1]}',
    b"{}",
]


@pytest.mark.parametrize("body", ODD)
def test_answers_of_any_other_shape_are_findings(body: bytes) -> None:
    app = strange_fake()

    class Odd(WsgiTransport):
        def send(self, request: Request) -> Response:
            answer = WsgiTransport.send(self, request)
            return Response(answer.status, answer.headers, body) if request.path.startswith("/priv/") else answer

    core = [one for one in about("sessionm.connect-credentials") if one.calls[0]["do"] == "createUser"]
    scenarios = (*about("sessionm.deleted-user-gone"), *core)
    road = next(one for one in every_scenario() if one.id == "fault/503-1")
    with opened(app, Odd(app)) as target:
        found, _ = results(target, (*scenarios, road))
    assert {one.verdict for one in found} == {"broken"}


def test_a_connection_that_breaks_in_a_story_is_a_finding() -> None:
    app = strange_fake()

    class Broken(Breaking):
        def what(self) -> None:
            raise Lost("connection reset by peer")

    with opened(app, Broken(app)) as target:
        found, _ = results(target, tuple(about("sessionm.email-unique")))
    assert {one.findings[0].message for one in found} == {"step 1, createUser: no answer (Lost), wanted an answer"}


@pytest.mark.parametrize("path", ["/state", "/tenants/", "/tenants", "/assumptions"])
@pytest.mark.parametrize("body", [b'{"tenants": [{}], "state": {}, "assumptions": [{}], "users": 5}', b"[]", b"null"])
def test_a_control_api_of_another_shape_is_said_in_one_line(path: str, body: bytes) -> None:
    app = strange_fake()

    class Other(WsgiTransport):
        def send(self, request: Request) -> Response:
            answer = WsgiTransport.send(self, request)
            return Response(200, answer.headers, body) if path in request.target[len("/__admin") :] else answer

    looked_at = next(one for one in every_scenario() if any("knows" in step for step in one.calls))
    with (
        pytest.raises(TargetError, match="than this can read; start the target") as error,
        opened(app, Other(app)) as target,
    ):
        results(target, (looked_at,))
    assert "\n" not in str(error.value)
