from typing import Any

import pytest

from forwarder import Batch
from scenarios.recordings.recorded import RecordedBatch
from scenarios.replay import gathering
from scenarios.replay.gathering import Gathering


def recorded(line: int, mpid: int, **more: Any) -> RecordedBatch:
    return RecordedBatch(f"a:{line}", Batch.from_json({"mpid": mpid, **more}))


def test_batches_come_back_by_people_each_in_its_order_people_as_they_were_first_seen() -> None:
    with Gathering() as made:
        for line, mpid in enumerate((7, 8, 7, 9, 8, 7), start=1):
            made.add(recorded(line, mpid))
        assert [[one.number for one in person] for person in made.stories()] == [[1, 3, 6], [2, 5], [4]]
        assert made.batches == 6


def test_whoever_turns_out_to_be_one_person_late_is_one_from_the_beginning() -> None:
    with Gathering() as made:
        made.add(recorded(1, 7, user_identities={"email": "a@example.com"}))
        made.add(recorded(2, 8, user_identities={"customer_id": "c"}))
        made.add(recorded(3, 7, user_identities={"customer_id": "C"}))
        assert [[one.place for one in person] for person in made.stories()] == [["a:1", "a:2", "a:3"]]


def test_a_batch_comes_back_to_the_digit() -> None:
    body = {"mpid": 2**63 - 1, "user_attributes": {"n": 10**30, "f": 1.0, "t": "\u00e9"}}
    with Gathering() as made:
        made.add(RecordedBatch("a:1", Batch.from_json(body)))
        ((kept,),) = made.stories()
    assert kept.body == body
    assert type(kept.body["user_attributes"]["f"]) is float


def test_a_batch_stamped_before_the_one_of_the_same_person_is_told_and_kept_where_it_stands() -> None:
    with Gathering() as made:
        made.add(recorded(1, 7, timestamp_unixtime_ms=2000))
        made.add(recorded(2, 8, timestamp_unixtime_ms=1000))
        made.add(recorded(3, 7, timestamp_unixtime_ms=1999))
        made.add(recorded(4, 7, timestamp_unixtime_ms=2000))
        assert [one.place for one in made.backwards.first] == ["a:3"]
        assert [one.number for one in next(made.stories())] == [1, 3, 4]


def test_parts_hold_whole_people_and_everybody_is_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PART", 3)
    monkeypatch.setattr(gathering, "AT_ONCE", 2)
    with Gathering() as made:
        for line in range(21):
            made.add(recorded(line, line % 7 + 1))
        parts = list(made.parts())
    assert [sum(map(len, part)) for part in parts] == [3] * 7
    assert [one.number for part in parts for person in part for one in person[:1]] == list(range(1, 8))
