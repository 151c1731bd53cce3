"""A webhook campaign as somebody composes it in Braze: the message, its schedule, and whom it targets."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from contracts.settings import SettingsError, checked
from mock_sessionm.clock import LAST, Clock, ClockError, duration

from .audience import KNOWN, holds, leaves, unusable
from .message import Person
from .profiles import Profile
from .webhook import Webhook

SCHEMA = "webhook.schema.yaml"
LAST_START = LAST - 365 * 86_400
"""The calendar ends with the year 9999; retries and waits of the last sending need room before that."""
THIS_CENTURY = 4_102_444_800
"""2100 in seconds since 1970: no campaign that is sent at once is sent later."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`at` is seconds since 1970, None for at once; `every` seconds between `times` sendings."""

    at: float | None = None
    every: float = 0.0
    times_sent: int = 1
    re_eligible: bool = False

    def times(self, now: float) -> Iterator[float]:
        """When it is sent, in seconds since 1970. What lies in the past is sent at once."""
        first = now if self.at is None else self.at
        for number in range(self.times_sent):
            yield first + number * self.every


@dataclass(frozen=True, slots=True)
class Audience:
    """`user_ids` None is everybody; `segment` is a filter over custom attributes in Braze's own form."""

    user_ids: frozenset[str] | None = None
    segment: Mapping[str, Any] | None = None

    def takes(self, person: Person, now: float) -> bool:
        """Whether somebody is in it at `now`, in seconds since 1970."""
        id_ = person.fields.get("user_id")
        if self.user_ids is not None and id_ not in self.user_ids:
            return False
        if self.segment is None:
            return True
        return holds(self.segment, Profile(id_, "", attributes=dict(person.custom_attributes)), now)


@dataclass(frozen=True, slots=True)
class WebhookCampaign:
    webhook: Webhook
    schedule: Schedule = field(default_factory=Schedule)
    audience: Audience = field(default_factory=Audience)
    name: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any], name: str = "message", text: str = "") -> WebhookCampaign:
        """From the parsed form of a message file; `name` stands for the file in errors. Raises `SettingsError`."""
        made = checked(_plain(document), SCHEMA, name, text)
        audience = made.get("audience", {})
        named = audience.get("user_ids")
        return cls(
            Webhook(**made["webhook"]),
            _schedule(made.get("schedule", {}), name),
            Audience(None if named is None else frozenset(named), _segment(audience.get("segment"), name)),
            made.get("name", ""),
        )

    def replaced(self, change: Callable[[str], str]) -> WebhookCampaign:
        """The same with each text of the message changed, such as by filling in words that stand for something."""
        hook = self.webhook
        headers = {name: change(value) for name, value in hook.headers.items()}
        return replace(self, webhook=Webhook(change(hook.url), hook.method, headers, change(hook.body)))


def read_campaign(path: Path) -> WebhookCampaign:
    """A message file, TOML or JSON. Raises `SettingsError`, one line with file, line, key and expectation."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    if text.lstrip().startswith("{"):
        try:
            return WebhookCampaign.of(_object(orjson.loads(text), path), str(path))
        except orjson.JSONDecodeError as error:
            raise SettingsError(f"{path}, line {error.lineno}: is not JSON: {error.msg}") from error
    try:
        return WebhookCampaign.of(tomllib.loads(text), str(path), text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path}: is not TOML: {error}; a message has a table [webhook] with url and body"
        ) from error


def _segment(segment: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    """The filter, if it can be followed. Raises `SettingsError`."""
    for place, leaf in leaves(segment or {}, "audience.segment"):
        why = unusable(leaf)
        if why:
            raise SettingsError(f"{name}: {place.replace('/', '.')}: {why}; known: {', '.join(sorted(KNOWN))}")
    return segment


def _schedule(given: Mapping[str, Any], name: str) -> Schedule:
    at = None
    try:
        if "at" in given:
            clock = Clock(0.0, frozen=True)
            clock.set(given["at"])
            at = clock.now()
        every = duration(given.get("every", 0))
    except ClockError as error:
        wanted = str(error).replace("now is", "schedule.at is").replace("by is", "schedule.every is")
        raise SettingsError(f"{name}: {wanted}") from error
    schedule = Schedule(at, every, given.get("times", 1), given.get("re_eligible", False))
    if (THIS_CENTURY if at is None else at) + every * (schedule.times_sent - 1) > LAST_START:
        raise SettingsError(f"{name}: schedule goes on after the year 9998; lower schedule.every or schedule.times")
    return schedule


def _object(value: Any, path: Path) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{path}: a message is an object with webhook, schedule and audience")
    return value


def _plain(value: Any) -> Any:
    """The document with TOML's own dates as the texts that JSON has for them."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime | date) else value
