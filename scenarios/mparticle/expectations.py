"""What should become of batches on their way into an input of mParticle: the rules once more, written plainly.

It is slow and simple on purpose, and knows neither the forwarder nor the fake. Numbers and tables come from the
register, settings are read in their raw form. Whatever it expects of a batch it writes as the bodies of requests.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.interaction import pointer
from contracts.register import openapi
from scenarios.account import Destiny, Expected, Setup
from scenarios.reading import Batch, Going, all_points, below, identities_of, limit, mpid_of, table

from .events import EventReading
from .folding import NOBODY, folded, who
from .plain import attributes_of, bytes_of, place_of
from .taking import taken

TYPES = openapi("mparticle")["components"]["schemas"]["IdentityType"]["enum"]
SENT = Destiny("sent", "")
Body = dict[str, Any]


def expect(batches: Sequence[Batch], setup: Setup) -> Expected:
    """What should be the case after all `batches` were forwarded in order."""
    expected = Expected()
    bodies: dict[str, list[Body]] = {}
    known: set[str] = set()
    for batch in batches:
        reading = _Reading(batch, setup, expected)
        expected.destinies.append(reading.read())
        request = reading.request
        if request is None:
            continue
        if reading.id is None or reading.id not in known:
            kept = taken(_apart(request), setup)
            bodies.setdefault(reading.mpid, []).append(kept)
        known |= {reading.id} if reading.id is not None else set()
    for person, sent in bodies.items():
        expected.people[person] = folded(sent)
    return expected


def _apart(request: Body) -> Body:
    """A copy of which everything may be changed that is a table of a batch or of an event."""
    events = [{**event, "data": dict(event["data"])} for event in request["events"]]
    return {**request, "events": events}


class _Reading(EventReading):
    """One batch read against the rules. `request` is what should arrive of it, all in one; None for nothing."""

    def __init__(self, batch: Batch, setup: Setup, expected: Expected) -> None:
        super().__init__(batch, setup, expected)
        self.request: Body | None = None
        self.id: str | None = None
        self.attributes: list[Going] = []

    def read(self) -> dict[str, Destiny]:
        self.mpid = self._someone(self._identity_values())
        stopped = self._whole() or self._parts()
        if stopped:
            for place in all_points(self.batch):
                if self.destinies.get(place, SENT).fate == "sent":
                    self.destinies[place] = stopped
            self.nobody(stopped.rule)
        return self.destinies

    # --- the whole batch ----------------------------------------------------------------------------------

    def _whole(self) -> Destiny | None:
        stopped = self.wrong_key() or self.rewritten("madconnect")
        if stopped:
            return stopped
        self.mpid = self._someone(self._identity_values())
        if self.batch.get("type") == "audience_membership":
            return Destiny("unsupported", "madconnect.events-only")
        self.audiences_stay("madconnect.events-only")
        return self.logged_out("madconnect", asked=False)

    def _parts(self) -> Destiny | None:
        """The batch part by part; a destiny where it turns out that nothing of it goes."""
        events = self.kinds()
        self._user_attributes()
        events = [event for event in events if not self.filtered(*event)]
        self._events_alone()
        identities = self._identities()
        self.mpid = self._someone(identities)
        if self.mpid == NOBODY and not self._device() and self.lean("madconnect-nobody") == "refused":
            self.mpid = self._someone(self._identity_values())
            return Destiny("refused", "madconnect.somebody")
        nodes = [node for node in (self.event(*event) for event in self.named(events)) if node is not None]
        self._values()
        if not nodes and self.lean("madconnect-without-events") == "held":
            return Destiny("filtered", "madconnect.without-events")
        return self._sized(self._head(identities), nodes)

    def _someone(self, identities: Mapping[str, str]) -> str:
        mpid = mpid_of(self.batch) if self.choices["madconnect-mpid"] == "sent" else ""
        return who({"mpid": mpid, "user_identities": identities})

    def _identity_values(self) -> dict[str, str]:
        return {kind: value for _, kind, value in identities_of(self.batch) if value}

    def _device(self) -> bool:
        told = {**(self.batch.get("device_info") or {}), "mp_deviceid": self.batch.get("mp_deviceid")}
        names, absent = table("madconnect.somebody", "device"), table("madconnect.somebody", "absent")
        return any(told.get(name) and told[name] != absent for name in names)

    # --- the user -----------------------------------------------------------------------------------------

    def _identities(self) -> dict[str, str]:
        went: dict[str, tuple[str, str]] = {}
        for place, kind, value in identities_of(self.batch):
            if self.kept_back("user_identities", kind):
                self._ended(place, "filtered", "madconnect.data-filter", "identifiers", kind)
            elif not value or not kind:
                self._ended(place, "refused", "madconnect.identity-map", "identifiers", kind)
            elif kind not in TYPES:
                self._ended(place, "unsupported", "madconnect.identity-types", "identifiers", kind)
            else:
                self.why("identifiers", kind, "madconnect.identity-map")
                self.end(place, "sent", "madconnect.identity-map")
                last = kind in went and self.lean("colliding-keys") == "last"
                if kind in went:
                    self.end(went[kind][0] if last else place, "merged", "madconnect.identity-map")
                if kind not in went or last:
                    went[kind] = place, value
        return {kind: value for kind, (_, value) in went.items()}

    def _user_attributes(self) -> None:
        for name, value in (self.batch.get("user_attributes") or {}).items():
            place = below("/user_attributes", name)
            self.attributes.append(Going(place, name, name, value, "madconnect.user-attributes"))
        for index, name in enumerate(self.batch.get("deleted_user_attributes") or ()):
            place = pointer("deleted_user_attributes", index)
            self.attributes.append(Going(place, name, name, None, "madconnect.deleted-attributes"))
        for point in list(self.attributes):
            self.why("profile", point.name, point.rule)
            if self.kept_back("user_attributes", point.name):
                self._leave(point, "filtered", "madconnect.data-filter")

    def _events_alone(self) -> None:
        if self.attributes and self.lean("madconnect-user-attributes") == "left-out":
            for point in list(self.attributes):
                self._leave(point, "unsupported", "madconnect.user-attributes")

    def _values(self) -> None:
        for point in list(self.attributes):
            inner = point.value if isinstance(point.value, list) else [point.value]
            nested = any(isinstance(value, (list, dict)) for value in inner)
            if nested and self.lean("madconnect-list-values") == "refused":
                self._leave(point, "refused", "madconnect.attribute-values")

    def _leave(self, point: Going, fate: str, rule: str) -> None:
        self.attributes.remove(point)
        self._ended(point.place, fate, rule, "profile", point.name)

    def _ended(self, place: str, fate: str, rule: str, part: str, name: str) -> None:
        self.end(place, fate, rule)
        self.why(part, name, rule)

    # --- the request --------------------------------------------------------------------------------------

    def _head(self, identities: dict[str, str]) -> Body:
        batch = self.batch
        head: Body = {}
        for name in table("madconnect.input-form", "batch"):
            self.why("fields", name, "madconnect.input-form")
            if batch.get(name) is not None and batch[name] != "":
                head[name] = copy.deepcopy(batch[name])
        head.get("context", {}).get("data_plan", {}).pop("block_metadata", None)
        environment = str(head.pop("environment", "")).lower()
        if environment in table("madconnect.input-form", "environments"):
            head["environment"] = environment
        if self.mpid.lstrip("-").isdigit() and self.mpid == mpid_of(batch):
            head["mpid"] = int(self.mpid)
        if identities:
            head["user_identities"] = identities
        self.id = batch.get("source_request_id") or None
        if self.id is None and self.lean("madconnect-request-id") == "derived":
            # What it is made of is the forwarder's own affair; here it only must be the same for the same batch.
            self.id = f"{mpid_of(batch)}.{batch.get('batch_id') or json.dumps(batch)}"
        return head

    def _sized(self, head: Body, events: list[tuple[int, Body]]) -> Destiny | None:
        """What of all that fits into requests."""
        most = limit("mparticle.request-bytes-max")
        head_bytes = bytes_of({**head, "source_request_id": self._id_length() * "i", "events": []})
        if bytes_of(self._request(head, [node for _, node in events])) > most:
            if self.lean("madconnect-oversized") == "refused" or head_bytes > most:
                return Destiny("refused", "madconnect.split")
            if head_bytes + bytes_of(self._described()) > most:
                for point in list(self.attributes):
                    self._leave(point, "refused", "madconnect.split")
            for index, node in list(events):
                if head_bytes + bytes_of(node) > most:
                    events.remove((index, node))
                    self.destinies.pop(pointer("events", index))
                    for name in attributes_of(self.batch["events"][index]):
                        if self.destinies[place_of(index, name)].fate == "sent":
                            del self.destinies[place_of(index, name)]
                    self.end_event(index, self.batch["events"][index], "refused", "madconnect.split")
            if not events and self.lean("madconnect-without-events") == "held":
                return Destiny("filtered", "madconnect.without-events")
        self.request = self._request(head, [node for _, node in events])
        self.request.pop("source_request_id")
        for point in self.attributes:
            self.end(point.place, "sent", point.rule)
        if "mpid" in self.batch:
            self.end("/mpid", "sent" if "mpid" in head else "dropped", "madconnect.mpid")
        return None

    def _described(self) -> Body:
        set_ = {point.name: point.value for point in self.attributes if point.place.startswith("/user_attributes/")}
        deleted = [point.name for point in self.attributes if point.place.startswith("/deleted_user_attributes/")]
        told: Body = {"user_attributes": set_} if set_ else {}
        return {**told, "deleted_user_attributes": deleted} if deleted else told

    def _request(self, head: Body, nodes: list[Body]) -> Body:
        return {**head, **self._described(), "source_request_id": self._id_length() * "i", "events": nodes}

    def _id_length(self) -> int:
        own = self.batch.get("source_request_id")
        derived = f"{mpid_of(self.batch) or None}.{self.batch.get('batch_id') or 12 * 'd'}"
        return len(str(own or derived))
