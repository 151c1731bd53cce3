"""Events as a Customer.io workspace keeps them: once each, with a time, those of nobody until somebody claims them."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from mock_sessionm.clock import iso
from mock_sessionm.limits import limit

if TYPE_CHECKING:
    from mock_sessionm.tenant import Tenant

HOUR = 3_600.0
DAY = 24 * HOUR
ULID = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)
TYPES = ("event", "page", "screen")


class Occurrences:
    """What becomes of events before they are somebody's.

    anonymous   events of nobody yet, as they came, with `received` and `triggers`
    """

    __slots__ = ("_seen", "_tenant", "anonymous")

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._seen: set[str] = set()
        self.anonymous: list[dict[str, Any]] = []

    @property
    def merges(self) -> bool:
        """Whether the workspace has the merging of anonymous events switched on."""
        return bool(self._tenant.settings.partners.get("customerio", {}).get("merge_anonymous_events", True))

    def kept(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """An event as it is kept; None for one that came before."""
        has = self._tenant.behaviours.__contains__
        now = self._tenant.clock.now()
        id_ = event.get("id")
        if isinstance(id_, str) and id_ and self._counts(id_):
            if id_ in self._seen and has("customerio.event-once"):
                return None
            self._seen.add(id_)
        made = copy.deepcopy(dict(event))
        if has("customerio.event-name-trimmed"):
            made["name"] = event["name"].strip(" ")
        if made.get("type") not in TYPES and has("customerio.event-type"):
            made["type"] = "event"
        if made.get("timestamp") is None and has("customerio.event-time"):
            made["timestamp"] = int(now)
        oldest = now - HOUR * limit("customerio.trigger-age")
        triggers = made.get("timestamp", now) >= oldest or not has("customerio.trigger-age")
        return {**made, "received": iso(now), "triggers": triggers}

    def claimed(self, anonymous_id: str) -> list[dict[str, Any]]:
        """The events of an anonymous id, which are somebody's from now on, if they were logged lately enough."""
        if not self.merges:
            return []
        oldest = self._tenant.clock.now() - DAY * limit("customerio.anonymous-merged")
        mine = [one for one in self.anonymous if one.get("anonymous_id") == anonymous_id and self.moment(one) >= oldest]
        self.anonymous = [one for one in self.anonymous if not any(one is other for other in mine)]
        return mine

    def moment(self, event: Mapping[str, Any]) -> float:
        """When an event was logged, in seconds since 1970."""
        return datetime.fromisoformat(event["received"]).timestamp()

    def export(self) -> dict[str, Any]:
        return {"anonymous": copy.deepcopy(self.anonymous), "event_ids": sorted(self._seen)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        self.anonymous = copy.deepcopy(list(kept["anonymous"]))
        self._seen = set(kept["event_ids"])

    def _counts(self, id_: str) -> bool:
        """Whether an id tells that an event is the same as another."""
        return bool(ULID.fullmatch(id_)) or self._tenant.choice("customerio-event-id") == "any-text"
