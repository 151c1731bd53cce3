from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from contracts import Interaction, Request
from contracts.transport import WsgiTransport
from mock_sessionm import Clock, create_app, default_tenant, world
from scenarios.given import Given
from scenarios.recordings.recorded import Recorded
from scenarios.shrink.interaction_side import InteractionSide
from scenarios.shrink.reducing import Docs
from scenarios.shrink.shrinking import Minimum, shrink
from scenarios.shrink.survey import Survey, about

PAIR = b64encode(b"local-key:local-secret").decode()
HEADERS = {"content-type": "application/json", "authorization": f"Basic {PAIR}"}
GIVEN = Given.load(None, None, {})
Spoil = Callable[[Interaction], Interaction]


def recorded(spoil: Spoil = lambda one: one, people: int = 3, **odd: Any) -> list[Recorded]:
    """Three calls for each of some people; the profile of the third is the odd one."""
    app = create_app(default_tenant(), clock=Clock(1_767_225_600, frozen=True), seed=1, on_violation="note")
    send = WsgiTransport(app).send
    for number in range(people):
        who = f"member-{number}"
        user = {"external_id": who, "email": f"ada.{who}@example.com", "first_name": "Ada"}
        profile = {"LoyaltyTier": "gold", "FavoriteStore": "Oslo", **(odd if number == 2 else {})}
        for method, path, body in (
            ("POST", "/users", {"user": user}),
            ("PUT", f"/external/users/{who}", {"user": {"user_profile": profile}}),
            ("GET", f"/external/users/{who}", None),
        ):
            raw = orjson.dumps(body) if body else b""
            send(Request(method, f"/priv/v1/apps/local-key{path}", HEADERS, raw))
    return [
        Recorded(f"r {one.number}", spoil(one), "https://api.sessionm.com") for one in world(app).journal.interactions()
    ]


def minima(records: list[Recorded]) -> tuple[InteractionSide, list[Minimum]]:
    side = InteractionSide(records, GIVEN, 1)
    survey = Survey(about((), warnings=False))
    side.look(survey, lambda _done: None)
    found = list(shrink(survey, side, side.afresh))
    return side, [one for one in found if isinstance(one, Minimum)]


Made = tuple[InteractionSide, list[Minimum]]


@pytest.fixture(scope="module")
def made() -> Made:
    """What becomes of a recording with a number in a profile."""
    return minima(recorded(ShoeSize=42))


def test_a_request_that_breaks_a_rule_is_left_with_what_breaks_it(made: Made) -> None:
    side, (found,) = made
    assert found.kind.rule == "sessionm.values-are-strings"
    (one,) = side.of(found.docs)
    assert one.interaction.request.json() == {"user": {"user_profile": {"ShoeSize": 1}}}
    assert one.interaction.request.target.endswith("/external/users/member-2")


def test_an_answer_that_is_another_comes_with_the_calls_that_it_takes_and_with_nothing_made_up() -> None:
    def spoil(one: Interaction) -> Interaction:
        if one.request.method != "GET" or "member-2" not in one.request.target or one.response is None:
            return one
        body = orjson.loads(one.response.body)
        body["user"]["email"] = "somebody@example.com"
        return replace(one, response=replace(one.response, body=orjson.dumps(body)))

    records = recorded(spoil)
    side, (found,) = minima(records)
    kept = side.of(found.docs)
    assert found.kind.rule == "harness.replay-equal"
    assert 1 <= len(kept) <= 3
    assert {"member-2" in one.interaction.request.target + str(one.interaction.request.body) for one in kept} == {True}
    bodies = {one.interaction.request.body: one.interaction.response for one in records}
    assert all(bodies[one.interaction.request.body] is not None for one in kept)


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert minima(recorded())[1] == []


def test_no_credential_is_in_what_is_kept(made: Made) -> None:
    side, (found,) = made
    text = repr(side.of(found.docs))
    assert PAIR not in text
    assert "local-key" not in text


@pytest.mark.parametrize("doc", [{}, {"entry": "77"}, {"entry": "2", "answer": True}, {"entry": "1", "body": 1}, 7])
def test_what_stands_for_no_interaction_of_the_recording_is_no_candidate(doc: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        InteractionSide(recorded(people=1), GIVEN, 1).sound(doc)


def test_of_an_interaction_without_answer_nothing_is_compared() -> None:
    side = InteractionSide(recorded(people=1), GIVEN, 1)
    docs: Docs = ({"entry": "3", "whole": True},)
    (one,) = side.of(docs)
    assert one.missing == {"answer body"}
    assert one.interaction.response is not None
    assert one.interaction.response.body == b""
