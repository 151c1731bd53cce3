"""What a report says of a recording that was replayed: tables that every reporter shows in its own way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts import rules
from scenarios.mending import mending
from scenarios.verdict import Report

KINDS = {
    "user attribute": "batches",
    "user identity": "batches",
    "mpid": "batches",
    "event attribute": "times",
    "event": "events",
    "screen": "events",
}
"""What the points of a kind are counted in: an attribute stands in a batch once."""


RECORDS = {
    "bad": "unreadable",
    "passed": "passed over",
    "backwards": "out of order",
    "failed": "forwarder failed",
}
"""What a report says of single records, and in which word."""
PLACES_SHOWN = 3
NAMES_SHOWN = 12
STOPPED = "What did not go out"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a report. `note` is a sentence under its title."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Stopped:
    """What did not go out: how many points of a name, of how many there were, by which rule, and what would help."""

    name: str
    fate: str
    count: int
    of: int
    rule: str
    setting: str

    @property
    def share(self) -> str:
        """The count in words: `1,204 of 1,300 batches`."""
        unit = next((unit for kind, unit in KINDS.items() if self.name.startswith(kind)), "times")
        return f"{self.count:,} of {self.of:,} {unit}"


def stopped(fates: Mapping[tuple[str, str, str], int]) -> list[Stopped]:
    """Everything that did not go out, the most frequent first."""
    totals: Counter[str] = Counter()
    for (_, name, _), count in fates.items():
        totals[name] += count
    rows = [
        Stopped(name, fate, count, totals[name], rule, mending(rule, name))
        for (rule, name, fate), count in fates.items()
        if fate not in {"sent", "merged"}
    ]
    return sorted(rows, key=lambda one: (-one.count, one.name, one.rule, one.fate))


def tables(report: Report) -> Iterator[Table]:
    """What is told of the recording; nothing where none was replayed. Empty tables are left out."""
    told = report.recording
    if told is None:
        return
    made = (_mistakes(told), _stopped(report), _noticed(told), _overlooked(told), _given(told), _records(told))
    yield from (table for table in made if table.rows)


def title(report: Report) -> str:
    """What was replayed, in one line; empty where nothing was."""
    told = report.recording
    if told is None:
        return ""
    parts = []
    if told["batches"]:
        parts.append(f"{told['batches']:,} batches of {told['people']:,} people")
    if told["interactions"]:
        parts.append(f"{told['interactions']:,} interactions")
    return f"{', '.join(told['sources'])}: {' and '.join(parts) or 'nothing'}"


@dataclass(frozen=True, slots=True)
class StoppedBy:
    """Everything that one rule stopped: the setting where one would change it all, and the rows."""

    rule: str
    fate: str
    says: str
    setting: str
    rows: tuple[Stopped, ...]

    @property
    def points(self) -> int:
        return sum(row.count for row in self.rows)


def stopped_by(report: Report) -> list[StoppedBy]:
    """What did not go out, by the rule that stopped it; the rule that stopped most comes first."""
    found: dict[tuple[str, str], list[Stopped]] = {}
    for row in stopped(report.fates):
        found.setdefault((row.rule, row.fate), []).append(row)
    made = []
    for (rule, fate), rows in found.items():
        settings = {row.setting for row in rows}
        setting = (settings.pop() or "no setting") if len(settings) == 1 else ""
        made.append(StoppedBy(rule, fate, _says(rule), setting, tuple(rows)))
    return sorted(made, key=lambda one: (-one.points, one.rule, one.fate))


def _mistakes(told: Mapping[str, Any]) -> Table:
    """Mistakes of the same people have one cause, as far as can be seen: one row for all of them."""
    causes: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for one in told["mistakes"]:
        causes.setdefault((one["with"], one["people"]), []).append(one)
    rows = tuple(
        (
            f"{people:,} times",
            ", ".join(dict.fromkeys(one["rule"] for one in several)),
            ", ".join(several[0]["places"][:PLACES_SHOWN]) + (" …" if people > PLACES_SHOWN else ""),
        )
        for (_, people), several in causes.items()
    )
    return Table("What went wrong, and where first", ("how often", "rules", "where"), rows)


def _stopped(report: Report) -> Table:
    rows = tuple(
        (by.rule, by.fate, f"{by.points:,}", by.says, by.setting or "see the names", _names(by))
        for by in stopped_by(report)
    )
    head = ("rule", "fate", "data points", "why", "what would change it", "names, the most frequent first")
    return Table(STOPPED, head, rows, "Each event, attribute and identity that no request carries.")


def _names(by: StoppedBy) -> str:
    """How often which name; with the setting of its own where it has one."""
    told = [
        f"{row.name}: {row.share}" + (f", {row.setting}" if row.setting and not by.setting else "")
        for row in by.rows[:NAMES_SHOWN]
    ]
    more = len(by.rows) - len(told)
    return "; ".join(told) + (f"; and {more:,} more" if more else "")


def _noticed(told: Mapping[str, Any]) -> Table:
    rows = tuple(
        (f"{one['count']:,} times", one["name"], one["nearest"], _says(one["rule"]), one["rule"])
        for one in told["noticed"]
    )
    head = ("how often", "what", "did you mean", "why", "rule")
    return Table("What the vendor did not take as it came", head, rows, "What the fake noticed in the requests.")


def _overlooked(told: Mapping[str, Any]) -> Table:
    rows = tuple((f"{count:,} times", why) for why, count in told["ignored"].items())
    return Table("Overlooked where answers were compared", ("how often", "what, and why"), rows)


def _given(told: Mapping[str, Any]) -> Table:
    rows = tuple((f"{count:,}", what) for what, count in told["given"].items())
    return Table("Taken as given, and set up before", ("how many", "what"), rows)


def _records(told: Mapping[str, Any]) -> Table:
    rows = []
    for part, mark in (
        ("bad", "unreadable"),
        ("passed", "passed over"),
        ("backwards", "out of order"),
        ("failed", "forwarder failed"),
    ):
        rows += [(mark, one["place"], one["why"]) for one in told[part]["first"]]
        more = told[part]["count"] - len(told[part]["first"])
        rows += [(mark, "", f"and {more:,} more")] if more > 0 else []
    return Table("Records", ("", "where", "what"), tuple(rows))


def _says(rule: str) -> str:
    return rules()[rule].says if rule in rules() else ""
