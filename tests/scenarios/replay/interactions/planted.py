"""Faults that are planted in the recording of a day, each with the rule that is blamed for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from contracts import Response
from scenarios.recordings.recorded import Recorded
from tests.scenarios.replay.interactions.recorded_day import find, with_answer, with_request, with_target

EQUAL = "harness.replay-equal"
ANSWERS = "harness.answers-in-contract"
Change = Callable[[list[Recorded]], None]


def change(entries: list[Recorded], place: tuple[Any, ...], how: Callable[[Recorded], Recorded]) -> None:
    index = find(entries, *place)
    entries[index] = how(entries[index])


def request(method: str, part: str, nth: int, how: Callable[[Any], Any]) -> Change:
    return lambda entries: change(entries, (method, part, nth), lambda one: with_request(one, how))


def answer(method: str, part: str, nth: int, how: Callable[[Any], Any] | None = None, status: int = 0) -> Change:
    return lambda entries: change(entries, (method, part, nth), lambda one: with_answer(one, how, status))


def swapped(entries: list[Recorded]) -> None:
    """Somebody is answered with another person."""
    one, other = find(entries, "GET", "show_identifiers", 1), find(entries, "GET", "show_identifiers", 0)
    response = entries[other].interaction.response
    entries[one] = replace(entries[one], interaction=replace(entries[one].interaction, response=response))


def unknown(entries: list[Recorded]) -> None:
    """An event is taken of somebody who is nobody."""
    index = find(entries, "POST", "/external/users/", 1)
    target = entries[index].interaction.request.target.replace("7000000001", "7999999999")
    entries[index] = with_target(entries[index], target)


def no_json(entries: list[Recorded]) -> None:
    index = find(entries, "GET", "user_profile", 2)
    response = Response(200, {"content-type": "application/json"}, b"<html>")
    entries[index] = replace(entries[index], interaction=replace(entries[index].interaction, response=response))


def turned_away(entries: list[Recorded]) -> None:
    """Credentials that opened the door before do not, once."""
    index = find(entries, "GET", "show_identifiers", 1)
    body = orjson.dumps({"status": "error", "errors": {"code": "access_denied", "message": "no"}})
    response = Response(401, {"content-type": "application/json"}, body)
    entries[index] = replace(entries[index], interaction=replace(entries[index].interaction, response=response))


def stale(entries: list[Recorded]) -> None:
    """An update is lost: from then on the old value is shown."""
    for nth in (2, 3):
        answer("GET", "user_profile", nth, lambda body: body["user"]["user_profile"].update(FavoriteStore="Old"))(
            entries
        )


def doubled(entries: list[Recorded]) -> None:
    """A deposit is booked twice: every balance is too high from then on."""

    def balances(body: Any) -> None:
        body["payload"]["details"][0].update(available_balance=200, life_time_value=200)
        body["payload"]["summary"].update(total_points=200, life_time_points=200)

    answer("POST", "all_balances", 1, balances)(entries)
    for nth in (2, 3):
        answer("POST", "get_user_offers", nth, lambda body: body["payload"].update(available_points=200))(entries)


def booked_again(entries: list[Recorded]) -> None:
    """The same booking is answered as another one."""
    index = find(entries, "POST", "user_points/deposit", 1)

    def other(body: Any) -> None:
        detail = body["payload"]["details"][0]
        detail["request_id"] = "aaaaaaaa-0000-4000-8000-000000000001"
        detail["lines"][0]["id"] = "aaaaaaaa-0000-4000-8000-000000000002"

    entries.insert(index + 1, with_answer(entries[index], other))


EVENTS, PROFILE = ("POST", "/external/users/", 1), ("PUT", "/external/users/", 3)
FAULTS: list[tuple[str, str, Change]] = [
    (
        "eleven event attributes",
        "sessionm.event-attributes-max",
        request(*EVENTS, lambda body: body["events"]["visit"]["context"].update({f"k{n}": "x" for n in range(10)})),
    ),
    (
        "a boolean",
        "sessionm.values-are-strings",
        request(*PROFILE, lambda body: body["user"]["user_profile"].update(A=True)),
    ),
    (
        "a miscased field",
        "harness.requests-in-contract",
        request(*PROFILE, lambda body: body["user"].update(First_Name="x")),
    ),
    (
        "a miscased attribute",
        "sessionm.miscased-attribute",
        request(*PROFILE, lambda body: body["user"]["user_profile"].update(shoesize="41")),
    ),
    ("an undefined event", "sessionm.undefined-event", request(*EVENTS, lambda body: body["events"].update(visits=1))),
    ("a TTL of 0", "sessionm.tag-ttl-positive", request("POST", "/tags", 3, lambda body: body.update(ttl=0))),
    ("no id", ANSWERS, answer("GET", "user_profile", 2, lambda body: body["user"].pop("id"))),
    ("no JSON", ANSWERS, no_json),
    ("a status of no contract", ANSWERS, answer("GET", "user_profile", 2, status=201)),
    ("a failure of the server", ANSWERS, answer("POST", "/tags", 3, status=500)),
    (
        "a wrong code",
        "sessionm.user-exists",
        answer("PUT", "/users/", 2, lambda body: body["errors"].update(code="validation")),
    ),
    ("another person", EQUAL, swapped),
    ("an event of nobody", "sessionm.user-exists", unknown),
    ("a lost update", EQUAL, stale),
    ("a doubled deposit", EQUAL, doubled),
    ("a booking twice", EQUAL, booked_again),
    ("a lost tag", EQUAL, answer("GET", "/tags", 1, lambda body: body["tags"].pop("gold"))),
    ("a wrong TTL", EQUAL, answer("GET", "/tags", 1, lambda body: body["tags"]["summer"].update(ttl=999_999))),
    (
        "a wrong time",
        EQUAL,
        answer("GET", "show_identifiers", 1, lambda body: body["user"].update(created_at="2020-01-01 00:00:00")),
    ),
    (
        "an email in capitals",
        EQUAL,
        answer("GET", "show_identifiers", 1, lambda body: body["user"].update(email="P7000000001@EXAMPLE.COM")),
    ),
    (
        "a stuck version",
        EQUAL,
        answer("GET", "show_identifiers", 1, lambda body: body["user"]["user_profile"].update(_version=1)),
    ),
    (
        "an offer that is gone",
        EQUAL,
        answer("POST", "get_user_offers", 2, lambda body: body["payload"].update(user_offers=[])),
    ),
    ("a closed door", EQUAL, turned_away),
    (
        "a long name",
        "customerio.attribute-name-max",
        request("PUT", "/api/v1/", 1, lambda body: body.update({"k" * 200: 1})),
    ),
    (
        "an event without a name",
        "customerio.event-name-required",
        request("POST", "/api/v1/", 1, lambda body: body.pop("name")),
    ),
    (
        "an unknown campaign",
        "braze.known-id",
        request("POST", "/campaigns", 1, lambda body: body.update(campaign_id="no")),
    ),
    (
        "no campaign",
        "braze.campaign-id-required",
        request("POST", "/campaigns", 1, lambda body: body.pop("campaign_id")),
    ),
    ("a status that is not Braze's", ANSWERS, answer("POST", "/campaigns", 1, status=200)),
    ("a status that is not mParticle's", ANSWERS, answer("POST", "/v2/events", 1, status=200)),
]
