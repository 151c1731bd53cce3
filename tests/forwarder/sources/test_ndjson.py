from __future__ import annotations

import gzip
import io
import json
import os
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder.sources import ndjson
from forwarder.sources.ndjson import BadRecord, Record, Skipped, SourceError, records

GOOD = b'{"mpid":%d}'


def read(*sources: str | Path, stdin: bytes = b"") -> list[Any]:
    """(line, mpid) for a record, (line, why) for a bad one, the file's name for a skipped one."""
    found: list[Any] = []
    for part in records([str(source) for source in sources], stdin=io.BytesIO(stdin)):
        match part:
            case Record(_, line, batch):
                found.append((line, batch.mpid))
            case BadRecord(_, line, _, why):
                found.append((line, why))
            case Skipped(source):
                found.append(Path(source).name)
    return found


def test_one_line_is_one_batch(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b'{"mpid":1}\n{"mpid":2}')
    assert read(tmp_path / "a.txt") == [(1, 1), (2, 2)]


def test_line_ends_of_windows_a_byte_order_mark_and_blank_lines_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b'\xef\xbb\xbf{"mpid":1}\r\n\r\n  \n{"mpid":2}\r\n')
    assert read(tmp_path / "a.txt") == [(1, 1), (4, 2)]


@pytest.mark.parametrize("start", [b"\n", b"\r\n", b"", b" "])
def test_the_first_bytes_are_never_lost(start: bytes) -> None:
    wanted = 2 if start.strip(b" ") else 1
    assert read("-", stdin=start + b'{"mpid":1}\n{"mpid":2}\n') == [(wanted, 1), (wanted + 1, 2)]
    assert read("-", stdin=b"1") == [(1, "integer, must be object")]


def test_a_bad_line_is_named_with_its_place_and_the_others_still_come(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b'{"mpid":1}\n{"events":7}\n{"mpid":\n{"mpid":2}\n')
    found = list(records([str(path)]))
    assert [type(part) for part in found] == [Record, BadRecord, BadRecord, Record]
    assert str(found[1]) == f"{path}:2 /events: integer, must be array or null"
    assert str(found[2]).startswith(f"{path}:3: not JSON")


@given(st.lists(st.booleans(), max_size=30), st.booleans(), st.sampled_from([b"\n", b"\r\n"]))
def test_every_line_comes_out_once_good_or_bad(lines: list[bool], packed: bool, end: bytes) -> None:
    text = end.join(GOOD % number if good else b'{"mpid":' for number, good in enumerate(lines, start=1))
    found = read("-", stdin=gzip.compress(text) if packed else text)
    assert [line for line, _ in found] == list(range(1, len(lines) + 1))
    assert [isinstance(what, int) for _, what in found] == lines


def test_gzip_is_known_by_its_first_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(gzip.compress(b'{"mpid":1}\n') + gzip.compress(b'{"mpid":2}\n'))
    (tmp_path / "b.gz").write_bytes(b'{"mpid":3}\n')
    assert read(tmp_path) == [(1, 1), (2, 2), (1, 3)]
    assert read("-", stdin=(tmp_path / "a.txt").read_bytes()) == [(1, 1), (2, 2)]


def _lines(count: int) -> bytes:
    chance = random.Random(1)
    return b"".join(b'{"mpid":%d,"x":"%032x"}\n' % (n, chance.getrandbits(128)) for n in range(1, count + 1))


