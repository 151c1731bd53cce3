"""What a tenant must have before it can be asked: as a tenant file to start a fake with, and found in a real one's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts.probing import Piece, Question, needed, pieces
from mock_sessionm import TenantSettings
from scenarios.stage import filled

LISTS = {"events": "defined", "profile_attributes": "names"}
"""Tables that hold nothing but names, and under which key."""
RECEIVER = "http://127.0.0.1:8650"
"""Where the receiver is, where nothing else is said."""


def wanted(questions: Iterable[Question]) -> tuple[Piece, ...]:
    """The pieces of several questions, with what these use."""
    return needed(tuple(name for question in questions for name in question.needs))


def tables(questions: Iterable[Question], receiver: str = RECEIVER) -> dict[str, Any]:
    """What must be set up for these questions, as tables of tenant.toml with invented ids."""
    known = {**_invented(), "receiver": receiver}
    made: dict[str, Any] = {}
    for piece in wanted(questions):
        if piece.table in LISTS:
            made.setdefault(piece.table, {LISTS[piece.table]: []})[LISTS[piece.table]].append(piece.name)
        elif piece.table == "feed":
            made["feed"] = filled(piece.entry, known)
        else:
            made.setdefault(piece.table, []).append({"name": piece.name, **filled(piece.entry, known)})
    return made


def bound(settings: TenantSettings, needs: Iterable[Piece]) -> tuple[dict[str, Any], list[str]]:
    """What the names of pieces stand for in a tenant, and what the tenant's file lacks, each as a sentence's part."""
    names: dict[str, Any] = {}
    lacks = []
    for piece in needs:
        if piece.table in LISTS or piece.table == "feed":
            has = {
                "events": piece.name in settings.events,
                "profile_attributes": piece.name in settings.attributes,
                "feed": "feed" in settings.tables,
            }[piece.table]
            lacks += [] if has else [f"{piece.name} in [{piece.table}]" if piece.table in LISTS else "[feed]"]
            continue
        row = next((row for row in settings.tables.get(piece.table, ()) if row.get("name") == piece.name), None)
        if row is None or ("id" in piece.entry and "id" not in row):
            lacks.append(f"{'an id of ' if row else ''}{piece.name} in [[{piece.table}]]")
            continue
        names[piece.name] = row.get("id", piece.name)
        if "tier_system_id" in row:
            names[f"{piece.name}_system"] = row["tier_system_id"]
    return names, lacks


def toml(questions: Iterable[Question], receiver: str = RECEIVER) -> Iterator[str]:
    """Lines of a tenant file with all that these questions need, and what each piece is."""
    chosen = list(questions)
    says = {piece.name: piece.says for piece in wanted(chosen)}
    yield "# What `sessionm-harness probe` needs. Set it up in SessionM under these names; its ids go here."
    yield "# A fake that is started with this file can be asked as it is; credentials stand in [core] and [connect]."
    for table, rows in tables(chosen, receiver).items():
        yield ""
        if table in LISTS:
            yield f"[{table}]"
            yield f"{LISTS[table]} = ["
            yield from (f"  {_value(name)},  # {says[name]}" for name in rows[LISTS[table]])
            yield "]"
        elif isinstance(rows, Mapping):
            yield f"# {says['probe_feed']}"
            yield f"[{table}]"
            yield from _pairs(rows)
        else:
            for number, row in enumerate(rows):
                if number:
                    yield ""
                yield f"# {says[row['name']]}"
                yield f"[[{table}]]"
                yield from _pairs(row)


def _invented() -> dict[str, Any]:
    return {piece.name: piece.entry["id"] for piece in pieces().values() if "id" in piece.entry}


def _pairs(row: Mapping[str, Any]) -> Iterator[str]:
    return (f"{_key(name)} = {_value(value)}" for name, value in row.items())


def _key(name: str) -> str:
    return name if name.replace("_", "").replace("-", "").isalnum() and name.isascii() else json.dumps(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(_pairs(value))}}}"
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)
