from __future__ import annotations

import random
import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest

from contracts import Choices, Request
from contracts.serving import Server
from contracts.transport import HttpTransport
from forwarder import DESTINATIONS, STEPS, Batch, Connection, Delivery, plan
from forwarder.ingest import create_ingest
from scenarios.events_input import Unreachable
from scenarios.faults import faults
from scenarios.foreign import Foreign
from scenarios.generated import generated
from scenarios.given import Given
from scenarios.runner import Runner
from scenarios.scenario import Scenario
from scenarios.sessionm.journeys import journeys
from scenarios.verdict import Report
from tests.scenarios.experiments import blamed, every_scenario, on_the_road

SETTLE = 0.05


@dataclass
class Stranger:
    """A forwarder on a port of its own: it takes mParticle's Events API, and has delivered when it answers."""

    steps: Sequence[Any] | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    target: str = ""
    destination: str = "sessionm"
    habit: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        self.connection = Connection.default(destination=self.destination)
        if self.settings:
            self.connection = Connection.from_settings(self.settings)
        self.server = Server(create_ingest(self.connection, self.accept, clock=time.monotonic))

    def accept(self, batches: Sequence[bytes]) -> None:
        delivery = Delivery(
            HttpTransport(self.target), self.connection, clock=time.time, sleep=lambda _: None, chance=random.Random(1)
        )
        for raw in batches:
            planned = plan(Batch.read(raw), self.connection, steps=self.steps)
            if self.habit is not None:
                changed = (
                    replace(one, body=orjson.dumps(self.habit(orjson.loads(one.body)))) for one in planned.requests
                )
                planned = replace(planned, requests=tuple(changed))
            delivery.deliver(planned)


def tried(scenarios: Sequence[Scenario], stranger: Stranger, given: Given | None = None) -> Report:
    given = given or Given.load(None, None, {})
    runner = Runner(given.embedded(seed=1, on_violation="reject"))
    with stranger.server, Foreign(stranger.server.url, given, port=0, settle=SETTLE, seed=1) as foreign:
        stranger.target = foreign.server.url
        runner.run_foreign(foreign, scenarios)
    return runner.report(seed=1, fail_on="error", vendors=["sessionm"])


def about(*rules: str) -> list[Scenario]:
    return [scenario for scenario in every_scenario() if scenario.rule in rules and scenario.kind == "road"]


def test_a_good_forwarder_is_kept_and_every_documented_rule_of_the_sender_was_tried() -> None:
    others = [one for one in every_scenario() if one.kind != "road" and one.rule.startswith("sessionm.")]
    good = tried([*others, *on_the_road(), *generated(1, 40)], Stranger())
    assert [finding.message for _, finding in good.findings] == []
    assert good.verdict == "kept"
    untried = {
        result.rule.id
        for result in good.rules
        if result.rule.vendor == "sessionm"
        and result.verdict == "untried"
        and result.rule.owner == "forwarder"
        and result.rule.evidence == "documented"
    }
    # They need other settings, credentials for a platform, or a Rule, and one forwarder has one connection.
    assert untried <= {
        "sessionm.data-filter",
        "sessionm.event-mappings",
        "sessionm.identities-by-filter",
        "sessionm.mparticle-rule",
        "sessionm.new-data-points-off",
        "sessionm.platform-credentials",
    }


