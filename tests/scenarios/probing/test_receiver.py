"""The receiver remembers what came, tells apart whom it was about, and answers as it was told."""

from typing import Any

import orjson
import pytest

from contracts import Request, Response
from contracts.serving import Server
from contracts.transport import HttpTransport, WsgiTransport
from scenarios.probing.receiver import Receiver


def sent(receiver: Receiver, body: Any, path: str = "/campaigns/trigger/send") -> Response:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return WsgiTransport(receiver).send(Request("POST", path, {"Content-Type": "application/json"}, raw))


def test_calls_are_taken_once_and_only_those_that_speak_of_somebody() -> None:
    receiver = Receiver()
    sent(receiver, {"recipients": [{"external_user_id": "ada"}]})
    sent(receiver, {"recipients": [{"email": "eve@example.com"}]})
    assert [call["body"] for call in receiver.take(["ada", "ada@example.com"])] == [
        {"recipients": [{"external_user_id": "ada"}]}
    ]
    assert receiver.take(["ada"]) == []
    assert len(receiver.take(["eve@example.com"])) == 1


def test_it_answers_as_braze_and_as_mparticle_do() -> None:
    receiver = Receiver()
    answer = sent(receiver, {})
    assert (answer.status, answer.json()) == (201, {"message": "success"})
    batch = sent(receiver, {}, "/v2/events")
    assert (batch.status, batch.body) == (202, b"")


def test_it_answers_what_it_was_told_and_then_success() -> None:
    receiver = Receiver(answers=[503])
    assert [sent(receiver, {"n": 1}).status for _ in range(2)] == [503, 201]
    assert len(receiver.take(["1"])) == 2


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_a_call_that_is_no_json_is_taken_and_is_about_nobody(body: bytes) -> None:
    receiver = Receiver()
    assert sent(receiver, body).status == 201
    assert receiver.take(["anybody"]) == []


def test_it_listens_on_a_port() -> None:
    receiver = Receiver()
    with Server(receiver) as server:
        answer = HttpTransport(server.url).send(Request("POST", "/canvas/trigger/send", {}, b'{"who":"ada"}'))
    assert answer.status == 201
    assert receiver.take(["ada"]) == [{"path": "/canvas/trigger/send", "body": {"who": "ada"}}]
