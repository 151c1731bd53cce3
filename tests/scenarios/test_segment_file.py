from __future__ import annotations

import gzip
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.segment_file import BIGGEST_CELL, Defaults, Refused, Segment, SegmentError, Tagging, opened

ROOT = Path(__file__).parents[2]
HEADER = (
    "Appboy ID,country,created_at,devices,date_of_birth,email,unsubscribed_from_emails_at,user_id,first_name,"
    "first_session,gender,google_ad_ids,city,IDFAs,IDFVs,language,last_app_version_used,last_name,last_session,"
    "phone_number,session_count,timezone,favourite drink,tag,ttl"
)


def segment(text: str, *, lookup_key: str = "user_id", tag: str = "", ttl: int | None = None) -> Segment:
    return Segment(io.StringIO(text, newline=""), "f.csv", lookup_key=lookup_key, defaults=Defaults(tag, ttl))


def rows(text: str, **how: Any) -> list[Tagging | Refused]:
    return list(segment(text, **how).rows())


def of_file(path: Path) -> list[Tagging | Refused]:
    with opened(path) as (text, _):
        return list(Segment(text, str(path), lookup_key="user_id", defaults=Defaults("gold")).rows())


def test_the_example_of_the_docs_has_two_rows_in_spite_of_its_quotes_over_lines() -> None:
    assert of_file(ROOT / "docs/examples/segment.csv") == [
        Tagging(2, "11111111-1111-1111-8111-111111111111", "braze_test", 2_592_000),
        Tagging(4, "22222222-2222-1222-8222-222222222222", "braze_test", 20_000),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    text = f"user_id,tag,ttl{end}a,gold,60{end}b,tin,90{end}"
    assert rows(text) == [Tagging(2, "a", "gold", 60), Tagging(3, "b", "tin", 90)]


def test_the_last_line_needs_no_end() -> None:
    assert rows("user_id,tag\na,gold") == [Tagging(2, "a", "gold", None)]


@given(st.permutations(HEADER.split(",")))
def test_the_order_of_columns_does_not_matter(order: list[str]) -> None:
    cells = {"user_id": "a", "tag": "gold", "ttl": "60"}
    text = ",".join(order) + "\n" + ",".join(cells.get(name, "x") for name in order) + "\n"
    assert rows(text) == [Tagging(2, "a", "gold", 60)]


SECRET = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=12, max_size=40).map(
    lambda text: f"private {text} person"
)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@given(st.lists(SECRET, min_size=22, max_size=22), st.sampled_from(["60", "-1", "30d", ""]))
def test_nothing_of_a_person_but_the_id_leaves_the_reader(secrets: list[str], ttl: str) -> None:
    names = [name for name in HEADER.split(",") if name not in {"user_id", "tag", "ttl"}]
    cells = dict(zip(names, secrets, strict=True)) | {"user_id": "the-id", "tag": "gold", "ttl": ttl}
    text = HEADER + "\n" + ",".join(quoted(cells[name]) for name in HEADER.split(",")) + "\n"
    found = segment(text)
    told = str(list(found.rows())) + str(found.columns)
    assert "private" not in told
    assert found.columns.dropped == 22


@given(SECRET)
def test_an_error_shows_no_cell(secret: str) -> None:
    text = f"user_id,tag,ttl\n{quoted(secret)},{quoted(secret)}\n{quoted(secret)},gold,{quoted(secret)}\nx,gold,1,"
    assert "private" not in str(rows(text))
    for whole in (f'user_id,tag\na,{quoted(secret)}"x', f"{quoted(secret)},b\n", f'user_id,tag\n"{secret}'):
        with pytest.raises(SegmentError) as found:
            rows(whole)
        assert "private" not in str(found.value)


@pytest.mark.parametrize(
    ("ttl", "says"),
    [
        ("0", "1 or more"),
        ("-1", "1 or more"),
        ("30d", "30d is 2592000"),
        ("12H", "12h is 43200"),
        ("1.0", "whole number"),
        ("1e3", "whole number"),
        ("²", "whole number"),
        ("forever", "whole number"),
        ("9999999999999999", "whole number"),
    ],
)
def test_a_time_to_live_that_is_none_is_refused_with_its_mend(ttl: str, says: str) -> None:
    (row,) = rows(f"user_id,tag,ttl\na,gold,{ttl}\n")
    assert isinstance(row, Refused)
    assert (row.line, row.rule) == (2, "sessionm.segment-ttl")
    assert says in row.mend


def test_spaces_round_a_cell_mean_nothing() -> None:
    assert rows(" User_ID , TAG,ttl \n a , gold , 60 \n") == [Tagging(2, "a", "gold", 60)]


