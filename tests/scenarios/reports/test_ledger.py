from dataclasses import replace

import pytest

from contracts import assumptions, rules
from scenarios.reports import ledger
from scenarios.verdict import AssumptionUse, Finding, Report, ScenarioResult, Side


@pytest.mark.parametrize(("side", "shown"), [(Side(), "-"), (Side(3), "3"), (Side(3, 1), "2/3"), (Side(2, 2), "0/2")])
def test_a_cell_says_how_many_cases_held(side: Side, shown: str) -> None:
    assert ledger.cell(side) == shown


def test_every_rule_of_the_register_can_be_cited() -> None:
    for rule in rules().values():
        cited = ledger.cited(rule)
        assert cited.title
        assert cited.url is None or cited.url.startswith("https://")


def test_an_assumption_names_what_else_could_have_been_chosen() -> None:
    row = ledger.assumed(AssumptionUse("colliding-keys", "last", 2))
    assert row.changed
    assert set(row.others) == set(assumptions()["colliding-keys"].choices) - {"last"}


def test_an_assumption_that_the_register_does_not_know_is_still_shown() -> None:
    assert ledger.assumed(AssumptionUse("invented", "yes", 1)).id == "invented"


def test_the_same_finding_in_two_scenarios_is_one_that_counts_both() -> None:
    one = Finding("r.x", "too many", "/a", "11", "10")
    scenarios = tuple(ScenarioResult(name, name, "s", (one,)) for name in ("first", "second"))
    (row,) = ledger.broken(Report(1, scenarios, (), fates={}, assumptions=()))  # type: ignore[arg-type]
    (found,) = row.findings
    assert (row.count, found.count) == (2, 2)
    assert [scenario.id for scenario in found.scenarios] == ["first", "second"]


def test_what_turns_the_run_red_stands_first(report: Report) -> None:
    turned = replace(report, scenarios=report.scenarios[::-1])
    assert [row.fails for row in ledger.broken(turned)] == [True, False]
    assert all(row.fails for row in ledger.broken(replace(turned, fail_on="warn")))


def test_fates_are_summed_in_their_fixed_order(report: Report) -> None:
    assert list(ledger.fate_totals(report).items()) == [("sent", 12), ("merged", 1), ("dropped", 2)]
    assert [row.fate for row in ledger.fate_rows(report)] == ["sent", "merged", "dropped"]


def test_names_beyond_the_room_are_counted(report: Report) -> None:
    report.fates.update({("sessionm.at-most-ten", f"name{n}", "sent"): 1 for n in range(10)})
    row = ledger.fate_rows(report, names=4)[0]
    assert (len(row.names), row.more, row.count) == (4, 7, 22)
    assert row.names[0] == "size"


@pytest.mark.parametrize(
    ("limit", "shown"), [(None, ""), (10, "10"), (262144, "262,144"), (2**63 - 1, "2^63 - 1"), (2**63, f"{2**63:,}")]
)
def test_a_limit_is_shown_with_its_thousands_and_the_largest_of_64_bits_by_its_name(
    limit: int | None, shown: str
) -> None:
    assert ledger.number(limit) == shown
