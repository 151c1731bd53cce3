import gzip
import json
from pathlib import Path

import pytest

from scenarios.pseudonyms.checking import CannotCheck, check

BAD = json.dumps({"user_identities": {"email": "jane@shop.io"}})


@pytest.mark.parametrize(
    ("name", "raw", "place"),
    [
        ("a.ndjson", f'{{"mpid": 1}}\n{BAD}\n'.encode(), "a.ndjson:2 /user_identities/email"),
        ("a.ndjson.gz", gzip.compress(f"{BAD}\n".encode(), mtime=0), "a.ndjson.gz:1 /user_identities/email"),
        ("a.json", json.dumps(json.loads(BAD), indent=1).encode(), "a.json:3 /user_identities/email"),
        ("a.md", b"# a page\nwrite to jane@shop.io\n", "a.md:2"),
        ("a.yaml", b'body: \'{"email": "jane@shop.io"}\'\n', "a.yaml:1"),
        ("a.txt", "jane@shop.io".encode("utf-16"), "a.txt:1"),
        ("a.bin", b"\x00\xff\nFrom: jane@shop.io\n", "a.bin:2"),
        ("a.json", b'{"half":\n "jane@shop.io"\n', "a.json:2"),
        ("a.ndjson", b'\xef\xbb\xbf{"a": "jane@shop.io"}\r\n', "a.ndjson:1 /a"),
    ],
)
def test_any_file_is_looked_through_and_the_place_told(name: str, raw: bytes, place: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(raw)
    (found,) = check(tmp_path / name)
    assert str(found) == f"{tmp_path}/{place}: an email address"


def test_a_file_that_is_clean_has_nothing_and_a_folder_is_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("nobody@example.com, 415-555-0142", "utf-8")
    assert list(check(tmp_path)) == []
    (tmp_path / "b.txt").write_text("jane@shop.io", "utf-8")
    assert len(list(check(tmp_path))) == 1


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 999)[:20])
    for path in (tmp_path / "a.gz", tmp_path / "none"):
        with pytest.raises(CannotCheck, match="cannot be read"):
            list(check(path))
