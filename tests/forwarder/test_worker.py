from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contracts.interaction import Response
from contracts.transport import WsgiTransport
from forwarder.delivery import Delivery
from forwarder.spool import Spool
from forwarder.tally import Tally
from forwarder.worker import Pause, Stopped, Worker
from tests.forwarder.vendor import Hands, Vendor, batch, connection, error, until


@dataclass
class Desk:
    """A worker over a vendor, without threads and without waiting."""

    folder: Path
    vendor: Vendor = field(default_factory=Vendor)
    hands: Hands = field(default_factory=Hands)
    said: list[str] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    attempts: str = "1"

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.spool = Spool(self.folder)
        self.stop = threading.Event()
        made = connection(assumptions={"retry-attempts": self.attempts})
        self.delivery = Delivery(
            WsgiTransport(self.vendor), made, clock=self.hands.clock, sleep=self.hands.sleep, chance=random.Random(1)
        )
        self.worker = Worker(
            self.spool,
            made,
            self.delivery,
            stop=self.stop,
            clock=self.hands.clock,
            say=self.said.append,
            tally=self.tally,
        )

    def all(self) -> None:
        while self.worker.step():
            pass

    def restart(self) -> None:
        self.spool.close()
        self.open()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.spool.close()


def test_what_was_accepted_is_delivered_in_order_and_settled(desk: Desk) -> None:
    desk.worker.accept([batch(7, "a", "b"), batch(8, "c")])
    desk.worker.accept([batch(7, "d")])
    desk.all()
    assert desk.vendor.events == [("7", "a"), ("7", "b"), ("8", "c"), ("7", "d")]
    assert desk.spool.unsettled() == []
    assert (desk.tally.batches, desk.tally.requests, desk.tally.delivered) == (3, 7, 7)
    assert desk.said == []


def test_what_a_former_process_left_is_delivered(desk: Desk) -> None:
    desk.worker.accept([batch(7, "a")])
    desk.restart()
    desk.all()
    assert desk.vendor.events == [("7", "a")]


def test_a_refused_request_is_said_once_and_settled(desk: Desk) -> None:
    desk.vendor.trouble = [None, None, error("validation")]
    desk.worker.accept([batch(7, "a", "b")])
    desk.all()
    assert desk.said == ["batch 1 of the spool: POST event refused: HTTP 200 validation (no)"]
    assert desk.spool.unsettled() == []
    assert (desk.tally.delivered, desk.tally.refused) == (2, 1)


def test_what_was_not_settled_is_held_and_only_that_is_sent_again(desk: Desk) -> None:
    desk.vendor.trouble = [None, None, None, Response(503)]
    desk.worker.accept([batch(7, "a", "b")])
    desk.all()
    assert desk.said == ["batch 1 of the spool: POST event exhausted: HTTP 503; tried again in 30 s"]
    assert desk.spool.unsettled() == [1]
    desk.hands.now = 30.0
    desk.all()
    assert desk.vendor.events == [("7", "a"), ("7", "b")]
    assert desk.spool.unsettled() == []
    assert (desk.tally.batches, desk.tally.delivered) == (1, 3)


def test_what_was_settled_before_a_crash_is_not_sent_again(desk: Desk) -> None:
    desk.vendor.trouble = [None, None, None, Response(503)]
    desk.worker.accept([batch(7, "a", "b")])
    desk.all()
    desk.restart()
    desk.all()
    assert desk.vendor.events == [("7", "a"), ("7", "b")]


def test_a_held_user_waits_and_others_go_on(desk: Desk) -> None:
    desk.vendor.trouble = [Response(503)]
    desk.worker.accept([batch(7, "a"), batch(8, "b"), batch(7, "c")])
    desk.all()
    assert desk.vendor.events == [("8", "b")]
    desk.worker.accept([batch(7, "d")])
    desk.hands.now = 30.0
    desk.all()
    assert desk.vendor.events == [("8", "b"), ("7", "a"), ("7", "c"), ("7", "d")]
    assert desk.tally.batches == 4


def test_a_batch_that_cannot_be_read_is_said_and_settled(desk: Desk) -> None:
    desk.worker.accept([b'{"events":7}', batch(7, "a")])
    desk.all()
    assert desk.said == ["batch 1 of the spool: /events: integer, must be array or null"]
    assert desk.vendor.events == [("7", "a")]
    assert desk.tally.bad == 1


def test_a_mistake_of_ours_ends_neither_delivery_nor_the_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forwarder.worker.plan", lambda *_, **__: 1 / 0)
    desk.worker.accept([batch(7, "a")])
    desk.all()
    assert desk.said == ["batch 1 of the spool: ZeroDivisionError in the forwarder, kept in the spool"]
    monkeypatch.undo()
    desk.restart()
    desk.all()
    assert desk.vendor.events == [("7", "a")]


def test_a_pause_ends_at_once_when_stopped() -> None:
    stop = threading.Event()
    Pause(stop)(0)
    stop.set()
    with pytest.raises(Stopped):
        Pause(stop)(1000)


def test_stopping_in_the_middle_of_a_wait_leaves_the_rest_in_the_spool(desk: Desk) -> None:
    desk.attempts = "5"
    desk.restart()
    desk.vendor.trouble = [None, None, None, Response(503)]
    desk.stop.set()
    desk.delivery._sleep = Pause(desk.stop)
    desk.worker.accept([batch(7, "a", "b")])
    assert not desk.worker.step()
    assert desk.spool.unsettled() == [1]
    assert len(desk.spool.parts(1)) == 2


def test_its_thread_delivers_and_stops(desk: Desk) -> None:
    desk.worker.accept([batch(7, "a")])
    desk.worker.start()
    until(lambda: not desk.spool.unsettled())
    desk.worker.accept([batch(8, "b")])
    until(lambda: not desk.spool.unsettled())
    desk.worker.stop()
    assert desk.vendor.events == [("7", "a"), ("8", "b")]
