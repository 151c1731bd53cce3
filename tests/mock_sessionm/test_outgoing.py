from typing import Any

import pytest

from contracts.register import load_yaml
from mock_sessionm import outgoing
from mock_sessionm.outgoing import Outgoing
from tests.mock_sessionm.asking import NOON, Asker
from tests.mock_sessionm.campaigning import Answering, Nobody, campaigning

URL = "http://127.0.0.1:9/campaigns/trigger/send"
TABLE = {"outgoing-retries": "as-table"}
NAMED: list[dict[str, Any]] = [{"name": "Braze", "endpoint": "http://127.0.0.1:9"}]


def calling(outside: Any, **how: Any) -> Asker:
    return campaigning(outside=outside, message_variants=NAMED, **how)


def send(fake: Asker) -> Any:
    return fake.tenant.outgoing.send("braze", URL, {"a": 1}, "Bearer key", customer_id="x", campaign_id="c")


def test_a_call_is_made_once_with_its_body_and_credentials() -> None:
    outside = Answering(lambda _number: 201)
    made = send(calling(outside))
    ((url, request),) = outside.asked
    assert (url, request.method, request.body) == (URL, "POST", b'{"a":1}')
    assert request.headers == {"Content-Type": "application/json", "Authorization": "Bearer key"}
    assert (made.state, made.status, made.attempts, made.why) == ("sent", 201, 1, "")


@pytest.mark.parametrize(
    ("status", "state"), [(200, "sent"), (299, "sent"), (199, "platform_dropped"), (300, "platform_dropped")]
)
def test_only_an_answer_of_success_is_sent(status: int, state: str) -> None:
    assert send(calling(Answering(lambda _number: status))).state == state


def test_a_receiver_that_is_not_there_is_told_with_the_reason() -> None:
    made = send(calling(Nobody()))
    assert (made.state, made.status, made.why) == ("platform_dropped", None, "nobody is there")


def test_without_an_address_a_call_is_only_remembered() -> None:
    outside = Answering(lambda _number: 201)
    made = calling(outside).tenant.outgoing.send("mparticle", "", {"a": 1}, "Basic pair")
    assert (made.state, made.status, made.attempts, outside.asked) == ("triggered", None, 0, [])


@pytest.mark.parametrize("status", load_yaml("retries.yaml")["statuses"]["value"])
def test_by_the_table_a_failure_is_tried_again_at_its_time(status: int) -> None:
    outside = Answering(lambda number: 201 if number == 3 else status)
    fake = calling(outside, assume=TABLE)
    assert send(fake).state == "platform_deferred"
    fake.tenant.clock.advance(0.4)
    fake.tenant.settle()
    assert len(outside.asked) == 1
    fake.tenant.clock.advance(0.1)
    fake.tenant.settle()
    assert len(outside.asked) == 2
    fake.tenant.clock.advance(1)
    fake.tenant.settle()
    (made,) = fake.tenant.outgoing
    assert (made.state, made.status, made.attempts, len(outside.asked)) == ("sent", 201, 3, 3)
    assert outside.asked[0][1].headers == outside.asked[2][1].headers
    fake.tenant.clock.advance("1h")
    fake.tenant.settle()
    assert len(outside.asked) == 3


def test_waits_grow_up_to_the_cap_of_the_table() -> None:
    fake = calling(Nobody(), assume={**TABLE, "retry-attempts": "10"})
    made, waits = send(fake), []
    while made.next_at is not None:
        waits.append(made.next_at - fake.tenant.clock.now())
        fake.tenant.clock.advance(waits[-1])
        fake.tenant.settle()
        (made,) = fake.tenant.outgoing
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert (made.state, made.attempts) == ("platform_dropped", 10)


def test_after_a_long_jump_every_try_was_at_its_own_time() -> None:
    times: list[float] = []

    def refuse(_number: int) -> int:
        times.append(fake.tenant.clock.now() - NOON)
        return 503

    outside = Answering(refuse)
    fake = calling(outside, assume=TABLE)
    send(fake)
    fake.tenant.clock.advance("1d")
    fake.tenant.settle()
    assert times == [0, 0.5, 1.5, 3.5, 7.5]
    assert fake.tenant.clock.now() == NOON + 86_400


def test_of_several_that_wait_each_has_its_own_time() -> None:
    outside = Answering(lambda number: 503 if number < 3 else 201)
    fake = calling(outside, assume=TABLE)
    send(fake)
    fake.tenant.clock.advance(0.25)
    send(fake)
    for by, states in ((0.25, ["sent", "platform_deferred"]), (0.25, ["sent", "sent"])):
        fake.tenant.clock.advance(by)
        fake.tenant.settle()
        assert [one.state for one in fake.tenant.outgoing] == states


def test_a_refusal_that_the_table_does_not_list_is_final() -> None:
    assert send(calling(Answering(lambda _number: 400), assume=TABLE)).state == "platform_dropped"


def test_only_the_latest_calls_are_kept_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "REMEMBERED", 2)
    fake = calling(Nobody(), assume=TABLE)
    for _ in range(3):
        send(fake)
    assert ([one.number for one in fake.tenant.outgoing], fake.tenant.outgoing.dropped) == ([2, 3], 1)
    assert fake.tenant.outgoing._credentials.keys() == {2, 3}
    answer = fake.admin("GET", "/outgoing").body
    assert (answer["dropped"], [row["number"] for row in answer["outgoing"]]) == (1, [2, 3])


def test_what_was_exported_is_shown_again_and_tried_no_more() -> None:
    outside = Nobody()
    one, other = calling(outside, assume=TABLE), calling(outside, assume=TABLE)
    send(one)
    assert other.admin("PUT", "/state", one.admin("GET", "/state").body).status == 200
    assert [(row.number, row.state) for row in other.tenant.outgoing] == [(1, "platform_deferred")]
    other.tenant.clock.advance("1h")
    other.tenant.settle()
    assert len(outside.asked) == 1
    assert send(other).number == 2


def test_what_was_sent_is_shown_for_one_tenant_or_for_all() -> None:
    fake = calling(Answering(lambda _number: 201))
    send(fake)
    second = fake.world.create()
    assert fake.admin("GET", f"/outgoing?tenant={second.api_key}").body == {"dropped": 0, "outgoing": []}
    (row,) = fake.admin("GET", "/outgoing").body["outgoing"]
    assert row["tenant"] == "key"
    assert (row["to"], row["method"], row["url"], row["path"]) == ("braze", "POST", URL, "/campaigns/trigger/send")
    assert (row["at"], row["body"], row["state"]) == ("2026-06-15T12:00:00.000Z", {"a": 1}, "sent")
    assert fake.admin("GET", "/outgoing?tenant=nobody").status == 404


def test_one_that_could_not_be_made_says_why() -> None:
    fake = campaigning()
    made = fake.tenant.outgoing.refuse("braze", "no id", campaign_id="c")
    assert (made.state, made.why, made.url, made.attempts) == ("platform_dropped", "no id", "", 0)
    assert isinstance(fake.tenant.outgoing, Outgoing)
