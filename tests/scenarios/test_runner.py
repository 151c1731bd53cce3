from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from contracts import Choices, assumptions, rules
from contracts.register import load_yaml
from forwarder import STEPS, plan
from mock_sessionm import Clock, Tenant, TenantSettings, create_app
from scenarios.checks import FATES, check_example
from scenarios.generated import generated
from scenarios.in_contract import ANSWERS, REQUESTS
from scenarios.person import Person
from scenarios.place import Unfit
from scenarios.runner import CHOICE, Runner
from scenarios.scenario import Scenario
from scenarios.verdict import Case, ScenarioResult
from scenarios.world import Embedded

PERSON = {"mpid": 7, "user_identities": {"customer_id": "c"}, "device_info": {"platform": "iOS"}}


def road(*batches: Mapping[str, Any], **more: Any) -> Scenario:
    made = tuple({**PERSON, **batch} for batch in batches)
    return Scenario(**{"id": "s/1", "title": "", "suite": "journeys", "batches": made, **more})


def judged(scenario: Scenario, **world: Any) -> ScenarioResult:
    return Runner(Embedded(**world)).judge(scenario)


def by(*steps: Any) -> Any:
    """Planning in which these steps are all there is."""
    return partial(plan, steps=steps)


def without(*names: str) -> Any:
    return by(*(step for step in STEPS if step.__name__ not in names))


def found(result: ScenarioResult) -> list[str]:
    return [finding.rule for finding in result.findings]


def custom(name: str, **attributes: Any) -> dict[str, Any]:
    data = {"event_name": name, "custom_event_type": "other", "custom_attributes": attributes}
    return {"event_type": "custom_event", "data": data}


# --- what a scenario leaves behind ------------------------------------------------------------------------


def test_nothing_of_a_scenario_is_left_in_the_fake() -> None:
    place = Embedded()
    before = set(place.world.tenants)
    Runner(place).run([road({"events": [custom("x")]}), *generated(1, 3)])
    assert set(place.world.tenants) == before
    assert len(place.world.journal.entries()) == 0


def test_a_scenario_that_does_not_fit_where_it_is_played_is_untried_and_says_why() -> None:
    class Narrow(Embedded):
        def tenants(self, scenario: Scenario) -> dict[str, Tenant]:
            raise Unfit(f"there is no room for {scenario.kind}")

    stories = (road({"events": [custom("x")]}), Scenario(id="v", title="v", suite="journeys", calls=({"do": "x"},)))
    found = [Runner(Narrow()).judge(story) for story in stories]
    assert [one.untried for one in found] == ["there is no room for road", "there is no room for vendor"]
    assert not any(one.cases for one in found)


def test_the_same_scenario_can_be_run_again_and_no_order_changes_what_is_found() -> None:
    made = list(generated(1, 10))
    there, back = Runner(Embedded()), Runner(Embedded())
    there.run([*made, *made])
    back.run(reversed(made))
    reports = [runner.report(seed=1, fail_on="error", vendors=["sessionm"]) for runner in (there, back)]
    assert [report.verdict for report in reports] == ["kept", "kept"]
    first = {result.id: result for result in reports[0].scenarios}
    assert first == {result.id: result for result in reports[1].scenarios}


def test_everything_that_went_through_is_counted() -> None:
    result = judged(road({"events": [custom("x", a=1)], "user_attributes": {"b": 2}}, {"mpid": None}))
    # The customer is not there yet: one request asks for the update, one creates, one brings the event.
    assert (result.batches, result.requests) == (2, 3)
    assert result.data_points == len(["mpid", "customer_id", "b", "x", "a"]) + len(["mpid", "customer_id"])


# --- what a finding is called -----------------------------------------------------------------------------


def test_a_departure_from_a_chosen_assumption_is_our_own_error() -> None:
    result = judged(
        road({"user_attributes": {"a": None}}, assume={"null-as-string": "dropped"}), planning=without("drop_values")
    )
    said = [finding.message for finding in result.findings if finding.rule == CHOICE]
    assert said
    assert all(message.startswith("sessionm.null-as-string: ") for message in said)
    assert result.verdict == "broken"


def test_it_is_a_warning_where_the_forwarder_is_somebody_elses() -> None:
    runner = Runner(Embedded(planning=without("drop_values")), ours=False)
    result = runner.judge(road({"user_attributes": {"a": None}}, assume={"null-as-string": "dropped"}))
    assert {one.severity for one in result.findings if one.rule == "sessionm.null-as-string"} == {"warn"}
    assert CHOICE not in found(result)