def test_a_scenario_that_cannot_be_tried_says_why() -> None:
    slow = [one for one in faults(Choices()) if one.id == "fault/quota"]
    report = tried([*about("sessionm.platform-credentials", "sessionm.mparticle-rule"), *slow], Stranger())
    assert {one.untried for one in report.scenarios} >= {
        "it needs an mParticle Rule",
        "it needs credentials of its own for a platform",
        "it needs a clock that can be moved",
    }
    assert {one.verdict for one in report.scenarios if one.untried} == {"untried"}


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        ("cap_event_attributes", "sessionm.event-attributes-max"),
        ("cap_user_attributes", "sessionm.user-attributes-max"),
        ("normalise_names", "sessionm.key-replace"),
        ("normalise_names", "sessionm.key-strip"),
        ("stringify", "sessionm.values-are-strings"),
        ("map_reserved", "sessionm.reserved-fields"),
        ("take_platform", "sessionm.platforms"),
        ("take_logged_in", "sessionm.logged-in-only"),
    ],
)
def test_a_forwarder_without_a_step_is_found_broken_and_the_rule_is_named(step: str, rule: str) -> None:
    report = tried(about(rule), Stranger(tuple(other for other in STEPS if other.__name__ != step)))
    assert step in {known.__name__ for known in STEPS}
    assert report.verdict == "broken"
    assert rule in blamed(report)


@pytest.mark.parametrize("destination", ["customerio", "mparticle"])
def test_a_good_forwarder_to_another_destination_is_kept(destination: str) -> None:
    stories = [one for one in on_the_road(destination) if one.suite != "faults"]
    people = generated(1, 20, destination=destination)
    report = tried([*stories, *people], Stranger(destination=destination))
    assert [finding.message for _, finding in report.findings] == []
    assert report.verdict == "kept"
    assert sum(not one.untried for one in report.scenarios) > len(stories) / 2


@pytest.mark.parametrize(
    ("destination", "step", "rule"),
    [
        ("customerio", "name_events", "customerio.names-underscored"),
        ("customerio", "choose_person", "customerio.user-with-email"),
        ("customerio", "take_opt_outs", "customerio.opt-out-unsubscribes"),
        ("customerio", "size_values", "customerio.attribute-value-max"),
        ("mparticle", "make_nodes", "madconnect.event-id"),
        ("mparticle", "name_identities", "madconnect.identity-map"),
    ],
)
def test_a_forwarder_to_another_destination_without_a_step_is_found_broken(
    destination: str, step: str, rule: str
) -> None:
    known = DESTINATIONS[destination].steps
    without = tuple(other for other in known if other.__name__ != step)
    assert len(without) == len(known) - 1
    report = tried(about(rule), Stranger(without, destination=destination))
    assert report.verdict == "broken"
    assert rule in blamed(report)


def _without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda body: {key: value for key, value in body.items() if key != name}


@pytest.mark.parametrize(
    ("habit", "rule"),
    [
        (
            lambda body: {**body, "timestamp": body["timestamp"] * 1000} if "timestamp" in body else body,
            "timestamp-sent",
        ),
        (_without("timestamp"), "timestamp-sent"),
        (_without("unsubscribed"), "opt-out-unsubscribes"),
        (_without("email"), "email-always"),
    ],
    ids=["milliseconds", "no-time", "still-subscribed", "no-email"],
)
def test_a_stranger_who_puts_things_differently_for_customerio_is_laid_to_the_rule_itself(
    habit: Callable[[dict[str, Any]], dict[str, Any]], rule: str
) -> None:
    named = f"customerio.{rule}"
    scenarios = [one for one in on_the_road("customerio") if one.rule == named and not one.faults]
    report = tried(scenarios, Stranger(destination="customerio", habit=habit))
    assert {finding.rule for _, finding in report.findings} == {named}


def test_a_forwarder_that_sends_nothing_is_found_broken() -> None:
    def drop(draft: Any) -> None:
        draft.stop("filtered", "sessionm.data-filter")

    report = tried(about("sessionm.forwards-user-attributes", "sessionm.forwards-custom-events"), Stranger((drop,)))
    assert report.verdict == "broken"


def test_another_choice_where_the_documents_are_silent_is_a_warning_and_no_error() -> None:
    last = {**Connection.default().settings, "assumptions": {"event-attributes-kept": "last"}}
    report = tried(about("sessionm.event-attributes-kept"), Stranger(settings=last))
    assert report.verdict == "kept"
    assert {(finding.rule, finding.severity) for _, finding in report.findings} == {
        ("sessionm.event-attributes-kept", "warn")
    }


