from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mock_sessionm.partners.braze.liquid.printing import inspected, printed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (1, "1"),
        (1.0, "1.0"),
        (1e20, "1.0e+20"),
        (1.5e-7, "1.5e-07"),
        (Decimal("35.60"), "35.6"),
        ("a\n", "a\n"),
        ([1, None, ["a", False]], "1afalse"),
        (range(1, 4), "1..3"),
        ({"a": None, "b": [1, "c"], "d": {}}, '{"a"=>nil, "b"=>[1, "c"], "d"=>{}}'),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02 03:04:05 +0000"),
    ],
)
def test_a_value_is_printed_as_ruby_prints_it(value: Any, text: str) -> None:
    assert printed(value) == text


def test_a_text_is_inspected_with_its_escapes() -> None:
    assert inspected('a"b\\c\n#{d}#$e#@f# g') == '"a\\"b\\\\c\\n\\#{d}\\#$e\\#@f# g"'
