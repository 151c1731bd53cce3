"""Customer.io's official Python client, as it is, against the fake on a real port."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import customerio
import pytest
import trustme

from contracts.serving import Server
from mock_sessionm import TenantSettings
from mock_sessionm.partners.customerio.profiles import Profile
from tests.mock_sessionm.asking import Asker, asker

AWKWARD = ["42", "a@b.co/1", "a b+c%2F?d#e&f=g", "grüße/😀", "a%40b", "../x", "cio", ";a:b"]
"""Identifiers that a path could not hold as they are."""
OWN = {"site_id": "site", "api_key": "geheim"}
NOW = 1_781_524_800


def settings(**more: Any) -> TenantSettings:
    return TenantSettings(partners={"customerio": {**OWN, **more}})


@contextmanager
def served(fake: Asker) -> Iterator[customerio.CustomerIO]:
    with Server(fake.app) as server, client() as made:
        made.base_url = f"{server.url}/api/v1"
        yield made


def client(**how: Any) -> customerio.CustomerIO:
    """The client; it waits no time between its tries."""
    return customerio.CustomerIO(OWN["site_id"], how.pop("api_key", OWN["api_key"]), backoff_factor=0, **how)


def person(fake: Asker, identifier: str) -> Profile:
    found = fake.tenant.track.person(identifier)
    assert found is not None
    return found


@pytest.fixture
def fake() -> Asker:
    segments = [{"id": 7, "name": "gold"}]
    return asker(settings(segments=segments))


@pytest.fixture
def cio(fake: Asker) -> Iterator[customerio.CustomerIO]:
    with served(fake) as made:
        yield made


@pytest.mark.parametrize("identifier", AWKWARD)
def test_one_identifier_is_one_person_whatever_letters_it_has(
    fake: Asker, cio: customerio.CustomerIO, identifier: str
) -> None:
    cio.identify(identifier, plan="gold")
    cio.track(identifier, "visit", {"size": "L"})
    (one,) = fake.tenant.track.profiles
    assert identifier in (one.id, one.email)
    assert one.attributes == {"plan": "gold"}
    assert [event["name"] for event in one.events] == ["visit"]
    cio.delete(identifier)
    assert fake.tenant.track.profiles == []


def test_events_pages_and_backfills_are_kept_as_they_were_meant(fake: Asker, cio: customerio.CustomerIO) -> None:
    cio.identify("42", email="Ada@Example.com", created_at=NOW, nothing=float("nan"))
    cio.track("42", "bought", {"price": 3}, id="01H1YQ3ZZZ0000000000000000", timestamp=NOW - 60)
    cio.pageview("42", "/home", referrer="/")
    cio.backfill("42", "signed up", NOW - 3600, source="shop")
    one = person(fake, "ada@example.com")
    assert (one.id, one.email) == ("42", "Ada@Example.com")
    assert one.attributes == {"created_at": NOW}
    told = [(event["name"], event["type"], event["timestamp"], event["data"]) for event in one.events]
    assert told == [
        ("bought", "event", NOW - 60, {"price": 3}),
        ("/home", "page", NOW, {"referrer": "/"}),
        ("signed up", "event", NOW - 3600, {"source": "shop"}),
    ]


def test_an_event_of_nobody_is_somebodys_once_the_id_is_told(fake: Asker, cio: customerio.CustomerIO) -> None:
    cio.track_anonymous("a1", "visit", {"page": "/"})
    cio.track_anonymous(None, "invited", {"recipient": "eve@example.com"})
    assert [event["name"] for event in fake.tenant.track.anonymous] == ["visit", "invited"]
    cio.identify("42", anonymous_id="a1")
    assert [event["name"] for event in person(fake, "42").events] == ["visit"]
    assert [event["name"] for event in fake.tenant.track.anonymous] == ["invited"]


def test_whoever_is_suppressed_is_left_alone_until_it_is_taken_back(fake: Asker, cio: customerio.CustomerIO) -> None:
    cio.identify("42", plan="gold")
    cio.suppress("42")
    assert cio.identify("42", plan="gold").status_code == 200
    assert cio.track("42", "visit").status_code == 200
    assert fake.tenant.track.profiles == []
    cio.unsuppress("42")
    cio.identify("42", size="L")
    assert person(fake, "42").attributes == {"size": "L"}


def test_devices_come_and_go_by_tokens_of_any_letters(fake: Asker, cio: customerio.CustomerIO) -> None:
    cio.add_device("42", "token/1+%", "ios", last_used=NOW)
    assert person(fake, "42").devices == {"token/1+%": {"id": "token/1+%", "platform": "ios", "last_used": NOW}}
    cio.delete_device("42", "token/1+%")
    assert person(fake, "42").devices == {}


def test_two_people_become_one(fake: Asker, cio: customerio.CustomerIO) -> None:
    cio.identify("42", plan="gold")
    cio.identify("eve@example.com", size="L")
    cio.merge_customers("id", "42", "email", "eve@example.com")
    (one,) = fake.tenant.track.profiles
    assert (one.id, one.email, one.attributes) == ("42", "eve@example.com", {"plan": "gold", "size": "L"})


def test_an_identifier_is_changed_by_way_of_customer_ios_own(fake: Asker, cio: customerio.CustomerIO) -> None:
    cio.identify("42", email="old@example.com")
    cio.identify(f"cio_{person(fake, '42').cio_id}", email="new@example.com")
    assert person(fake, "42").email == "new@example.com"


def test_the_client_raises_for_our_401_and_shows_its_body(fake: Asker) -> None:
    with Server(fake.app) as server, client(api_key="falsch") as cio:
        cio.base_url = f"{server.url}/api/v1"
        with pytest.raises(
            customerio.CustomerIOException, match=r'(?s)^401: .+"error": "Unauthorized request"'
        ) as error:
            cio.identify("42")
    assert "geheim" not in str(error.value)
    assert fake.tenant.track.profiles == []


def test_the_client_raises_for_our_400_and_shows_all_that_is_wrong(fake: Asker, cio: customerio.CustomerIO) -> None:
    with pytest.raises(customerio.CustomerIOException, match=r"^400: ") as error:
        cio.send_request("PUT", f"{cio.base_url}/customers/42", {"id": "43", "token": "x" * 1001})
    assert "id attribute and identifier are not the same value" in str(error.value)
    assert "value for attribute 'token' cannot be longer than 1000 bytes" in str(error.value)
    with pytest.raises(customerio.CustomerIOException, match="event name cannot be longer than 100 bytes"):
        cio.track("42", "x" * 101)
    assert fake.tenant.track.profiles == []


@pytest.mark.parametrize(
    ("region", "host", "served_there"),
    [
        ("us", "track.customer.io", True),
        ("us", "track-eu.customer.io", False),
        ("eu", "track-eu.customer.io", True),
        ("eu", "track.customer.io", True),
    ],
)
def test_the_region_decides_which_host_knows_the_workspace(region: str, host: str, served_there: bool) -> None:
    fake = asker(settings(region=region))
    with served(fake) as cio:
        cio.http.headers["Host"] = host
        if served_there:
            cio.identify("42")
        else:
            with pytest.raises(customerio.CustomerIOException, match=r"^401: "):
                cio.identify("42")
    assert bool(fake.tenant.track.profiles) is served_there


# --- https, which batches and retries insist on -----------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def secure(
    fake: Asker, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., customerio.CustomerIO]]:
    """Makes clients of an https fake; this test alone trusts the one who signed its certificate."""
    issued = authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(files[0])
    issued.private_key_pem.write_to_path(files[1])
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    opened: list[customerio.CustomerIO] = []
    with Server(fake.app, certificate=files) as server:

        def make(**how: Any) -> customerio.CustomerIO:
            opened.append(client(host="127.0.0.1", port=server.port, **how))
            return opened[-1]

        yield make
        for one in opened:
            one.close()


def identify(identifier: str, **attributes: Any) -> dict[str, Any]:
    return {"type": "person", "action": "identify", "identifiers": {"id": identifier}, "attributes": attributes}


def test_a_batch_is_taken_over_https(fake: Asker, secure: Callable[..., customerio.CustomerIO]) -> None:
    event = {"type": "person", "action": "event", "identifiers": {"id": "42"}, "name": "visit"}
    assert secure().batch([identify("42", plan="gold"), event]).json() == {}
    assert person(fake, "42").attributes == {"plan": "gold"}
    assert [event["name"] for event in person(fake, "42").events] == ["visit"]


def test_a_batch_that_is_wrong_in_part_is_no_error_to_the_client(
    fake: Asker, secure: Callable[..., customerio.CustomerIO]
) -> None:
    answer = secure().batch([identify("42", plan="x" * 1001), identify("43")])
    assert answer.status_code == 207
    text = "property value cannot be longer than 1000 bytes"
    assert answer.json()["errors"] == [
        {"reason": "invalid", "field": "attributes.plan", "message": text, "batch_index": 0}
    ]
    assert [one.id for one in fake.tenant.track.profiles] == ["43"]


def test_the_client_that_trusts_nobody_sends_nothing(
    fake: Asker, secure: Callable[..., customerio.CustomerIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    cio = secure(retries=0)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(customerio.CustomerIOException, match="certificate verify failed"):
        cio.batch([identify("42")])
    assert fake.tenant.track.profiles == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_the_client_tries_again_after_an_error_of_the_server(
    fake: Asker, secure: Callable[..., customerio.CustomerIO], status: int
) -> None:
    fake.tenant.faults.set([{"times": 3, "fault": {"kind": "status", "status": status}}])
    secure().identify("42")
    assert [entry.status for entry in fake.world.journal.entries()] == [status] * 3 + [200]
    assert person(fake, "42").id == "42"


def test_the_client_gives_up_after_three_retries(fake: Asker, secure: Callable[..., customerio.CustomerIO]) -> None:
    fake.tenant.faults.set([{"fault": {"kind": "status", "status": 503}}])
    with pytest.raises(customerio.CustomerIOException, match="after 3 retries"):
        secure().identify("42")
    assert len(fake.world.journal.entries()) == 4


def test_too_many_calls_raise_at_once(secure: Callable[..., customerio.CustomerIO], fake: Asker) -> None:
    fake.tenant.faults.set([{"fault": {"kind": "status", "status": 429}}])
    with pytest.raises(customerio.CustomerIOException, match=r"^429: "):
        secure().identify("42")
    assert len(fake.world.journal.entries()) == 1


def test_a_reset_connection_is_tried_again_over_tls(fake: Asker, secure: Callable[..., customerio.CustomerIO]) -> None:
    fake.tenant.faults.set([{"times": 1, "fault": {"kind": "reset"}}])
    begun = time.monotonic()
    secure().identify("42")
    assert person(fake, "42").id == "42"
    assert time.monotonic() - begun < 5
