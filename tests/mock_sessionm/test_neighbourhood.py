import pytest

from contracts import Request
from contracts.transport import Lost
from mock_sessionm import create_app, world
from mock_sessionm.neighbourhood import Neighbourhood
from tests.mock_sessionm.campaigning import Answering, Nobody, campaigning

INSIDE = [
    "https://rest.iad-01.braze.com",
    "https://rest.fra-02.braze.eu",
    "https://api.sessionm.com",
    "https://api-tenant1.ent-sessionm.com",
    "https://domains-connecteast1.ent-sessionm.com",
    "https://s2s.mparticle.com",
    "https://s2s.eu1.mparticle.com",
]
OUTSIDE = [
    "https://rest.iad-01.braze.com.example.com",
    "https://example.com",
    "http://127.0.0.1:1",
    "https://evil-rest.iad-01.braze.com",
    "https://www.braze.com",
    "https://www.mparticle.com",
    "https://s2s.mparticle.com.example.com",
    "https://sessionm.com.example.com",
]
UNKNOWN = Request("GET", "/nowhere")


@pytest.mark.parametrize("origin", INSIDE)
def test_the_vendors_own_hosts_lead_into_the_fake(origin: str) -> None:
    outside = Nobody()
    fake = campaigning(outside=outside)
    assert fake.tenant.web.fetch(f"{origin}/nowhere", UNKNOWN, timeout=1).status == 404
    assert outside.asked == []


@pytest.mark.parametrize("origin", OUTSIDE)
def test_whoever_is_named_in_no_tenant_file_is_not_called(origin: str) -> None:
    outside = Answering(lambda _number: 200)
    with pytest.raises(Lost, match="named in no tenant file"):
        campaigning(outside=outside).tenant.web.fetch(f"{origin}/a", UNKNOWN, timeout=1)
    assert outside.asked == []


def test_who_is_named_by_a_variant_or_the_feed_is_called_outside() -> None:
    outside = Answering(lambda _number: 200)
    fake = campaigning(
        outside=outside,
        message_variants=[{"name": "a", "endpoint": "http://127.0.0.1:8"}, {"name": "b"}],
        feed={"endpoint": "http://127.0.0.1:9"},
    )
    for port in (8, 9):
        assert fake.tenant.web.fetch(f"http://127.0.0.1:{port}/a", UNKNOWN, timeout=1).status == 200
    assert len(outside.asked) == 2


def test_what_a_tenant_names_as_its_instance_is_the_fake_itself() -> None:
    fake = campaigning(braze={"endpoint": "http://braze.example"})
    assert fake.tenant.web.fetch("http://braze.example/nowhere", UNKNOWN, timeout=1).status == 404


def test_a_tenant_that_is_gone_names_nobody_any_more() -> None:
    fake = campaigning(feed={"endpoint": "http://127.0.0.1:9"}, outside=Answering(lambda _number: 200))
    web = fake.tenant.web
    fake.world.delete("key")
    with pytest.raises(Lost):
        web.fetch("http://127.0.0.1:9/a", UNKNOWN, timeout=1)


def test_the_host_arrives_with_the_request() -> None:
    fake = campaigning(braze={"endpoint": "https://rest.fra-01.braze.eu"})
    headers = {"Authorization": "Bearer workspace-key", "Content-Type": "application/json"}
    request = Request("POST", "/campaigns/trigger/send", headers, b"{}")
    right = fake.tenant.web.fetch("https://rest.fra-01.braze.eu/campaigns/trigger/send", request, timeout=1)
    wrong = fake.tenant.web.fetch("https://rest.fra-02.braze.eu/campaigns/trigger/send", request, timeout=1)
    assert (right.status, wrong.status) == (400, 401)


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="address"):
        campaigning().tenant.web.fetch("ftp://example.com/a", UNKNOWN, timeout=1)


def test_without_an_app_nothing_is_inside() -> None:
    with pytest.raises(Lost):
        Neighbourhood(None, Nobody(), dict).fetch("https://api.sessionm.com/a", UNKNOWN, timeout=1)


def test_an_app_that_is_told_of_nobody_reaches_the_outside_over_http() -> None:
    assert isinstance(world(create_app()).web, Neighbourhood)
