from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count
from types import MappingProxyType

import pytest

from contracts import Rule, rules
from forwarder import shaping
from scenarios import boundaries as module
from scenarios.boundaries import FAR, MEASURES, boundaries, ladder
from scenarios.reading import limit, table
from scenarios.scenario import Scenario
from tests.scenarios.experiments import blamed, run

LIMITED = [rule for rule in rules().values() if rule.limit is not None]
NUMBERED = [rule.id for rule in LIMITED if rule.measure is not None]


def of(rule: Rule) -> list[Scenario]:
    return list(MEASURES[rule.measure or ""](rule, count(1)))


def changed(limit: int) -> Rule:
    return replace(rules()["sessionm.event-attributes-max"], limit=limit)


def test_every_limit_of_the_register_has_a_builder_of_its_measure() -> None:
    assert {rules()[name].measure for name in NUMBERED} <= set(MEASURES)


def test_a_limit_without_a_measure_has_examples_at_it_and_above() -> None:
    for rule in LIMITED:
        if rule.measure is None:
            assert {"at", "above"} <= {example["side"] for example in rule.examples}, rule.id


def test_the_ladder_stands_on_both_sides_of_the_limit_and_far_over_it() -> None:
    assert list(ladder(changed(10))) == [
        (0, "below"),
        (1, "below"),
        (9, "below"),
        (10, "at"),
        (11, "above"),
        (10 * FAR, "above"),
    ]


def test_a_changed_limit_moves_the_ladder() -> None:
    assert [size for size, _ in ladder(changed(7))] == [0, 1, 6, 7, 8, 7 * FAR]
    assert list(ladder(changed(1))) == [(0, "below"), (1, "at"), (2, "above"), (FAR, "above")]


@pytest.mark.parametrize("name", NUMBERED)
def test_every_limit_is_tried_below_at_and_above(name: str) -> None:
    sides = Counter(scenario.side for scenario in of(rules()[name]))
    assert set(sides) == {"below", "at", "above"}


@pytest.mark.parametrize("name", NUMBERED)
def test_a_changed_limit_changes_what_is_sent(name: str) -> None:
    rule = rules()[name]
    wider = replace(rule, limit=(rule.limit or 0) + 3)
    assert [repr((one.batches, one.calls)) for one in of(rule)] != [repr((one.batches, one.calls)) for one in of(wider)]


def test_no_two_boundary_scenarios_share_an_id_or_a_person() -> None:
    made = list(boundaries())
    assert max(Counter(scenario.id for scenario in made).values()) == 1
    people = Counter(mpid for scenario in made for mpid in {str(batch.get("mpid")) for batch in scenario.batches})
    assert {mpid for mpid, times in people.items() if times > 1} <= {"None", "0"}


def test_every_rule_of_the_vendor_is_tried_on_both_sides() -> None:
    sides: dict[str, set[str]] = {}
    for scenario in boundaries():
        sides.setdefault(scenario.rule, set()).add(scenario.side)
    for rule in rules().values():
        if rule.vendor == "sessionm":
            assert {"at", "above"} <= sides.get(rule.id, set()), rule.id


def test_a_vendors_limit_is_tried_past_the_forwarder() -> None:
    """Otherwise a fake that forgot the limit would never be asked for more."""
    for name in NUMBERED:
        assert any(scenario.kind == "vendor" and scenario.side == "above" for scenario in of(rules()[name])), name


def test_a_limit_that_is_tightened_in_the_register_alone_is_found_broken(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """The forwarder read the old number when it was loaded; the scenarios and the expectation read the new one."""
    tight = MappingProxyType({**rules(), "sessionm.event-attributes-max": changed(8)})
    for place in ("scenarios.boundaries.rules", "scenarios.reading.rules", "scenarios.examples.rules"):
        monkeypatch.setattr(place, lambda: tight)
    # The old number is known by heart.
    for known in (limit, table):
        known.cache_clear()
        request.addfinalizer(known.cache_clear)
    made = [scenario for scenario in module.boundaries() if scenario.rule == "sessionm.event-attributes-max"]
    assert sorted({len(s.batches[0]["events"][0]["data"]["custom_attributes"]) for s in made if s.batches}) == [
        0,
        1,
        7,
        8,
        9,
        40,
    ]
    assert "sessionm.event-attributes-max" in blamed(run(scenarios=made))
    monkeypatch.setattr(shaping, "EVENT_ATTRIBUTES", 8)
    report = run(scenarios=[scenario for scenario in made if scenario.kind == "road"])
    assert report.verdict == "kept"


def test_odd_names_leave_no_character_of_ascii_out() -> None:
    letters = {letter for names in module.ODD_NAMES.values() for name in names for letter in name}
    assert {chr(code) for code in range(33, 127) if not chr(code).isalnum()} <= letters
