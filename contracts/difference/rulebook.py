"""Rules, assumptions and sources of two contracts, entry by entry: what no schema can say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from contracts.interaction import pointer
from contracts.revision import Contract, Entry

from .finding import Change, Found
from .layers import same, text

INFORMATIONAL = ("says", "source", "examples", "why", "question", "title", "url", "read")
STRENGTHS = ("assumed", "observed", "documented")
UPPER = re.compile(r"\bat most\b|\bno more\b|\bmore (?:\w+ )?than\b|\babove\b|\bor longer\b", re.IGNORECASE)
AT_MOST = {"refuse", "drop-extra", "truncate", "leave-out"}
"""What is done to what goes beyond a number that is the most."""
LOWER = re.compile(r"\bat least\b", re.IGNORECASE)

BY_LIMIT: dict[Change, str] = {
    "added": "obligation",
    "tightened": "obligation",
    "removed": "behaviour",
    "loosened": "provider-may",
    "changed": "unclear",
}
"""A number of the register limits what is sent, as a keyword in a request does: who breaks is the same."""


def register_changes(old: Contract, new: Contract) -> Iterator[Found]:
    """Every change of a rule, an assumption or a source."""
    for kind, before, after in (
        ("rule", old.rules, new.rules),
        ("assumption", old.assumptions, new.assumptions),
        ("source", old.sources, new.sources),
    ):
        known = {*old.documents, *(name.partition(".")[0] for name in old.rules)}
        for name in sorted({*before, *after}):
            # What is said of a vendor whom OLD did not know of binds nobody who was there.
            first = kind == "rule" and name.partition(".")[0] not in known
            yield from _entry(kind, name, before.get(name), after.get(name), first=first)


def _entry(kind: str, name: str, before: Entry | None, after: Entry | None, *, first: bool) -> Iterator[Found]:
    change: Change
    if before is None or after is None:
        if after is not None:
            hint = "feature" if first else _hint(kind, after, "added")
            yield _found(kind, "added", name, after, "", None, _sentence(after), hint=hint)
        if before is not None:
            yield _found(kind, "removed", name, before, "", _sentence(before), hint=_hint(kind, before, "removed"))
        return
    parts = dict.fromkeys((*before.body, *after.body))
    for part in sorted(map(str, parts)):
        was, now = before.body.get(part), after.body.get(part)
        if same(was, now):
            continue
        if part == "limit":
            yield _limit(name, before, after)
        elif part == "table" and isinstance(was or {}, Mapping) and isinstance(now or {}, Mapping):
            yield from _table(name, before, after)
        else:
            change = "changed" if part in before.body and part in after.body else _one_sided(before, part)
            hint = _part_hint(kind, part, before, after)
            shown = (part != "examples") and part not in {"says", "why", "question"}
            yield _found(kind, change, name, after, part, was if shown else None, now if shown else None, hint=hint)


def _sentence(entry: Entry) -> Any:
    """What an entry is, in its own words: the sentence of a rule, the choice of an assumption, a title."""
    return next((entry.body[part] for part in ("says", "choice", "title") if part in entry.body), None)


def _one_sided(before: Entry, part: str) -> Change:
    return "removed" if part in before.body else "added"


def _hint(kind: str, entry: Entry, change: Change) -> str:
    """How bad it is that an entry came or went."""
    if kind == "source":
        return "informational"
    if kind == "assumption":
        return "informational" if change == "added" else "assumed"
    return _owned(entry)


def _owned(entry: Entry) -> str:
    """Whose rule it is, and whether a document says so."""
    owner, assumed = entry.body.get("owner"), entry.body.get("evidence") == "assumed"
    if owner == "customer":
        return "advice"
    if owner == "forwarder":
        return "consumer-may" if assumed else "obligation"
    return "provider-may" if assumed else "behaviour"


def _part_hint(kind: str, part: str, before: Entry, after: Entry) -> str:
    if part in INFORMATIONAL or kind == "source":
        return "informational"
    if kind == "assumption":
        return "assumed" if part == "choice" else "informational"
    if part == "evidence":
        ranks = [_rank(entry.body.get("evidence")) for entry in (before, after)]
        return "informational" if ranks[1] > ranks[0] else "told-otherwise"
    if part == "owner":
        return "assumed" if after.body.get("evidence") == "assumed" else "unclear"
    return _owned(after)


def _rank(evidence: Any) -> int:
    return STRENGTHS.index(evidence) if evidence in STRENGTHS else -1


def _limit(name: str, before: Entry, after: Entry) -> Found:
    """The rule's own number, which no schema keyword carries. Its sentence says to which side it limits."""
    was, now = before.body.get("limit"), after.body.get("limit")
    change: Change = "changed"
    if was is None or now is None:
        change = "added" if was is None else "removed"
    else:
        sides = {_upper(entry) for entry in (before, after)}
        if len(sides) == 1 and None not in sides and all(isinstance(one, int | float) for one in (was, now)):
            change = "tightened" if (now < was) == sides.pop() else "loosened"
    there = after if now is not None else before
    return _found("rule", change, name, there, "limit", was, now, hint=BY_LIMIT[change])


def _upper(entry: Entry) -> bool | None:
    """Whether a rule's number is the most that goes; None where neither its sentence nor its effect says so."""
    says = str(entry.body.get("says", ""))
    upper, lower = bool(UPPER.search(says)), bool(LOWER.search(says))
    if upper != lower:
        return upper
    return True if entry.body.get("effect") in AT_MOST and not lower else None


def _table(name: str, before: Entry, after: Entry) -> Iterator[Found]:
    """The rule's own data, row by row."""
    was, now = _rows(before.body.get("table") or {}), _rows(after.body.get("table") or {})
    for row in sorted({*was, *now}):
        if not same(was.get(row), now.get(row)):
            change: Change = "added" if row not in was else "removed" if row not in now else "changed"
            there = after if row in now else before
            yield _found(
                "rule", change, name, there, "table", was.get(row), now.get(row), subject=row, hint=_owned(after)
            )


def _rows(table: Mapping[str, Any]) -> dict[str, Any]:
    """Each row of each table by its name; a member of a list is a row of its own, wherever it stands."""
    rows: dict[str, Any] = {}
    for title, inner in table.items():
        if isinstance(inner, Mapping):
            rows |= {f"{title}/{key}": value for key, value in inner.items()}
        elif isinstance(inner, list):
            rows |= {f"{title}/{value if isinstance(value, str | int) else text(value)}": value for value in inner}
        else:
            rows[str(title)] = inner
    return rows


def _found(
    kind: str,
    change: Change,
    name: str,
    entry: Entry,
    part: str,
    old: Any = None,
    new: Any = None,
    *,
    subject: str = "",
    hint: str,
) -> Found:
    return Found(
        kind=kind,
        change=change,
        vendor=name.partition(".")[0] if kind == "rule" else "",
        file=entry.file,
        pointer=pointer(name, *([part] if part else []), *(subject.split("/", 1) if subject else [])),
        place=pointer(name),
        keyword=part or kind,
        subject=subject or name,
        old=old,
        new=new,
        rule=name if kind == "rule" else None,
        hint=hint,
    )
