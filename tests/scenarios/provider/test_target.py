"""Who can be tried, and one line for whom cannot."""

from __future__ import annotations

import pytest

from contracts import Request, Response
from contracts.transport import Lost, WsgiTransport
from mock_sessionm import TenantSettings, create_app
from scenarios.provider import Target, Unusable, provide
from scenarios.provider.run import NO_STATE


class Says:
    """A transport behind which somebody gives one answer to everything; None is nobody."""

    def __init__(self, answer: Response | None) -> None:
        self.answer = answer

    def send(self, _request: Request) -> Response:
        if self.answer is None:
            raise Lost("no answer from http://127.0.0.1:1: Connection refused")
        return self.answer


HTML = Response(200, {"content-type": "text/html; charset=utf-8"}, b"<html>")


@pytest.mark.parametrize(
    ("url", "answer", "says"),
    [
        ("http://127.0.0.1:1", None, "Connection refused; start it"),
        ("http://127.0.0.1:1", HTML, "web page"),
        ("http://127.0.0.1:1", Response(404, {}, b""), "--tenant FILE"),
        ("127.0.0.1", None, "no http or https address"),
    ],
)
def test_who_cannot_be_tried_is_told_in_one_line(url: str, answer: Response | None, says: str) -> None:
    with pytest.raises(Unusable, match=says) as told:
        Target.remote(url, transport=Says(answer))
    assert "\n" not in str(told.value)


def test_a_fake_of_ours_at_an_address_gets_a_tenant_for_the_trial_and_loses_it_afterwards() -> None:
    app = create_app()
    target = Target.remote("http://fake.example", transport=WsgiTransport(app))
    before = target.order("GET", "/tenants")
    found = provide(target, seed=1, examples=1, vendors=["sessionm"], operations=["getTags"])
    assert [(result.id, result.verdict) for result in found] == [("provider/sessionm/getTags", "kept")]
    assert target.order("GET", "/tenants") == before


def test_orders_that_are_for_all_tenants_are_given_to_no_fake_at_an_address() -> None:
    target = Target.remote("http://fake.example", transport=WsgiTransport(create_app()))
    found = provide(target, seed=1, examples=1, vendors=["admin"])
    assert {result.verdict for result in found} == {"untried"}


class Without:
    """A fake of ours whose control API is not there."""

    def __init__(self) -> None:
        self.inner = WsgiTransport(create_app())

    def send(self, request: Request) -> Response:
        return Response(404) if request.target.startswith("/__admin") else self.inner.send(request)


def test_behind_an_address_without_a_control_api_the_file_has_the_credentials_and_state_is_untried() -> None:
    settings = TenantSettings(partners={"braze": {"api_key": "local-braze-key"}})
    target = Target.remote("http://vendor.example", settings, Without())
    found = provide(target, seed=1, examples=1, vendors=["braze"], operations=["triggerCampaign"])
    by_id = {result.id: result for result in found}
    assert by_id["provider/braze/state"].untried == NO_STATE
    assert by_id["provider/braze/triggerCampaign"].requests > 10
    assert by_id["provider/braze/triggerCampaign"].findings == ()


def test_an_api_whose_credentials_the_file_has_not_is_untried() -> None:
    target = Target.remote("http://vendor.example", TenantSettings(), Without())
    found = provide(target, seed=1, examples=1, vendors=["braze"])
    assert {result.untried for result in found} == {"the tenant file has no credentials for braze"}


def test_a_target_that_goes_away_in_the_middle_is_one_line() -> None:
    class Goes:
        def __init__(self) -> None:
            self.inner, self.left = WsgiTransport(create_app()), 80

        def send(self, request: Request) -> Response:
            self.left -= 1
            if self.left < 0:
                raise Lost("no answer from http://fake.example: Connection refused")
            return self.inner.send(request)

    target = Target.remote("http://fake.example", transport=Goes())
    with pytest.raises(Unusable, match="Connection refused"):
        provide(target, seed=1, examples=1, vendors=["sessionm"], operations=["getTags"])
