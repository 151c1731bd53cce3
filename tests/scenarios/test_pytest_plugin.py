"""The fixtures `mock_sessionm` and `mock_sessionm_live`."""

from __future__ import annotations

import pytest
import requests

from scenarios.pytest_plugin import Fake


def create(fake: Fake, external_id: str = "1001") -> requests.Response:
    return fake.session.post(f"{fake.base}/users", json={"user": {"external_id": external_id}}, timeout=5)


@pytest.fixture(params=["mock_sessionm", "mock_sessionm_live"])
def fake(request: pytest.FixtureRequest) -> Fake:
    made: Fake = request.getfixturevalue(request.param)
    return made


def test_a_customer_can_be_created_and_read_back(fake: Fake) -> None:
    assert create(fake).json()["status"] == "ok"
    assert fake.session.get(f"{fake.base}/external/users/1001", timeout=5).json()["user"]["external_id"] == "1001"


@pytest.mark.parametrize("turn", [1, 2])
def test_no_test_sees_the_customers_of_another(fake: Fake, turn: int) -> None:
    assert len(fake.tenant.customers) == 0, turn
    assert create(fake).json()["status"] == "ok"


def test_time_is_an_argument(fake: Fake) -> None:
    create(fake)
    tags = f"{fake.base}/external/users/1001/tags"
    fake.session.post(tags, json={"tags": ["gold"], "ttl": 2_592_000}, timeout=5)
    assert "gold" in fake.session.get(tags, timeout=5).json()["tags"]
    fake.advance("30d")
    assert fake.session.get(tags, timeout=5).json()["tags"] == {}


def test_the_journal_has_what_the_tenant_received_and_no_credentials(fake: Fake) -> None:
    create(fake)
    (entry,) = fake.journal
    assert entry.operation == "createUser"
    assert fake.api_key not in entry.request.target
    assert "authorization" not in entry.request.headers


def test_a_reset_raises_what_requests_raises_and_strikes_once(fake: Fake) -> None:
    fake.fault("reset", path="/users")
    with pytest.raises(requests.ConnectionError):
        create(fake)
    assert create(fake).json()["status"] == "ok"


def test_a_late_answer_raises_what_requests_raises(mock_sessionm: Fake) -> None:
    mock_sessionm.fault("latency", path="/users", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        create(mock_sessionm)


def test_half_an_answer_raises_what_requests_raises(fake: Fake) -> None:
    fake.fault("truncate", path="/users", bytes=3)
    with pytest.raises(requests.RequestException):
        create(fake)


def test_the_credentials_at_customer_io_are_those_of_the_tests_own_tenant(fake: Fake) -> None:
    person = f"{fake.url}/api/v1/customers/ada"
    assert fake.session.put(person, json={"plan": "gold"}, auth=("somebody", "else")).status_code == 401
    assert fake.session.put(person, json={"plan": "gold"}, auth=fake.account("customerio")).status_code == 200
    known = fake.tenant.track.person("ada")
    assert known is not None
    assert known.attributes == {"plan": "gold"}


def test_the_credentials_at_mparticle_are_those_of_the_tests_own_tenant(fake: Fake) -> None:
    answer = fake.session.post(f"{fake.url}/v2/events", json={"mpid": 7}, auth=fake.account("mparticle"))
    assert (answer.status_code, answer.text) == (202, "")
    assert [taken.body["mpid"] for taken in fake.tenant.ingest.batches] == [7]


def test_connect_is_a_call_away_with_credentials_and_retailer_filled_in(fake: Fake) -> None:
    user = create(fake).json()["user"]["id"]
    answer = fake.connect("/offers/api/2.0/offers/get_user_offers", user_id=user)
    assert answer.json()["payload"]["user_id"] == user