def test_a_gzip_cut_short_gives_its_good_lines_and_then_one_bad_record(tmp_path: Path) -> None:
    packed = gzip.compress(_lines(2000))
    (tmp_path / "a.gz").write_bytes(packed[: len(packed) // 2])
    *good, bad = read(tmp_path / "a.gz")
    assert len(good) > 500
    assert good == [(n, n) for n in range(1, len(good) + 1)]
    assert bad == (len(good) + 1, "the gzip file is cut short; what comes before is read")


def test_a_damaged_gzip_is_one_bad_record(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(_lines(2000)))
    packed[-5] ^= 0xFF
    (tmp_path / "a.gz").write_bytes(packed)
    assert "the gzip file is damaged" in read(tmp_path / "a.gz")[-1][1]


def test_a_folder_stands_for_its_files_in_order_and_the_bucket_probe_is_skipped_and_said(tmp_path: Path) -> None:
    for name in ("2026-01-02/b.txt", "2026-01-01/a.txt", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(GOOD % ord(Path(name).stem))
    (tmp_path / "mParticle_Bucket_Verification_20260101-000000.txt").write_bytes(b"{}")
    (tmp_path / ".hidden").write_bytes(b"x")
    probe = "mParticle_Bucket_Verification_20260101-000000.txt"
    assert read(tmp_path) == [(1, ord("a")), (1, ord("b")), (1, ord("c")), probe]
    assert read(tmp_path / probe) == [probe]


def test_a_json_file_may_hold_one_batch_over_many_lines(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\n" + json.dumps({"mpid": 1, "events": []}, indent=2).encode())
    assert read(tmp_path / "a.json") == [(2, 1)]


def test_a_json_file_may_hold_an_array_and_each_element_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[\n {"mpid":1},\n {"events":\n7},\n\n {"mpid":2} ]\n')
    assert read(tmp_path / "a.json") == [(2, 1), (3, "integer, must be array or null"), (6, 2)]
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(b'[{"mpid":1},{"mpid":2}]'))
    assert read(tmp_path / "b.json.gz") == [(1, 1), (1, 2)]


def test_an_array_that_is_cut_gives_its_whole_elements_first(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'[{"mpid":1},\n{"mpid":2},\n{"mpi')
    assert read(tmp_path / "a.json") == [(1, 1), (2, 2), (3, "not JSON: a text is not closed")]


def test_a_json_file_may_hold_lines_also_where_the_first_is_broken(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"mpid":1}\n{"mpid":2}\n')
    (tmp_path / "b.json").write_bytes(b'{"mpid":\n{"mpid":2}\n')
    assert read(tmp_path / "a.json") == [(1, 1), (2, 2)]
    assert [line for line, _ in read(tmp_path / "b.json")] == [1, 2]


def test_a_broken_document_is_one_bad_record_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{\n "mpid": 1,\n "events": [}\n')
    assert read(tmp_path / "a.json") == [(3, "not JSON: Expecting value")]


def test_utf_16_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text('{"mpid":1}\n', encoding="utf-16")
    assert read(tmp_path / "a.txt") == [(1, "is UTF-16; save it as UTF-8")]


def test_a_line_beyond_all_measure_is_passed_over_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson, "LONGEST", 20)
    text = b'{"mpid":1}\n' + b"x" * 1000 + b'\n{"mpid":2}\n'
    assert read("-", stdin=text) == [(1, 1), (2, "the line is longer than 20 bytes"), (3, 2)]


def test_a_file_that_is_not_there_is_said_before_the_first_record_comes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b'{"mpid":1}')
    found = records([str(tmp_path / "a.txt"), str(tmp_path / "b.txt")])
    with pytest.raises(SourceError, match=r"b\.txt: cannot be read: No such file or directory; name a file"):
        next(found)


def test_an_empty_source_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.json").touch()
    (tmp_path / "b.txt").touch()
    assert read(tmp_path, "-") == []


def test_a_named_pipe_is_opened_once_and_read_to_its_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(writer, b'{"mpid":1}\n')
    found = records([str(tmp_path / "pipe")])
    held = os.open(tmp_path / "pipe", os.O_RDONLY)
    assert isinstance(next(found), Record)
    os.close(writer)
    assert list(found) == []
    os.close(held)


def test_a_long_file_is_read_in_little_memory(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.txt", "wb", compresslevel=1) as file:
        for number in range(1, 5001):
            file.write(b'{"mpid":%d,"unknown":"%b"}\n' % (number, b"x" * 4000))
    tracemalloc.start()
    try:
        assert sum(1 for _ in records([str(tmp_path / "a.txt")])) == 5000
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_the_assumption_on_duplicate_keys_is_passed_on() -> None:
    [last] = records(["-"], stdin=io.BytesIO(b'{"mpid":1,"mpid":2}'))
    [first] = records(["-"], stdin=io.BytesIO(b'{"mpid":1,"mpid":2}'), duplicate_keys="first")
    assert isinstance(last, Record)
    assert isinstance(first, Record)
    assert (first.batch.mpid, last.batch.mpid) == (1, 2)
