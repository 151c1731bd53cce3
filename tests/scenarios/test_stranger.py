"""A target without a control API: what answers alone can tell is tried, the rest is untried and says why."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from contracts import Choices, Request, Response
from contracts.transport import WsgiTransport
from mock_sessionm import GATE, TenantSettings, create_app, world
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.stranger import (
    ALONE,
    BLIND,
    CHOICES,
    ELSEWHERE,
    EVENTS,
    FILLS,
    NOBODYS,
    SEARCHES,
    TIME,
    TROUBLE,
    Stranger,
)  # fmt: skip
from scenarios.verdict import ScenarioResult
from tests.scenarios.experiments import every_scenario

CONNECT = {"key": "ck", "secret": "cs", "retailer_id": "11111111-2222-4333-8444-555555555556"}
SETTINGS = TenantSettings(api_key="k", api_secret="s", events=("visit", "purchase"), partners={"connect": CONNECT})


def stranger(app: Any, *, given: bool = True, own: str = "t.", account: TenantSettings = SETTINGS) -> Stranger:
    return Stranger(
        WsgiTransport(app), account, given=given, token=own, on_violation="reject", choices=Choices(), seed=1
    )


def results(place: Stranger, scenarios: tuple[Scenario, ...]) -> list[ScenarioResult]:
    found: list[ScenarioResult] = []
    with place:
        Runner(place).run(scenarios, progress=found.append)
    return found


@cache
def played() -> tuple[Scenario, ...]:
    return tuple(one for one in every_scenario() if one.kind in {"road", "vendor"})


def test_what_answers_alone_can_tell_is_tried_and_kept_and_the_rest_says_why() -> None:
    found = Counter(one.untried or one.verdict for one in results(stranger(create_app(SETTINGS)), played()))
    assert set(found) == {"kept", ALONE, BLIND, CHOICES, ELSEWHERE, FILLS, SEARCHES, TIME, TROUBLE}
    assert found["kept"] > 40


def test_a_second_run_in_the_same_account_finds_the_same() -> None:
    app = create_app(SETTINGS)
    first = results(stranger(app, own="one."), played())
    assert results(stranger(app, own="two."), played()) == first


def test_whom_a_story_creates_has_an_id_that_nobody_had() -> None:
    app = create_app(SETTINGS)
    results(stranger(app), played())
    customers = list(next(iter(world(app).tenants.values())).customers.export())
    named = [name for one in customers for name, _ in one["identifiers"]]
    assert named
    assert all(name.startswith("t.") for name in named)


def test_a_wrong_fake_is_found_out_by_its_answers() -> None:
    gate = tuple(check for check in GATE if getattr(check, "rule", "") != "sessionm.email-unique")
    found = results(stranger(create_app(SETTINGS, gate=gate)), played())
    broken = {one.id.partition("/")[0] for one in found if one.verdict == "broken"}
    assert "sessionm.email-unique" in broken


def test_an_answer_outside_the_contract_is_found_out() -> None:
    class Odd(WsgiTransport):
        def send(self, request: Request) -> Response:
            answer = WsgiTransport.send(self, request)
            return replace(answer, status=418) if answer.status == 404 else answer

    place = stranger(create_app(SETTINGS))
    place.door = Odd(place.door.app)  # type: ignore[attr-defined]
    found = results(place, played())
    assert "harness.answers-in-contract" in {finding.rule for one in found for finding in one.findings}


def test_without_a_tenant_file_nobody_is_created() -> None:
    app = create_app(SETTINGS)
    found = results(stranger(app, given=False), played())
    assert {one.untried for one in found} == {NOBODYS}
    assert not len(next(iter(world(app).tenants.values())).customers)


def test_events_that_the_account_does_not_define_leave_a_story_untried() -> None:
    account = replace(SETTINGS, events=())
    found = results(stranger(create_app(account), account=account), played())
    assert EVENTS in {one.untried for one in found}
    assert "broken" not in {one.verdict for one in found}


def test_no_credential_is_in_what_was_heard() -> None:
    place = stranger(create_app(SETTINGS))
    scenario = next(one for one in played() if not place.unfit(one))
    tenants = place.tenants(scenario)
    place.stage(tenants["default"]).transport.send(
        Request("GET", "/priv/v1/apps/k/users/x", {"Authorization": "Basic c2VjcmV0"})
    )
    (heard,) = place.heard(tenants)
    assert (heard.operation, heard.vendor) == ("getUser", "sessionm")
    assert "authorization" not in heard.request.headers


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"faults": ({"fault": {"kind": "reset"}},)}, TROUBLE),
        ({"tenant": {"offers": []}}, ALONE),
        ({"second_tenant": "ios"}, ALONE),
        ({"assume": {"tag-answer": "list"}}, CHOICES),
        ({"on_violation": "note"}, CHOICES),
        ({"calls": ({"advance": "1d"},)}, TIME),
        ({"calls": ({"do": "getUser", "says": {"user": {"created_at": "2026-01-01 00:00:00"}}},)}, TIME),
        ({"calls": ({"knows": "e-1"},)}, BLIND),
        ({"calls": ()}, BLIND),
        ({"calls": ({"do": "identifyPerson"},)}, ELSEWHERE),
        ({"calls": ({"do": "searchUser", "external_id": "e-1", "query": "external_id=e-1"},)}, SEARCHES),
        ({"calls": ({"do": "searchUser", "external_id": "e-1", "query": "external_id=E-1"},)}, SEARCHES),
    ],
)
def test_each_reason_is_the_one_that_holds(change: dict[str, Any], reason: str) -> None:
    fit = Scenario(id="a", title="a", suite="boundaries", calls=({"do": "getUser"},))
    place = stranger(create_app(SETTINGS))
    assert place.unfit(fit) == ""
    assert place.unfit(replace(fit, **change)) == reason
