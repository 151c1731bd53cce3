from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from forwarder import Batch, Connection, plan
from mock_sessionm import TenantSettings
from scenarios.account import Expected, Setup
from scenarios.customerio.expectations import expect
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.world import Embedded
from tests.forwarder.recorded import LAW, filters
from tests.scenarios.customerio.told import batches, choices, settings

RUNNER = Runner(Embedded())


def judged(*bodies: dict[str, Any], assume: dict[str, str] | None = None, **tables: Any) -> list[tuple[str, str]]:
    scenario = Scenario(
        id="law",
        title="",
        suite="journeys",
        destination="customerio",
        batches=bodies,
        assume=assume or {},
        settings=tables,
    )
    return [(finding.rule, finding.message) for finding in RUNNER.judge(scenario).findings]


def expected(*bodies: dict[str, Any], assume: dict[str, str] | None = None, **own: Any) -> Expected:
    return expect(bodies, Setup({"customerio": own}, TenantSettings(), Choices(assume)))


@LAW
@given(batches)
def test_forwarder_fake_and_expectation_agree_about_any_batch(body: dict[str, Any]) -> None:
    assert judged(body) == []


@LAW
@given(batches, settings, choices)
def test_they_agree_whatever_is_set_and_chosen(
    body: dict[str, Any], own: dict[str, Any], assume: dict[str, str]
) -> None:
    assert judged(body, assume=assume, customerio=own) == []


@LAW
@given(batches, filters, st.booleans())
def test_they_agree_whatever_is_filtered(body: dict[str, Any], column: dict[str, Any], login: bool) -> None:
    assert judged(body, data_filter=column, forwarding_rules={"logged_in_only": login}) == []


@LAW
@given(st.lists(batches, min_size=2, max_size=4), settings)
def test_they_agree_about_several_batches_of_people_who_change_their_ids(
    bodies: list[dict[str, Any]], own: dict[str, Any]
) -> None:
    assert judged(*bodies, customerio=own) == []


@LAW
@given(batches, filters, settings, choices)
def test_two_readings_agree_about_the_fate_of_every_point(
    body: dict[str, Any], column: dict[str, Any], own: dict[str, Any], assume: dict[str, str]
) -> None:
    tables = {"data_filter": column, "customerio": own}
    connection = Connection.from_settings(tables, assume, destination="customerio")
    destinies = expect([body], Setup(tables, TenantSettings(), connection.choices)).destinies[0]
    fates = plan(Batch.from_json(body), connection).fates
    assert {fate.point: fate.fate for fate in fates} == {point: one.fate for point, one in destinies.items()}
    assert len(fates) == len(destinies)


def test_the_document_wants_an_email_and_the_later_page_an_id_or_an_email() -> None:
    body = {"mpid": 7, "user_identities": {"customer_id": "c-1"}, "user_attributes": {"a": "b"}}
    assert expected(body).people == {"c-1": None}
    person = expected(body, edition="current").people["c-1"]
    assert person is not None
    assert (person.identifiers, person.profile) == ({"id": "c-1"}, {"a": "b"})


def test_a_person_known_by_email_is_the_same_when_an_id_comes() -> None:
    first = {"user_identities": {"email": "ada@example.com"}, "user_attributes": {"a": 1}}
    second = {"user_identities": {"email": "ADA@example.com", "customer_id": "c-1"}, "user_attributes": {"b": 2}}
    people = expected(first, second).people
    assert people["ada@example.com"] == people["c-1"]
    assert people["c-1"] is not None
    assert people["c-1"].profile == {"a": 1, "b": 2}


def test_what_leaned_on_an_assumption_is_counted() -> None:
    body = {"user_identities": {"email": "a@b.co"}, "user_attributes": {"Tags": ["a"], "Vip": None, "$Zip": "W1"}}
    used = expected(body).used
    assert used["customerio-lists"] == used["customerio-nulls"] == used["customerio-reserved-attributes"] == 1
    assert "customerio-oversized-value" not in used
