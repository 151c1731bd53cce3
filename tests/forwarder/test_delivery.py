from __future__ import annotations

import random
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.interaction import Request, Response
from contracts.transport import Lost, Transport, WsgiTransport
from forwarder.delivery import Delivered, Delivery
from tests.forwarder.vendor import Hands, Scripted, Trouble, Vendor, connection, error, event, ok, plan_of, user


def delivery(transport: Transport, hands: Hands | None = None, **settings: Any) -> Delivery:
    hands = hands or Hands()
    return Delivery(transport, connection(**settings), clock=hands.clock, sleep=hands.sleep, chance=random.Random(1))


def test_a_known_user_and_events_arrive_in_order() -> None:
    scripted = Scripted([ok(), ok(), ok()])
    outcomes = delivery(scripted).deliver(plan_of(user(), event(name="a"), event(name="b")))
    assert [outcome.verdict for outcome in outcomes] == ["delivered"] * 3
    assert [request.json() for request in scripted.requests[1:]] == [{"events": {n: {"qty": 1}}} for n in "ab"]


def test_an_unknown_user_is_created_with_the_body_of_the_update() -> None:
    vendor = Vendor()
    outcomes = delivery(WsgiTransport(vendor)).deliver(plan_of(user(), event()))
    assert outcomes == (Delivered("7.user", "delivered", 1, 200), Delivered("7.buy", "delivered", 1, 200))
    assert [line.partition(" ")[0] for line in vendor.seen] == ["PUT", "POST", "POST"]
    assert vendor.users == {"7": {"external_id": "7"}}


@pytest.mark.parametrize("trouble", ["reset", "reset-after", Response(503), Response(500)])
def test_a_create_whose_answer_is_lost_starts_again_with_the_update_so_nobody_is_created_twice(
    trouble: Trouble,
) -> None:
    vendor = Vendor(trouble=[None, trouble])
    outcomes = delivery(WsgiTransport(vendor)).deliver(plan_of(user()))
    assert outcomes[0].verdict == "delivered"
    assert vendor.created == ["7"]
    assert [line.partition(" ")[0] for line in vendor.seen[:3]] == ["PUT", "POST", "PUT"]


@given(st.lists(st.sampled_from(["reset", "reset-after", None]), max_size=8), st.integers(0, 99))
def test_whatever_is_lost_no_user_is_created_twice_and_no_event_overtakes(
    trouble: list[Trouble | None], seed: int
) -> None:
    vendor = Vendor(trouble=list(trouble))
    hands = Hands()
    made = Delivery(
        WsgiTransport(vendor), connection(), clock=hands.clock, sleep=hands.sleep, chance=random.Random(seed)
    )
    outcomes = made.deliver(plan_of(user(), event(name="a"), event(name="b")))
    assert len(vendor.created) <= 1
    settled = [outcome.verdict for outcome in outcomes]
    assert settled == sorted(settled, key=["delivered", "exhausted"].index)
    assert list(dict.fromkeys(vendor.events)) == [("7", "a"), ("7", "b")][: len(set(vendor.events))]


def test_events_of_a_user_who_could_not_be_created_are_refused_without_being_sent() -> None:
    scripted = Scripted([error("user_not_found", 404), error("validation"), ok()])
    outcomes = delivery(scripted).deliver(plan_of(user(), event(), event("8")))
    assert [(o.verdict, o.attempts, o.code) for o in outcomes] == [
        ("refused", 1, "validation"),
        ("refused", 0, "user_refused"),
        ("delivered", 1, ""),
    ]
    assert outcomes[1].why == "its user was refused"


def test_events_of_a_known_user_whose_update_was_refused_are_still_tried() -> None:
    outcomes = delivery(Scripted([error("validation"), ok()])).deliver(plan_of(user(), event()))
    assert [outcome.verdict for outcome in outcomes] == ["refused", "delivered"]


def test_a_create_that_answers_user_not_found_is_refused_and_ends() -> None:
    scripted = Scripted([error("user_not_found"), error("user_not_found")])
    assert delivery(scripted).deliver(plan_of(user()))[0].verdict == "refused"


def test_what_is_exhausted_holds_the_rest_of_its_lane_and_no_other() -> None:
    scripted = Scripted([*[Response(503)] * 5, ok()])
    outcomes = delivery(scripted).deliver(plan_of(event(name="a"), event(name="b"), event("8")))
    assert [(o.verdict, o.attempts) for o in outcomes] == [("exhausted", 5), ("exhausted", 0), ("delivered", 1)]
    assert outcomes[0].why == "HTTP 503 (tried 5 times)"
    assert outcomes[0].status == 503


