"""What should become of batches: the rules once more, written plainly, apart from the forwarder and the fake.

It is slow and simple on purpose. A run compares what the fake holds, and what the forwarder says of each point,
with what stands here; two readings of one document have to agree before a rule counts as kept. Numbers and tables
come from the register, settings are read in their raw form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from contracts.interaction import pointer
from scenarios.account import Account, Destiny, Expected, Setup
from scenarios.person import Happened, Person
from scenarios.reading import (
    Batch,
    Going,
    all_points,
    below,
    identities_of,
    is_unmapped,
    limit,
    mapped_name,
    mpid_of,
    normal_name,
    platform_of,
    reserved_field,
    table,
    value_rule,
)


def expect(batches: Sequence[Batch], setup: Setup) -> Expected:
    """What should be the case after all `batches` were forwarded in order."""
    expected = Expected()
    for batch in batches:
        expected.destinies.append(_Reading(batch, setup, expected).read())
    return expected


class _Reading(Account):
    """One batch read against the rules."""

    def read(self) -> dict[str, Destiny]:
        stopped = self.wrong_key() or self.rewritten("sessionm")
        self.mpid = mpid_of(self.batch)
        stopped = stopped or self._whole()
        if stopped:
            for place in all_points(self.batch):
                self.destinies.setdefault(place, stopped)
            self.nobody(stopped.rule)
            return self.destinies
        self.audiences_stay("sessionm.audiences-unsupported")
        events = list(self._events())
        if not events and self.choices["batch-without-events"] == "held":
            self._hold()
            return self.destinies
        self.end("/mpid", "sent", "sessionm.mpid-always")
        before = self.expected.people.get(self.mpid)
        person = before.copy() if before else Person()
        self._identify(person)
        if not self._describe(person):
            # Refused as a whole: whoever was there stays as before, and who was not is not created.
            self.expected.people[self.mpid] = before
            if before is None:
                return self.destinies
            person = before
        self.expected.people[self.mpid] = person
        for happened in events:
            self._happen(person, *happened)
        return self.destinies

    def _hold(self) -> None:
        """Nothing goes, for no event goes with it; what the filter stops, or identifies nobody, has ended before."""
        for place, kind, value in identities_of(self.batch):
            if self.kept_back("user_identities", kind):
                self.end(place, "filtered", "sessionm.identities-by-filter")
            elif not value or not kind:
                self.end(place, "refused", "sessionm.forwards-user-identities")
        for point in self._attributes():
            stopped = self.kept_back("user_attributes", point.source)
            if stopped:
                self.end(point.place, "filtered", stopped)
        held = Destiny("filtered", "sessionm.batch-without-events")
        for place in all_points(self.batch):
            self.destinies.setdefault(place, held)
        self.nobody(held.rule)

    # --- the whole batch ----------------------------------------------------------------------------------

    def _whole(self) -> Destiny | None:
        if self.batch.get("type") == "audience_membership":
            return Destiny("unsupported", "sessionm.audiences-unsupported")
        if platform_of(self.batch) is None:
            return Destiny("unsupported", "sessionm.platforms")
        stopped = self.logged_out("sessionm", asked=True)
        if stopped is None and not self.mpid:
            return Destiny("refused", "sessionm.mpid-always")
        return stopped

    # --- identities ---------------------------------------------------------------------------------------

    def _identify(self, person: Person) -> None:
        taken: dict[str, str] = {}
        native = (
            table("sessionm.forwards-user-identities", "native") if self.choices["identity-fields"] == "native" else {}
        )
        allowed: dict[str, str] = {}
        for place, kind, value in identities_of(self.batch):
            if self.kept_back("user_identities", kind):
                self.end(place, "filtered", "sessionm.identities-by-filter")
                self.why("identifiers", kind, "sessionm.identities-by-filter")
                self.why("fields", native.get(kind, ""), "sessionm.identities-by-filter")
            elif not value or not kind:
                self.end(place, "refused", "sessionm.forwards-user-identities")
            elif kind in taken and self.choices["colliding-keys"] == "first":
                self.end(place, "merged", "sessionm.colliding-keys")
            else:
                if kind in taken:
                    self.end(taken[kind], "merged", "sessionm.colliding-keys")
                taken[kind] = place
                self.end(place, "sent", "sessionm.forwards-user-identities")
                allowed[kind] = value
        others = {kind: value for kind, value in allowed.items() if kind not in native}
        person.shown = self.mpid
        if others and self.choices["mpid-field"] == "identifiers":
            # The first of them takes the MPID's place, and what stands there is written last.
            first, person.shown = next(iter(others.items()))
            others[first] = others.pop(first)
        for kind, field_name in native.items():
            if kind in allowed:
                value = allowed[kind]
                if field_name == "phone_numbers":
                    person.phones = [value]
                else:
                    person.fields[field_name] = value.lower()
        for kind, value in others.items():
            if value != self.mpid:
                # An external id has one type at a time, the latest that came with it.
                person.types.pop(value, None)
                person.types[value] = kind
        person.identifiers = {kind: value for value, kind in person.types.items()}

    # --- user attributes ----------------------------------------------------------------------------------

    def _describe(self, person: Person) -> bool:
        """Fill in what is known of the person; False where the vendor refuses it."""
        fields: list[Going] = []
        custom: list[Going] = []
        for point in self._attributes():
            stopped = self.kept_back("user_attributes", point.source)
            field_name = reserved_field(point.source, self.choices)
            if stopped:
                self.end(point.place, "filtered", stopped)
                self.why("profile", normal_name(point.source, self.choices)[0], stopped)
                self.why("fields", field_name or "", stopped)
            elif field_name:
                fields.append(Going(point.place, point.source, field_name, point.value, "sessionm.reserved-fields"))
                if point.source not in table("sessionm.reserved-fields", "fields"):
                    self.lean("reserved-name-case")
                    self.doubt("fields", field_name, "sessionm.reserved-name-case", "missing")
                    plain = normal_name(point.source, self.choices)[0]
                    self.doubt("profile", plain, "sessionm.reserved-name-case", "more")
            else:
                named = self._custom(point)
                if named:
                    custom.append(named)
        for point in self.one_each(self.with_text(fields)):
            person.fields[point.name] = self.text(point.value, "fields", point.name)
            self.why("fields", point.name, value_rule(point.value, point.rule))
        return self._store(person, self.capped(self.one_each(self.with_text(custom)), "user-attributes", "profile"))

    def _attributes(self) -> Iterator[Going]:
        for name, value in (self.batch.get("user_attributes") or {}).items():
            yield Going(below("/user_attributes", name), name, name, value, "sessionm.forwards-user-attributes")
        for index, name in enumerate(self.batch.get("deleted_user_attributes") or ()):
            place = pointer("deleted_user_attributes", index)
            if self.lean("deleted-attributes") == "empty-string":
                yield Going(place, name, name, "", "sessionm.deleted-attributes")
            else:
                self.end(place, "unsupported", "sessionm.deleted-attributes")
                plain = normal_name(name, self.choices)[0]
                self.doubt("profile", plain, "sessionm.deleted-attributes", "missing", "more", "text")
                self.texts("profile", plain).add("")

    def _custom(self, point: Going) -> Going | None:
        """A custom attribute under its normalised name; None where it ends here."""
        name, rule = normal_name(point.source, self.choices)
        if not point.source.isascii():
            self.lean("non-ascii-letters")
        if is_unmapped(point.source):
            rule = "sessionm.unmapped-reserved"
            self.doubt("profile", name, rule, "missing", "more")
            if self.lean("unmapped-reserved") == "dropped":
                self.end(point.place, "dropped", rule)
                self.why("profile", name, rule)
                return None
        if not name:
            rule = "sessionm.empty-key"
            if self.lean("empty-key") == "dropped":
                self.end(point.place, "dropped", rule)
                self.why("profile", name, rule)
                return None
            name = "_"
        return Going(point.place, point.source, name, point.value, rule or point.rule)

    def _store(self, person: Person, sent: list[Going]) -> bool:
        """What of the attributes that were sent the vendor keeps; False where it refuses them all."""
        defined = set(self.setup.tenant.attributes)
        by_fold = {name.casefold() for name in defined}
        silences = {
            point.name: "miscased-attribute" if point.name.casefold() in by_fold else "undefined-attribute"
            for point in sent
            if point.name not in defined
        }
        for name, silence in silences.items():
            choice = self.choices[silence]
            if choice == "refused" or (self.setup.reject_all and choice == "ignored"):
                self.why("person", "", f"sessionm.{silence}")
                self.why("profile", name, f"sessionm.{silence}")
                return False
        for point in sent:
            rule = value_rule(point.value, point.rule)
            self.why("profile", point.source, rule)
            self.why("profile", point.name, rule)
            undefined = silences.get(point.name)
            if undefined and self.choices[undefined] != "stored":
                self.why("profile", point.name, f"sessionm.{undefined}")
            elif undefined and len(defined | set(person.profile) | {point.name}) > limit(
                "sessionm.profile-attributes-max"
            ):
                self.why("profile", point.name, "sessionm.profile-attributes-max")
                if self.setup.reject_all:
                    return False
            else:
                person.profile[point.name] = self.text(point.value, "profile", point.name)
        return True

    # --- events -------------------------------------------------------------------------------------------

    def _events(self) -> Iterator[tuple[str, str, list[Going]]]:
        """The events that go: (name, rule, attributes)."""
        for index, event in enumerate(self.batch.get("events") or ()):
            data = event.get("data") or {}
            name_field = table("sessionm.other-kinds-unsupported", "events").get(event["event_type"])
            name = (data.get(name_field) if name_field else None) or ""
            screen = event["event_type"] == "screen_view"
            known_as = name if screen else f"{data.get('custom_event_type') or 'unknown'}/{name}"
            place = pointer("events", index)
            sent_as, rule = self._event_name(name, screen=screen)
            inside = f"{place}/data/custom_attributes"
            attributes = [
                Going(below(inside, key), key, key, value, rule)
                for key, value in (data.get("custom_attributes") or {}).items()
            ]
            stopped = self._event_stopped(name_field, name, known_as, data.get("timestamp_unixtime_ms"), screen=screen)
            if stopped:
                self.destinies[place] = stopped
                # The filter comes before the name: an attribute that it stops ends there.
                named = stopped.fate in {"refused", "dropped"}
                column = "screen_attributes" if screen else "event_attributes"
                for point in attributes:
                    filtered = self.kept_back(column, point.source, known_as) if named else None
                    self.destinies[point.place] = Destiny("filtered", filtered) if filtered else stopped
                self.why("events", sent_as, stopped.rule)
                continue
            self.end(place, "sent", rule)
            yield sent_as, rule, self._event_attributes(attributes, known_as, screen=screen)

    def _event_stopped(
        self, name_field: str | None, name: str, known_as: str, moment: Any, *, screen: bool
    ) -> Destiny | None:
        if not name_field:
            return Destiny("unsupported", "sessionm.other-kinds-unsupported")
        hours = self.setup.connection.get("max_data_age_hours")
        if hours and self.setup.now is not None and moment and int(moment) / 1000 < self.setup.now - hours * 3600:
            return Destiny("filtered", "mparticle.max-data-age")
        stopped = self.kept_back("screens" if screen else "events", known_as)
        if stopped:
            return Destiny("filtered", stopped)
        if not name:
            return Destiny("refused", "sessionm.event-name-required")
        if mapped_name(name, self.setup.connection, self.choices) is None and self.lean("unmapped-event") == "dropped":
            return Destiny("dropped", "sessionm.unmapped-event")
        return None

    def _event_name(self, name: str, *, screen: bool) -> tuple[str, str]:
        mapped = mapped_name(name, self.setup.connection, self.choices)
        if mapped is not None:
            return mapped, "sessionm.event-mappings"
        if screen and self.lean("screen-view-name") == "prefixed":
            return table("sessionm.screen-view-name", "prefix") + name, "sessionm.screen-view-name"
        return name, "sessionm.forwards-screen-views" if screen else "sessionm.forwards-custom-events"

    def _event_attributes(self, attributes: list[Going], known_as: str, *, screen: bool) -> list[Going]:
        kept = []
        for point in attributes:
            stopped = self.kept_back("screen_attributes" if screen else "event_attributes", point.source, known_as)
            if stopped:
                self.end(point.place, "filtered", stopped)
                self.why("attributes", point.source, stopped)
                continue
            normal = normal_name(point.source, self.choices)[0]
            name = point.source
            if normal != name or not name:
                self.doubt("attributes", name, "sessionm.event-attribute-keys", "missing", "more")
                self.doubt("attributes", normal, "sessionm.event-attribute-keys", "missing", "more")
            if (normal != name or not name) and self.lean("event-attribute-keys") == "normalised":
                name = normal or ("" if self.lean("empty-key") == "dropped" else "_")
                if not name:
                    self.end(point.place, "dropped", "sessionm.empty-key")
                    continue
            kept.append(Going(point.place, point.source, name, point.value, point.rule))
        return self.capped(self.one_each(self.with_text(kept)), "event-attributes", "attributes")

    def _happen(self, person: Person, name: str, rule: str, attributes: list[Going]) -> None:
        self.why("events", name, rule)
        if name not in self.setup.tenant.events and self.choices["undefined-event"] != "stored":
            self.why("events", name, "sessionm.undefined-event")
            return
        happened = {}
        for point in attributes:
            scalar = not isinstance(point.value, (str, list, dict))
            as_is = scalar and self.lean("event-attribute-values") == "as-is"
            happened[point.name] = point.value if as_is else self.text(point.value, "attributes", point.name)
            if not isinstance(point.value, str):
                self.why("attributes", point.name, "sessionm.event-values-are-strings")
        person.events.append(Happened(name, happened))
