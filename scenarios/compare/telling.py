"""One group of requests, held side by side: each in its class, each difference under its cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .causes import Class, Key, is_limit
from .fields import Difference
from .pairing import Pairs
from .sent import UNKNOWN
from .written import Form

if TYPE_CHECKING:
    from .comparing import Comparing

Change = tuple[list[Difference], str, str]
"""Differences of one field, with the rule and the fate that explain them."""


@dataclass(slots=True)
class _Side:
    """The requests of one forwarder: their batches, the numbers of their counterparts, and the causes."""

    forms: list[Form]
    batches: Sequence[int]
    partners: Mapping[int, int]
    keys: dict[int, Key] = field(default_factory=dict)


class Told:
    """One group: what one batch led to, or what is about one person."""

    def __init__(
        self,
        comparing: Comparing,
        before: Sequence[int],
        after: Sequence[int],
        old: list[Form],
        new: list[Form],
        pairs: Pairs,
    ) -> None:
        self._comparing = comparing
        self._pairs = pairs
        both = [*pairs.same, *pairs.near]
        self._old = _Side(old, before, dict(both))
        self._new = _Side(new, after, {theirs: mine for mine, theirs in both})

    def tell(self) -> None:
        """Count everything, and add to the causes."""
        for mine, theirs in sorted([*self._pairs.same, *self._pairs.near]):
            self._pair(mine, theirs)
        for mine in self._pairs.lost:
            self._alone("lost", "gone", mine, self._old, self._new)
        for theirs in sorted([*self._pairs.again, *self._pairs.come]):
            again = theirs in self._pairs.again
            self._alone("duplicated" if again else "changed", "again" if again else "new", theirs, self._new, self._old)

    # --- pairs --------------------------------------------------------------------------------------------

    def _pair(self, mine: int, theirs: int) -> None:
        made = self._comparing.made
        self._comparing.causes.following()
        old, new = self._old.forms[mine], self._new.forms[theirs]
        batch = self._old.batches[mine]
        found = self._comparing.compared(old, new)
        moved = mine in self._pairs.moved
        if found.differences:
            made.classes["changed"] += 1
            key = self._changed(batch, old, found.differences)
            self._old.keys[mine] = self._new.keys[theirs] = key
            self._begin(old, key)
        elif not moved:
            made.classes["equivalent" if found.writings else "identical"] += 1
            for writing in found.writings:
                made.writing(writing, batch)
        if moved:
            made.classes["reordered"] += 0 if found.differences else 1
            key = self._comparing.causes.whole("reordered", batch, old.operation, _names(old))
            self._begin(old, key)

    def _begin(self, form: Form, key: Key) -> None:
        if form.sent.person != UNKNOWN:
            self._comparing.begun.setdefault(form.sent.person, key)

    def _changed(self, batch: int, form: Form, differences: list[Difference]) -> Key:
        """Put the differences of one request under their causes; the key of the first."""
        explained = self._comparing.explained(batch)
        changes: list[Change] = []
        for several in _by_field(differences):
            rule, fate = explained.field(several[0]) if several[0].change not in {"value", "order"} else ("", "")
            changes.append((several, rule, fate))
        keys: dict[int, Key] = {}
        rooms: list[tuple[int, Change]] = []
        for index, change in enumerate(changes):
            main = _displaced_by(change, changes)
            if main is None:
                several, rule, fate = change
                keys[index] = self._comparing.causes.changed(batch, form.operation, several, rule, fate)
            else:
                rooms.append((main, change))
        for main, (several, _, _) in rooms:
            self._comparing.causes[keys[main]].room[several[0].change] += len(several)
        return next(iter(keys.values()))

    # --- requests without a counterpart -------------------------------------------------------------------

    def _alone(self, kind: Class, change: str, number: int, side: _Side, other: _Side) -> None:
        form, batch = side.forms[number], side.batches[number]
        self._comparing.causes.following()
        self._comparing.made.classes[kind] += 1
        cause = self._reason(number, side, other)
        if cause is not None:
            self._comparing.causes[cause].follows[kind] += 1
            side.keys[number] = cause
            return
        names = _names(form)
        told = self._comparing.explained(batch).request(change, names)
        key = self._comparing.causes.whole(kind, batch, form.operation, names, told, alone=not other.forms)
        side.keys[number] = key
        self._begin(form, key)

    def _reason(self, number: int, side: _Side, other: _Side) -> Key | None:
        """The cause of an earlier difference, where this request only follows from the answers to it.

        A forwarder goes on as it was answered: it creates a user who is not known, tries again, or leaves the
        rest of a user's requests. Where the answers differed, what only one side sends then is no cause by itself.
        """
        begun = self._comparing.begun.get(side.forms[number].sent.person)
        before = number - 1
        if before >= 0 and not side.forms[before].sent.taken:
            if before not in side.partners:
                return side.keys.get(before)
            if _answer(side.forms[before]) != _answer(other.forms[side.partners[before]]):
                return side.keys.get(before) or begun
        for earlier in range(before, -1, -1):
            if side.batches[earlier] != side.batches[number]:
                break
            partner = side.partners.get(earlier)
            if partner is not None and side.forms[earlier].sent.taken and not other.forms[partner].sent.taken:
                return side.keys.get(earlier) or begun
        return None


def _answer(form: Form) -> tuple[int | None, str]:
    return form.sent.status, form.sent.code


def _names(form: Form) -> list[str]:
    return form.named.split(", ") if form.named else []


def _by_field(differences: list[Difference]) -> Iterator[list[Difference]]:
    found: dict[tuple[tuple[str, ...], str], list[Difference]] = {}
    for one in differences:
        found.setdefault((one.place, one.to), []).append(one)
    yield from found.values()


def _displaced_by(change: Change, changes: list[Change]) -> int | None:
    """Which other change of the same object made room for this one, or took its room."""
    several, rule, _ = change
    one = several[0]
    against = {"new": "gone", "gone": "new"}.get(one.change)
    if against is None or not is_limit(rule):
        return None
    for index, (others, other_rule, _) in enumerate(changes):
        fits = any(each.change == against and each.names == one.names for each in others)
        if fits and others[0].place[:-1] == one.place[:-1] and not is_limit(other_rule):
            return index
    return None
