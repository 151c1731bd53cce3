"""Every alternative that the forwarder's road leans on is built: a run that chooses it holds.

What Connect, Braze and campaigns lean on is tried by examples, each under the choice that it names.
"""

from collections.abc import Iterator

import pytest

from contracts import assumptions, rules
from contracts.register import load_yaml, observe
from scenarios.given import Given
from scenarios.runner import Runner
from scenarios.scenario import SUITES
from scenarios.suites import scenarios_of


def alternatives() -> Iterator[tuple[str, str]]:
    for assumption in (assumptions()[name] for name in load_yaml("assumptions/sessionm.yaml")):
        for choice in assumption.alternatives:
            yield assumption.id, choice


@pytest.mark.parametrize(("assumption", "choice"), list(alternatives()))
def test_a_run_under_another_choice_is_kept(assumption: str, choice: str) -> None:
    given = Given.load(None, None, {assumption: choice})
    runner = Runner(given.embedded(seed=1, on_violation="reject"))
    # What is pinned to the register's own choices is the same whatever is chosen here.
    every = scenarios_of(SUITES, seed=1, count=20, given=given, destinations=("sessionm",))
    chosen = [one for one in every if not one.pinned]
    runner.run(chosen)
    report = runner.report(seed=1, fail_on="warn", vendors=("sessionm",))
    assert [finding.message for _, finding in report.findings] == []
    assert report.verdict == "kept"


def test_a_run_with_everything_observed_to_be_otherwise_is_kept() -> None:
    """Examples are tried with the choices that they were written for, everything else with what was observed."""
    own = [one for one in assumptions().values() if one.owner == "sessionm"]
    observe({one.id: (one.alternatives[-1], "2026-06-15") for one in own})
    try:
        given = Given.load(None, None, {})
        assert {name: given.choices[name] for name in (one.id for one in own)} == {
            one.id: one.alternatives[-1] for one in own
        }
        runner = Runner(given.embedded(seed=1, on_violation="reject"))
        chosen = scenarios_of(SUITES, seed=1, count=9, given=given, destinations=("sessionm", "braze"))
        silent = {rule.id for rule in rules().values() if rule.assumption}
        runner.run(one for one in chosen if one.kind == "lint" or not one.pinned or one.rule in silent)
        report = runner.report(seed=1, fail_on="warn", vendors=("sessionm", "braze"))
    finally:
        observe({})
    assert [finding.message for _, finding in report.findings] == []
    observed = {result.rule.id for result in report.rules if result.rule.evidence == "observed"}
    assert {"sessionm.undefined-event", "sessionm.property-names"} <= observed
