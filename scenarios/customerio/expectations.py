"""What should become of batches on their way to Customer.io: the rules once more, apart from forwarder and fake.

It is slow and simple on purpose, like its sister for SessionM. What the calls lead to, `workspace` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts.interaction import pointer
from scenarios.account import Account, Destiny, Expected, Setup
from scenarios.reading import (
    Batch,
    Going,
    all_points,
    below,
    identities_of,
    json_text,
    kept_back,
    limit,
    platform_of,
    table,
    text_of,
)

from .attributes import Attributes
from .events import Happenings
from .workspace import Workspace, size

Settings = Mapping[str, Any]
DEFAULTS: Settings = {
    "edition": "document",
    "user_id_type": "prefer_customer_id",
    "include_user_attributes": True,
    "send_created_at": False,
    "one_attribute_per_segment": False,
}
"""The settings of the integration page, with what holds where nobody sets them."""
FILTERED = {
    "sessionm.data-filter": "customerio.data-filter",
    "sessionm.new-data-points-off": "customerio.new-data-points-on",
}


def expect(batches: Sequence[Batch], setup: Setup) -> Expected:
    """What should be the case after all `batches` were forwarded in order; people by what they are known by."""
    expected = Expected()
    own = setup.tenant.partners.get("customerio", {})
    workspace = Workspace(own, setup.choices, reject_all=setup.reject_all)
    for number, batch in enumerate(batches):
        reading = Reading(batch, setup, expected, workspace, number)
        expected.destinies.append(reading.read())
        expected.people.setdefault(reading.mpid, None)
    for person in expected.people:
        expected.people[person] = workspace.person(person)
    return expected


class Reading(Account):
    """One batch read against the rules. `mpid` is what its person is known by."""

    def __init__(self, batch: Batch, setup: Setup, expected: Expected, workspace: Workspace, number: int) -> None:
        super().__init__(batch, setup, expected)
        self.workspace = workspace
        self.number = number
        self.own: Settings = {**DEFAULTS, **setup.connection.get("customerio", {})}

    def read(self) -> dict[str, Destiny]:
        stopped = self.wrong_key() or self.rewritten("customerio") or self.logged_out("customerio", asked=False)
        if stopped is None:
            identities = list(self._identities())
            stopped = self._choose(identities)
            # Only now it is known whose reasons these are.
            opt_outs = list(self._opted())
            events = list(self._events())
            attributes = list(self._attributes())
        if stopped is not None:
            for place in all_points(self.batch):
                self.destinies.setdefault(place, stopped)
            self.why("person", "", stopped.rule)
            return self.destinies
        body = Attributes(self, identities, attributes, opt_outs).read()
        if not self.workspace.identify(self.mpid, body):
            self.why("person", "", "customerio.oversized-value")
        happenings = Happenings(self)
        for event in events:
            happenings.happen(*event)
        return self.destinies

    # --- the whole batch ----------------------------------------------------------------------------------

    def asked(self, column: str, name: str, parent: str | None) -> str | None:
        # A new connection to Customer.io lets data points through that nobody decided about.
        columns = {"send_new_data_points_by_default": True, **self.setup.connection.get("data_filter", {})}
        found = kept_back({"data_filter": columns}, self.choices, column, name, parent)
        return FILTERED[found] if found else None

    # --- who it is ----------------------------------------------------------------------------------------

    def _identities(self) -> Iterator[Going]:
        for place, kind, value in identities_of(self.batch):
            if self.kept_back("user_identities", kind):
                self.end(place, "filtered", "customerio.data-filter")
            elif not value or not kind:
                self.end(place, "refused", "customerio.customer-id-first")
            else:
                yield Going(place, kind, kind, value, "")

    def _choose(self, identities: list[Going]) -> Destiny | None:
        """Set what the person is known by; the reason why there is nothing, if so."""
        customer, email = self.one(identities, "customer_id"), self.one(identities, "email")
        known_by = customer or email
        rule = "customerio.user-with-email"
        if self.own["edition"] == "document":
            chosen = known_by if email else None
        else:
            kind = self.own["user_id_type"]
            rule = "customerio.user-id-or-email" if kind == "prefer_customer_id" else "customerio.user-id-type"
            chosen = {"customer_id": customer, "email": email}.get(kind, known_by)
        if known_by:
            self.mpid = known_by.value
        if chosen is None:
            return Destiny("refused", rule)
        self.mpid = chosen.value
        if size(chosen.value) > limit("customerio.id-max"):
            return Destiny("refused", "customerio.oversized-id")
        return None

    def one(self, identities: list[Going], kind: str) -> Going | None:
        found = [one for one in identities if one.source == kind]
        if len(found) > 1 and self.lean("colliding-keys") == "last":
            return found[-1]
        return found[0] if found else None

    def _attributes(self) -> Iterator[Going]:
        for name, value in (self.batch.get("user_attributes") or {}).items():
            place = below("/user_attributes", name)
            stopped = self.kept_back("user_attributes", name)
            if stopped:
                self.end(place, "filtered", stopped)
                self.why("profile", name, stopped)
            else:
                yield Going(place, name, name, value, "customerio.all-attributes")
        for index, name in enumerate(self.batch.get("deleted_user_attributes") or ()):
            place = pointer("deleted_user_attributes", index)
            if self.lean("deleted-attributes") != "empty-string":
                self.end(place, "unsupported", "customerio.deleted-attributes")
                self.why("profile", name, "customerio.deleted-attributes")
            elif stopped := self.kept_back("user_attributes", name):
                self.end(place, "filtered", stopped)
            else:
                yield Going(place, name, name, "", "customerio.deleted-attributes")

    # --- events -------------------------------------------------------------------------------------------

    def _opted(self) -> Iterator[Going]:
        for index, event in enumerate(self.batch.get("events") or ()):
            if event["event_type"] != "opt_out":
                continue
            place = pointer("events", index)
            data = event.get("data") or {}
            for name in data.get("custom_attributes") or {}:
                inner = place + pointer("data", "custom_attributes", name)
                self.end(inner, "unsupported", "customerio.opt-out-unsubscribes")
            said = data.get("is_opted_out")
            rule = "customerio.opt-in-again" if said is False else "customerio.opt-out-unsubscribes"
            if said is True or (said is False and self.lean("customerio-opt-in") == "resubscribed"):
                self.why("fields", "unsubscribed", rule)
                yield Going(place, "unsubscribed", "unsubscribed", said, rule)
            else:
                self.end(place, "unsupported", rule)
                self.why("fields", "unsubscribed", rule)

    def _events(self) -> Iterator[tuple[str, str, Mapping[str, Any], list[Going]]]:
        """The events that pass the filter: (place, name in the batch, the event, attributes that pass as well)."""
        named = table("customerio.other-kinds-unsupported", "events")
        for index, event in enumerate(self.batch.get("events") or ()):
            kind = event["event_type"]
            if kind == "opt_out":
                continue
            place = pointer("events", index)
            data = event.get("data") or {}
            name = data.get(named.get(kind, "")) or ""
            stopped = self._event_stopped(kind, name, data)
            if stopped:
                self.destinies[place] = stopped
                self.why("events", name, stopped.rule)
                for inner in data.get("custom_attributes") or {}:
                    self.destinies[below(f"{place}/data/custom_attributes", inner)] = stopped
            else:
                yield place, name, event, list(self._event_attributes(place, kind, name, data))

    def _event_stopped(self, kind: str, name: str, data: Mapping[str, Any]) -> Destiny | None:
        if self._from_server() and self.lean("customerio-server-events") == "dropped":
            return Destiny("unsupported", "customerio.server-events")
        if kind not in table("customerio.other-kinds-unsupported", "events"):
            return Destiny("unsupported", "customerio.other-kinds-unsupported")
        hours, moment = self.setup.connection.get("max_data_age_hours"), data.get("timestamp_unixtime_ms")
        if hours and self.setup.now is not None and moment and int(moment) / 1000 < self.setup.now - hours * 3600:
            return Destiny("filtered", "mparticle.max-data-age")
        screen = kind == "screen_view"
        known_as = name if screen else f"{data.get('custom_event_type') or 'unknown'}/{name}"
        stopped = self.kept_back("screens" if screen else "events", known_as)
        return Destiny("filtered", stopped) if stopped else None

    def _event_attributes(self, place: str, kind: str, name: str, data: Mapping[str, Any]) -> Iterator[Going]:
        screen = kind == "screen_view"
        known_as = name if screen else f"{data.get('custom_event_type') or 'unknown'}/{name}"
        for key, value in (data.get("custom_attributes") or {}).items():
            inner = below(f"{place}/data/custom_attributes", key)
            if stopped := self.kept_back("screen_attributes" if screen else "event_attributes", key, known_as):
                self.end(inner, "filtered", stopped)
                self.why("attributes", key, stopped)
            else:
                yield Going(inner, key, key, value, "customerio.forwards-custom-events")

    def _from_server(self) -> bool:
        return platform_of(self.batch) == "custom_feeds"

    def shaped(self, point: Going) -> list[Going]:
        """A point with the value that goes out; none where it ends for want of one."""
        value, rule = point.value, ""
        if value is None:
            rule, choice = "customerio.nulls", self.lean("customerio-nulls")
            value = "" if choice == "empty" else None
        elif isinstance(value, (list, dict)):
            rule, choice = "customerio.lists", self.lean("customerio-lists")
            value = json_text(value) if choice == "json" else value
        elif isinstance(value, str):
            return [point]
        else:
            rule, choice = "customerio.values", self.lean("customerio-values")
            value = text_of(value, self.choices) if choice == "texts" else value
        if choice == "dropped":
            self.end(point.place, "dropped", rule)
            return []
        return [Going(point.place, point.source, point.name, value, rule)]
