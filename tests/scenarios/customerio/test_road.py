"""Whatever is taken from the forwarder on the road to Customer.io, a run notices, and names the rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest

from forwarder import DESTINATIONS, Fate
from forwarder.destinations import customerio
from forwarder.destinations.customerio import STEPS
from forwarder.fate import Plan, PlannedRequest
from scenarios.customerio.road import ROAD, carries
from scenarios.scenario import Scenario
from tests.scenarios.experiments import blamed, on_the_road, run

BLAMED_FOR_STEP = {
    "apply_rule": "customerio.mparticle-rule",
    "take_logged_in": "customerio.logged-in-only",
    "take_opt_outs": "customerio.opt-out-unsubscribes",
    "take_server_events": "customerio.server-events",
    "take_kinds": "customerio.other-kinds-unsupported",
    "take_recent": "mparticle.max-data-age",
    "take_deletions": "customerio.deleted-attributes",
    "filter_points": "customerio.data-filter",
    "refuse_empty_identities": "customerio.customer-id-first",
    "choose_person": "customerio.user-with-email",
    "keep_last_opt_out": "customerio.opt-out-unsubscribes",
    "name_events": "customerio.names-underscored",
    "add_created_at": "customerio.created-at-sent",
    "place_attributes": "customerio.include-user-attributes",
    "shape_values": "customerio.lists",
    "merge_names": "customerio.colliding-names",
    "size_values": "customerio.oversized-value",
    "cap_attributes": "customerio.attributes-kept",
}


def test_with_nothing_taken_away_everything_is_kept() -> None:
    report = run(destination="customerio")
    assert report.verdict == "kept"
    assert blamed(report) == set()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_forwarder_without_a_step_is_found_out(step: Any) -> None:
    rule = BLAMED_FOR_STEP[step.__name__]
    report = run(steps=[other for other in STEPS if other is not step], scenarios=trying(rule))
    assert report.verdict == "broken"
    assert rule in blamed(report)


def trying(rule: str) -> list[Scenario]:
    """The stories, and the cases in which a rule is on trial: they must do to find out a forwarder that breaks it."""
    return [one for one in on_the_road("customerio") if one.rule == rule or one.suite == "journeys"]


def changed(change: Callable[[dict[str, Any]], None], what: str) -> Callable[..., Plan]:
    whole = customerio.CUSTOMERIO.assembled

    def assembled(draft: Any) -> Plan:
        made = whole(draft)
        requests = []
        for one in made.requests:
            body = orjson.loads(one.body)
            if one.what == what:
                change(body)
            path = one.path.replace("%2F", "/") if what == "path" else one.path
            requests.append(
                PlannedRequest(one.key, one.lane, one.method, path, orjson.dumps(body), one.platform, what=one.what)
            )
        return Plan(tuple(requests), made.fates)

    return assembled


@pytest.mark.parametrize(
    ("change", "what", "rule"),
    [
        (lambda body: body.pop("timestamp", None), "event", "customerio.timestamp-sent"),
        (lambda body: body.update(timestamp=1), "event", "customerio.timestamp-sent"),
        (lambda body: body.update(type="page"), "event", "customerio.screen-view-type"),
        (lambda body: body.pop("id", None), "event", "customerio.event-known-again"),
        (lambda body: body.update(id="7" * 26), "event", "customerio.event-known-again"),
        (lambda body: body.pop("email", None), "user", "customerio.email-always"),
        (lambda body: body.pop("unsubscribed", None), "user", "customerio.opt-out-unsubscribes"),
        (lambda body: body.pop("created_at", None), "user", "customerio.created-at-sent"),
        (lambda body: body.pop("first_name", None), "user", "customerio.first-last-always"),
        (lambda body: body.pop("SegmentMembership", None), "user", "customerio.segment-membership"),
        (lambda _body: None, "path", "customerio.customer-id-first"),
    ],
)
def test_a_request_that_is_put_differently_is_found_out(
    change: Callable[[dict[str, Any]], None], what: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(customerio.CUSTOMERIO, assembled=changed(change, what))
    monkeypatch.setattr("forwarder.planning.DESTINATIONS", {**DESTINATIONS, "customerio": other})
    report = run(scenarios=trying(rule))
    assert report.verdict == "broken"
    assert rule in blamed(report)


@pytest.mark.parametrize(
    ("body", "fate", "told"),
    [
        ({"email": "e"}, Fate("/user_identities/email", "sent", "r", "email", "7.r.user"), True),
        ({}, Fate("/user_identities/email", "sent", "r", "email", "7.r.user"), False),
        ({}, Fate("/user_identities/customer_id", "sent", "r", "id", "7.r.user"), True),
        ({"unsubscribed": True}, Fate("/events/0", "sent", "r", "unsubscribed", "7.r.user"), True),
        ({"name": "x"}, Fate("/events/0", "sent", "r", "x", "7.r.event.0"), True),
        ({"name": "y"}, Fate("/events/0", "sent", "r", "x", "7.r.event.0"), False),
        ({"data": {"a": 1}}, Fate("/events/0/data/custom_attributes/a", "sent", "r", "a", "7.r.event.0"), True),
        ({"a": 1}, Fate("/events/0/data/custom_attributes/a", "sent", "r", "a", "7.r.event.0"), False),
    ],
)
def test_a_request_carries_what_stands_in_it_under_the_name_that_was_said(
    body: dict[str, Any], fate: Fate, told: bool
) -> None:
    assert carries(body, fate) is told


def test_the_road_is_the_one_to_customerio() -> None:
    assert (ROAD.name, ROAD.struck.user, ROAD.troubles) == ("customerio", "/api/v1/customers/*", frozenset())