def test_a_finding_names_rule_place_and_kinds_and_no_value() -> None:
    result = judged(road({"user_attributes": {"_secret": "geheim"}}), planning=without("normalise_names"))
    assert result.findings
    for finding in result.findings:
        assert "geheim" not in f"{finding}"
        assert finding.rule in rules()
        assert finding.batch == "7"


def test_a_null_is_told_from_what_is_not_there() -> None:
    got = Person(profile={"a": None}, fields={"c": None})
    wanted: dict[str, Any] = {"profile": {"b": None}, "user": {"c": 1, "d": 1}}
    found = [(one.pointer, one.got, one.wanted) for one in check_example(wanted, got, "sessionm.mpid-always", "7")]
    assert found == [
        ("/fields/c", "null", "a number"),
        ("/fields/d", "nothing", "a number"),
        ("/profile/b", "nothing", "null"),
        ("/profile/a", "null", "nothing"),
    ]


def test_a_broken_rule_is_named_once_for_each_place() -> None:
    result = judged(
        road({"events": [custom("x", **{f"a{index}": "x" for index in range(12)})]}),
        planning=without("cap_event_attributes"),
    )
    assert "sessionm.event-attributes-max" in found(result)
    assert len(set(result.findings)) == len(result.findings)


def test_a_fate_with_the_reason_of_another_is_no_true_fate() -> None:
    def misname(draft: Any) -> None:
        draft.fates = [fate._replace(rule="sessionm.platforms") for fate in draft.fates]

    scenario = road({"events": [{"event_type": "commerce_event", "data": {}}]})
    assert found(judged(scenario)) == []
    assert found(judged(scenario, planning=by(*STEPS, misname))) == [FATES]


# --- kinds of scenarios -----------------------------------------------------------------------------------


def test_a_case_stands_for_its_rule_and_side_and_holds_where_nothing_was_found() -> None:
    scenario = road({}, rule="sessionm.mpid-always", side="above")
    assert Case("sessionm.mpid-always", "above", held=True) in judged(scenario).cases
    broken = road({}, rule="sessionm.mpid-always", arrives={"profile": {"a": "b"}})
    assert Case("sessionm.mpid-always", "at", held=False) in judged(broken).cases
    assert {case.rule for case in judged(road({})).cases} == {FATES, ANSWERS, REQUESTS}


@pytest.mark.parametrize(
    ("expected", "holds"),
    [
        ({"arrives": {"profile": {"a_b": "1"}}}, True),
        ({"arrives": {"profile": {"a b": "1"}}}, False),
        ({"arrives": {"profile": {}}}, False),
        ({"arrives": {"user": {"first_name": None}}}, True),
        ({"arrives": {"user": {"first_name": "Ada"}}}, False),
        ({"arrives": {"identifiers": {"customer_id": "c"}}}, True),
        ({"arrives": {"identifiers": {}}}, False),
        ({"arrives": {"events": [{"name": "x", "attributes": {}}]}}, True),
        ({"arrives": {"events": []}}, False),
        ({"arrives": {"phones": ["1"]}}, False),
        ({"arrives": {"mpid_as": "external_id"}}, True),
        ({"arrives": {"mpid_as": "identifiers"}}, False),
        ({"arrives": "nothing"}, False),
        ({"fates": {"/user_attributes/a b": "sent"}}, True),
        ({"fates": {"/user_attributes/a b": "dropped"}}, False),
        ({"fates": {"/user_attributes/nowhere": "sent"}}, False),
        ({"outcomes": {"event.0": "delivered"}}, True),
        ({"outcomes": {"event.0": "refused"}}, False),
        ({"outcomes": {"event.1": "delivered"}}, False),
        ({"expects": {"attempts": {"event.0": 1}}}, True),
        ({"expects": {"attempts": {"event.0": 2}}}, False),
        ({"expects": {"waits": []}}, True),
        ({"expects": {"waits": [(0, 1)]}}, False),
        ({"expects": {"nobody": True}}, False),
        ({"expects": {"customers": 1}}, True),
        ({"expects": {"customers": 2}}, False),
    ],
)
def test_what_an_example_says_outright_is_held_against_what_is_the_case(expected: dict[str, Any], holds: bool) -> None:
    scenario = road(
        {"user_attributes": {"a b": 1}, "events": [custom("x")]}, rule="sessionm.create-or-update", **expected
    )
    assert (found(judged(scenario)) == []) is holds


