"""The baseline: findings that somebody decided to live with, each with a reason, an owner and a last day.

Described by contracts/baseline.schema.yaml. Nothing here looks at a clock: what day it is, is an argument.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from contracts.register import nearest

from .verdict import Accepted, Report

FORMAT = "sessionm-harness.baseline/1"
MEMBERS = tuple(one.name for one in fields(Accepted))
FINGERPRINT = re.compile(r"[0-9a-f]{16}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
DAYS = re.compile(r"([0-9]{1,5})d")
ANEW = "write it anew with --baseline-update"


class BaselineError(ValueError):
    """A baseline cannot be used; the text is one line with file, place and what to mend."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms findings are accepted from now on."""

    reason: str
    owner: str
    expires: date


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of everything was run: an entry can be called gone only where its finding had its chance.

    whole       every suite with every case
    everywhere  every destination; rules of the harness itself are tried at all of them
    """

    whole: bool = True
    everywhere: bool = True


# --- reading ----------------------------------------------------------------------------------------------


def load(path: Path) -> tuple[Accepted, ...]:
    """The entries of a file, sorted. Raises `BaselineError`, also where the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        mend = "; --baseline-update makes one" if isinstance(error, FileNotFoundError) else ""
        raise BaselineError(f"{path}: cannot be read: {error.strerror}{mend}") from error
    except UnicodeDecodeError as error:
        raise BaselineError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    try:
        raw = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise BaselineError(f"{path}:{error.lineno}:{error.colno}: is not JSON: {error.msg}; {ANEW}") from error
    except RecursionError as error:
        raise BaselineError(f"{path}: is nested too deeply; {ANEW}") from error
    except ValueError as error:  # a name that stands twice, a number of thousands of digits
        raise BaselineError(f"{path}: {error}; {ANEW}") from error
    try:
        return parse(raw)
    except BaselineError as error:
        raise BaselineError(f"{path}: {error}") from error


def parse(raw: Any) -> tuple[Accepted, ...]:
    """The entries of a document that is JSON already, sorted. Raises `BaselineError` without a file's name."""
    rows, place = raw, ""
    if isinstance(raw, Mapping):
        _version(raw.get("format"))
        _members(raw, ("format", "accepted"), "the file")
        rows, place = raw["accepted"], "/accepted"
    if not isinstance(rows, list):
        raise BaselineError(f"{place or 'the file'} is no list of entries; {ANEW}")
    found: dict[str, str] = {}
    made = []
    for index, row in enumerate(rows):
        entry = _entry(row, f"{place}/{index}")
        other = found.setdefault(entry.fingerprint, f"{place}/{index}")
        if other != f"{place}/{index}":
            raise BaselineError(f"{place}/{index}: has the fingerprint of {other}; leave one of the two")
        made.append(entry)
    return tuple(sorted(made, key=_order))


def _version(told: Any) -> None:
    if told == FORMAT:
        return
    if isinstance(told, str) and told.startswith("sessionm-harness.baseline/"):
        raise BaselineError(f"is a baseline of another version, {told}; this one reads {FORMAT}: {ANEW}")
    raise BaselineError(f'has no "format": "{FORMAT}", so it is no baseline; {ANEW}')


def _entry(row: Any, place: str) -> Accepted:
    if not isinstance(row, Mapping):
        raise BaselineError(f"{place}: is no object with {', '.join(MEMBERS)}")
    _members(row, MEMBERS, place)
    for name in MEMBERS:
        if not isinstance(row[name], str) or not row[name].strip():
            raise BaselineError(f"{place}/{name}: wants a text that says something")
    if not FINGERPRINT.fullmatch(row["fingerprint"]):
        raise BaselineError(f"{place}/fingerprint: wants 16 hexadecimal digits, as reports have them")
    return Accepted(row["fingerprint"], row["rule"], row["reason"], row["owner"], _date(row["expires"], place))


def _date(text: str, place: str) -> date:
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # such as 30 February
    raise BaselineError(f"{place}/expires: {text!r} is no day; wants YYYY-MM-DD")


