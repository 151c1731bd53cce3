from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from forwarder import Batch, plan
from mock_sessionm import TenantSettings
from scenarios.account import Expected, Setup
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.sessionm.expectations import expect
from scenarios.world import Embedded
from tests.forwarder.recorded import LAW, batches, choices, connected, filters, forwarded, mappings

ANY = batches | forwarded
RUNNER = Runner(Embedded())


def judged(*bodies: dict[str, Any], assume: dict[str, str] | None = None, **settings: Any) -> list[tuple[str, str]]:
    scenario = Scenario(id="law", title="", suite="journeys", batches=bodies, assume=assume or {}, settings=settings)
    return [(finding.rule, finding.message) for finding in RUNNER.judge(scenario).findings]


def expected(*bodies: dict[str, Any], tenant: TenantSettings | None = None, **settings: Any) -> Expected:
    through = {"data_filter": {"send_new_data_points_by_default": True}, **settings}
    return expect(bodies, Setup(through, tenant or TenantSettings(), Choices()))


@LAW
@given(ANY)
def test_forwarder_fake_and_expectation_agree_about_any_batch(body: dict[str, Any]) -> None:
    assert judged(body) == []


@LAW
@given(forwarded, choices)
def test_they_agree_whatever_is_chosen_where_the_documents_are_silent(
    body: dict[str, Any], assume: dict[str, str]
) -> None:
    assert judged(body, assume=assume) == []


@LAW
@given(forwarded, filters, mappings, choices, st.booleans())
def test_they_agree_whatever_is_filtered_and_mapped(
    body: dict[str, Any], column: dict[str, Any], mapped: dict[str, str], assume: dict[str, str], login: bool
) -> None:
    rules = {"logged_in_only": login}
    assert judged(body, assume=assume, data_filter=column, event_mappings=mapped, forwarding_rules=rules) == []


@LAW
@given(st.lists(forwarded, min_size=2, max_size=3))
def test_they_agree_about_several_batches_of_one_person(bodies: list[dict[str, Any]]) -> None:
    assert judged(*({**body, "mpid": bodies[0]["mpid"]} for body in bodies)) == []


@LAW
@given(ANY, filters, mappings, choices)
def test_two_readings_agree_about_the_fate_and_the_rule_of_every_point(
    body: dict[str, Any], column: dict[str, Any], mapped: dict[str, str], assume: dict[str, str]
) -> None:
    connection = connected(column, assume, event_mappings=mapped)
    destinies = expect([body], Setup(connection.settings, TenantSettings(), connection.choices)).destinies[0]
    fates = plan(Batch.from_json(body), connection).fates
    assert {fate.point: fate.fate for fate in fates} == {point: one.fate for point, one in destinies.items()}
