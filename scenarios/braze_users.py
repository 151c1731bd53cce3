"""Braze users out of a file: JSON as an export of users has it, one a line or in a list, or the CSV of a segment."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from mock_sessionm.partners.braze import Person

IN_TEMPLATES = {
    "external_id": "user_id",
    "email": "email_address",
    "home_city": "city",
    "dob": "date_of_birth",
    "phone": "phone_number",
    "timezone": "time_zone",
    "appboy id": "braze_id",
    "braze id": "braze_id",
}
"""Names of an export that a template knows otherwise."""
FIELDS = frozenset(
    {
        "user_id", "braze_id", "email_address", "first_name", "last_name", "language", "country", "city", "gender",
        "date_of_birth", "phone_number", "time_zone", "random_bucket", "user_aliases", "created_at",
    }
)  # fmt: skip
"""What a template reads as a field of the profile; every other name of an export is a custom attribute."""


class UsersError(ValueError):
    """The file of users is no use; the text is one line with file, place, what, and what to do."""


def read_users(path: Path) -> list[Person]:
    """Everybody in the file. Raises `UsersError`."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsersError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsersError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    beginning = text.lstrip()[:1]
    if beginning == "[":
        return [_person(user, f"{path}, entry {number}") for number, user in enumerate(_list(text, path))]
    if beginning == "{":
        return [_person(user, place) for place, user in _lines(text, path)]
    return [_of_row(row) for row in _rows(text, path)]


def person_of(user: Mapping[str, Any]) -> Person:
    """A user as an export of Braze, or a call to it, has one."""
    fields: dict[str, Any] = {}
    custom: dict[str, Any] = dict(user.get("custom_attributes") or {})
    for name, value in {**user, **(user.get("attributes") or {})}.items():
        known = IN_TEMPLATES.get(name, name)
        if known in FIELDS:
            fields[known] = value
        elif name not in {"attributes", "custom_attributes"}:
            custom.setdefault(name, value)
    return Person(fields, custom)


def _person(user: Any, place: str) -> Person:
    if not isinstance(user, dict) or not any(name in user for name in ("external_id", "user_id", "braze_id")):
        raise UsersError(f"{place}: a user is an object with external_id, attributes and custom_attributes")
    for name in ("attributes", "custom_attributes"):
        if not isinstance(user.get(name), dict | None):
            raise UsersError(f"{place}: {name} must be an object")
    return person_of(user)


def _list(text: str, path: Path) -> list[Any]:
    try:
        made: list[Any] = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsersError(f"{path}, line {error.lineno}: is not JSON: {error.msg}") from error
    return made


def _lines(text: str, path: Path) -> Iterator[tuple[str, Any]]:
    # Not splitlines(): that would cut a text in which U+2028 stands.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield f"{path}, line {number}", orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise UsersError(
                    f"{path}, line {number}: is not JSON: {error.msg}; one user a line, or a list"
                ) from error


def _rows(text: str, path: Path) -> Iterator[dict[str, str]]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(rows, [])]
        known = {IN_TEMPLATES.get(name.lower(), name.lower()) for name in header}
        if not known & {"user_id", "braze_id"}:
            raise UsersError(f"{path}: no column user_id; expected JSON, or the CSV export of a segment")
        for row in rows:
            if row and len(row) != len(header):
                raise UsersError(f"{path}, line {rows.line_num}: {len(row)} columns, the header has {len(header)}")
            if row:
                yield dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise UsersError(f"{path}, line {rows.line_num}: is not CSV: {error}") from error


def _of_row(row: Mapping[str, str]) -> Person:
    """A row of an export; an empty cell is nothing at all."""
    lowered = {
        name.lower() if name.lower() in FIELDS | IN_TEMPLATES.keys() else name: cell for name, cell in row.items()
    }
    return person_of({name: cell for name, cell in lowered.items() if cell != ""})
