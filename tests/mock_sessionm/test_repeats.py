import orjson
import pytest

from contracts import Choices
from mock_sessionm import repeats
from mock_sessionm.clock import Clock
from mock_sessionm.envelopes import Reply
from mock_sessionm.repeats import Repeats, mark_of

DONE = Reply(200, b'{"status":"OK"}', [("Content-Type", "application/json"), ("X-Harness-Rule", "sessionm.contract")])


def made(behaviours: frozenset[str] = repeats.BEHAVIOURS, **assume: str) -> tuple[Repeats, Clock]:
    clock = Clock(1_000.0, frozen=True)
    chosen = Choices({name.replace("_", "-"): choice for name, choice in assume.items()})
    return Repeats(clock, chosen.__getitem__, behaviours), clock


def test_a_request_is_new_until_its_answer_is_kept() -> None:
    kept, _ = made()
    assert kept.seen("R1", "a") == "new"
    kept.keep("R1", "a", DONE)
    assert (kept.seen("R1", "a"), kept.seen("R2", "a")) == ("done", "new")
    assert kept.answer("R1") == DONE


@pytest.mark.parametrize(("choice", "seen"), [("stored", "done"), ("refused", "other")])
def test_another_request_under_the_same_id_is_seen_as_chosen(choice: str, seen: str) -> None:
    kept, _ = made(pos_request_id_reused=choice)
    kept.keep("R1", "a", DONE)
    assert (kept.seen("R1", "b"), kept.seen("R1", "a")) == (seen, "done")


def test_a_request_is_pending_for_a_second_where_that_is_the_choice() -> None:
    kept, clock = made(pos_pending="one-second")
    kept.keep("R1", "a", DONE)
    clock.advance(0.5)
    assert kept.seen("R1", "a") == "pending"
    clock.advance(0.5)
    assert kept.seen("R1", "a") == "done"


def test_without_the_behaviour_every_request_is_new() -> None:
    kept, _ = made(frozenset())
    kept.keep("R1", "a", DONE)
    assert kept.seen("R1", "a") == "new"


def test_what_is_remembered_goes_out_as_json_and_in_again() -> None:
    kept, clock = made()
    kept.keep("R1", "a", DONE)
    other = Repeats(clock, Choices().__getitem__)
    other.restore(orjson.loads(orjson.dumps(kept.export())))
    assert other.answer("R1") == DONE
    assert other.export() == kept.export()
    assert len(other) == 1


def test_the_oldest_is_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "BOUND", 2)
    kept, _ = made()
    for number in range(3):
        kept.keep(f"R{number}", "a", DONE)
    assert [kept.seen(f"R{number}", "a") for number in range(3)] == ["new", "done", "done"]


def test_a_mark_is_the_same_for_what_says_the_same_and_another_for_anything_else() -> None:
    one = mark_of("lockOffer", {"a": 1, "b": [2]})
    assert mark_of("lockOffer", {"b": [2], "a": 1}) == one
    assert len({one, mark_of("unlockOffer", {"a": 1, "b": [2]}), mark_of("lockOffer", {"a": 1, "b": [3]})}) == 3
