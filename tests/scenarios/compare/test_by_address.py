"""A forwarder that somebody runs, tried over real ports of this machine, and without waiting for real."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest

from contracts import Choices, Request
from contracts.serving import Server
from contracts.transport import HttpTransport
from mock_sessionm import default_tenant
from scenarios.compare.builds import Running, SideError
from scenarios.compare.by_address import ByAddress
from scenarios.compare.people import People
from scenarios.compare.receiver import Names, Receiver, document
from scenarios.compare.sent import Spill

PAIRS = {"default": ("local-key", "local-secret")}


class Forwarder:
    """Sends one request for each batch, to whatever `here` is."""

    def __init__(self, statuses: Iterable[int] = ()) -> None:
        self._statuses = iter(statuses)
        self._here = ""

    def told(self, here: str) -> None:
        self._here = here

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        status = next(self._statuses, 202)
        if status == 202:
            batch = orjson.loads(environ["wsgi.input"].read())
            target = f"/priv/v1/apps/local-key/external/users/{batch['mpid']}"
            body = orjson.dumps({"user": {"external_id": str(batch["mpid"])}})
            HttpTransport(self._here).send(Request("PUT", target, {"X-Who": "me"}, body))
        start_response(f"{status} x", [("Retry-After", "1")])
        return [b""]


@pytest.fixture
def ticking() -> Callable[[], float]:
    """A clock on which every look takes two seconds."""
    moments = iter(range(0, 10_000, 2))
    return lambda: float(next(moments))


def trial(spill: Spill, forwarder: Forwarder, ticking: Callable[[], float], slept: list[float]) -> None:
    people = People()
    for mpid in (7, 8):
        batch = {"mpid": mpid}
        spill.add_batch(people.of_batch(batch), f"x:{mpid}", orjson.dumps(batch))
    receiver = Receiver.of(document(default_tenant(), PAIRS, "sessionm", now=0, seed=1, choices=Choices()))
    with Server(forwarder) as server:
        ByAddress(
            Running(server.url, server.url),
            receiver,
            Names(PAIRS),
            spill,
            people,
            port=0,
            settle=1,
            clock=ticking,
            sleep=slept.append,
            listening=forwarder.told,
        ).run("old")


def test_what_it_sends_is_kept_with_its_person_and_no_credential(spill: Spill, ticking: Callable[[], float]) -> None:
    slept: list[float] = []
    trial(spill, Forwarder(), ticking, slept)
    sent = list(spill.every("old"))
    assert [(one.person, one.batch, one.method) for one in sent] == [(0, -1, "PUT"), (1, -1, "PUT")]
    assert sent[0].target == "/priv/v1/apps/{api_key}/external/users/7"
    assert ("x-who", "me") in sent[0].headers
    assert sent[0].status is not None


def test_it_may_ask_to_wait(spill: Spill, ticking: Callable[[], float]) -> None:
    slept: list[float] = []
    trial(spill, Forwarder([429]), ticking, slept)
    assert 1.0 in slept
    assert spill.count("old") == 2


@pytest.mark.parametrize(("status", "why"), [(401, r"\[input\]"), (404, "HTTP 404"), (503, "HTTP 503")])
def test_one_that_takes_no_batch_is_told_in_one_line(
    status: int, why: str, spill: Spill, ticking: Callable[[], float]
) -> None:
    with pytest.raises(SideError, match=why):
        trial(spill, Forwarder([status]), ticking, [])


def test_one_that_is_not_there_is_told_in_one_line(spill: Spill) -> None:
    spill.add_batch(0, "x", b"{}")
    receiver = Receiver.of(document(default_tenant(), PAIRS, "sessionm", now=0, seed=1, choices=Choices()))
    side = Running("http://127.0.0.1:9", "http://127.0.0.1:9")
    with pytest.raises(SideError, match="start it first"):
        ByAddress(side, receiver, Names(PAIRS), spill, People(), port=0, settle=1).run("old")