def test_waits_grow_and_stay_within_their_jitter() -> None:
    hands = Hands()
    delivery(Scripted([Lost("x")] * 5), hands).deliver(plan_of(event()))
    assert len(hands.slept) == 4
    assert all(longest / 2 <= slept <= longest for slept, longest in zip(hands.slept, [0.5, 1, 2, 4], strict=True))


def test_the_same_seed_waits_the_same() -> None:
    first, second = Hands(), Hands()
    for hands in (first, second):
        delivery(Scripted([Lost("x")] * 5), hands).deliver(plan_of(event()))
    assert first.slept == second.slept


def test_retry_after_is_waited_for_exactly() -> None:
    hands = Hands()
    scripted = Scripted([Response(429, {"retry-after": "17"}), ok()])
    assert delivery(scripted, hands).deliver(plan_of(event()))[0] == Delivered("7.buy", "delivered", 2, 200)
    assert hands.slept == [17.0]


def test_a_retry_after_beyond_patience_is_given_up_at_once() -> None:
    hands = Hands()
    outcome = delivery(Scripted([Response(429, {"retry-after": "86400"})]), hands).deliver(plan_of(event()))[0]
    assert (outcome.verdict, outcome.attempts, hands.slept) == ("exhausted", 1, [])
    assert outcome.why == "HTTP 429; asked to wait 86400 s, more than 300 s"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 501])
def test_other_refusals_are_final(status: int) -> None:
    hands = Hands()
    outcome = delivery(Scripted([Response(status)]), hands).deliver(plan_of(event()))[0]
    assert (outcome.verdict, outcome.attempts, hands.slept) == ("refused", 1, [])


def test_the_assumption_says_how_often_a_request_is_tried() -> None:
    outcome = delivery(Scripted([Lost("x")]), assumptions={"retry-attempts": "1"}).deliver(plan_of(event()))[0]
    assert (outcome.verdict, outcome.attempts, outcome.status, outcome.why) == ("exhausted", 1, None, "x")


def test_the_key_is_encoded_in_the_path_and_the_pair_in_the_header() -> None:
    scripted = Scripted([error("user_not_found"), ok()])
    delivery(scripted).deliver(plan_of(user()))
    assert [request.target for request in scripted.requests] == [
        "/priv/v1/apps/k%2F1/external/users/7",
        "/priv/v1/apps/k%2F1/users",
    ]
    wanted = "Basic " + b64encode(b"k/1:s").decode()
    assert {request.headers["Authorization"] for request in scripted.requests} == {wanted}
    assert {request.headers["Content-Type"] for request in scripted.requests} == {"application/json"}


def test_each_platform_uses_its_own_credentials() -> None:
    scripted = Scripted([ok(), ok()])
    platforms = {
        "default": {"api_key": "d", "api_secret": "s"},
        "ios": {"api_key": "i", "api_secret": "t"},
    }
    delivery(scripted, platforms=platforms).deliver(plan_of(event(), event(platform="roku")))
    assert [request.path.split("/")[4] for request in scripted.requests] == ["i", "d"]


def test_a_platform_without_credentials_is_refused_and_the_setting_named() -> None:
    made = delivery(Scripted([]), platforms={"ios": {"api_key": "i", "api_secret": "t"}})
    outcome = made.deliver(plan_of(event(platform="roku")))[0]
    assert (outcome.verdict, outcome.attempts) == ("refused", 0)
    assert outcome.why == "missing required setting platforms.roku.api_key or platforms.default.api_key"


def test_requests_that_are_settled_are_left_out() -> None:
    scripted = Scripted([ok()])
    outcomes = list(delivery(scripted).outcomes(plan_of(user(), event()), settled={"7.user"}))
    assert [outcome.key for outcome in outcomes] == ["7.buy"]


def test_an_outcome_is_known_before_the_next_request_is_sent() -> None:
    scripted = Scripted([ok(), ok()])
    outcomes = delivery(scripted).outcomes(plan_of(user(), event()))
    next(outcomes)
    assert len(scripted.requests) == 1


def test_what_is_sent_is_what_was_planned_byte_for_byte() -> None:
    seen: list[Request] = []

    class Keeping:
        def send(self, request: Request) -> Response:
            seen.append(request)
            return ok()

    planned = user()
    delivery(Keeping()).deliver(plan_of(planned))
    assert seen[0].body is planned.body
