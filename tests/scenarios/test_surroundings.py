from __future__ import annotations

import pytest

from contracts import Request, Response
from contracts.serving import Server
from contracts.transport import InProcessWeb, Lost
from mock_sessionm import TenantSettings, create_app, world
from scenarios.surroundings import EMBEDDED, Surroundings

AT = "http://127.0.0.1:8600"


class Elsewhere:
    """Something that is no fake: it answers everything in its own way."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer

    def fetch(self, _url: str, _request: Request, *, timeout: float) -> Response:
        assert timeout > 0
        return self.answer


def test_an_embedded_fake_has_the_tenant_that_was_given_and_a_clock_that_moves_only_when_told() -> None:
    made = Surroundings.embedded(TenantSettings(api_key="mine"), seed=1, start=500.0)
    assert (made.at, made.settings.api_key, made.is_fake) == (EMBEDDED, "mine", True)
    assert made.time.now() == 500.0
    made.time.sleep(86_400)
    assert made.time.now() == 86_900.0


def test_the_clock_of_a_fake_elsewhere_is_moved_instead_of_waiting() -> None:
    app = create_app()
    tenant = next(iter(world(app).tenants.values()))
    tenant.clock.freeze()
    before = tenant.clock.now()
    waited: list[float] = []
    made = Surroundings.remote(
        AT, tenant.settings, web=InProcessWeb({AT: app}), clock=lambda: 500.0, sleep=waited.append
    )
    assert made.is_fake
    made.time.sleep(3_600)
    assert tenant.clock.now() == before + 3_600
    assert made.time.now() == 4_100.0
    assert waited == []


def test_only_the_tenants_own_clock_is_moved() -> None:
    app = create_app()
    other = world(app).create()
    other.clock.freeze()
    before = other.clock.now()
    tenant = next(iter(world(app).tenants.values()))
    Surroundings.remote(AT, tenant.settings, web=InProcessWeb({AT: app})).time.sleep(3_600)
    assert other.clock.now() == before


@pytest.mark.parametrize(
    "answer", [Response(404, {}, b'{"error": "x"}'), Response(200, {}, b"<html>"), Response(200, {}, b'{"status": 1}')]
)
def test_what_is_no_fake_is_really_waited_for(answer: Response) -> None:
    waited: list[float] = []
    made = Surroundings.remote(AT, TenantSettings(), web=Elsewhere(answer), clock=lambda: 500.0, sleep=waited.append)
    assert not made.is_fake
    made.time.sleep(60)
    assert (made.time.now(), waited) == (500.0, [60])


def test_a_fake_without_the_tenant_is_no_fake_to_us() -> None:
    app = create_app()
    assert not Surroundings.remote(AT, TenantSettings(api_key="other"), web=InProcessWeb({AT: app})).is_fake


def test_an_address_is_used_by_its_origin() -> None:
    app = create_app()
    made = Surroundings.remote(f"{AT}/some/path/", TenantSettings(), web=InProcessWeb({AT: app}))
    assert made.at == AT


def test_where_nobody_answers_is_told() -> None:
    with pytest.raises(Lost):
        Surroundings.remote(AT, TenantSettings(), web=InProcessWeb({}))


def test_a_fake_on_a_real_port_is_reached_over_http() -> None:
    app = create_app()
    with Server(app) as server:
        made = Surroundings.remote(server.url, next(iter(world(app).tenants.values())).settings)
        assert made.is_fake
        assert made.ask("GET", "/health") == {"status": "ok"}
