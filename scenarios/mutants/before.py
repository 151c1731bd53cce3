"""A draft as it was before a step, so that what the step did under one rule can be undone, and nothing else of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from forwarder import Batch
from forwarder.draft import Draft, EventDraft, Point

LISTS = ("identities", "attributes", "fields", "audiences")
"""Where the points of a draft stand that belong to no event."""


class Before:
    """What `draft` is made of at this moment."""

    def __init__(self, draft: Draft) -> None:
        self.lists: dict[str, list[Point]] = {name: list(getattr(draft, name)) for name in LISTS}
        self.events: list[EventDraft] = list(draft.events)
        self.inside = {id(event): list(event.attributes) for event in draft.events}
        self.named = {id(event): (event.name, event.rule, event.body) for event in draft.events}
        standing = [point for points in (*self.lists.values(), *self.inside.values()) for point in points]
        self.points = {id(point): (point, point.out, point.value, point.rule) for point in standing}
        self.fates = len(draft.fates)
        self.body, self.mpid, self.stopped = draft.body, draft.mpid, draft.stopped

    def rules(self, draft: Draft) -> set[str]:
        """The rules under which something has been done since; that a point goes on as it was is nothing."""
        named = {fate.rule for fate in draft.fates[self.fates :]}
        if draft.body is self.body:
            for point in self._changed(draft):
                _, out, value, _ = self.points.get(id(point), (point, None, None, ""))
                if (point.out, point.value) != (out, value):
                    named.add(point.rule)
            named |= {event.rule for event in draft.events if event.rule != self.named[id(event)][1]}
        return named

    def undo(self, draft: Draft, rule: str) -> None:
        """Put back what has been done since under `rule`: points that ended, names and values that changed."""
        fresh = draft.fates[self.fates :]
        ended = {fate.point for fate in fresh if fate.rule == rule}
        others = {fate.point for fate in fresh if fate.rule != rule}
        draft.fates[self.fates :] = [fate for fate in fresh if fate.rule != rule]
        draft.stopped = self.stopped or (draft.stopped and not ended)
        if draft.body is not self.body:
            draft.collect(Batch(self.body, self.mpid))
            return
        changed = [point for point in self._changed(draft) if point.rule == rule]
        made = {id(point) for point in changed if id(point) not in self.points}
        ended |= {point.place for point in changed if id(point) in made}
        back = {id(point) for point in changed} - made
        back |= {key for key, (point, *_) in self.points.items() if point.place in ended}
        for key in back:
            point, out, value, was = self.points[key]
            point.out, point.value, point.rule = out, value, was
        for name, were in self.lists.items():
            setattr(draft, name, _merged(were, getattr(draft, name), back, made))
        self._undo_events(draft, rule, ended, others, back)

    def _undo_events(self, draft: Draft, rule: str, ended: set[str], others: set[str], back: set[int]) -> None:
        returning = {id(event) for event in self.events if event.place in ended}
        left = {id(event) for event in draft.events}
        draft.events = [event for event in self.events if id(event) in left | returning]
        for event in draft.events:
            if id(event) in returning or event.rule == rule != self.named[id(event)][1]:
                event.name, event.rule, event.body = self.named[id(event)]
            were = self.inside[id(event)]
            if id(event) in returning:
                event.attributes = [point for point in were if point.place not in others]
            else:
                event.attributes = _merged(were, event.attributes, back, set())

    def _changed(self, draft: Draft) -> list[Point]:
        """The points that go on under another rule than before, or were not there."""
        going = [point for name in LISTS for point in getattr(draft, name)]
        going += [point for event in draft.events for point in event.attributes]
        return [point for point in going if id(point) not in self.points or point.rule != self.points[id(point)][3]]

    def restore(self, points: Iterable[Point]) -> None:
        """Give these points the values that they had."""
        for point in points:
            if id(point) in self.points:
                point.value = self.points[id(point)][2]


def _merged(were: Sequence[Point], are: Sequence[Point], back: set[int], made: set[int]) -> list[Any]:
    """The points that are there, and those that come back, in their old places; none of those that were made."""
    old = {id(point) for point in were}
    left = {id(point) for point in are}
    strange = [point for point in are if id(point) not in old and id(point) not in back | made]
    if not old & back - left:
        return [point for point in are if id(point) in old or point in strange]
    return [point for point in were if id(point) in left | back] + strange