@pytest.mark.parametrize(
    ("step", "holds"),
    [
        ({}, True),
        ({"says": {"user": {"external_id": "e"}}}, True),
        ({"says": {"user": {"external_id": "x"}}}, False),
        ({"lacks": ["/user/email"]}, True),
        ({"lacks": ["/user/external_id"]}, False),
        ({"status": 201}, False),
        ({"refused": "sessionm.contract"}, False),
        ({"notes": "sessionm.contract"}, False),
        ({"code": "validation"}, False),
        ({"mentions": "nobody"}, False),
    ],
)
def test_a_call_to_the_vendor_is_held_against_the_answer_it_must_get(step: dict[str, Any], holds: bool) -> None:
    call = {"do": "createUser", "body": {"user": {"external_id": "e"}}, **step}
    scenario = Scenario(id="v/1", title="", suite="boundaries", rule="sessionm.contract", calls=(call,))
    assert (judged(scenario).findings == ()) is holds


@pytest.mark.parametrize("finds", [True, False])
def test_a_lint_scenario_is_broken_where_the_lint_says_otherwise(finds: bool) -> None:
    settings = {"connection": {"configuration": {"host_name": "https://x"}}, "finds": finds}
    scenario = Scenario(id="l/1", title="", suite="boundaries", rule="sessionm.host-name", lint=settings)
    assert found(judged(scenario)) == (["sessionm.host-name"] if finds else [])


@pytest.mark.parametrize(("deviates", "holds"), [({"/user_attributes/a": "unplanned"}, True), ({}, False)])
def test_a_plan_scenario_is_held_against_its_deviations(deviates: dict[str, str], holds: bool) -> None:
    definition = {"properties": {}, "additionalProperties": False}
    point = {"match": {"type": "user_attributes"}, "validator": {"definition": definition}}
    scenario = road(
        {"user_attributes": {"a": 1}}, rule="sessionm.casing-by-data-plan", plan=(point,), deviates=deviates
    )
    assert (found(judged(scenario)) == []) is holds


# --- the report -------------------------------------------------------------------------------------------


def test_a_run_of_nothing_is_untested() -> None:
    report = Runner(Embedded()).report(seed=1, fail_on="error", vendors=["sessionm"])
    assert (report.verdict, report.exit_code) == ("untested", 3)
    assert {result.verdict for result in report.rules} == {"untried"}


def test_rules_of_other_vendors_are_listed_only_where_they_were_tried() -> None:
    runner = Runner(Embedded())
    assert {one.rule.vendor for one in runner.report(seed=1, fail_on="error", vendors=["sessionm"]).rules} == {
        "sessionm"
    }
    runner.run([road({}, rule="mparticle.retries")])
    listed = [one.rule.id for one in runner.report(seed=1, fail_on="error", vendors=[]).rules]
    assert set(listed) - {FATES, ANSWERS, REQUESTS} == {"mparticle.retries"}


def test_assumptions_that_made_no_difference_are_not_listed() -> None:
    runner = Runner(Embedded())
    runner.run([road({"user_attributes": {"a": None}})])
    used = {one.id: (one.choice, one.used) for one in runner.report(seed=1, fail_on="error", vendors=[]).assumptions}
    assert used["null-as-string"][0] == "empty"
    assert "boolean-as-string" not in used
    assert "colliding-keys" not in used


@pytest.mark.parametrize("mode", ["note", "reject", "reject-all"])
def test_a_good_forwarder_is_kept_whatever_the_fake_does_with_violations(mode: Any) -> None:
    app = create_app(TenantSettings(), clock=Clock(0, frozen=True), on_violation=mode)
    runner = Runner(Embedded(app=app))
    runner.run(generated(3, 30))
    assert [finding.message for _, finding in runner.report(seed=3, fail_on="warn", vendors=[]).findings] == []


@pytest.mark.parametrize("mode", ["note", "reject", "reject-all"])
def test_a_bad_forwarder_is_broken_whatever_the_fake_does_with_violations(mode: Any) -> None:
    app = create_app(TenantSettings(), clock=Clock(0, frozen=True), on_violation=mode)
    runner = Runner(Embedded(app=app, planning=without("cap_event_attributes")))
    runner.run([road({"events": [custom("x", **{f"a{index}": "x" for index in range(11)})]})])
    report = runner.report(seed=3, fail_on="error", vendors=[])
    assert report.verdict == "broken"
    assert "sessionm.event-attributes-max" in {one.rule.id for one in report.rules if one.verdict == "broken"}


@pytest.mark.parametrize("assumption", list(load_yaml("assumptions/sessionm.yaml")))
def test_generated_people_are_kept_under_every_choice(assumption: str) -> None:
    for other in assumptions()[assumption].alternatives:
        runner = Runner(Embedded(choices=Choices({assumption: other})))
        runner.run(generated(4, 12))
        found_ = [finding.message for _, finding in runner.report(seed=4, fail_on="warn", vendors=[]).findings]
        assert found_ == [], other
