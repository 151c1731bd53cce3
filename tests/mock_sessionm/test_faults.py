from typing import Any

import pytest
import requests

from contracts import Request
from contracts.serving import Server
from contracts.transport import Lost, TimedOut, WsgiTransport
from mock_sessionm.faults import Schedule, path_matches
from tests.mock_sessionm.asking import Asker, basic

USERS = "/priv/v1/apps/{api_key}/users"


def schedule(fake: Asker, fault: dict[str, Any], **entry: Any) -> None:
    answer = fake.admin("PUT", "/faults", {"schedule": [{"fault": fault, **entry}]})
    assert answer.status == 200, answer.body


def struck(entries: list[dict[str, Any]], count: int, method: str = "GET", path: str = "/a") -> list[bool]:
    made = Schedule()
    made.set(entries)
    return [made.next("sessionm", method, path, float(number)) is not None for number in range(count)]


RESET = {"kind": "reset"}


def test_an_entry_lets_some_pass_and_strikes_some() -> None:
    assert struck([{"fault": RESET, "after": 1, "times": 2}], 5) == [False, True, True, False, False]


def test_an_entry_without_times_strikes_for_ever() -> None:
    assert struck([{"fault": RESET}], 3) == [True, True, True]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({}, True),
        ({"method": "get"}, True),
        ({"method": "PUT"}, False),
        ({"vendor": "sessionm"}, True),
        ({"vendor": "braze"}, False),
        ({"path": "/a"}, True),
        ({"path": "/b"}, False),
        ({"path": "*"}, True),
    ],
)
def test_an_entry_strikes_only_what_it_means(match: dict[str, str], *, hit: bool) -> None:
    assert struck([{"match": match, "fault": RESET}], 1) == [hit]


def test_the_first_entry_that_strikes_strikes_alone() -> None:
    made = Schedule()
    made.set([{"fault": RESET, "times": 1}, {"fault": {"kind": "status", "status": 503}}])
    kinds = [fault.kind for fault in (made.next("sessionm", "GET", "/a", 0.0) for _ in range(2)) if fault]
    assert kinds == ["reset", "status"]
    assert [entry["struck"] for entry in made.document()] == [1, 1]


def test_a_pattern_with_a_star_means_the_whole_path_and_a_bracket_only_itself() -> None:
    assert path_matches("*/tags", "/users/1/tags")
    assert not path_matches("/tags*", "/users/1/tags")
    assert path_matches("*user_ids[]*", "/x?user_ids[]=1")


def test_a_status_is_answered_in_the_vendors_shape_and_nothing_is_applied(fake: Asker) -> None:
    schedule(fake, {"kind": "status", "status": 503, "headers": {"Retry-After": "7"}})
    answer = fake.core("POST", "/users", {"user": {"external_id": "e"}})
    assert (answer.status, answer.code) == (503, "internal_server_error")
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-harness-fault"] == "status"
    assert len(fake.tenant.customers) == 0


@pytest.mark.parametrize(("body", "came"), [({"a": 1}, {"a": 1}), ([1], [1]), (5, 5)])
def test_a_status_may_have_a_body_of_its_own(fake: Asker, body: Any, came: Any) -> None:
    schedule(fake, {"kind": "status", "status": 500, "body": body})
    assert fake.core("GET", "/users/x").body == came


def test_a_status_may_have_a_text_that_is_no_json(fake: Asker) -> None:
    schedule(fake, {"kind": "status", "status": 502, "body": "<html>", "headers": {"Content-Type": "text/html"}})
    answer = fake.core("GET", "/users/x")
    assert (answer.body, answer.headers["content-type"]) == (b"<html>", "text/html")


def test_a_reset_loses_the_request_and_its_answer(fake: Asker) -> None:
    schedule(fake, {"kind": "reset"})
    with pytest.raises(Lost):
        fake.core("POST", "/users", {"user": {"external_id": "e"}})
    assert len(fake.tenant.customers) == 0
    assert next(fake.world.journal.interactions()).response is None


def test_a_reset_after_apply_loses_only_the_answer(fake: Asker) -> None:
    schedule(fake, {"kind": "reset-after-apply"})
    with pytest.raises(Lost):
        fake.core("POST", "/users", {"user": {"external_id": "e"}})
    assert fake.tenant.customers.by_external("e") is not None
    assert next(fake.world.journal.interactions()).response is None


def test_a_truncated_answer_is_applied_and_journaled_as_it_was_sent(fake: Asker) -> None:
    schedule(fake, {"kind": "truncate", "bytes": 5})
    with pytest.raises(Lost):
        fake.core("POST", "/users", {"user": {"external_id": "e"}})
    assert fake.tenant.customers.by_external("e") is not None
    response = next(fake.world.journal.interactions()).response
    assert response is not None
    assert response.body == b'{"sta'


def test_latency_is_waited_for_and_may_be_too_long(fake: Asker) -> None:
    schedule(fake, {"kind": "latency", "seconds": 3})
    waited: list[float] = []
    transport = WsgiTransport(fake.app, timeout=10, wait=waited.append)
    request = Request("GET", "/priv/v1/apps/key/users/search?email=a", {"Authorization": basic("key", "secret")})
    answer = transport.send(request)
    assert (answer.status, answer.headers["x-harness-delay"]) == (404, "3")
    assert waited == [3]
    with pytest.raises(TimedOut):
        WsgiTransport(fake.app, timeout=2).send(request)


