"""The first look at a recording: who shows which finding, and the few with whom to begin."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from scenarios.verdict import Finding

from .kind import Kind, kind_of, kinds
from .reducing import Docs

SUSPECTS = 4
"""So many people are kept for each mistake. Others than the first are only looked at if it fails."""

Mistake = tuple[str, str, str]
"""What is made small once: a rule, the one that is meant where it is filed under another, and how it is broken; or a
kind of finding.
"""


class Suspect(NamedTuple):
    """Somebody who shows a mistake. The best to begin with breaks no other rule, and has few and small records."""

    others: int
    records: int
    size: int
    docs: Docs
    kind: Kind


@dataclass(slots=True)
class Group:
    """All findings that are the same mistake: the first of them, how many people show it, some of these people."""

    mistake: Mistake
    finding: Finding
    people: int = 0
    suspects: list[Suspect] = field(default_factory=list)

    @property
    def rule(self) -> str:
        return self.mistake[0]

    @property
    def first(self) -> tuple[bool, int, int]:
        """The order: the vendors' rules first, what comes alone before what comes with others, the most people."""
        return self.rule.startswith("harness."), self.suspects[0].others, -self.people

    def add(self, suspect: Suspect) -> None:
        self.people += 1
        self.suspects.append(suspect)
        self.suspects.sort(key=lambda one: one[:3])
        del self.suspects[SUSPECTS:]

    def begin_with(self, docs: Docs, shown: Collection[Kind]) -> None:
        """The smallest records of another mistake: the best to begin with where they show this one as well."""
        wanted = {one.kind for one in self.suspects}
        kind = next((one for one in shown if one in wanted), None)
        if kind is not None:
            self.suspects.insert(0, Suspect(0, *size_of(docs), docs, kind))


@dataclass(slots=True)
class Survey:
    """What a whole recording shows. `records` and `people` count what was judged.

    wanted   which findings are looked for
    each     whether each kind of finding is made small by itself, and not each rule
    """

    wanted: Callable[[Finding], bool]
    each: bool = False
    groups: dict[Mistake, Group] = field(default_factory=dict)
    records: int = 0
    people: int = 0

    def look(self, docs: Docs, found: Iterable[Finding]) -> None:
        """One person's records, with what was found in them."""
        self.records += len(docs)
        self.people += 1
        self.suspect(found, docs)

    def suspect(self, found: Iterable[Finding], docs: Docs) -> None:
        """Some records that may show what was found."""
        every = kinds(found)
        shown = {kind: finding for kind, finding in every.items() if self.wanted(finding)}
        if not shown:
            return
        named = {finding.about or kind.rule for kind, finding in every.items()}
        broken = {rule for rule in named if not rule.startswith("harness.")}
        done = set()
        for kind, finding in shown.items():
            mistake: Mistake = (*kind,) if self.each else mistake_of(kind, finding)
            if mistake not in done:
                done.add(mistake)
                others = len(broken - {finding.about or kind.rule})
                group = self.groups.setdefault(mistake, Group(mistake, finding))
                group.add(Suspect(others, *size_of(docs), docs, kind))

    def knows(self, finding: Finding) -> bool:
        """Whether there is a suspect for findings of this kind."""
        kind = kind_of(finding)
        return any(one.kind == kind for group in self.groups.values() for one in group.suspects)

    def ordered(self) -> list[Group]:
        return sorted(self.groups.values(), key=lambda one: one.first)


def mistake_of(kind: Kind, finding: Finding) -> Mistake:
    """The rule, the one that is meant where it is filed under another, and how it is broken."""
    return kind.rule, finding.about, kind.way


def about(rules: Collection[str], *, warnings: bool) -> Callable[[Finding], bool]:
    """Which findings are looked for: of these rules, or of any; warnings where they are asked for, or count."""

    def wanted(finding: Finding) -> bool:
        if rules:
            return finding.rule in rules or finding.about in rules
        return warnings or finding.severity == "error"

    return wanted


def size_of(docs: Docs) -> tuple[int, int]:
    """How many records, and how many bytes of them."""
    return len(docs), len(orjson.dumps(docs, default=str))
