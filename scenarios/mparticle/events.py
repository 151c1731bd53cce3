"""What should become of the events of a batch on their way into an input of mParticle, written plainly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.interaction import pointer
from contracts.register import openapi
from scenarios.account import Account, Destiny
from scenarios.reading import Batch, kept_back, table

from .plain import NODE, attributes_of, fits, is_uuid, known_as, number_of, place_of

KINDS = openapi("mparticle")["components"]["schemas"]["Event"]["properties"]["event_type"]["enum"]
RULES = {name: schema["x-rules"]["type"] for name, schema in NODE.items()}
"""Property of the node -> the rule about it."""

Body = dict[str, Any]


class EventReading(Account):
    """One batch read against the rules, as far as its events go."""

    def asked(self, column: str, name: str, parent: str | None) -> str | None:
        settings = self.setup.connection
        columns = {"send_new_data_points_by_default": True, **settings.get("data_filter", {})}
        kept = kept_back({**settings, "data_filter": columns}, self.choices, column, name, parent)
        return "madconnect.data-filter" if kept else None

    def kinds(self) -> list[tuple[int, Batch]]:
        """The events of kinds that travel and that are not too old."""
        went = []
        hours = self.setup.connection.get("max_data_age_hours")
        for index, event in enumerate(self.batch.get("events") or ()):
            moment = (event.get("data") or {}).get("timestamp_unixtime_ms")
            late = (
                hours and self.setup.now is not None and moment and int(moment) / 1000 < self.setup.now - hours * 3600
            )
            if event["event_type"] not in KINDS:
                self.end_event(index, event, "unsupported", "madconnect.kinds")
            elif late:
                self.end_event(index, event, "filtered", "mparticle.max-data-age")
            else:
                went.append((index, event))
        return went

    def filtered(self, index: int, event: Batch) -> bool:
        """Whether the filter stops an event; of one that goes on, it stops attributes."""
        if self.kept_back("screens" if event["event_type"] == "screen_view" else "events", known_as(event)):
            self.end_event(index, event, "filtered", "madconnect.data-filter")
            return True
        column = "screen_attributes" if event["event_type"] == "screen_view" else "event_attributes"
        for name in attributes_of(event):
            if self.kept_back(column, name, known_as(event)):
                self.end(place_of(index, name), "filtered", "madconnect.data-filter")
        return False

    def named(self, events: list[tuple[int, Batch]]) -> list[tuple[int, Batch]]:
        went = []
        for index, event in events:
            part = table("madconnect.event-name", "events").get(event["event_type"])
            if part and not (event.get("data") or {}).get(part):
                self.end_event(index, event, "refused", "madconnect.event-name")
            else:
                went.append((index, event))
        return went

    def event(self, index: int, event: Batch) -> tuple[int, Body] | None:
        """An event as it should arrive; None where it is refused."""
        selected = self.setup.connection.get("madconnect", {}).get("parameters", list(NODE))
        others = self.lean("madconnect-beyond-page") == "all"
        data: Body = {}
        self._plain(index, event)
        for name in event.get("data") or {}:
            self.why("attributes", name, _rule_of(name, selected))
        for name, value in (event.get("data") or {}).items():
            if name in NODE and name in selected:
                said = number_of(value) if NODE[name]["type"] == "integer" else value
                if said is not None or self.lean("madconnect-nulls") == "kept":
                    data[name] = self._going(index, said) if name == "custom_attributes" else said
            elif name not in NODE and name not in table("madconnect.input-form", "never-of-events") and others:
                data[name] = value
        if "custom_attributes" not in selected:
            for name in attributes_of(event):
                self._destine(place_of(index, name), "filtered", "madconnect.selected-parameters")
        for name, value in data.items():
            if name in NODE and value is not None and not self._suits(name, value):
                self.end_event(index, event, "refused", RULES[name])
                return None
        self.end(f"/events/{index}", "sent", "madconnect.event-node")
        for name in attributes_of(event):
            self._destine(place_of(index, name), "sent", "madconnect.event-node")
        return index, {"event_type": event["event_type"], "data": data}

    def _plain(self, index: int, event: Batch) -> None:
        """Attributes that are lists or objects end here."""
        for name in attributes_of(event):
            value, place = event["data"]["custom_attributes"][name], place_of(index, name)
            nested = isinstance(value, (list, dict)) and place not in self.destinies
            if nested and self.lean("madconnect-list-values") == "refused":
                self.end(place, "refused", "madconnect.attribute-values")

    def _going(self, index: int, attributes: Any) -> Any:
        """The attributes that have not ended."""
        if not isinstance(attributes, Mapping):
            return attributes
        return {name: value for name, value in attributes.items() if place_of(index, name) not in self.destinies}

    def _suits(self, name: str, value: Any) -> bool:
        if name in {"source_message_id", "session_uuid"} and isinstance(value, str):
            return self.lean("madconnect-texts") == "any" or is_uuid(value)
        return fits(name, value)

    def end_event(self, index: int, event: Batch, fate: str, rule: str) -> None:
        """An event ends, and its attributes with it, unless they had ended before."""
        self.end(pointer("events", index), fate, rule)
        for name in attributes_of(event):
            self._destine(place_of(index, name), fate, rule)
        for part in ("event_name", "screen_name"):
            self.why("events", str((event.get("data") or {}).get(part) or event["event_type"]), rule)

    def _destine(self, place: str, fate: str, rule: str) -> None:
        self.destinies.setdefault(place, Destiny(fate, rule))


def _rule_of(name: str, selected: list[str]) -> str:
    """The rule that decides whether and how something that is said of an event travels."""
    if name in NODE:
        return RULES[name] if name in selected else "madconnect.selected-parameters"
    return (
        "madconnect.input-form"
        if name in table("madconnect.input-form", "never-of-events")
        else "madconnect.beyond-page"
    )
