from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from contracts.interaction import Response
from contracts.transport import Lost
from forwarder import Batch, Delivery, Plan
from forwarder.relay import Relay, Unreachable
from forwarder.sources.ndjson import BadRecord, Record, Skipped
from forwarder.sources.s3 import Remark
from forwarder.tally import Tally
from tests.forwarder.vendor import Hands, Scripted, batch, connection, error, ok


@dataclass
class Spot:
    """A place that keeps what it was told."""

    parts: frozenset[str] = frozenset()
    told: list[str] = field(default_factory=list)

    def settle_part(self, key: str) -> None:
        self.told.append(key.rpartition(".")[2])

    def settle(self) -> None:
        self.told.append("settled")

    def leave(self) -> None:
        self.told.append("left")


@dataclass
class Trial:
    """A relay over a scripted vendor; retries are switched off."""

    answers: Iterable[Response | Lost]
    settings: dict[str, object] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    shown: list[Plan] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        self.vendor = Scripted(self.answers)
        hands = Hands()
        made = connection(assumptions={"retry-attempts": "1"}, **self.settings)
        delivery = Delivery(self.vendor, made, clock=hands.clock, sleep=hands.sleep, chance=random.Random(0))
        self.relay = Relay(made, delivery, self.tally, wall=hands.clock, say=self.said.append, show=self.shown.append)

    def take(self, mpid: int, *names: str, parts: frozenset[str] = frozenset(), place: bool = True) -> list[str]:
        """What the place of a batch was told."""
        spot = Spot(parts)
        read = Batch.read(batch(mpid, *names, source_request_id="b"))
        self.relay.take(Record("s", mpid, read, spot if place else None))
        return spot.told


def test_each_request_is_settled_as_soon_as_it_is_and_the_batch_in_the_end() -> None:
    assert Trial([ok(), ok(), ok()]).take(7, "a", "b") == ["user", "0", "1", "settled"]


def test_what_the_vendor_refuses_is_settled_too_for_it_would_be_refused_again() -> None:
    trial = Trial([ok(), error("validation")])
    assert trial.take(7, "a") == ["user", "0", "settled"]
    assert trial.tally.refused == 1


def test_requests_that_are_settled_are_neither_sent_nor_counted_again() -> None:
    trial = Trial([ok()])
    assert trial.take(7, "a", parts=frozenset({"7.b.user"})) == ["0", "settled"]
    assert trial.tally.requests == 1


def test_what_is_exhausted_is_left_and_what_comes_behind_it_in_its_lane_waits() -> None:
    trial = Trial([ok(), Response(503), ok(), ok()])
    assert trial.take(7, "a") == ["user", "left"]
    assert trial.take(7, "b") == ["left"]
    assert trial.take(8, "c") == ["user", "0", "settled"]
    assert trial.said == [
        "s:7: POST event exhausted: HTTP 503",
        "s:7: not sent: an earlier batch of its user did not arrive",
    ]
    assert trial.tally.unsettled == 3


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_of_who_sends_is_left_for_a_start_with_other_credentials(status: int) -> None:
    trial = Trial([Response(status), Response(status), ok(), ok()])
    assert trial.take(7, "a") == ["left"]
    assert trial.take(7) == ["left"]
    assert trial.take(8, "b") == ["user", "0", "settled"]


def test_a_refusal_of_who_sends_does_not_hold_up_sources_that_remember_nothing() -> None:
    trial = Trial([Response(401), Response(401), ok()])
    trial.take(7, "a", place=False)
    trial.take(7, place=False)
    assert len(trial.vendor.requests) == 3


def test_what_is_exhausted_holds_up_sources_that_remember_nothing_too() -> None:
    trial = Trial([ok(), Response(503), ok(), ok()])
    trial.take(7, "a", place=False)
    trial.take(7, "b", place=False)
    assert len(trial.vendor.requests) == 2
    trial.take(8, "c", place=False)
    assert len(trial.vendor.requests) == 4


def test_a_platform_without_credentials_is_left() -> None:
    trial = Trial([], {"platforms": {"android": {"api_key": "k", "api_secret": "s"}}})
    assert trial.take(7, "a") == ["left"]
    assert trial.tally.refused == 2


def test_events_of_somebody_who_was_refused_are_settled_with_the_refusal_and_left_with_it() -> None:
    unknown = error("user_not_found", 404)
    assert Trial([unknown, error("validation")]).take(7, "a") == ["user", "0", "settled"]
    assert Trial([unknown, Response(401)]).take(7, "a") == ["left"]


def test_where_nobody_answers_everything_ends_and_the_batch_is_neither_settled_nor_left() -> None:
    trial = Trial([ok(), Lost("no answer")])
    spot = Spot()
    with pytest.raises(Unreachable, match="stopped at s:7, and what follows was not sent"):
        trial.relay.take(Record("s", 7, Batch.read(batch(7, "a")), spot))
    assert spot.told == ["user"]


def test_a_batch_of_which_nothing_is_sent_is_settled() -> None:
    trial = Trial([], {"madconnect": {"api_key": "k"}})
    assert trial.take(7, "a") == ["settled"]
    assert set(trial.tally.fates) == {"refused"}


def test_what_is_no_record_is_counted_and_told() -> None:
    trial = Trial([])
    for found in (
        Skipped("s", "why"),
        BadRecord("s", 3, "/events", "is odd"),
        Remark("s", "before"),
        Remark("s", "foreign", "no"),
        Remark("s", "read"),
    ):
        trial.relay.take(found)
    assert trial.said == ["s: skipped: why", "s:3 /events: is odd", "s: foreign: no"]
    assert trial.tally.bad == 1
    assert trial.tally.objects == {"before": 1, "foreign": 1, "read": 1}
    assert trial.tally.lines()[0] == "objects      read 1, read at an earlier start 1, foreign 1"


def test_without_a_delivery_plans_are_shown_and_nothing_is_settled() -> None:
    shown: list[Plan] = []
    spot = Spot()
    relay = Relay(connection(), None, Tally(), wall=lambda: 0.0, say=print, show=shown.append)
    relay.take(Record("s", 1, Batch.read(batch(7, "a")), spot))
    assert [len(one.requests) for one in shown] == [2]
    assert spot.told == []
