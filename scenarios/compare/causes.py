"""Differences gathered by their cause: one for each field, however many requests show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from contracts import rules

from .fields import Change, Difference, Kind
from .written import ANY, Place

Class = Literal["changed", "lost", "duplicated", "reordered"]
Key = tuple[str, ...]

CLASSES: tuple[Class, ...] = ("changed", "lost", "duplicated", "reordered")
"""What one request can be, beside identical and equivalent; the order in which they are told."""
ALIKE = 4
"""From so many fields of one object on, which changed in the same way, they are one cause."""
NAMES = 50
"""So many names are kept of what `*` stands for in one cause."""


@dataclass(slots=True)
class Kinds:
    """What stood somewhere: words with the smallest and the largest size."""

    seen: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)

    def add(self, kind: Kind | None) -> None:
        if kind is None:
            return
        low, high = self.seen.get(kind.word, (kind.size, kind.size))
        if kind.size is not None and low is not None and high is not None:
            low, high = min(low, kind.size), max(high, kind.size)
        self.seen[kind.word] = (low, high)

    def merge(self, other: Kinds) -> None:
        for word, (low, high) in other.seen.items():
            self.add(Kind(word, low))
            self.add(Kind(word, high))

    def __str__(self) -> str:
        return " or ".join(word + _size(low, high) for word, (low, high) in self.seen.items())


def _size(low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return ""
    return f" of {low}" if low == high else f" of {low} to {high}"


@dataclass(slots=True)
class Cause:
    """One reason why requests differ.

    place       the field; empty where whole requests are concerned
    change      what became of the field; empty where whole requests are concerned
    to          the new name of a field that is renamed
    rule, fate  what the forwarder that holds something back says of it; empty where it says nothing
    requests    how many differ for this reason
    of          how many of the side that has the field have it; 0 until it is counted
    first       the number of the first batch that shows it, -1 where that is not known
    names       what `*` stands for in `place`, or which events whole requests carry
    fields      of several fields that are one cause: each with its requests
    follows     requests that only one side makes because the answers differed before, by class
    room        fields that fit, or fit no more, because of this one
    alone       whether the other side sent nothing at all for the batches that show it
    batches     whether it is about whole batches
    marks       a bit for each request that differs anywhere; set for those that differ for this reason
    """

    kind: Class
    place: Place = ()
    change: Change | Literal[""] = ""
    to: str = ""
    rule: str = ""
    fate: str = ""
    requests: int = 0
    of: int = 0
    first: int = -1
    operations: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    old: Kinds = field(default_factory=Kinds)
    new: Kinds = field(default_factory=Kinds)
    how: Counter[str] = field(default_factory=Counter)
    around: set[tuple[int, int]] = field(default_factory=set)
    fields: dict[str, int] = field(default_factory=dict)
    follows: Counter[str] = field(default_factory=Counter)
    room: Counter[str] = field(default_factory=Counter)
    marks: bytearray = field(default_factory=bytearray, repr=False)
    alone: bool = True
    batches: bool = False

    @property
    def parent(self) -> Place:
        return self.place[:-1]

    def add(self, number: int, batch: int, operation: str, names: Iterable[str]) -> None:
        """One more request; `number` counts those that differ anywhere."""
        self.requests += 1
        spot, bit = divmod(number, 8)
        self.marks.extend(bytes(max(0, spot + 1 - len(self.marks))))
        self.marks[spot] |= 1 << bit
        self.operations[operation] += 1
        for name in names:
            if name and (name in self.names or len(self.names) < NAMES):
                self.names[name] += 1
        if batch >= 0 and (self.first < 0 or batch < self.first):
            self.first = batch

    def merge(self, other: Cause) -> None:
        both = int.from_bytes(self.marks, "little") | int.from_bytes(other.marks, "little")
        self.marks = bytearray(both.to_bytes((both.bit_length() + 7) // 8, "little"))
        self.requests = both.bit_count()
        if other.first >= 0 and (self.first < 0 or other.first < self.first):
            self.first = other.first
        self.old.merge(other.old)
        self.new.merge(other.new)
        self.around |= other.around
        self.alone = self.alone and other.alone
        for mine, theirs in (
            (self.operations, other.operations),
            (self.names, other.names),
            (self.how, other.how),
            (self.follows, other.follows),
            (self.room, other.room),
        ):
            mine.update(theirs)


class Causes:
    """All causes by their keys. What is added to one shows in `found`."""

    def __init__(self) -> None:
        self._found: dict[Key, Cause] = {}
        self._number = 0

    def following(self) -> None:
        """What is added from now on is of another request."""
        self._number += 1

    def __getitem__(self, key: Key) -> Cause:
        return self._found[key]

    def whole(
        self,
        kind: Class,
        batch: int,
        operation: str,
        names: Iterable[str],
        told: tuple[str, str] = ("", ""),
        *,
        alone: bool = False,
    ) -> Key:
        """A whole request that only one side makes, or makes elsewhere.

        `told` are the rule and the fate that explain it; `alone` says that the other side sent nothing at all.
        """
        rule, fate = told
        # Which of two requests was moved, chance decides.
        key = (kind, "" if kind == "reordered" else operation, rule)
        cause = self._found.setdefault(key, Cause(kind, rule=rule, fate=fate))
        cause.add(self._number, batch, operation, names)
        cause.alone = cause.alone and alone
        return key

    def changed(self, batch: int, operation: str, several: list[Difference], rule: str = "", fate: str = "") -> Key:
        """A field that changed in one request: differences of one place and one change, one for each name of `*`."""
        one = several[0]
        key = ("changed", *one.place, "→", one.to, rule)
        cause = self._found.setdefault(key, Cause("changed", one.place, one.change, one.to, rule, fate))
        cause.add(self._number, batch, operation, {name for each in several for name in each.names})
        if cause.change != one.change:
            cause.change = "value"
        for each in several:
            cause.old.add(each.old)
            cause.new.add(each.new)
            cause.how[each.how] += 1
            if each.change in {"gone", "new"}:
                cause.around.add(each.sizes)
        return key

    def places(self) -> frozenset[Place]:
        """Every field that differs anywhere."""
        return frozenset(one.place for one in self._found.values() if one.place)

    def found(self) -> list[Cause]:
        """Every cause, what shows most first; fields that changed for one reason are one."""
        made = _whole_batches(list(self._found.values()))
        made = _without_doubt(made)
        made = _at_a_limit(made)
        made = _in_the_same_way(made)
        return sorted(made, key=lambda one: (CLASSES.index(one.kind), -one.requests, one.first, one.place))


def is_limit(rule: str) -> bool:
    """Whether a rule counts, so that chance decides which of several it strikes."""
    known = rules().get(rule)
    return known is not None and known.limit is not None


def _whole_batches(causes: list[Cause]) -> list[Cause]:
    """Requests of several kinds that one side makes only where the other makes none are lost batches, not requests."""
    groups: dict[Class, list[Cause]] = {}
    for one in causes:
        if not one.place and one.alone:
            groups.setdefault(one.kind, []).append(one)
    merged = [several for several in groups.values() if len(several) > 1]
    for first, *others in merged:
        first.batches = True
        for one in others:
            first.merge(one)
    gone = {id(one) for _, *others in merged for one in others}
    return [one for one in causes if id(one) not in gone]


def _without_doubt(causes: list[Cause]) -> list[Cause]:
    """A field that is gone where, and only where, another is new is that one under a new name.

    Where one request tells that a field was renamed, it was so in those that could not tell.
    """
    made = list(causes)
    for one in causes:
        if one.change not in {"renamed", "gone"} or one.kind != "changed":
            continue
        beside = [other for other in made if other.parent == one.parent and other is not one and other in made]
        if one.change == "renamed":
            for other in beside:
                if (other.change, other.place[-1]) in {("gone", one.place[-1]), ("new", one.to)}:
                    if other.change == "gone":
                        one.merge(other)
                    made.remove(other)
        elif one in made:
            new = [other for other in beside if other.change == "new" and other.first == one.first]
            twins = [other for other in new if other.marks == one.marks and other.names == one.names]
            rivals = [other for other in beside if other.change == "gone" and other.marks == one.marks]
            if len(new) == len(twins) == 1 and not rivals:
                one.change, one.to = "renamed", twins[0].place[-1]
                one.new.merge(twins[0].new)
                made.remove(twins[0])
    return made


def _at_a_limit(causes: list[Cause]) -> list[Cause]:
    """Fields beyond a limit are one cause: which they are is chance.

    Where no rule tells, it shows in that the shorter side always has the same number of fields.
    """
    told: dict[Key, list[Cause]] = {}
    silent: dict[Key, list[Cause]] = {}
    rest: list[Cause] = []
    for one in causes:
        shorter = {min(sizes) for sizes in one.around}
        if one.kind != "changed" or one.change not in {"gone", "new"} or one.place[-1] == ANY:
            rest.append(one)
        elif is_limit(one.rule):
            told.setdefault((*one.parent, one.change, one.rule), []).append(one)
        elif not one.rule and len(shorter) == 1 and one.place[0] == "body":
            silent.setdefault((*one.parent, one.change, str(shorter)), []).append(one)
        else:
            rest.append(one)
    return [*rest, *_folded(told.values(), 2), *_folded(silent.values(), 2)]


def _in_the_same_way(causes: list[Cause]) -> list[Cause]:
    """Many fields of one object that changed in the same way changed for one reason."""
    groups: dict[Key, list[Cause]] = {}
    rest: list[Cause] = []
    for one in causes:
        if one.kind != "changed" or one.fields or one.place[:1] != ("body",) or len(one.place) == 1:
            rest.append(one)
        else:
            # Many new names have one reason, though each may be told under a rule of its own.
            rule = "" if one.change == "renamed" else one.rule
            groups.setdefault((*one.parent, one.change, rule), []).append(one)
    return [*rest, *_folded(groups.values(), ALIKE)]


def _folded(groups: Iterable[list[Cause]], least: int) -> Iterator[Cause]:
    for several in groups:
        if len(several) < least:
            yield from several
            continue
        several.sort(key=lambda one: (-one.requests, one.place))
        first = several[0]
        made = Cause(first.kind, (*first.parent, ANY), first.change, "", first.rule, first.fate)
        for one in several:
            made.merge(one)
            made.fields[f"{one.place[-1]} → {one.to}" if one.to else one.place[-1]] = one.requests
        yield made
