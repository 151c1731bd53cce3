"""Recorded interactions, had again: clean ones say nothing, and each planted fault is told once, where it is."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
import pytest
from flask import Flask

from mock_sessionm import create_app
from scenarios.given import Given
from scenarios.recordings.recorded import Recorded
from scenarios.replay.interactions.again import InteractionJudge, InteractionReplay
from scenarios.replay.interactions.ground import Here
from scenarios.verdict import Finding, ScenarioResult
from tests.scenarios.replay.interactions.planted import FAULTS, Change, answer, stale, unknown
from tests.scenarios.replay.interactions.recorded_day import (
    Traffic,
    day,
    find,
    ours,
    pair,
    person,
    tenant,
    with_target,
)

EQUAL = "harness.replay-equal"
PEOPLE = 3
OTHER = "99999999-0000-4000-8000-000000000002"


@pytest.fixture(scope="module")
def bare() -> Given:
    """Nothing was given: no file says what is set up."""
    return Given.load(None, None, {})


@pytest.fixture(scope="module")
def given(bare: Given) -> Given:
    """The tenant file of the recording, under our credentials."""
    return replace(bare, tenant=ours(), tenant_given=True)


@pytest.fixture(scope="module")
def clean() -> list[Recorded]:
    return day(PEOPLE).entries


def played(entries: list[Recorded], own: Given, **more: Any) -> list[ScenarioResult]:
    with InteractionReplay(own, ground=Here(own, seed=99, within=spare()), **more) as replay:
        return list(replay.play(entries))


@cache
def spare() -> Flask:
    """An app that becomes the fake of each replay, which is faster than to make one."""
    return create_app()


def told(results: list[ScenarioResult]) -> list[Finding]:
    return [finding for result in results for finding in result.findings]


# --- clean recordings -------------------------------------------------------------------------------------


def test_a_clean_recording_of_every_vendor_says_nothing(clean: list[Recorded], given: Given) -> None:
    results = played(clean, given)
    assert not told(results)
    assert [result.untried for result in results] == [""] * len(clean)


@pytest.mark.parametrize("begins", range(0, 20, 3))
def test_a_recording_may_begin_in_the_middle_and_without_a_tenant_file(
    clean: list[Recorded], bare: Given, given: Given, begins: int
) -> None:
    assert not told(played(clean[begins:], bare))
    assert not told(played(clean[begins:], given))


def test_what_was_there_before_is_counted(clean: list[Recorded], bare: Given) -> None:
    with InteractionReplay(bare) as replay:
        list(replay.play(clean[6:]))
    assert replay.given_before["customers"] == 1
    assert replay.given_before["tags of customers"] == 2


def test_what_was_refused_is_refused_again(bare: Given) -> None:
    made = Traffic(mode="reject")
    person(made, "7000000000")
    path = "/external/users/7000000000"
    made.core("POST", f"{path}/events", {"events": {"visit": {"context": {f"k{n}": "x" for n in range(11)}}}})
    made.core("PUT", path, {"user": {"user_profile": {"ShoeSize": 41}}})
    made.core("GET", "/external/users/7999999999")
    found = told(played(made.entries, replace(bare, tenant=ours(), tenant_given=True)))
    # What a sender must keep is told whatever became of it; whom nobody knows is no mistake.
    assert [one.rule for one in found] == ["sessionm.event-attributes-max", "sessionm.values-are-strings"]


def stripped(one: Recorded, header: str | None) -> Recorded:
    request = one.interaction.request
    headers = {name: value for name, value in request.headers.items() if name != "authorization"}
    headers |= {"authorization": header} if header is not None else {}
    request = replace(request, headers=headers, target=request.target.replace("their-key", "{api_key}"))
    return replace(one, interaction=replace(one.interaction, request=request))


@pytest.mark.parametrize("header", [None, "***", "Basic [REDACTED]"])
def test_masked_credentials_are_replaced(clean: list[Recorded], given: Given, header: str | None) -> None:
    assert not told(played([stripped(one, header) for one in clean], given))


def test_two_accounts_do_not_mix(bare: Given) -> None:
    """The same external id is another person in another account."""
    other = {
        "core": {"api_key": "b-key", "api_secret": "b"},
        "connect": {"key": "b", "secret": "b", "retailer_id": OTHER},
    }
    first, second = Traffic(), Traffic(tenant(**other), seed=6)
    for made in (first, second):
        person(made, "7000000000")
    both = [one for couple in zip(first.entries, second.entries, strict=True) for one in couple]
    assert not told(played(both, replace(bare, tenant=ours(), tenant_given=True)))


def test_who_was_turned_away_stays_away(given: Given) -> None:
    made = Traffic()
    wrong = pair(made.settings.api_key, "wrong")
    made.send("GET", f"/priv/v1/apps/{made.settings.api_key}/external/users/1", auth=wrong)
    made.send(
        "GET", "/priv/v1/apps/nobody/external/users/1", auth=pair(made.settings.api_key, made.settings.api_secret)
    )
    made.send("POST", "/v2/events", {"environment": "production"}, auth=pair("no", "no"))
    made.send("POST", "/v2/events", {"environment": "production"})
    statuses = [one.interaction.response.status for one in made.entries if one.interaction.response]
    assert statuses == [401, 401, 403, 401]
    assert not told(played(made.entries, given))


@pytest.mark.parametrize(("rule", "plant"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_planted_fault_is_told_once_and_nothing_else(
    clean: list[Recorded], given: Given, rule: str, plant: Change
) -> None:
    entries = list(clean)
    plant(entries)
    found = told(played(entries, given))
    assert {one.rule for one in found} == {rule}
    assert len({one.fingerprint for one in found}) == 1


def test_seven_faults_at_once_are_seven_findings(given: Given) -> None:
    entries = day(8).entries
    wanted = set()
    kinds = [
        "eleven event attributes",
        "a boolean",
        "no id",
        "an event without a name",
        "an unknown campaign",
        "no JSON",
    ]
    for name, rule, plant in FAULTS:
        if name in kinds[:5]:
            plant(entries)
            wanted.add(rule)
    answer("GET", "/tags", 6, lambda body: body["tags"].pop("gold"))(entries)
    answer("PUT", "/users/", 8, lambda body: body["errors"].update(code="validation"))(entries)
    found = told(played(entries, given))
    assert {one.rule for one in found} == wanted | {EQUAL, "sessionm.user-exists"}
    assert len(found) == 7


def test_no_finding_says_a_value(clean: list[Recorded], given: Given) -> None:
    entries = list(clean)
    answer("GET", "show_identifiers", 1, lambda body: body["user"].update(email="secret@example.com"))(entries)
    (found,) = told(played(entries, given))
    assert "secret" not in repr(found)
    assert "7000000001" not in repr(found)


def test_a_refusal_where_somebody_had_the_email_before_is_life(bare: Given) -> None:
    made = Traffic()
    made.core("POST", "/users", {"user": {"external_id": "1", "email": "a@example.com"}})
    made.core("POST", "/users", {"user": {"external_id": "2", "email": "a@example.com"}})
    assert not told(played(made.entries[1:], bare))


def test_who_is_made_after_an_answer_about_them_was_not_there(clean: list[Recorded], given: Given) -> None:
    entries = list(clean)
    index = find(entries, "PUT", "/external/users/", 2)
    body = orjson.dumps({"status": "ok"})
    first = entries[index].interaction.response
    assert first is not None
    assert first.status == 404
    entries[index] = replace(
        entries[index],
        interaction=replace(
            entries[index].interaction, response=entries[find(entries, "POST", "/users", 1)].interaction.response
        ),
    )
    assert {one.rule for one in told(played(entries, given))} == {"sessionm.user-exists"}, body


# --- bad input --------------------------------------------------------------------------------------------


def test_what_cannot_be_had_again_is_named_and_the_rest_goes_on(clean: list[Recorded], given: Given) -> None:
    entries = list(clean)
    entries[2] = replace(entries[2], missing=frozenset({"request body"}))
    entries[6] = replace(entries[6], missing=frozenset({"answer body"}))
    entries[20] = replace(entries[20], interaction=replace(entries[20].interaction, response=None))
    entries[40] = with_target(entries[40], "/assets/app.js")
    results = played(entries, given)
    assert not told(results)
    assert [(index, result.untried) for index, result in enumerate(results) if result.untried] == [
        (2, "its body was not recorded"),
        (20, "no answer was recorded, so nobody knows whether it was done"),
        (40, "it is for no operation of any contract"),
    ]


def test_a_clock_that_runs_backwards_stays_where_it_was(clean: list[Recorded], given: Given) -> None:
    entries = list(clean)
    entries[9] = replace(entries[9], interaction=replace(entries[9].interaction, at=1.0))
    with InteractionReplay(given) as replay:
        results = list(replay.play(entries))
    assert not told(results)
    assert replay.ran_backwards == 1
    assert [bad.place for bad in replay.backwards] == ["day.har entry 10"]


def test_a_lost_answer_is_no_reason_to_complain_later(given: Given) -> None:
    """Whether it was done nobody knows: what follows of it is no finding of its own."""
    for done in (True, False):
        made = Traffic()
        person(made, "7000000000")
        lost = len(made.entries)
        if done:
            made.core("PUT", "/external/users/7000000000", {"user": {"first_name": "Other"}})
            made.entries[lost] = replace(
                made.entries[lost], interaction=replace(made.entries[lost].interaction, response=None)
            )
        made.core("GET", "/external/users/7000000000")
        assert not told(played(made.entries, given))


def test_where_the_fake_itself_fails_nobody_else_is_blamed(clean: list[Recorded], given: Given) -> None:
    app = create_app()
    ground = Here(given, 1, within=app)

    @app.before_request
    def fail() -> None:
        raise RuntimeError

    with InteractionReplay(given, ground=ground) as replay:
        (result,) = replay.play(clean[:1])
    assert "mistake of ours" in result.untried


@pytest.mark.parametrize("seed", range(4))
def test_whatever_stands_in_bodies_is_judged_and_breaks_nothing(clean: list[Recorded], bare: Given, seed: int) -> None:
    """Entries in which chance put odd things, of every kind and at every depth."""
    chance = random.Random(seed)
    for _ in range(8):
        entries = [spoilt(one, chance) if chance.random() < 0.3 else one for one in clean]
        assert len(played(entries[chance.randrange(20) :], bare)) > 20


def spoilt(one: Recorded, chance: random.Random) -> Recorded:
    found = one.interaction
    if found.response is not None and chance.random() < 0.5:
        response = replace(found.response, body=odd(found.response.body, chance))
        return replace(one, interaction=replace(found, response=response))
    return replace(
        one, interaction=replace(found, request=replace(found.request, body=odd(found.request.body, chance)))
    )


def odd(body: bytes, chance: random.Random) -> bytes:
    """JSON with something else at one of its places."""
    value = orjson.loads(body) if body[:1] in {b"{", b"["} else {}
    inside: Any = {"": value}
    key: Any = ""
    while isinstance(inside[key], (dict, list)) and inside[key] and chance.random() < 0.85:
        inside = inside[key]
        key = chance.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
    strange = [None, True, -1, 1.5, "", "x", [], {}, [None], {"id": 3}, "2026-01-01", OTHER]
    inside[key] = chance.choice([one for one in strange if key != "idempotency_id" or isinstance(one, str)])
    return orjson.dumps(inside[key] if key == "" else value)


def test_pace_waits_as_the_recording_did(clean: list[Recorded], given: Given) -> None:
    slept: list[float] = []
    played(clean[:5], given, pace=2.0, sleep=slept.append)
    assert slept == [0.25] * 4


# --- the judge --------------------------------------------------------------------------------------------


def test_the_judge_says_the_same_as_the_replay_each_time(clean: list[Recorded], given: Given) -> None:
    entries = list(clean)
    unknown(entries)
    judge = InteractionJudge(given)
    first = judge.findings(entries)
    assert first == judge.findings(entries) == told(played(entries, given))


def test_one_person_alone_shows_what_is_wrong_with_them(clean: list[Recorded], given: Given) -> None:
    entries = list(clean)
    stale(entries)
    whole = told(played(entries, given))
    alone = InteractionJudge(given).findings(entries[20:40])
    assert {one.fingerprint for one in alone} == {one.fingerprint for one in whole}


def test_what_is_set_up_is_not_judged_without_a_tenant_file(bare: Given) -> None:
    made = Traffic(tenant(campaigns=[]))
    made.core("GET", "/campaigns")
    (result,) = played(made.entries, bare)
    assert "--tenant" in result.untried
