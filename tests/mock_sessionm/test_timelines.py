import ast
from pathlib import Path

import pytest

from mock_sessionm import Clock
from mock_sessionm.history import KIND_OF
from mock_sessionm.timelines import KINDS, NUMBERS, Note, Timelines

CODE = Path(__file__).parents[2] / "mock_sessionm"


def test_entries_come_in_the_order_of_time_and_of_cause() -> None:
    clock = Clock(10.0, frozen=True)
    made = Timelines(clock)
    made.draw.append(lambda customer: [Note("event_received", 10.0, {"of": customer}), Note("points_spent", 30.0)])
    made.note("c", "tier_entered", {"name": "Gold"})
    clock.set(20.0)
    made.note("c", "offer_issued", {})
    made.note("d", "offer_issued", {})
    assert [(note.kind, note.at) for note in made.of("c")] == [
        ("event_received", 10.0),
        ("tier_entered", 10.0),
        ("offer_issued", 20.0),
        ("points_spent", 30.0),
    ]
    assert made.of("c")[0].payload == {"of": "c"}


def test_a_kind_that_is_not_listed_is_a_mistake() -> None:
    made = Timelines(Clock(0.0, frozen=True))
    with pytest.raises(KeyError):
        made.note("c", "offer_eaten", {})
    assert made.of("c") == []


def test_every_kind_that_the_code_notes_is_listed() -> None:
    noted = set()
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note":
                kind = node.args[1]
                assert isinstance(kind, ast.Constant), (
                    f"{path.name}:{node.lineno} notes a kind that cannot be read here"
                )
                noted.add(kind.value)
    assert noted <= set(KINDS)
    assert set(KIND_OF.values()) <= set(KINDS)


def test_every_kind_has_a_number_of_its_own() -> None:
    assert sorted(NUMBERS.values()) == list(range(1, len(KINDS) + 1))


def test_what_is_written_out_and_read_back_is_the_same() -> None:
    made, read = Timelines(Clock(5.0, frozen=True)), Timelines(Clock(9.0, frozen=True))
    made.note("c", "tier_entered", {"name": "Gold"})
    read.restore(made.export())
    assert read.of("c") == made.of("c")