def test_a_quota_is_counted_on_the_tenants_clock(fake: Asker) -> None:
    schedule(fake, {"kind": "quota", "limit": 2, "window": 60})
    assert [fake.core("GET", "/users/x").status for _ in range(3)] == [404, 404, 429]
    fake.tenant.clock.advance(20)
    answer = fake.core("GET", "/users/x")
    assert (answer.status, answer.headers["retry-after"]) == (429, "40")
    fake.tenant.clock.advance(40)
    assert fake.core("GET", "/users/x").status == 404


def test_a_quota_may_say_its_own_retry_after(fake: Asker) -> None:
    schedule(fake, {"kind": "quota", "limit": 0, "window": 60, "retry_after": 5})
    assert fake.core("GET", "/users/x").headers["retry-after"] == "5"


def test_faults_of_one_tenant_leave_the_others_alone(fake: Asker) -> None:
    other = fake.world.create()
    fake.admin("PUT", f"/faults?tenant={other.api_key}", {"schedule": [{"fault": RESET}]})
    assert fake.core("GET", "/users/x").status == 404
    assert fake.admin("GET", "/faults").body == {"schedule": []}


def test_the_control_api_is_never_struck(fake: Asker) -> None:
    schedule(fake, {"kind": "reset"})
    assert fake.admin("GET", "/health").status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"schedule": {}},
        {"schedule": [{}]},
        {"schedule": [{"fault": {}}]},
        {"schedule": [{"fault": {"kind": "explode"}}]},
        {"schedule": [{"fault": {"kind": "status"}}]},
        {"schedule": [{"fault": {"kind": "status", "status": 99}}]},
        {"schedule": [{"fault": {"kind": "latency"}}]},
        {"schedule": [{"fault": {"kind": "latency", "seconds": -1}}]},
        {"schedule": [{"fault": {"kind": "truncate", "bytes": "5"}}]},
        {"schedule": [{"fault": {"kind": "quota", "limit": 1}}]},
        {"schedule": [{"fault": {"kind": "quota", "limit": 1, "window": 0}}]},
        {"schedule": [{"fault": {"kind": "status", "status": 500, "headers": {"A": "b\r\nC: d"}}}]},
        {"schedule": [{"fault": {"kind": "status", "status": 500, "headers": {"Transfer-Encoding": "chunked"}}}]},
        {"schedule": [{"fault": {"kind": "status", "status": 500, "headers": {"content-length": "3"}}}]},
        {"schedule": [{"fault": {"kind": "status", "status": 500, "headers": {"A b": "c"}}}]},
        {"schedule": [{"fault": RESET, "times": 0}]},
        {"schedule": [{"fault": RESET, "after": -1}]},
        {"schedule": [{"fault": RESET, "match": {"host": "x"}}]},
        {"schedule": [{"fault": {**RESET, "colour": "red"}}]},
    ],
)
def test_a_bad_schedule_is_refused_in_one_line_and_the_old_one_stays(fake: Asker, body: Any) -> None:
    schedule(fake, {"kind": "status", "status": 503})
    answer = fake.admin("PUT", "/faults", body)
    assert answer.status == 400
    assert "\n" not in answer.body["error"]
    assert len(fake.world.faults.entries) == 1


def test_where_nothing_below_wsgi_can_lose_a_connection_the_app_does_what_is_possible(fake: Asker) -> None:
    slept: list[float] = []
    fake.world.sleep = slept.append
    client = fake.app.test_client()
    head = {"Authorization": basic("key", "secret")}
    entries = [{"fault": {"kind": "latency", "seconds": 2}, "times": 1}]
    fake.world.faults.set([*entries, {"fault": {"kind": "truncate", "bytes": 4}, "times": 1}, {"fault": RESET}])
    assert client.get("/priv/v1/apps/key/users/x", headers=head).status_code == 404
    assert slept == [2]
    assert client.get("/priv/v1/apps/key/users/x", headers=head).data == b'{"st'
    with pytest.raises(ConnectionResetError):
        client.get("/priv/v1/apps/key/users/x", headers=head)


def test_over_a_real_port_connections_are_lost_answers_cut_and_quotas_kept(fake: Asker) -> None:
    with Server(fake.app) as server, requests.Session() as session:
        session.trust_env = False
        session.auth = ("key", "secret")
        users = f"{server.url}/priv/v1/apps/key/users"
        for kind, stored in (({"kind": "reset"}, 0), ({"kind": "reset-after-apply"}, 1)):
            schedule(fake, kind, times=1)
            with pytest.raises(requests.ConnectionError):
                session.post(users, json={"user": {"external_id": f"e{stored}"}}, timeout=5)
            assert len(fake.tenant.customers) == stored
        schedule(fake, {"kind": "truncate", "bytes": 10}, times=1)
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            _ = session.post(users, json={"user": {"external_id": "cut"}}, timeout=5).content
        schedule(fake, {"kind": "latency", "seconds": 0.5})
        with pytest.raises(requests.ReadTimeout):
            session.get(users + "/search?email=a", timeout=0.05)
        schedule(fake, {"kind": "quota", "limit": 0, "window": 60})
        answer = session.get(users + "/search?email=a", timeout=5)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
        fake.admin("DELETE", "/faults")
        assert session.get(f"{server.url}/priv/v1/apps/key/external/users/cut", timeout=5).status_code == 200