def test_what_the_row_says_goes_before_what_the_file_says() -> None:
    text = "user_id,tag,ttl\na,tin,90\nb,,\n"
    assert rows(text, tag="gold", ttl=60) == [Tagging(2, "a", "tin", 90), Tagging(3, "b", "gold", 60)]


@pytest.mark.parametrize(
    ("key", "header", "id_"),
    [
        ("user_id", "user_id,external_id,email", "1"),
        ("external_id", "user_id,external_id,email", "2"),
        ("email", "user_id,external_id,email", "3"),
        ("external_id", "user_id,other,email", "1"),
    ],
)
def test_the_lookup_key_says_which_column_is_the_id(key: str, header: str, id_: str) -> None:
    (row,) = rows(f"{header}\n1,2,3\n", lookup_key=key, tag="gold")
    assert isinstance(row, Tagging)
    assert row.id == id_


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("", "user_id", "is empty"),
        ("\n\n", "user_id", "is empty"),
        (",,\n", "user_id", "is empty"),
        ("user_id;tag\na;gold\n", "user_id", "separate the columns with commas"),
        ("user_id\ttag\na\tgold\n", "user_id", "separate the columns with commas"),
        ("Braze ID,tag\n", "user_id", "export user_id as well"),
        ("email,tag\n", "user_id", "perhaps --lookup-key email"),
        ("external_id,tag\n", "user_id", "perhaps --lookup-key external_id"),
        ("a,b\n", "user_id", "must be the header"),
        ("user_id,ttl\n", "user_id", "--tag for the whole file"),
        ("user_id,tag,user_id\n", "user_id", "two columns user_id"),
        ("user_id,tag,Tag\n", "user_id", "two columns tag"),
        ('user_id,tag\n"a,gold\n', "user_id", "line 2: a quote is opened that nobody closes"),
        ('user_id,tag\nx,y\n"a"b,gold\n', "user_id", "line 3: is not CSV"),
    ],
)
def test_a_file_that_is_no_segment_is_one_line_with_its_mend(text: str, key: str, says: str) -> None:
    with pytest.raises(SegmentError) as found:
        rows(text, lookup_key=key)
    assert str(found.value).startswith("f.csv")
    assert says in str(found.value)
    assert "\n" not in str(found.value)


def test_a_cell_may_be_long_and_not_endless() -> None:
    assert len(rows(f"user_id,devices,tag\na,{'x' * 1_000_000},gold\n")) == 1
    with pytest.raises(SegmentError, match="nobody closes"):
        rows(f'user_id,devices,tag\na,"{"x" * (BIGGEST_CELL + 1)},gold\n')


def test_a_letter_that_is_no_utf_8_stops_its_row_only_where_it_matters(tmp_path: Path) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(b"user_id,city\na,Z\xfcrich\n\xfc,Bern\nb,Bern\n")
    first, second, third = of_file(path)
    assert (first, third) == (Tagging(2, "a", "gold", None), Tagging(4, "b", "gold", None))
    assert isinstance(second, Refused)
    assert "UTF-8" in second.mend


def test_a_file_may_be_packed(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfuser_id\na\n"
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("users-1.csv", text)
        archive.writestr("readme.txt", "x")
    for name in ("a.csv.gz", "a.zip"):
        assert of_file(tmp_path / name) == [Tagging(2, "a", "gold", None)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("user_id\na\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04nonsense", "damaged zip"),
        (gzip.compress(b"user_id\n" + b"a\n" * 9_999, mtime=0)[:-20], "ends too early"),
        (b"\x1f\x8bnonsense", "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SegmentError, match=says):
        of_file(path)


def test_a_file_that_is_not_there_or_a_zip_of_two_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SegmentError, match="cannot be read"):
        of_file(tmp_path / "none.csv")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.CSV", "x")
    with pytest.raises(SegmentError, match="holds 2 files"):
        of_file(tmp_path / "a.zip")


def test_standard_input_is_read_as_a_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"user_id\r\na\r\n")))
    assert of_file(Path("-")) == [Tagging(2, "a", "gold", None)]


def test_rows_come_one_by_one() -> None:
    def lines() -> Any:
        yield "user_id,tag\n"
        yield "a,gold\n"
        raise AssertionError("read too far")

    found = Segment(lines(), "f", lookup_key="user_id", defaults=Defaults()).rows()
    assert next(found) == Tagging(2, "a", "gold", None)


@given(st.text())
def test_whatever_stands_in_a_file_every_row_is_one_thing_or_the_file_is_refused(text: str) -> None:
    try:
        found = rows("user_id,tag,ttl\n" + text)
    except SegmentError:
        return
    assert all(row.id and row.tag for row in found if isinstance(row, Tagging))