def test_a_forwarder_that_never_tries_again_is_found_broken() -> None:
    once = {**Connection.default().settings, "assumptions": {"retry-attempts": "1"}}
    fault = [one for one in faults(Choices()) if one.id in {"fault/503-1", "fault/reset"}]
    assert len(fault) == 2
    assert tried(fault, Stranger()).verdict == "kept"
    report = tried(fault, Stranger(settings=once))
    assert report.verdict == "broken"
    assert "mparticle.retries" in blamed(report)


def test_credentials_of_the_input_that_are_not_taken_are_told() -> None:
    settings = {**Connection.default().settings, "input": {"key": "in", "secret": "geheim"}}
    with pytest.raises(Unreachable, match=r"HTTP 403 .*give its key and secret in \[input\] of --connection"):
        tried(list(journeys())[:1], Stranger(settings=settings))


def test_a_forwarder_that_is_not_there_is_told() -> None:
    given = Given.load(None, None, {})
    server = Stranger().server
    server.stop()
    runner = Runner(given.embedded(seed=1, on_violation="reject"))
    with (
        Foreign(server.url, given, port=0, settle=SETTLE, seed=1) as foreign,
        pytest.raises(Unreachable, match="start it first, and let it send to http://127"),
    ):
        runner.run_foreign(foreign, list(journeys())[:1])


@dataclass
class AllAtOnce(Stranger):
    """It posts the user first, all events of a batch in one call, and the email as one more external id."""

    def accept(self, batches: Sequence[bytes]) -> None:
        send = HttpTransport(self.target).send
        pair = b64encode(b"local-key:local-secret").decode()
        headers = {"Content-Type": "application/json", "Authorization": f"Basic {pair}"}
        root = "/priv/v1/apps/local-key"
        for raw in batches:
            made = plan(Batch.read(raw), self.connection).to_json()["requests"]
            events: dict[str, Any] = {}
            for one in made:
                if one["path"].endswith("/events"):
                    events.update(one["body"]["events"])
                    continue
                user = one["body"]["user"]
                if "email" in user:
                    email = {"external_id": user.pop("email"), "external_id_type": "email"}
                    user["identifiers"] = [*user.get("identifiers", ()), email]
                body = orjson.dumps({"user": user})
                if b'"ok"' not in send(Request("POST", f"{root}/users", headers, body)).body:
                    send(Request("PUT", one["path"].replace("{api_key}", "local-key"), headers, body))
            if events:
                path = f"{root}/external/users/{Batch.read(raw).mpid}/events"
                send(Request("POST", path, headers, orjson.dumps({"events": events})))


def test_a_forwarder_of_other_habits_is_kept_where_an_undefined_event_takes_others_with_it() -> None:
    scenarios = [*about("sessionm.events-defined"), *(one for one in journeys() if one.id == "journey/identities")]
    report = tried(scenarios, AllAtOnce())
    assert [finding.message for _, finding in report.findings] == []
    assert len(report.scenarios) > sum(bool(one.untried) for one in report.scenarios)


def test_what_one_person_broke_is_not_held_against_another_whose_id_begins_like_theirs() -> None:
    """`customer-id-1` stands in `customer-id-10`, in every list of ids that somebody numbers."""
    attributes = {f"attribute_{index}": "x" for index in range(201)}
    person = {"environment": "development", "device_info": {"platform": "iOS"}}
    few, many = (
        Scenario(
            id=f"test/{customer}",
            title="one of two",
            suite="boundaries",
            rule="sessionm.user-attributes-max",
            batches=({**person, "mpid": mpid, "user_identities": {"customer_id": customer}, "user_attributes": sent},),
        )
        for mpid, customer, sent in ((71, "c-1", {"a": "x"}), (72, "c-10", attributes))
    )
    without_cap = tuple(step for step in STEPS if step.__name__ != "cap_user_attributes")
    report = tried([few, many], Stranger(without_cap))
    assert [scenario.id for scenario, _ in report.findings if scenario.id == few.id] == []
    assert [scenario.id for scenario, _ in report.findings] != []
