"""A segment exported from Braze, with tag and time to live added: read row by row, and no more of it than needed.

Of each row three cells are looked at. What else stands there is a person's data, and goes nowhere.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, NamedTuple, cast

from contracts import rules

BEHAVIOURS = frozenset(
    {
        "sessionm.segment-columns",
        "sessionm.segment-id",
        "sessionm.segment-minimal",
        "sessionm.segment-tag",
        "sessionm.segment-ttl",
    }
)
"""The rules that are kept by how a file is read; a reader that is given fewer acts naively in their place."""

MINIMAL = "sessionm.segment-minimal"
ID, TAG, TTL, COLUMNS = (
    "sessionm.segment-id",
    "sessionm.segment-tag",
    "sessionm.segment-ttl",
    "sessionm.segment-columns",
)
LIMIT = "sessionm.tag-ttl-positive"
LOOKUP_COLUMNS = {"user_id": ("user_id",), "external_id": ("external_id", "user_id"), "email": ("email",)}
"""Lookup key -> the columns that hold it, the first one that the file has. Braze's `user_id` is its external id."""
BRAZE_OWN = ("appboy id", "braze id", "braze_id")
CALENDAR = 15
"""A number of seconds with more digits than this is beyond every calendar."""
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
BIGGEST_CELL = 16 * 1024 * 1024
"""A list of devices may be long; a quote that nobody closes is longer."""
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


class SegmentError(ValueError):
    """The whole file is no use; the text is one line with file, line where there is one, what, and what to do."""


class Tagging(NamedTuple):
    """What one row wants; a NamedTuple, for there are half a million. `ttl` is seconds, None for none."""

    line: int
    id: str
    tag: str
    ttl: int | None


class Refused(NamedTuple):
    """A row that cannot be meant, the rule that says so, and how to mend it. It holds nothing of a person."""

    line: int
    rule: str
    mend: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row the three cells stand, -1 for none; `width` cells in all, of which `dropped` are not read."""

    id: int
    tag: int
    ttl: int
    width: int
    dropped: int
    id_name: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds for every row that says nothing itself."""

    tag: str = ""
    ttl: int | None = None


class Segment:
    """One file, open. `columns` is known before the first row is read; `read` is how many bytes of it were used."""

    def __init__(
        self, lines: IO[str], name: str, *, lookup_key: str, defaults: Defaults, behaviours: frozenset[str] = BEHAVIOURS
    ) -> None:
        """Reads the header. Raises `SegmentError`."""
        csv.field_size_limit(BIGGEST_CELL)
        self._rows = csv.reader(lines, strict=True)
        self._name = name
        self._defaults = defaults
        self._behaviours = behaviours
        header = next(self._whole(), [])
        found = _columns(header, name, lookup_key, defaults)
        self.columns = found if MINIMAL in behaviours else replace(found, dropped=0)

    def rows(self) -> Iterator[Tagging | Refused]:
        """Every row in its order; empty lines are none. Raises `SegmentError` where the rest is no CSV."""
        before = self._rows.line_num
        columns = self.columns
        for row in self._whole():
            line, before = before + 1, self._rows.line_num
            if not row:
                continue
            if len(row) != columns.width and COLUMNS in self._behaviours:
                yield Refused(
                    line, COLUMNS, f"{len(row)} columns, the header has {columns.width}; check its commas and quotes"
                )
                continue
            yield self._read(line, row)

    def _read(self, line: int, row: Sequence[str]) -> Tagging | Refused:
        columns = self.columns
        id_ = _cell(row, columns.id)
        tag = _cell(row, columns.tag) or self._defaults.tag
        ttl = _cell(row, columns.ttl)
        if not id_ and ID in self._behaviours:
            return Refused(line, ID, f"{columns.id_name} is empty; leave out users without one")
        if "\ufffd" in id_ or "\ufffd" in tag:
            return Refused(line, ID, "is not UTF-8; save the file as CSV in UTF-8")
        if not tag and TAG in self._behaviours:
            return Refused(line, TAG, "no tag; fill the column tag, or say --tag for the whole file")
        if not ttl:
            return Tagging(line, id_, tag, self._defaults.ttl)
        seconds = int(ttl) if ttl.isascii() and ttl.isdigit() and len(ttl) <= CALENDAR else 0
        if seconds < (rules()[LIMIT].limit or 0) and TTL in self._behaviours:
            return Refused(line, TTL, _ttl_mend(ttl))
        return Tagging(line, id_, tag, seconds)

    def _whole(self) -> Iterator[list[str]]:
        """Rows as the csv module reads them, its errors in our words."""
        started = 1
        while True:
            started = self._rows.line_num + 1
            try:
                yield next(self._rows)
            except StopIteration:
                return
            except (csv.Error, zipfile.BadZipFile, EOFError, OSError) as error:
                raise SegmentError(_unreadable(self._name, started, error)) from error


