"""What was there before a recording began is put into the fake, and nothing that the recording does not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest
from flask import Flask

from contracts import Interaction, Request, Response
from mock_sessionm import create_app
from scenarios.given import Given
from scenarios.recordings.recorded import Recorded
from scenarios.replay.interactions.again import InteractionReplay
from scenarios.replay.interactions.ground import Here
from scenarios.verdict import Finding
from tests.scenarios.replay.interactions.recorded_day import NOON, OFFER, POINTS, RETAILER, Traffic, ours, person

ADA = "0f1e2d3c-4b5a-1697-8877-665544332211"
JSON = {"content-type": "application/json"}


@cache
def spare() -> Flask:
    return create_app()


@pytest.fixture(scope="module")
def bare() -> Given:
    return Given.load(None, None, {"event-answer": "bare"})


def core(method: str, path: str, answer: Any, body: Any = None, status: int = 200, number: int = 1) -> Recorded:
    raw = orjson.dumps(body) if body is not None else b""
    request = Request(method, f"/priv/v1/apps/their-key{path}", dict(JSON), raw)
    response = Response(status, dict(JSON), orjson.dumps(answer))
    return Recorded(
        f"x.har entry {number}",
        Interaction(number, NOON + number, "", "", "", request, response),
        "https://a.example.com",
    )


def connect(path: str, payload: Any, number: int = 1, **body: Any) -> Recorded:
    raw = orjson.dumps({"retailer_id": RETAILER, "user_id": ADA, **body})
    response = Response(200, dict(JSON), orjson.dumps({"status": "ok", "payload": payload}))
    made = Interaction(number, NOON + number, "", "", "", Request("POST", path, dict(JSON), raw), response)
    return Recorded(f"x.har entry {number}", made, "https://a.example.com")


def record(**fields: Any) -> dict[str, Any]:
    """A customer as SessionM would show one."""
    shown = {"account_status": "good", "suspended": False, "opted_in": True}
    times = {"created_at": "2025-01-01 00:00:00", "updated_at": "2025-06-01 00:00:00"}
    return {"status": "ok", "user": {"id": ADA, **shown, **times, **fields}}


def replayed(own: Given, entries: Sequence[Recorded]) -> tuple[list[Finding], dict[str, int]]:
    with InteractionReplay(own, ground=Here(own, 1, within=spare())) as replay:
        results = list(replay.play(entries))
        return [finding for one in results for finding in one.findings], dict(replay.given_before)


def test_somebody_who_is_answered_was_there_with_all_that_the_answer_shows(bare: Given) -> None:
    shown = record(
        external_id="e-1", email="a@example.com", first_name="Ada", user_profile={"Size": "4", "_version": 7}
    )
    found, given = replayed(
        bare,
        [
            core("GET", "/external/users/e-1?user[user_profile]=true", shown),
            core("GET", f"/users/{ADA}?user[user_profile]=true", shown, number=2),
            core("GET", "/users/search?email=a@example.com&user[user_profile]=true", shown, number=3),
        ],
    )
    assert not found
    assert given["customers"] == 1


def test_whoever_was_said_not_to_be_there_is_not_there_later(bare: Given) -> None:
    nobody = {"status": "error", "errors": {"code": "user_not_found", "message": "no"}}
    found, given = replayed(
        bare,
        [
            core("GET", "/external/users/e-1", nobody, status=404),
            core("POST", "/external/users/e-1/events", {"status": "ok"}, {"events": {"purchase": 1}}, number=2),
        ],
    )
    assert [one.rule for one in found] == ["sessionm.user-exists"]
    assert "customers" not in given


def test_tags_that_were_counted_before_are_counted_on(bare: Given) -> None:
    told = {"status": "ok", "tags": {"gold": {"count": 4}, "new": {"count": 1}}}
    again = {"status": "ok", "tags": {"gold": {"count": 5}, "new": {"count": 1}}}
    found, given = replayed(
        bare,
        [
            core("POST", f"/users/{ADA}/tags", told, {"tags": ["new"]}),
            core("POST", f"/users/{ADA}/tags", again, {"tags": ["gold"]}, number=2),
        ],
    )
    assert not found
    assert given["tags of customers"] == 1


def test_points_and_offers_that_were_there_before_are_held(bare: Given) -> None:
    own = replace(bare, tenant=ours(), tenant_given=True)
    made = Traffic()
    id_ = person(made, "7000000000")
    made.connect("/offers/api/2.0/offers/acquisition/issue", id_, offer_id=OFFER)
    begins = len(made.entries)
    made.connect("/offers/api/2.0/offers/get_user_offers", id_)
    spend = [{"amount": 30, "point_account_ids": [POINTS]}]
    made.connect("/incentives/api/1.0/user_points/spend_multiple", id_, spend_details=spend)
    made.connect("/incentives/api/1.0/user_points/all_balances", id_)
    made.connect("/incentives/api/2.0/user_points/fetch_point_audit_logs", id_)
    made.core("GET", f"/users/{id_}/timelines/ACCOUNT_AUDIT_LOG")
    for start in range(begins, len(made.entries)):
        found, _ = replayed(own, made.entries[start:])
        assert not found, start


def test_another_casing_of_what_went_through_before_is_a_mistake(bare: Given) -> None:
    def event(name: str, number: int) -> Recorded:
        return core("POST", "/external/users/e-1/events", {"status": "ok"}, {"events": {name: 1}}, number=number)

    found, given = replayed(bare, [event("Purchase", 1), event("Purchase", 2)])
    assert not found
    assert given["defined events"] == 1
    found, _ = replayed(bare, [event("Purchase", 1), event("purchase", 2)])
    assert [one.rule for one in found] == ["sessionm.undefined-event"]


def test_what_an_answer_shows_as_kept_has_the_right_casing(bare: Given) -> None:
    body = {"user": {"user_profile": {"favoritestore": "a"}}}
    kept = record(external_id="e-1", user_profile={"favoritestore": "a", "_version": 1})
    path = "/external/users/e-1"
    assert not replayed(bare, [core("PUT", path, kept, body)])[0]
    lost = record(external_id="e-1", user_profile={"_version": 1})
    assert {one.rule for one in replayed(bare, [core("PUT", path, lost, body)])[0]} == {"sessionm.miscased-attribute"}


def test_a_user_offer_of_nobody_can_be_used_at_a_till(bare: Given) -> None:
    held = "aaaaaaaa-0000-4000-8000-000000000001"
    body = {"store_id": "S1", "client_id": "C1", "request_id": "R1"}
    payload = {"user_offer_id": held, "employee_id": "E1", "transaction": {}}
    raw = orjson.dumps({**body, "request_payload": payload})
    response = Response(200, dict(JSON), orjson.dumps({"status": "OK"}))
    request = Request("POST", "/api/2.0/unlock", dict(JSON), raw)
    entry = Recorded("x.har entry 1", Interaction(1, NOON, "", "", "", request, response), "https://a.example.com")
    own = replace(bare, tenant=ours(), tenant_given=True)
    assert not replayed(own, [entry])[0]
    wallet = {"details": [], "summary": {"total_points": 0, "life_time_points": 0}}
    assert connect("/x", wallet).interaction.response is not None


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {"status": "ok", "user": None},
        {"status": "ok", "user": {"id": 7, "user_profile": [], "phone_numbers": 1}},
    ],
)
def test_an_answer_of_another_shape_gives_nothing_and_breaks_nothing(bare: Given, answer: Any) -> None:
    entries = [
        core("GET", "/external/users/e-1", answer),
        core("GET", f"/users/{ADA}", answer, number=2),
        core("GET", f"/users/{ADA}/tags", answer, number=3),
        core("PUT", f"/users/{ADA}", answer, {"user": {"identifiers": 5, "user_profile": 3}}, number=4),
        core("POST", "/users", answer, {"user": []}, number=5),
        connect("/incentives/api/1.0/user_points/all_balances", answer, number=6, user_id=3),
        connect("/offers/api/2.0/offers/get_user_offers", {"user_offers": [answer, {"id": ADA}], "user": 1}, number=7),
        connect("/incentives/api/1.0/user_points/spend_multiple", answer, number=8, spend_details=[{"amount": "x"}]),
    ]
    replayed(bare, entries)
