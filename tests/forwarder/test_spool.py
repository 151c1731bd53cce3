from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder import spool as module
from forwarder.spool import FILE, Spool, SpoolError
from tests.forwarder.vendor import until


def contents(folder: Path) -> list[bytes]:
    with Spool(folder) as spool:
        return [spool.read(number) for number in spool.unsettled()]


def test_batches_come_back_in_order_after_a_restart(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.append([b"a", b"{\n}", b"\x00\xff"])
        spool.append([b""])
    assert contents(tmp_path) == [b"a", b"{\n}", b"\x00\xff", b""]


def test_what_is_settled_does_not_come_back(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        first, second = spool.append([b"a", b"b"])
        spool.settle(first)
        assert spool.unsettled() == [second]
    assert contents(tmp_path) == [b"b"]


def test_settled_requests_of_an_unsettled_batch_come_back(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        number = spool.append([b"a"])[0]
        spool.settle_part(number, "7.ü /event\n.1")
    for _ in range(2):
        with Spool(tmp_path) as spool:
            assert spool.parts(spool.unsettled()[0]) == {"7.ü /event\n.1"}


def test_numbers_only_grow_over_a_restart(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        last = spool.append([b"a", b"b"])[-1]
    with Spool(tmp_path) as spool:
        assert spool.append([b"c"])[0] > last
        assert len(spool.unsettled()) == 3


def test_a_batch_is_synced_before_append_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    with Spool(tmp_path) as spool:
        monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
        spool.append([b"a" * 10, b"b" * 10])
        assert synced == [(tmp_path / FILE).stat().st_size]


def test_threads_that_append_at_once_lose_nothing_and_share_syncs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    started, go = threading.Semaphore(0), threading.Event()

    def slow(_handle: int) -> None:
        synced.append(1)
        started.release()
        go.wait(10)

    with Spool(tmp_path) as spool:
        monkeypatch.setattr(os, "fsync", slow)
        threads = [threading.Thread(target=spool.append, args=([b"%d" % n],)) for n in range(8)]
        for thread in threads:
            thread.start()
        started.acquire(timeout=10)
        until(lambda: len(spool.unsettled()) == 8)
        go.set()
        for thread in threads:
            thread.join()
        assert len(synced) <= 2
        monkeypatch.undo()
    assert sorted(contents(tmp_path)) == [b"%d" % n for n in range(8)]


@given(batches=st.lists(st.binary(max_size=30), min_size=1, max_size=6), cut=st.integers(1, 400))
def test_wherever_a_crash_cuts_the_file_the_whole_batches_before_it_come_back(
    tmp_path_factory: pytest.TempPathFactory, batches: list[bytes], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    ends = []
    with Spool(folder) as spool:
        for batch in batches:
            spool.append([batch])
            ends.append((folder / FILE).stat().st_size)
    content = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(content[: max(0, len(content) - cut)])
    whole = sum(end <= len(content) - cut for end in ends)
    assert contents(folder) == batches[:whole]
    with Spool(folder) as spool:
        spool.append([b"after"])
    assert contents(folder) == [*batches[:whole], b"after"]


@given(st.lists(st.tuples(st.sampled_from(["append", "part", "settle", "restart"]), st.integers(0, 5)), max_size=20))
def test_a_spool_is_a_list_that_survives_restarts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("spool")
    wanted: list[tuple[bytes, set[str]]] = []
    spool = Spool(folder)
    for step, index in steps:
        numbers = spool.unsettled()
        match step:
            case "append":
                spool.append([b"%d" % index])
                wanted.append((b"%d" % index, set()))
            case "part" if index < len(numbers):
                spool.settle_part(numbers[index], str(index))
                wanted[index][1].add(str(index))
            case "settle" if index < len(numbers):
                spool.settle(numbers[index])
                del wanted[index]
            case "restart":
                spool.close()
                spool = Spool(folder)
        assert [(spool.read(n), set(spool.parts(n))) for n in spool.unsettled()] == wanted
    spool.close()


def test_damage_in_the_middle_is_said_and_nothing_is_thrown_away(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        spool.append([b"aaaa", b"bbbb"])
    content = (tmp_path / FILE).read_bytes().replace(b"aaaa", b"aXaa")
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(SpoolError, match="is damaged at byte 0; move the file away"):
        Spool(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content
    (tmp_path / FILE).write_bytes(b"hello\nworld\n")
    with pytest.raises(SpoolError, match="is damaged at byte 0"):
        Spool(tmp_path)


def test_a_second_process_is_turned_away(tmp_path: Path) -> None:
    program = "import sys; from pathlib import Path; from forwarder.spool import Spool; Spool(Path(sys.argv[1]))"
    with Spool(tmp_path):
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
        )
        with pytest.raises(SpoolError, match="is in use by another process"):
            Spool(tmp_path)
    assert "is in use by another process; choose another --spool" in done.stderr
    Spool(tmp_path).close()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SpoolError, match=r"cannot be a spool: .*; choose another --spool"):
        Spool(tmp_path / "file")


def test_the_file_starts_anew_when_all_is_settled_and_it_has_grown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RENEWED_AT", 100)
    with Spool(tmp_path) as spool:
        first, second = spool.append([b"x" * 100, b"y"])
        spool.settle(first)
        assert (tmp_path / FILE).stat().st_size > 100
        spool.settle(second)
        assert (tmp_path / FILE).stat().st_size == 0
        spool.append([b"z"])
    assert contents(tmp_path) == [b"z"]


def test_a_full_disk_keeps_nothing_of_what_did_not_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, room = os.write, [25]

    def full(handle: int, text: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        written = write(handle, bytes(text)[: room[0]])
        room[0] -= written
        return written

    with Spool(tmp_path) as spool:
        spool.append([b"a"])
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            spool.append([b"b" * 100])
        monkeypatch.undo()
        spool.append([b"c"])
        assert [spool.read(number) for number in spool.unsettled()] == [b"a", b"c"]
    assert contents(tmp_path) == [b"a", b"c"]


def test_only_the_owner_may_read_what_people_sent(tmp_path: Path) -> None:
    with Spool(tmp_path / "new"):
        assert stat.S_IMODE((tmp_path / "new" / FILE).stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