@contextmanager
def opened(path: Path | str) -> Iterator[tuple[IO[str], IO[bytes] | None]]:
    """The text of a file, plain, gzip or zip, and the bytes below it, whose place shows how far one has come.

    `-` is standard input. Raises `SegmentError`.
    """
    name = str(path)
    if name == "-":
        yield _text(sys.stdin.buffer), None
        return
    try:
        with Path(path).open("rb") as raw:
            head = raw.read(4)
            raw.seek(0)
            if head[:2] in UTF_16:
                raise SegmentError(f"{name}: is UTF-16; save it as CSV in UTF-8")
            if head == ZIP:
                with zipfile.ZipFile(raw) as archive, archive.open(_member(archive, name)) as inner:
                    yield _text(inner), raw
            elif head[:2] == GZIP:
                with gzip.GzipFile(fileobj=raw) as inner_gzip:
                    yield _text(cast("IO[bytes]", inner_gzip)), raw
            else:
                yield _text(raw), raw
    except zipfile.BadZipFile as error:
        raise SegmentError(f"{name}: is a damaged zip file; download it again") from error
    except OSError as error:
        raise SegmentError(f"{name}: cannot be read: {error.strerror or error}") from error


def _text(raw: IO[bytes]) -> IO[str]:
    # A letter in a column that nobody reads must not stop the file: what is damaged is looked at where it matters.
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="")


def _member(archive: zipfile.ZipFile, name: str) -> str:
    """The one CSV file of a zip. Raises `SegmentError`."""
    inside = [info.filename for info in archive.infolist() if info.filename.lower().endswith(".csv")]
    if len(inside) != 1:
        raise SegmentError(
            f"{name}: holds {len(inside)} files that end in .csv; a segment is one of them, so unpack it"
        )
    return inside[0]


def _columns(header: Sequence[str], name: str, lookup_key: str, defaults: Defaults) -> Columns:
    names = [cell.strip().lower() for cell in header]
    if not any(names):
        raise SegmentError(f"{name}: is empty; expected CSV with a header such as user_id,tag,ttl")
    if len(names) == 1 and re.search(r"[;\t]", names[0]):
        raise SegmentError(f"{name}, line 1: no commas; separate the columns with commas, as Braze does")
    wanted = LOOKUP_COLUMNS[lookup_key]
    id_name = next((one for one in wanted if one in names), "")
    if not id_name:
        raise SegmentError(f"{name}, line 1: no column {wanted[-1]}{_instead(names, lookup_key)}")
    if "tag" not in names and not defaults.tag:
        raise SegmentError(f"{name}, line 1: no column tag; add one, or say --tag for the whole file")
    for one in (id_name, "tag", "ttl"):
        if names.count(one) > 1:
            raise SegmentError(f"{name}, line 1: two columns {one}; which of them is meant? leave one")
    read = {id_name, "tag", "ttl"} & set(names)
    tag, ttl = (names.index(one) if one in names else -1 for one in ("tag", "ttl"))
    return Columns(names.index(id_name), tag, ttl, len(names), len(names) - len(read), id_name)


def _instead(names: Sequence[str], lookup_key: str) -> str:
    for key, columns in LOOKUP_COLUMNS.items():
        if key != lookup_key and any(one in names for one in columns):
            return f"; there is {next(one for one in columns if one in names)}, so perhaps --lookup-key {key}"
    if any(one in names for one in BRAZE_OWN):
        return "; Braze's own id is none that SessionM knows, so export user_id as well"
    return "; the first line must be the header of the export"


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if 0 <= place < len(row) else ""


def _ttl_mend(text: str) -> str:
    """How to say a time to live that was said in another way; the text itself is shown only where it is a duration."""
    found = re.fullmatch(r"(\d{1,9})([smhdw])", text.lower())
    if found:
        return f"ttl is in seconds; {found[0]} is {int(found[1]) * UNITS[found[2]]}"
    return "ttl must be a whole number of seconds, 1 or more, such as 2592000 for thirty days"


def _unreadable(name: str, line: int, error: Exception) -> str:
    if isinstance(error, csv.Error):
        unclosed = "unexpected end" in str(error) or "larger than" in str(error)
        what = "a quote is opened that nobody closes" if unclosed else "is not CSV"
        return f"{name}, line {line}: {what}; mend the row that begins there"
    return f"{name}: ends too early or is damaged, after line {line - 1}; download it again"
