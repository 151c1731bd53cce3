from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.sources.progress import Progress, ProgressError

A = "s3://b/a"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "x.progress"


def state(progress: Progress) -> dict[str, tuple[Any, ...]]:
    """Everything that is remembered, whatever numbers objects have."""
    return {
        address: (one.etag, one.reached, one.done, set(one.open), {k: v for k, v in one.parts.items() if v})
        for address, one in progress._objects.items()
    }


def test_what_was_settled_is_known_to_the_next_start(path: Path) -> None:
    with Progress(path, "x") as progress:
        reading = progress.at(A, "1")
        reading.place(1).settle()
        reading.place(2).settle_part("key")
    with Progress(path, "x") as progress:
        reading = progress.at(A, "1")
        assert [reading.wants(record) for record in (1, 2, 3)] == [False, True, True]
        assert reading.place(2).parts == {"key"}
        assert reading.place(3).parts == frozenset()
        assert not progress.done(A, "1")


def test_what_was_left_is_wanted_until_it_is_settled_and_the_object_is_done_only_then(path: Path) -> None:
    with Progress(path, "x") as progress:
        reading = progress.at(A, "1")
        reading.place(1).settle_part("key")
        reading.place(1).leave()
        reading.place(2).settle()
        reading.finish(2)
        assert not progress.done(A, "1")
    with Progress(path, "x") as progress:
        reading = progress.at(A, "1")
        assert [reading.wants(record) for record in (1, 2, 3)] == [True, False, True]
        assert reading.place(1).parts == {"key"}
        reading.place(1).settle()
        assert not reading.wants(1)
        assert reading.place(1).parts == frozenset()
        reading.finish(2)
    with Progress(path, "x") as progress:
        assert progress.done(A, "1")
        assert not progress.done(A, "2")
        assert not progress.done("s3://b/other", "1")


def test_an_object_of_which_nobody_settled_the_last_record_is_not_done(path: Path) -> None:
    with Progress(path, "x") as progress:
        reading = progress.at(A, "1")
        reading.place(1).settle()
        reading.finish(2)
        assert not progress.done(A, "1")
        reading.finish(1)
        assert progress.done(A, "1")


def test_another_version_of_an_object_begins_anew(path: Path) -> None:
    with Progress(path, "x") as progress:
        progress.at(A, "1").place(1).settle()
        assert progress.etag(A) == "1"
        assert progress.etag("s3://b/other") is None
        assert progress.at(A, "2").wants(1)
    with Progress(path, "x") as progress:
        assert progress.etag(A) == "2"
        assert progress.at(A, "2").wants(1)


def test_objects_of_a_later_start_are_told_apart_from_those_that_were_known(path: Path) -> None:
    for address in (A, "s3://b/b", "s3://b/c"):
        with Progress(path, "x") as progress:
            progress.at(address, "1").place(1).leave()
            progress.at(A, "1").place(2).settle()
    with Progress(path, "x") as progress:
        assert state(progress) == {
            A: ("1", 2, False, {1}, {}),
            "s3://b/b": ("1", 1, False, {1}, {}),
            "s3://b/c": ("1", 1, False, {1}, {}),
        }


def test_what_is_forgotten_stays_forgotten_and_the_rest_does_not(path: Path) -> None:
    with Progress(path, "x") as progress:
        for address in (A, "s3://b/other"):
            progress.at(address, "1").finish(0)
        progress.forget([A, "s3://b/unknown"])
    with Progress(path, "x") as progress:
        assert not progress.done(A, "1")
        assert progress.done("s3://b/other", "1")


@given(
    steps=st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(["settle", "leave", "part"]), st.integers(1, 4)), max_size=30
    ),
    cut=st.floats(0, 1),
)
def test_a_file_that_was_cut_anywhere_gives_the_state_of_some_earlier_moment(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]], cut: float
) -> None:
    path = tmp_path_factory.mktemp("progress") / "x"
    with Progress(path, "x") as progress:
        states: list[Any] = [state(progress)]
        for key, step, record in steps:
            reading = progress.at(key, "1")
            states.append(state(progress))
            place = reading.place(record)
            place.settle_part(f"key {record}") if step == "part" else getattr(place, step)()
            states.append(state(progress))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * cut)])
    with Progress(path, "x") as progress:
        found = state(progress)
        assert found in states
    with Progress(path, "x") as progress:
        assert state(progress) == found


def test_a_start_leaves_no_more_in_the_file_than_is_needed(path: Path) -> None:
    with Progress(path, "x") as progress:
        for number in range(3):
            reading = progress.at(f"s3://b/{number}", "1")
            for record in range(1, 100):
                reading.place(record).settle_part("key")
                reading.place(record).settle()
            reading.finish(99)
    Progress(path, "x").close()
    assert len(path.read_bytes().splitlines()) == 1 + 3 * 2


def test_a_part_is_on_the_disk_before_the_next_request_leaves(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Progress(path, "x") as progress:
        place = progress.at(A, "1").place(1)
        synced: list[bytes] = []
        monkeypatch.setattr(os, "fsync", lambda _handle: synced.append(path.read_bytes().splitlines()[-1]))
        place.settle_part("key")
        assert synced == [b'["part",1,1,"key"]']


def test_the_file_is_its_owners_alone(path: Path) -> None:
    Progress(path, "x").close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_processes_never_share_a_file(path: Path) -> None:
    with Progress(path, "x"), pytest.raises(ProgressError, match="is in use by another process"):
        Progress(path, "x")
    Progress(path, "x").close()


def test_a_look_without_writing_changes_nothing_and_needs_no_lock(path: Path) -> None:
    assert not Progress(path, "x", writing=False).done(A, "1")
    assert not path.parent.exists()
    with Progress(path, "x") as progress:
        progress.at(A, "1").finish(0)
        before = path.read_bytes()
        look = Progress(path, "x", writing=False)
        assert look.done(A, "1")
        look.at("s3://b/other", "1").place(1).settle_part("key")
        assert path.read_bytes() == before


def test_the_progress_of_another_receiver_is_refused(path: Path) -> None:
    Progress(path, "sessionm https://a").close()
    with pytest.raises(ProgressError, match="is the progress of sessionm https://a, not of sessionm https://b"):
        Progress(path, "sessionm https://b")
    Progress(path, "sessionm https://a").close()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'["progress",1,"x"]\nhello\n', "line 2 is damaged"),
        (b'["progress",1,"x"]\n["part",7,1,"k"]\n', "line 2 is damaged"),
        (b'["progress",1,"x"]\n["object",1,"a"]\n', "line 2 is damaged"),
        (b'["progress",1,"x"]\n["object",1,"a","e"]\n["odd",1]\n', "line 3 is damaged"),
        (b'["progress",2,"x"]\n', "is no progress file"),
        (b'["spool"]\n', "is no progress file"),
        (b"hello\n", "line 1 is damaged"),
    ],
)
def test_a_file_that_is_none_or_is_damaged_is_one_line_and_stays_as_it_is(
    path: Path, content: bytes, said: str
) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ProgressError, match=said):
        Progress(path, "x")
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProgressError, match=r"cannot keep progress: .*; choose another --progress"):
        Progress(tmp_path / "file" / "x", "x")


def test_a_disk_without_room_ends_the_reading_and_leaves_no_half_line(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def full(handle: int, text: Any) -> int:
        if len(text) > 3:
            return write(handle, bytes(text)[:3])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Progress(path, "x") as progress:
        place = progress.at(A, "1").place(1)
        before = path.read_bytes()
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(ProgressError, match="cannot be written: No space left"):
            place.settle_part("key that is long")
        assert path.read_bytes() == before
