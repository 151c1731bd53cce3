"""What should become of events on their way to Customer.io: the rules about them once more, plainly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scenarios.account import Destiny
from scenarios.reading import Going, limit, table

from .workspace import clipped, size

if TYPE_CHECKING:
    from .expectations import Reading


class Happenings:
    """The events of one batch, each told to the workspace as it should arrive there."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def happen(self, place: str, name: str, event: Mapping[str, Any], attributes: list[Going]) -> None:
        """What becomes of one event that the filter lets through."""
        data = event.get("data") or {}
        sent_as, rule = self._event_name(name, screen=event["event_type"] == "screen_view")
        too_long = size(sent_as) > limit("customerio.event-name-max")
        if not sent_as:
            self._end_event(place, attributes, Destiny("refused", "customerio.event-without-name"))
            return
        if too_long:
            rule = "customerio.oversized-event-name"
            choice = self.reading.lean("customerio-oversized-event-name")
            if choice == "dropped":
                self._end_event(place, attributes, Destiny("dropped", rule))
                self.reading.why("events", sent_as, rule)
                return
            if choice == "truncated":
                sent_as = clipped(sent_as, limit("customerio.event-name-max"))
        self.reading.why("events", sent_as, rule)
        # Whoever sends it under the name in the batch breaks the rule by which it has another.
        self.reading.expected.reasons.setdefault((self.reading.mpid, "events", name), rule)
        self._send(place, sent_as, rule, data, [point for one in attributes for point in self.reading.shaped(one)])

    def _event_name(self, name: str, *, screen: bool) -> tuple[str, str]:
        white = r"\s" if self.reading.lean("customerio-spaces") == "whitespace" else " "
        trimmed = re.sub(f"^({white})+|({white})+$", "", name)
        made = re.sub(white, "_", trimmed)
        rule = "customerio.forwards-screen-views" if screen else "customerio.forwards-custom-events"
        if re.search(r"[^\S ]", name):
            rule = "customerio.which-spaces"
        elif made != trimmed:
            rule = "customerio.names-underscored"
        elif trimmed != name:
            rule = "customerio.names-trimmed"
        if made and screen and self.reading.lean("customerio-screen-views") == "prefixed":
            before, behind = table("customerio.screen-view-type", "round")
            return f"{before}{made}{behind}", "customerio.screen-view-type"
        return made, rule

    def _send(self, place: str, name: str, rule: str, data: Mapping[str, Any], attributes: list[Going]) -> None:
        seconds = seconds_of(data.get("timestamp_unixtime_ms"))
        own: dict[str, Any] = {}
        if seconds is not None and self.reading.lean("customerio-timestamp-place") == "data":
            own["timestamp"] = seconds
            for point in attributes:
                if point.name == "timestamp":
                    self.reading.end(point.place, "merged", "customerio.timestamp-place")
            attributes = [point for point in attributes if point.name != "timestamp"]
        told = {point.name: point.value for point in attributes}
        if size({**told, **own}) > limit("customerio.event-data-max"):
            rule = "customerio.oversized-event"
            choice = self.reading.lean("customerio-oversized-event")
            if choice == "dropped":
                self._end_event(place, attributes, Destiny("dropped", rule))
                self.reading.why("events", name, rule)
                return
            if choice == "what-fits":
                told = {}
                for point in attributes:
                    if size({**own, **told, point.name: point.value}) <= limit("customerio.event-data-max"):
                        told[point.name] = point.value
                    else:
                        self.reading.end(point.place, "dropped", rule)
                        self.reading.why("attributes", point.name, rule)
        self.reading.end(place, "sent", rule)
        for point in attributes:
            if point.name in told:
                self.reading.end(point.place, "sent", rule)
                self.reading.why("attributes", point.name, point.rule)
        event: dict[str, Any] = {"name": name, "data": {**told, **own}}
        if seconds is not None and not own:
            event["timestamp"] = seconds
        if self.reading.lean("customerio-event-ulid") == "ulid":
            event["id"] = self._same_event(place, data)
        if not self.reading.workspace.happen(self.reading.mpid, event):
            self.reading.why("events", name, rule)

    def _same_event(self, place: str, data: Mapping[str, Any]) -> str:
        """What two tellings of one event have in common, and two events have not."""
        named = data.get("source_message_id") or data.get("event_id")
        moment = data.get("timestamp_unixtime_ms") or 0
        batch = (
            self.reading.batch.get("source_request_id")
            or self.reading.batch.get("batch_id")
            or repr(self.reading.batch)
        )
        return f"{moment} {named}" if named else f"{moment} {self.reading.batch.get('mpid')} {batch} {place}"

    def _end_event(self, place: str, attributes: list[Going], destiny: Destiny) -> None:
        for one in (place, *(point.place for point in attributes)):
            self.reading.destinies.setdefault(one, destiny)


def seconds_of(milliseconds: Any) -> int | None:
    """Seconds since 1970; None for no time, and for one that no calendar holds."""
    if not milliseconds:
        return None
    seconds = int(milliseconds) // 1000
    return seconds if -62_135_596_800 <= seconds < 253_402_300_800 else None
