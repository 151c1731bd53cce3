from __future__ import annotations

import pytest

from benchmarks.figure import Figure, rate, table


@pytest.mark.parametrize(
    ("value", "aim", "below", "met"),
    [(5.0, 5.0, False, True), (4.9, 5.0, False, False), (4.9, 5.0, True, True), (5.1, 5.0, True, False)],
)
def test_an_aim_is_met_from_its_own_side(value: float, aim: float, below: bool, met: bool) -> None:
    assert Figure("f", value, "s", aim, below).met is met


def test_what_could_not_be_measured_is_neither_met_nor_missed() -> None:
    figure = Figure("fake / Prism", None, "x", 1.5, remark="missing: npm is not installed")
    assert figure.met is None
    line = list(table([figure]))[1]
    assert "missing: npm is not installed" in line
    assert "missed" not in line


def test_a_rate_is_the_median_of_the_rounds_after_the_first() -> None:
    moments = iter([0.0, 9.0, 10.0, 11.0, 20.0, 22.0, 30.0, 34.0])
    assert rate(lambda: None, times=4, rounds=3, clock=lambda: next(moments)) == 2.0


def test_a_table_has_a_line_for_each_figure_and_what_it_is_held_against() -> None:
    lines = list(table([Figure("planning", 12_345.6, "batches/s", 10_000, beside=(("floor", 0.5),))]))
    assert len(lines) == 2
    assert lines[1].split() == ["planning", "12,346", "batches/s", ">=", "10,000", "met", "0.50", "x", "floor"]
