"""A forwarder on its way into mParticle from which a step was taken is found out, and the rule is named."""

from __future__ import annotations

from typing import Any

import pytest

from contracts import rules
from forwarder.destinations.mparticle import MPARTICLE
from scenarios.destinations import DESTINATIONS
from scenarios.mparticle.folding import folded, who
from scenarios.person import Happened
from tests.scenarios.experiments import blamed, on_the_road, run

BLAMED_FOR_STEP = {
    "apply_rule": "madconnect.mparticle-rule",
    "pass_over_audiences": "madconnect.events-only",
    "take_logged_in": "madconnect.logged-in-only",
    "take_kinds": "madconnect.kinds",
    "take_recent": "mparticle.max-data-age",
    "take_deletions": "madconnect.deleted-attributes",
    "filter_points": "madconnect.data-filter",
    "hold_attributes": "madconnect.user-attributes",
    "refuse_empty_identities": "madconnect.identity-map",
    "name_identities": "madconnect.identity-types",
    "know_somebody": "madconnect.somebody",
    "ask_for_names": "madconnect.event-name",
    "take_values": "madconnect.attribute-values",
    "make_nodes": "madconnect.event-node",
    "hold_without_events": "madconnect.without-events",
}


@pytest.mark.parametrize("step", MPARTICLE.steps, ids=lambda step: step.__name__)
def test_a_forwarder_without_a_step_is_found_out(step: Any) -> None:
    steps = tuple(other for other in MPARTICLE.steps if other is not step)
    report = run(steps=steps, destination="mparticle")
    assert report.verdict == "broken"
    assert BLAMED_FOR_STEP[step.__name__] in blamed(report)


def test_every_rule_of_the_page_is_on_trial_on_the_road_or_in_the_settings() -> None:
    tried = {scenario.rule for scenario in on_the_road("mparticle")}
    apart = {rule.id for rule in rules().values() if rule.owner == "customer"}
    read = {rule.id for rule in rules().values() if rule.id in LISTED}
    assert read - tried - apart == set()


LISTED = {name for name in rules() if name.startswith("madconnect.") and rules()[name].source.startswith("madconnect-")}


def test_the_road_stands_in_the_row_of_its_destination() -> None:
    assert DESTINATIONS["mparticle"].road == "scenarios.mparticle.road"


def test_batches_of_one_person_are_put_together_in_their_order() -> None:
    person = folded(
        [
            {"mpid": 7, "user_attributes": {"a": 1, "b": 2}, "environment": "production"},
            {"user_identities": {"email": "e"}, "deleted_user_attributes": ["a", "c"], "events": [{"event_type": "x"}]},
            {"events": [{"event_type": "screen_view", "data": {"screen_name": "Menu"}}]},
        ]
    )
    assert person is not None
    assert (person.shown, person.profile, person.identifiers) == ("7", {"b": 2}, {"email": "e"})
    assert person.fields == {"environment": "production"}
    assert person.events == [Happened("x", {}), Happened("Menu", {"screen_name": "Menu"})]
    assert folded([]) is None


def test_somebody_is_known_by_the_mpid_then_by_the_first_identity() -> None:
    assert who({"mpid": -7, "user_identities": {"email": "e"}}) == "-7"
    assert who({"user_identities": {"email": "e", "customer_id": "c"}}) == "email:e"
    assert who({"user_identities": [{"identity_type": "email"}]}) == who({}) == "nobody"
