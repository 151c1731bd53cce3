"""One verdict on a change of a contract."""

import pytest

from scenarios.contract_impact import Impact, Struck, Tally
from scenarios.contract_verdict import ContractVerdict

STRUCK = Struck("it entry 1", "request", "doIt", ())


@pytest.mark.parametrize(
    ("requests", "wanted"),
    [
        (Tally(recorded=1, good=1), "kept"),
        (Tally(recorded=1, broken=[STRUCK]), "broken"),
        (Tally(recorded=1, mended=[STRUCK]), "kept"),
        (Tally(recorded=1, unknown=1), "untested"),
        (Tally(), "untested"),
    ],
)
def test_traffic_alone_can_break_a_contract_and_no_traffic_proves_nothing(requests: Tally, wanted: str) -> None:
    assert ContractVerdict("old", "new", (), Impact(("it",), requests)).verdict == wanted


def test_an_answer_that_is_broken_breaks_it_as_well() -> None:
    made = Impact(("it",), Tally(recorded=1, good=1), Tally(recorded=1, broken=[STRUCK]))
    assert ContractVerdict("old", "new", (), made).verdict == "broken"
    assert ContractVerdict("old", "new", ()).verdict == "kept"
