"""The first look at a recording: who shows which kind of finding, and the few with whom to begin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import orjson

from scenarios.verdict import Finding

from .kind import Kind, kinds
from .reducing import Docs

SUSPECTS = 4
"""So many people are kept for each kind: those with the fewest and smallest records. Others only if these fail."""


@dataclass(slots=True)
class Group:
    """All findings of one kind: the first of them, how many people show it, and some of these people's records."""

    kind: Kind
    finding: Finding
    people: int = 0
    suspects: list[tuple[tuple[int, int], Docs]] = field(default_factory=list)

    def add(self, docs: Docs, size: tuple[int, int]) -> None:
        self.people += 1
        self.suspects.append((size, docs))
        self.suspects.sort(key=lambda one: one[0])
        del self.suspects[SUSPECTS:]


@dataclass(slots=True)
class Survey:
    """What a whole recording shows. `records` and `people` count what was judged."""

    groups: dict[Kind, Group] = field(default_factory=dict)
    records: int = 0
    people: int = 0

    def look(self, docs: Docs, found: Iterable[Finding], wanted: Callable[[Finding], bool]) -> None:
        """One person's records, with what was found in them."""
        self.records += len(docs)
        self.people += 1
        shown = {kind: finding for kind, finding in kinds(found).items() if wanted(finding)}
        if shown:
            size = len(docs), len(orjson.dumps(docs, default=str))
            for kind, finding in shown.items():
                self.groups.setdefault(kind, Group(kind, finding)).add(docs, size)

    def ordered(self) -> list[Group]:
        """The vendors' rules before what the harness itself promises, and in it what most people show."""
        return sorted(self.groups.values(), key=lambda one: (one.kind.rule.startswith("harness."), -one.people))


def about(rules: frozenset[str], *, warnings: bool) -> Callable[[Finding], bool]:
    """Which findings are looked for: of these rules, or of any; warnings where they are asked for, or count."""

    def wanted(finding: Finding) -> bool:
        if rules:
            return finding.rule in rules or finding.about in rules
        return warnings or finding.severity == "error"

    return wanted
