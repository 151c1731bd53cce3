"""Campaigns and message variants as a tenant file sets them up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from contracts.settings import SettingsError
from mock_sessionm.clock import duration

Entry = Mapping[str, Any]
Target = Literal["campaign", "canvas"]
ID_OF: Mapping[Target, str] = {"campaign": "braze_campaign_id", "canvas": "braze_canvas_id"}
"""What a call is about -> the name of its id in a campaign's advanced settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign. Times are seconds since 1970, periods seconds; None for no such limit.

    event       the event that it listens for; None for one that runs at times
    first       its first or only time; `every` is the period of those after it
    conditions  what must be the case of a customer, all of it
    goal        how many times it must happen; before that, each is progress
    repeats     whether it begins again after the goal; None where the file does not say
    outcomes    what happens at the goal; `progress_outcomes` before it
    """

    id: str
    name: str
    event: str | None = None
    first: float | None = None
    every: float | None = None
    starts: float | None = None
    ends: float | None = None
    conditions: tuple[Entry, ...] = ()
    goal: int = 1
    repeats: bool | None = None
    outcomes: tuple[Entry, ...] = ()
    progress_outcomes: tuple[Entry, ...] = ()
    advanced_settings: Entry = field(default_factory=dict)
    custom: Entry = field(default_factory=dict)
    template: Entry = field(default_factory=dict)

    def time(self, number: int) -> float | None:
        """The time of its occurrence of a number, counted from 0; None where there is no such."""
        if self.first is None or (number and self.every is None):
            return None
        made = self.first + number * (self.every or 0.0)
        return None if self.ends is not None and made >= self.ends else made

    def passed(self, now: float) -> int:
        """How many of its times lie at or before `now`."""
        if self.first is None or now < self.first:
            return 0
        return 1 if self.every is None else int((now - self.first) // self.every) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A messaging variant: the template with which a campaign calls Braze. None stands for what is assumed.

    target              what the call is about, where a campaign's advanced settings leave that open
    endpoint, api_key   of Braze; empty for those of the tenant's own workspace
    groups              which optional fields travel: offer, points, event, campaign
    keys                field -> the name under which it travels
    identifier          which identifier of a recipient carries the customer
    email               where the email travels
    canvas_properties   under which name a Canvas gets the fields
    """

    name: str
    target: Target | None = None
    endpoint: str = ""
    api_key: str = ""
    groups: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    identifier: Literal["external_user_id", "user_alias"] = "external_user_id"
    alias_label: str = "sessionm_id"
    email: Literal["attributes", "recipient", "properties", "none"] | None = None
    canvas_properties: Literal["context", "canvas_entry_properties", "trigger_properties"] | None = None
    broadcast: bool = False
    existing_only: bool = True


def campaigns_of(tables: Mapping[str, Any], name: str = "tenant") -> tuple[Campaign, ...]:
    """The campaigns of a tenant file. Raises `SettingsError` for what the schema cannot see."""
    entries = tables.get("campaigns", ())
    _distinct([entry["id"] for entry in entries], f"{name}: campaigns", "id")
    return tuple(_campaign(entry, f"{name}: campaigns.{index}") for index, entry in enumerate(entries))


def variants_of(tables: Mapping[str, Any], name: str = "tenant") -> dict[str, Variant]:
    """The message variants of a tenant file by their names. Raises `SettingsError`."""
    entries = tables.get("message_variants", ())
    _distinct([entry["name"] for entry in entries], f"{name}: message_variants", "name")
    return {entry["name"]: Variant(**{**entry, "groups": tuple(entry.get("groups", ()))}) for entry in entries}


def messages_of(campaign: Campaign) -> Iterable[Entry]:
    """The message outcomes of a campaign, those on the way to the goal first."""
    return [one for one in (*campaign.progress_outcomes, *campaign.outcomes) if "message" in one]


def _campaign(entry: Entry, place: str) -> Campaign:
    trigger = entry["trigger"]
    first = trigger.get("at", trigger.get("first"))
    every = duration(trigger["every"]) if "every" in trigger else None
    if every is not None and every < 1:
        raise SettingsError(f"{place}.trigger.every is less than a second; give a time such as 1d")
    return Campaign(
        id=entry["id"],
        name=entry.get("name", entry["id"]),
        event=trigger.get("event"),
        first=None if first is None else _moment(first, f"{place}.trigger"),
        every=every,
        starts=_moment(entry["starts"], f"{place}.starts") if "starts" in entry else None,
        ends=_moment(entry["ends"], f"{place}.ends") if "ends" in entry else None,
        conditions=tuple(entry.get("conditions", ())),
        goal=entry.get("goal", 1),
        repeats=entry.get("repeats"),
        outcomes=tuple(entry.get("outcomes", ())),
        progress_outcomes=tuple(entry.get("progress_outcomes", ())),
        advanced_settings=entry.get("advanced_settings", {}),
        custom=entry.get("custom", {}),
        template=entry.get("template", {}),
    )


def _distinct(names: list[str], place: str, what: str) -> None:
    for index, one in enumerate(names):
        if one in names[:index]:
            raise SettingsError(f"{place}.{index}.{what} stands there twice; each needs one of its own")


def _moment(text: str, place: str) -> float:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{place} has no time of the calendar; 2026-06-15T12:00:00Z is one") from error
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
