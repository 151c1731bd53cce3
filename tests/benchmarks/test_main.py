from __future__ import annotations

import pytest

from benchmarks.__main__ import FIGURES, main


def test_an_unknown_figure_is_one_line_that_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert all(name in said for name in FIGURES)
