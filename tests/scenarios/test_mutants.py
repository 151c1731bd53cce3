"""Whatever is taken from the forwarder by hand, a run notices, and names the rule that is no longer kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contracts import rules
from contracts.interaction import Response
from forwarder import STEPS, Connection, Delivery, judge, limits, names, selection, shaping
from forwarder import delivery as delivering
from forwarder.connection import Switches
from forwarder.draft import Point
from tests.scenarios.experiments import about, blamed, every_scenario, run

BLAMED_FOR_STEP = {
    "apply_rule": "sessionm.mparticle-rule",
    "pass_over_audiences": "sessionm.audiences-unsupported",
    "take_platform": "sessionm.platforms",
    "take_logged_in": "sessionm.logged-in-only",
    "require_mpid": "sessionm.mpid-always",
    "take_kinds": "sessionm.other-kinds-unsupported",
    "take_recent": "mparticle.max-data-age",
    "take_deletions": "sessionm.deleted-attributes",
    "filter_points": "sessionm.data-filter",
    "refuse_empty_identities": "sessionm.forwards-user-identities",
    "name_events": "sessionm.event-mappings",
    "hold_without_events": "sessionm.batch-without-events",
    "map_reserved": "sessionm.reserved-fields",
    "normalise_names": "sessionm.key-replace",
    "drop_values": "sessionm.null-as-string",
    "merge_names": "sessionm.colliding-keys",
    "stringify": "sessionm.values-are-strings",
    "cap_user_attributes": "sessionm.user-attributes-max",
    "cap_event_attributes": "sessionm.event-attributes-max",
}


# --- the forwarder's planning -----------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_forwarder_without_a_step_is_found_out(step: Any) -> None:
    report = run(steps=tuple(other for other in STEPS if other is not step))
    assert report.verdict == "broken"
    assert BLAMED_FOR_STEP[step.__name__] in blamed(report)


@pytest.mark.parametrize(
    ("left", "rule"),
    [
        (names.NORMALISATION[:1], "sessionm.key-strip"),
        (names.NORMALISATION[1:], "sessionm.key-replace"),
        (names.NORMALISATION[::-1], "sessionm.key-strip"),
    ],
    ids=["no strip", "no replace", "swapped"],
)
def test_a_forwarder_without_one_normalisation_step_or_with_both_swapped_is_found_out(
    left: Any, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "NORMALISATION", left)
    names.normalised.cache_clear()
    try:
        report = run()
    finally:
        names.normalised.cache_clear()
    assert report.verdict == "broken"
    assert rule in blamed(report)


@pytest.mark.parametrize("by", [-1, 1])
@pytest.mark.parametrize(
    ("name", "rule"),
    [("EVENT_ATTRIBUTES", "sessionm.event-attributes-max"), ("USER_ATTRIBUTES", "sessionm.user-attributes-max")],
)
def test_a_cap_that_is_off_by_one_is_found_out(name: str, rule: str, by: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shaping, name, getattr(shaping, name) + by)
    report = run()
    assert report.verdict == "broken"
    assert rule in blamed(report)


@pytest.mark.parametrize("field", sorted(rules()["sessionm.reserved-fields"].table["fields"]))
def test_a_reserved_name_that_is_not_known_is_found_out(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = {name: target for name, target in limits.RESERVED_FOLDED.items() if name != field.casefold()}
    monkeypatch.setattr(shaping, "RESERVED_FOLDED", left)
    report = run(scenarios=about("sessionm.reserved-fields"))
    assert report.verdict == "broken"
    assert "sessionm.reserved-fields" in blamed(report)


@pytest.mark.parametrize("spelling", sorted(limits.PLATFORM_OF_SPELLING))
def test_a_platform_that_is_not_taken_is_found_out(spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = {known: name for known, name in limits.PLATFORM_OF_SPELLING.items() if known != spelling}
    monkeypatch.setattr(selection, "PLATFORM_OF_SPELLING", left)
    report = run(scenarios=about("sessionm.platforms"))
    assert report.verdict == "broken"
    assert "sessionm.platforms" in blamed(report)


def forget_mappings(draft: Any) -> None:
    draft.connection = replace(draft.connection, event_mappings={})


def turn_events_round(draft: Any) -> None:
    draft.events.reverse()


def lose_digits(draft: Any) -> None:
    draft.mpid = int(float(draft.mpid))


def lose_an_attribute(draft: Any) -> None:
    del draft.attributes[-1:]


def shorten_values(draft: Any) -> None:
    for point in draft.attributes:
        point.value = point.value[:3]


def forget_identities(draft: Any) -> None:
    draft.identities.clear()


def add_an_attribute(draft: Any) -> None:
    for event in draft.events:
        event.attributes.append(Point("source", f"{event.place}/x", "mparticle", event.rule))


LAST = len(STEPS)


@pytest.mark.parametrize(
    ("place", "step", "rule"),
    [
        (STEPS.index(shaping.name_events), forget_mappings, "sessionm.event-mappings"),
        (LAST, turn_events_round, "sessionm.forwards-custom-events"),
        (LAST, lose_digits, "sessionm.mpid-always"),
        (LAST, lose_an_attribute, "harness.fates-true"),
        (LAST, lose_an_attribute, "sessionm.forwards-user-attributes"),
        (LAST, shorten_values, "sessionm.forwards-user-attributes"),
        (LAST, forget_identities, "sessionm.forwards-user-identities"),
        (LAST, forget_identities, "sessionm.identities-by-filter"),
        (LAST, add_an_attribute, "sessionm.event-attributes-max"),
    ],
)
def test_a_step_that_does_harm_is_found_out(place: int, step: Callable[[Any], None], rule: str) -> None:
    report = run(steps=(*STEPS[:place], step, *STEPS[place:]))
    assert report.verdict == "broken"
    assert rule in blamed(report)


def test_a_data_filter_that_is_not_asked_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Switches, "on", lambda _switches, _name: True)
    report = run()
    assert report.verdict == "broken"
    assert {"sessionm.data-filter", "sessionm.new-data-points-off", "sessionm.identities-by-filter"} <= blamed(report)


# --- the forwarder's delivery -----------------------------------------------------------------------------


def never_again(_delivery: Delivery, _judgement: Any, _failures: int) -> float | None:
    return None


def always_again(_delivery: Delivery, _judgement: Any, failures: int) -> float | None:
    return 1.0 if failures < 9 else None


def at_once(_delivery: Delivery, judgement: Any, failures: int) -> float | None:
    return 0.0 if judgement.name == "again" and failures < 5 else None


@pytest.mark.parametrize("wait", [never_again, always_again, at_once])
def test_tries_that_the_retry_table_does_not_want_are_found_out(wait: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Delivery, "_wait", wait)
    report = run()
    assert report.verdict == "broken"
    assert "mparticle.retries" in blamed(report)


def test_a_delivery_that_creates_nobody_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Delivery._try
    monkeypatch.setattr(
        Delivery, "_try", lambda self, request, access: whole(self, replace(request, creates=None), access)
    )
    report = run()
    assert report.verdict == "broken"
    assert "sessionm.create-or-update" in blamed(report)


def test_a_delivery_that_creates_everybody_anew_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Delivery._try

    def create(self: Delivery, request: Any, access: Any) -> Any:
        if request.creates is not None:
            request = replace(request, method="POST", path=request.creates, creates=None)
        return whole(self, request, access)

    monkeypatch.setattr(Delivery, "_try", create)
    report = run()
    assert report.verdict == "broken"
    assert "sessionm.create-or-update" in blamed(report)


def test_a_delivery_that_takes_an_error_under_200_for_a_success_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_status(request: Any, outcome: Any, table: Any, **more: Any) -> judge.Judgement:
        if isinstance(outcome, Response) and outcome.status == 200:
            return judge.DELIVERED
        return judge.judge(request, outcome, table, **more)

    monkeypatch.setattr(delivering, "judge", by_status)
    report = run()
    assert report.verdict == "broken"
    assert "sessionm.error-in-200" in blamed(report)


def test_a_delivery_that_tells_of_refusals_which_never_came_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Delivery.deliver

    def gloomy(self: Delivery, plan: Any) -> Any:
        # Only where a new customer's event was taken: no example speaks of how those end.
        told = whole(self, plan)
        return tuple(replace(one, verdict="refused") if one.key.endswith("event.0") else one for one in told)

    monkeypatch.setattr(Delivery, "deliver", gloomy)
    several = [one for one in every_scenario() if not one.outcomes and one.suite in {"journeys", "generated"}]
    report = run(scenarios=several)
    assert report.verdict == "broken"
    assert "harness.fates-true" in blamed(report)


def test_credentials_that_are_the_same_for_every_platform_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "credentials", lambda self, _platform: self.platforms["default"])
    report = run()
    assert report.verdict == "broken"
    assert "sessionm.platform-credentials" in blamed(report)
