from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Request, Response
from contracts.transport import Lost
from mock_sessionm.partners.braze.liquid.errors import TemplateError
from mock_sessionm.partners.braze.message import Person, Renderer
from mock_sessionm.partners.braze.sender import Sender, Sent
from mock_sessionm.partners.braze.webhook import Unsendable, Webhook
from mock_sessionm.partners.braze.webhook_campaign import Schedule, WebhookCampaign

PLAIN = WebhookCampaign(Webhook("https://api.example.com/{{${user_id}}}"))


@dataclass(slots=True)
class World:
    """Time that passes only where somebody sleeps, and a web that answers as it is told."""

    answer: Callable[[int, Request], Response | Exception]
    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)
    heard: list[Request] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds

    def fetch(self, _url: str, request: Request, *, timeout: float) -> Response:
        assert timeout == 90
        self.heard.append(request)
        answer = self.answer(len(self.heard), request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sender(self, **how: Any) -> Sender:
        return Sender(
            Renderer(clock=self.clock), self, clock=self.clock, sleep=self.sleep, chance=random.Random(1), **how
        )

    def send(self, *ids: str, campaign: WebhookCampaign = PLAIN) -> list[Sent]:
        return self.sender().send(campaign, [Person({"user_id": id_}) for id_ in ids])


def always(*statuses: int) -> Callable[[int, Request], Response]:
    return lambda number, _request: Response(statuses[min(number, len(statuses)) - 1])


def test_outcomes_stand_in_the_order_of_the_users_whatever_the_order_in_which_they_ended() -> None:
    world = World(always(503, 200, 200, 404))
    done = world.send("a", "b", "c")
    assert [(one.number, one.outcome, one.tries) for one in done] == [
        (0, "failed", 2),
        (1, "received", 1),
        (2, "received", 1),
    ]
    assert [request.target for request in world.heard] == ["/a", "/b", "/c", "/a"]


def test_nobody_is_no_call_and_no_wait() -> None:
    world = World(always(200))
    assert world.send() == []
    assert (world.heard, world.slept) == ([], [])


def test_a_template_that_fails_for_one_user_fails_for_that_user_alone() -> None:
    campaign = WebhookCampaign(Webhook("https://api.example.com/", body="{{ ${user_id} | divided_by: 0 }}x"))
    world = World(always(200))

    class Renders:
        def render(self, source: str, person: Person, **_how: Any) -> Any:
            if person.fields["user_id"] == "bad":
                raise TemplateError(1, "too much", "make it smaller")
            return Renderer().render("{{${user_id}}}" if "divided" in source else source, person)

    sender = Sender(Renders(), world, clock=world.clock, sleep=world.sleep, chance=random.Random(1))
    done = sender.send(campaign, [Person({"user_id": id_}) for id_ in ("bad", "good")])
    assert [one.outcome for one in done] == ["failed", "received"]
    assert "line 1: too much" in done[0].why
    assert done[0].tries == 0


def test_a_web_that_refuses_to_call_somebody_ends_the_call_with_its_words() -> None:
    world = World(lambda _number, _request: Unsendable("not there"))
    (one,) = world.send("a")
    assert (one.outcome, one.why, one.tries) == ("failed", "not there", 0)


def test_what_is_said_holds_no_user_no_header_and_no_body() -> None:
    campaign = WebhookCampaign(
        Webhook("https://api.example.com/{{${user_id}}}", headers={"Authorization": "Basic c2VjcmV0"}, body="private")
    )
    for answer in (Response(400), Response(503), Lost("nobody")):
        world = World(lambda _number, _request, answer=answer: answer)  # type: ignore[misc]
        told = str(world.send("ada-the-first", campaign=campaign))
        assert "ada-the-first" not in told
        assert "c2VjcmV0" not in told
        assert "private" not in told


def test_the_same_seed_is_the_same_sender_and_another_is_another() -> None:
    world = World(always(200))
    assert world.sender().agent == world.sender().agent
    other = Sender(Renderer(), world, clock=world.clock, sleep=world.sleep, chance=random.Random(2))
    assert other.agent != world.sender().agent


def test_liquid_knows_the_name_of_the_campaign() -> None:
    world = World(always(200))
    campaign = WebhookCampaign(Webhook("https://api.example.com/", body="{{campaign.${name}}} {{x}}"))
    world.sender().send(campaign, [Person({"user_id": "a"})], variables={"x": "y"}, about={"name": "spring"})
    assert world.heard[0].body == b"spring y"


def test_a_message_is_rendered_once_for_a_user_however_often_it_is_tried() -> None:
    world = World(always(503, 503, 200))
    campaign = WebhookCampaign(Webhook("https://api.example.com/", body="{{ 'now' | date: '%s' }}"))
    world.send("a", campaign=campaign)
    assert len({request.body for request in world.heard}) == 1


@pytest.mark.parametrize("statuses", [(503,), (429,), (408,)])
def test_every_call_ends_at_most_half_an_hour_after_it_first_failed(statuses: tuple[int, ...]) -> None:
    world = World(always(*statuses))
    world.send("a", "b")
    assert sum(world.slept) == pytest.approx(1_800)
    assert len(world.heard) == 12


def test_every_time_of_a_schedule_has_outcomes_of_its_own() -> None:
    world = World(always(200))
    campaign = WebhookCampaign(PLAIN.webhook, Schedule(every=60.0, times_sent=2, re_eligible=True))
    done = world.send("a", "b", campaign=campaign)
    assert [(one.time, one.number) for one in done] == [(0, 0), (0, 1), (1, 0), (1, 1)]


@given(
    st.lists(
        st.one_of(
            st.integers(200, 599).map(Response),
            st.builds(
                lambda status, wait: Response(status, {"retry-after": str(wait)}),
                st.sampled_from([200, 408, 429, 503]),
                st.integers(0, 4_000),
            ),
            st.just(Lost("nobody")),
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 4),
)
def test_whatever_comes_every_user_has_one_end_and_few_tries(answers: list[Response | Exception], users: int) -> None:
    world = World(lambda number, _request: answers[(number - 1) % len(answers)])
    done = world.send(*(f"u{number}" for number in range(users)))
    assert [one.number for one in done] == list(range(users))
    assert all(1 <= one.tries <= 6 for one in done)
    assert sum(one.tries for one in done) == len(world.heard)
    assert all(bool(one.why) is (one.outcome == "failed") for one in done)
    assert sum(world.slept) <= 86_400 + 4_000 * users * 6


@pytest.mark.parametrize(
    ("answer", "about_ids"),
    [
        (Response(404), True),
        (Response(400, {}, b'{"status": "error", "errors": {"code": "user_not_found"}}'), True),
        (Response(400, {}, b'{"status": "error", "errors": {"code": "validation"}}'), False),
        (Response(405), False),
    ],
)
def test_a_user_who_is_not_found_points_to_the_rule_about_matching_ids(answer: Response, about_ids: bool) -> None:
    (one,) = World(lambda _number, _request: answer).send("a")
    assert ("braze.webhook-user-id" in one.rules) is about_ids


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"status": "error", "errors": {"code": "validation"}}', "validation"),
        (b'{"status": "error", "errors": {}}', "error"),
        (b'{"status": "error", "errors": []}', "error"),
        (b'{"status": "ok", "errors": {"code": "x"}}', ""),
        (b'["errors"]', ""),
        (b'{"errors"', ""),
        (b"", ""),
    ],
)
def test_sessionms_own_word_is_kept_under_whatever_status(body: bytes, code: str) -> None:
    (one,) = World(lambda _number, _request: Response(200, {}, body)).send("a")
    assert (one.outcome, one.code) == ("received", code)
    assert ("braze.webhook-status-only" in one.rules) is bool(code)
