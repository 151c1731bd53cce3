from collections.abc import Mapping

import pytest

from scenarios.mutants import selftest
from scenarios.mutants.hunt import Hunted
from scenarios.mutants.mutant import Mutant
from scenarios.mutants.selftest import Selftest
from scenarios.mutants.table import table
from scenarios.verdict import Finding

RULE, OTHER = "sessionm.event-attributes-max", "sessionm.user-attributes-max"
RIGHT = Hunted("none", "", "nothing wrong", tried=5)
KILLED = Hunted(f"{RULE}~gone", RULE, "limit gone", "a/1", 1, (Finding(RULE, "x"),))
ELSEWHERE = Hunted(f"{RULE}~code", RULE, "wrong code", "b/1", 9, (Finding(OTHER, "x"),))
SURVIVED = Hunted(f"{OTHER}~gone", OTHER, "limit gone", tried=9)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Mapping[str, Mutant] = {
        one.mutant: Mutant(id=one.mutant, rule=one.rule, side="fake", kind=one.kind, says="It is wrong.")
        for one in (KILLED, ELSEWHERE, SURVIVED)
    }
    monkeypatch.setattr(selftest, "mutants", lambda: made)


def red(done: Selftest, *, whole: bool = False) -> list[str]:
    return [result.id for result in done.results(whole=whole) if result.verdict == "broken"]


def test_a_survivor_is_red_and_a_mutant_that_was_killed_is_not() -> None:
    assert red(Selftest((KILLED, ELSEWHERE, SURVIVED), RIGHT)) == [f"selftest/{SURVIVED.mutant}"]


def test_a_gate_that_is_red_where_nothing_is_wrong_proves_nothing() -> None:
    wrongly = Hunted("none", "", "nothing wrong", "c/1", 3, (Finding(RULE, "x"),))
    assert red(Selftest((KILLED,), wrongly)) == ["selftest/none"]


def test_a_rule_without_a_mutant_is_red_where_all_were_tried() -> None:
    done = Selftest((KILLED,), RIGHT)
    assert f"selftest/{OTHER}" in red(done, whole=True)
    assert f"selftest/{RULE}" not in red(done, whole=True)
    assert red(done) == []


def test_the_table_has_a_row_for_each_rule_and_names_every_survivor() -> None:
    lines = list(table(Selftest((KILLED, ELSEWHERE, SURVIVED), RIGHT)))
    row = next(line for line in lines if line.startswith(RULE))
    assert row.split() == [RULE, "2", "2", "-", "1"]
    assert any(line.startswith(f"survived: {SURVIVED.mutant};") for line in lines)
    assert any("limit gone" in line and line.split()[-2:] == ["1", "1"] for line in lines)
    assert "2 killed, 1 survived" in lines[-2]
    assert lines[-1].startswith("verdict: broken")
