from collections.abc import Iterator
from contextlib import contextmanager

from mock_sessionm import GATE
from scenarios.mutants.hunt import every_scenario, hunt, likely
from scenarios.mutants.mutant import Mutant, Parts
from scenarios.verdict import Finding

RULE = "sessionm.event-attributes-max"


def mutant(**more: object) -> Mutant:
    return Mutant(**{"id": "m", "rule": RULE, "side": "fake", "kind": "k", "says": "s", **more})  # type: ignore[arg-type]


def test_a_mutant_is_found_out_by_a_scenario_about_its_rule_and_blamed_on_it() -> None:
    without = Parts(gate=tuple(check for check in GATE if check.rule != RULE))
    done = hunt(mutant(parts=without))
    assert done.killed
    assert done.blamed
    assert next(one for one in every_scenario() if one.id == done.killer).rule == RULE


def test_what_is_right_survives_every_scenario_that_is_tried() -> None:
    few = [one for one in every_scenario() if one.rule == RULE]
    done = hunt(mutant(), few)
    assert (done.killed, done.tried) == (False, len(few))


def test_a_mutant_that_falls_over_is_found_out() -> None:
    def fall(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    done = hunt(mutant(side="forwarder", parts=Parts(planning=fall)))  # type: ignore[arg-type]
    assert done.killed
    assert "ZeroDivisionError" in done.findings[0].message


def test_what_a_mutant_patched_is_put_back_whatever_happens() -> None:
    held = []

    @contextmanager
    def patched() -> Iterator[None]:
        held.append("on")
        try:
            yield
        finally:
            held.append("off")

    hunt(mutant(patched=patched), [])
    assert held == ["on", "off"]


def test_scenarios_about_the_rule_come_first_and_none_is_left_out() -> None:
    order = list(likely(mutant()))
    about = [one for one in order if one.rule == RULE]
    assert order[: len(about)] == about
    assert len(order) == len(every_scenario())


def test_a_finding_under_the_choice_names_its_rule_as_well() -> None:
    told = Finding("harness.choice-kept", f"{RULE}: something")
    assert hunt(mutant(), []).blamed is False
    assert told.message.startswith(RULE)
