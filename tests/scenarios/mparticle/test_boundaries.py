from collections import Counter
from itertools import count

import pytest

from contracts import rules
from scenarios.boundaries import MEASURES
from scenarios.mparticle.boundaries import OF_MPARTICLE
from scenarios.runner import Runner
from scenarios.world import Embedded

MEASURED = [rule for rule in rules().values() if rule.measure in OF_MPARTICLE]


def test_every_measure_is_that_of_a_rule_and_known_to_the_suite() -> None:
    assert {rule.measure for rule in MEASURED} == set(OF_MPARTICLE)
    assert OF_MPARTICLE.items() <= MEASURES.items()


@pytest.mark.parametrize("rule", MEASURED, ids=lambda rule: rule.id)
def test_each_limit_is_tried_on_both_sides_and_holds(rule: object) -> None:
    measured = next(one for one in MEASURED if one is rule)
    made = list(OF_MPARTICLE[measured.measure or ""](measured, count(1)))
    assert {"below", "at", "above"} <= set(Counter(scenario.side for scenario in made))
    runner = Runner(Embedded())
    assert [finding for scenario in made for finding in runner.judge(scenario).findings] == []
