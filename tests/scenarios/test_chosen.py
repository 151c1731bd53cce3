from collections import Counter
from collections.abc import Iterator

import pytest

from contracts import rules
from scenarios.chosen import UnknownName, about, chosen
from scenarios.generated import generated
from scenarios.given import Given
from scenarios.mutants.hunt import every_scenario
from scenarios.runner import Runner
from scenarios.scenario import SUITES, Scenario
from scenarios.suites import scenarios_of
from scenarios.verdict import ScenarioResult
from scenarios.world import Embedded

NUMBER = "sessionm.event-attributes-max"


def test_no_two_scenarios_of_all_suites_have_the_same_id() -> None:
    every = scenarios_of(SUITES, seed=1, count=30, given=Given.load(None, None, {}))
    twice = [name for name, count in Counter(scenario.id for scenario in every).items() if count > 1]
    assert twice == []


def test_cases_are_chosen_by_their_ids_and_rules_by_what_they_are_about() -> None:
    every = every_scenario()
    (one,) = chosen(every, [f"{NUMBER}/road-1"])
    assert one.rule == NUMBER
    many = chosen(every, (), [NUMBER])
    assert {scenario.rule for scenario in many} == {NUMBER}
    assert len(many) == sum(scenario.rule == NUMBER for scenario in every)
    both = chosen(every, [every[-1].id], [NUMBER])
    assert {scenario.id for scenario in both} == {every[-1].id, *(scenario.id for scenario in many)}
    assert chosen(every) == list(every)


@pytest.mark.parametrize(
    ("cases", "about_rules", "said"),
    [
        ([f"{NUMBER}/raod-1"], [], f"did you mean {NUMBER}/road-1"),
        (["zzz"], [], "run --list"),
        ([], ["sessionm.event-atributes-max"], f"did you mean {NUMBER}"),
        ([], ["zzz"], "sessionm-harness rules"),
    ],
)
def test_what_is_not_there_is_told_with_what_is_nearest(cases: list[str], about_rules: list[str], said: str) -> None:
    with pytest.raises(UnknownName, match=said) as caught:
        chosen(every_scenario(), cases, about_rules)
    assert "\n" not in str(caught.value)


def test_an_id_that_no_scenario_has_may_be_known_otherwise() -> None:
    assert chosen(every_scenario(), ["settings/given"], others=["settings/given"]) == []


def some() -> Iterator[Scenario]:
    """A few of each kind, and two invented people."""
    seen: Counter[str] = Counter()
    for scenario in every_scenario():
        seen[scenario.kind] += 1
        if seen[scenario.kind] <= 6:
            yield scenario
    yield from generated(1, 2)


def test_a_scenario_says_something_of_just_those_rules_for_which_it_is_chosen() -> None:
    runner = Runner(Embedded())
    for scenario in some():
        assert set(about(scenario)) == {case.rule for case in runner.judge(scenario).cases}
        assert set(about(scenario)) <= set(rules())


def test_a_scenario_comes_out_alone_as_it_did_among_all() -> None:
    together = Runner(Embedded(seed=1))
    among: dict[str, ScenarioResult] = {}
    together.run(some(), progress=lambda result: among.update({result.id: result}))
    for scenario in some():
        assert Runner(Embedded(seed=1)).judge(scenario) == among[scenario.id]