def _members(row: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    for name in row:
        if name not in known:
            near = nearest(name, known)
            mend = f"did you mean {near!r}?" if near else f"known: {', '.join(known)}"
            raise BaselineError(f"{place}: {name!r} is no part of it; {mend}")
    for name in known:
        if name not in row:
            raise BaselineError(f"{place}: has no {name!r}; it needs {', '.join(known)}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BaselineError(f"{twice!r} stands twice in one object")
    return made


def last_day(text: str, today: date) -> date:
    """`YYYY-MM-DD`, or `90d` from today. Raises `BaselineError`, also for a day that is over."""
    days = DAYS.fullmatch(text)
    try:
        found = today + timedelta(int(days[1])) if days else date.fromisoformat(text) if DATE.fullmatch(text) else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise BaselineError(f"{text!r} is no day; wants YYYY-MM-DD, or a number of days such as 90d")
    if found < today:
        raise BaselineError(f"{found} is over already; today is {today}")
    return found


# --- writing ----------------------------------------------------------------------------------------------


def render(entries: Iterable[Accepted]) -> str:
    """The file as text: sorted by rule and fingerprint, the same entries the same bytes."""
    rows = [
        {
            "fingerprint": entry.fingerprint,
            "rule": entry.rule,
            "reason": entry.reason,
            "owner": entry.owner,
            "expires": entry.expires.isoformat(),
        }
        for entry in sorted(entries, key=_order)
    ]
    return json.dumps({"format": FORMAT, "accepted": rows}, ensure_ascii=False, indent=1) + "\n"


def save(path: Path, entries: Iterable[Accepted]) -> None:
    """Write the file, all of it or nothing. Raises `BaselineError`."""
    beside = path.with_name(f"{path.name}.new")
    try:
        beside.write_text(render(entries), encoding="utf-8", errors="backslashreplace")
        beside.replace(path)
    except OSError as error:
        raise BaselineError(f"{path}: cannot be written: {error.strerror}") from error


def _order(entry: Accepted) -> tuple[str, str]:
    return entry.rule, entry.fingerprint


# --- against a report -------------------------------------------------------------------------------------


def applied(report: Report, entries: Iterable[Accepted], *, today: date, file: str, scope: Scope) -> Report:
    """The same report, with what of it is accepted, was accepted until its day was over, or is there no more."""
    by_key = {entry.key: entry for entry in entries}
    occurring = {(finding.fingerprint, finding.rule) for _, finding in report.findings}
    there = {key: entry for key, entry in by_key.items() if key in occurring}
    return replace(
        report,
        accepted={key: entry for key, entry in there.items() if today <= entry.expires},
        expired={key: entry for key, entry in there.items() if today > entry.expires},
        gone=tuple(_gone(report, (entry for key, entry in by_key.items() if key not in occurring), scope)),
        baseline=file,
    )


def _gone(report: Report, missing: Iterable[Accepted], scope: Scope) -> Iterator[Accepted]:
    tried = {
        result.rule.id
        for result in report.rules
        if (result.findings or any(side.cases for side in result.sides))
        and (scope.everywhere or result.rule.vendor != "harness")
    }
    return (entry for entry in missing if scope.whole and entry.rule in tried)


def updated(report: Report, entries: Iterable[Accepted], terms: Terms) -> tuple[Accepted, ...]:
    """Entries for everything that turns this run red, and those that were there before.

    What was accepted and still holds keeps its own terms; what has expired is accepted anew.
    """
    kept = {entry.key: entry for entry in entries if entry.key not in report.expired}
    red = {(finding.fingerprint, finding.rule) for _, finding in report.findings if report.counts_for(finding)}
    made = {key: Accepted(*key, terms.reason, terms.owner, terms.expires) for key in red if key not in kept}
    again = {key: entry for key, entry in report.expired.items() if key not in made}
    anew = {fingerprint for fingerprint, _ in made}  # an entry whose rule somebody changed by hand gives way
    kept = {key: entry for key, entry in kept.items() if entry.fingerprint not in anew}
    return tuple(sorted((kept | again | made).values(), key=_order))


def pruned(report: Report, entries: Iterable[Accepted]) -> tuple[Accepted, ...]:
    """The entries without those for which there was nothing any more."""
    gone = {entry.key for entry in report.gone}
    return tuple(entry for entry in entries if entry.key not in gone)
