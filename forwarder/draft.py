"""A batch on its way through the steps: which points are still going, and what became of the others."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from itertools import repeat
from typing import Any

from .batch import Batch, identities
from .connection import Connection
from .destination import Destination
from .fate import Fate, FateName
from .names import dumped
from .points import places, points


class Point:
    """One data point that is still going. `out` is the name under which it will go, `rule` what decided that."""

    __slots__ = ("out", "place", "rule", "source", "value")

    def __init__(self, source: str, place: str, value: Any, rule: str) -> None:
        self.source = source
        self.out = source
        self.place = place
        self.value = value
        self.rule = rule


def _points(parent: str, named: dict[str, Any], rule: str) -> list[Point]:
    return list(map(Point, named, places(parent, named), named.values(), repeat(rule)))


class EventDraft:
    """One event that is still going; `filter_name` is its name in the data filter."""

    __slots__ = ("attributes", "body", "filter_name", "index", "kind", "name", "place", "rule", "screen")

    def __init__(self, index: int, event: dict[str, Any], destination: Destination) -> None:
        self.index = index
        self.place = f"/events/{index}"
        self.kind: str = event["event_type"]
        self.body: dict[str, Any] = event.get("data") or {}
        self.screen = self.kind == "screen_view"
        self.name: str = self.body.get(destination.names.get(self.kind, "")) or ""
        self.filter_name = (
            self.name if self.screen else f"{self.body.get('custom_event_type') or 'unknown'}/{self.name}"
        )
        self.rule = destination.grounds.screens if self.screen else destination.grounds.custom
        named = self.body.get("custom_attributes") or {}
        self.attributes = _points(f"{self.place}/data/custom_attributes/", named, self.rule)


class Draft:
    """The state of one planning. Steps take points away from it; what is left at the end is sent.

    `person` is what a destination knows the user by that has no MPID; a step of that destination says so.
    """

    __slots__ = (
        "attributes",
        "audiences",
        "body",
        "connection",
        "destination",
        "events",
        "fates",
        "fields",
        "grounds",
        "identities",
        "mpid",
        "now",
        "person",
        "platform",
        "stopped",
    )

    def __init__(
        self, batch: Batch, connection: Connection, destination: Destination, now: float | None = None
    ) -> None:
        self.connection = connection
        self.destination = destination
        self.grounds = destination.grounds
        self.now = now
        self.fates: list[Fate] = []
        self.stopped = False
        self.platform = "custom_feeds"
        self.person = ""
        self.collect(batch)

    def collect(self, batch: Batch) -> None:
        """Begin with the points of `batch`."""
        body = batch.body
        self.body = body
        self.mpid = batch.mpid
        self.fields: list[Point] = []
        self.identities = [
            Point(kind, place, value, self.grounds.identities) for place, kind, value in identities(body)
        ]
        named = body.get("user_attributes") or {}
        self.attributes = _points("/user_attributes/", named, self.grounds.attributes)
        self.events = [
            EventDraft(index, event, self.destination) for index, event in enumerate(body.get("events") or ())
        ]
        self.audiences = [
            Point(str(one["id"]), f"/audiences/{index}", one.get("external_name"), self.grounds.audiences)
            for index, one in enumerate(body.get("audiences") or ())
        ]

    @property
    def reference(self) -> str:
        """What the keys of this batch's requests begin with; the same for the same batch."""
        named = self.body.get("source_request_id") or self.body.get("batch_id")
        whose = "" if self.mpid is None else f"{self.mpid}."
        return f"{whose}{named or hashlib.blake2b(dumped(self.body), digest_size=6).hexdigest()}"

    def end(self, point: Point, fate: FateName, rule: str, detail: str = "") -> None:
        self.fates.append(Fate(point.place, fate, rule, None, None, detail))

    def end_event(self, event: EventDraft, fate: FateName, rule: str, detail: str = "") -> None:
        """An event ends together with all its attributes."""
        self.fates.append(Fate(event.place, fate, rule, None, None, detail))
        self.fates.extend(Fate(point.place, fate, rule, None, None, detail) for point in event.attributes)

    def stop(self, fate: FateName, rule: str, detail: str = "") -> None:
        """Nothing of the batch goes on: every point without a fate gets this one."""
        done = {known.point for known in self.fates}
        self.fates.extend(
            Fate(place, fate, rule, None, None, detail) for place in points(self.body) if place not in done
        )
        self.stopped = True


Step = Callable[[Draft], None]
"""One decision about a batch on its way: what it stops ends there, with a fate and a rule."""
