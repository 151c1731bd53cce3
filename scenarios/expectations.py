"""What should become of batches: the rules once more, written plainly, apart from the forwarder and the fake.

It is slow and simple on purpose. A run compares what the fake holds, and what the forwarder says of each point,
with what stands here; two readings of one document have to agree before a rule counts as kept. Numbers and tables
come from the register, settings are read in their raw form.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts import Choices, rules
from contracts.interaction import pointer
from mock_sessionm import TenantSettings

from .person import MPID_TYPE, Happened, Person

Batch = Mapping[str, Any]
Rewrite = Callable[[dict[str, Any]], dict[str, Any] | None]


def table(rule: str, name: str) -> Any:
    return rules()[rule].table[name]


def limit(rule: str) -> int:
    return rules()[rule].limit or 0


class Destiny(NamedTuple):
    """The fate that a point should have, and the rule that says so."""

    fate: str
    rule: str


@dataclass(frozen=True, slots=True)
class Setup:
    """Under which settings a scenario runs: the connection's raw settings, the tenant's, and the choices."""

    connection: Mapping[str, Any]
    tenant: TenantSettings
    choices: Choices
    rewrite: Rewrite | None = None


@dataclass(slots=True)
class Expected:
    """What should be known of each person (by MPID), and the destiny of every point of every batch.

    `reasons` says for a place of a person, such as `("profile", "FavoriteStore")`, which rule decided about it.
    A person who should not exist is in `people` as None.
    """

    people: dict[str, Person | None] = field(default_factory=dict)
    destinies: list[dict[str, Destiny]] = field(default_factory=list)
    reasons: dict[tuple[str, str, str], str] = field(default_factory=dict)


def expect(batches: Sequence[Batch], setup: Setup) -> Expected:
    """What should be the case after all `batches` were forwarded in order."""
    expected = Expected()
    for batch in batches:
        expected.destinies.append(_Reading(batch, setup, expected).read())
    return expected


class _Reading:
    """One batch read against the rules."""

    def __init__(self, batch: Batch, setup: Setup, expected: Expected) -> None:
        self.batch = batch
        self.setup = setup
        self.choices = setup.choices
        self.expected = expected
        self.destinies: dict[str, Destiny] = {}
        self.mpid = str(batch.get("mpid") or "")

    def read(self) -> dict[str, Destiny]:
        stopped = self._rule() or self._whole()
        if stopped:
            for place in all_points(self.batch):
                self.destinies.setdefault(place, stopped)
            self._nobody(stopped.rule)
            return self.destinies
        events = list(self._events())
        if not events and self.choices["batch-without-events"] == "held":
            held = Destiny("filtered", "sessionm.batch-without-events")
            for place in all_points(self.batch):
                self.destinies.setdefault(place, held)
            self._nobody(held.rule)
            return self.destinies
        person = self.expected.people.get(self.mpid) or Person()
        self.expected.people[self.mpid] = person
        self.destinies["/mpid"] = Destiny("sent", "sessionm.mpid-always")
        self._identify(person)
        self._describe(person)
        for happened in events:
            self._happen(person, happened)
        return self.destinies

    def _nobody(self, rule: str) -> None:
        self.expected.people.setdefault(self.mpid, None)
        self.expected.reasons[(self.mpid, "person", "")] = rule

    def _why(self, part: str, name: str, rule: str) -> None:
        self.expected.reasons[(self.mpid, part, name)] = rule

    # --- the whole batch ----------------------------------------------------------------------------------

    def _rule(self) -> Destiny | None:
        if self.setup.rewrite is None:
            return None
        before = self.batch
        try:
            after = self.setup.rewrite(copy.deepcopy(dict(before)))
        except Exception:  # noqa: BLE001  whatever the Rule raises
            if self.choices["rule-failure"] == "proceed":
                return None
            return Destiny("filtered", "sessionm.rule-failure")
        if after is None:
            return Destiny("filtered", "sessionm.mparticle-rule")
        left = set(all_points(after))
        for place in all_points(before):
            if place not in left:
                self.destinies[place] = Destiny("filtered", "sessionm.mparticle-rule")
        self.batch = after
        self.mpid = str(after.get("mpid") or "")
        return None

    def _whole(self) -> Destiny | None:
        if platform_of(self.batch) is None:
            return Destiny("unsupported", "sessionm.platforms")
        forwarding = self.setup.connection.get("forwarding_rules", {})
        if forwarding.get("logged_in_only", True):
            login = forwarding.get("login_identities", ["customer_id"])
            if not any(value for _, kind, value in identities_of(self.batch) if kind in login):
                return Destiny("filtered", "sessionm.logged-in-only")
        if not self.mpid:
            return Destiny("refused", "sessionm.mpid-always")
        return None

    # --- the data filter ----------------------------------------------------------------------------------

    def _filtered(self, column: str, name: str, parent: str | None = None) -> str | None:
        """The rule that keeps a name back; None where it may go."""
        settings = self.setup.connection.get("data_filter", {})
        tables = settings.get(column, {})
        if self.choices["name-matching"] == "insensitive":
            tables = _folded(tables)
            name = name.casefold()
            parent = parent.casefold() if parent is not None else None
        # The most particular word about a name holds: of its own event before that of any event.
        columns = [tables] if parent is None else [tables.get(parent, {}), tables.get("*", {})]
        whole_type = [name.partition("/")[0] + "/*"] if column == "events" else []
        for key in [name, *whole_type, "*"]:
            for one in columns:
                if key in one:
                    return None if one[key] else "sessionm.data-filter"
        if settings.get("send_new_data_points_by_default", False):
            return None
        return "sessionm.new-data-points-off"

    # --- identities ---------------------------------------------------------------------------------------

    def _identify(self, person: Person) -> None:
        taken: set[str] = set()
        native = (
            table("sessionm.forwards-user-identities", "native") if self.choices["identity-fields"] == "native" else {}
        )
        allowed: dict[str, str] = {}
        for place, kind, value in identities_of(self.batch):
            if self._filtered("user_identities", kind):
                self.destinies[place] = Destiny("filtered", "sessionm.identities-by-filter")
                self._why("identifiers", kind, "sessionm.identities-by-filter")
                self._why("fields", native.get(kind, ""), "sessionm.identities-by-filter")
            elif not value:
                self.destinies[place] = Destiny("refused", "sessionm.forwards-user-identities")
            elif kind in taken and self.choices["colliding-keys"] == "first":
                self.destinies[place] = Destiny("merged", "sessionm.colliding-keys")
            else:
                if kind in taken:
                    earlier = next(
                        p for p, k, _ in identities_of(self.batch) if k == kind and self.destinies[p].fate == "sent"
                    )
                    self.destinies[earlier] = Destiny("merged", "sessionm.colliding-keys")
                taken.add(kind)
                self.destinies[place] = Destiny("sent", "sessionm.forwards-user-identities")
                allowed[kind] = value
        for kind, value in allowed.items():
            if native.get(kind) == "phone_numbers":
                person.phones = [value]
            elif native.get(kind) == "email":
                person.fields["email"] = value.lower()
            elif value != self.mpid:
                person.identifiers[kind] = value
        others = [value for kind, value in allowed.items() if kind not in native]
        person.shown = others[0] if others and self.choices["mpid-field"] == "identifiers" else self.mpid

    # --- user attributes ----------------------------------------------------------------------------------

    def _describe(self, person: Person) -> None:
        fields: list[tuple[str, str, str, Any, str]] = []
        custom: list[tuple[str, str, str, Any, str]] = []
        for place, name, value, base in self._attributes():
            stopped = self._filtered("user_attributes", name)
            if stopped:
                self.destinies[place] = Destiny("filtered", stopped)
                self._why("profile", self._normal(name)[0], stopped)
                continue
            field_name = reserved_field(name, self.choices)
            if field_name:
                fields.append((place, name, field_name, value, "sessionm.reserved-fields"))
                continue
            if name.casefold() in {odd.casefold() for odd in table("sessionm.unmapped-reserved", "names")}:
                base = "sessionm.unmapped-reserved"
                if self.choices["unmapped-reserved"] == "dropped":
                    self.destinies[place] = Destiny("dropped", base)
                    self._why("profile", self._normal(name)[0], base)
                    continue
            normal, rule = self._normal(name)
            if not normal:
                if self.choices["empty-key"] == "dropped":
                    self.destinies[place] = Destiny("dropped", "sessionm.empty-key")
                    self._why("profile", normal, "sessionm.empty-key")
                    continue
                normal, rule = "_", "sessionm.empty-key"
            custom.append((place, name, normal, value, rule or base))
        for one in self._one_each(self._with_text(fields)):
            person.fields[one[2]] = self._text(one[3])
            self._why("fields", one[2], _value_rule(one[3], one[4]))
        sent = self._capped(
            self._one_each(self._with_text(custom)), "sessionm.user-attributes-max", "user-attributes-kept", "profile"
        )
        self._store(person, {one[2]: (self._text(one[3]), _value_rule(one[3], one[4]), one[1]) for one in sent})

    def _attributes(self) -> Iterator[tuple[str, str, Any, str]]:
        for name, value in (self.batch.get("user_attributes") or {}).items():
            yield pointer("user_attributes", name), name, value, "sessionm.forwards-user-attributes"
        for index, name in enumerate(self.batch.get("deleted_user_attributes") or ()):
            place = pointer("deleted_user_attributes", index)
            if self.choices["deleted-attributes"] == "empty-string":
                yield place, name, "", "sessionm.deleted-attributes"
            else:
                self.destinies[place] = Destiny("unsupported", "sessionm.deleted-attributes")

    def _store(self, person: Person, sent: Mapping[str, tuple[str, str, str]]) -> None:
        """What of the attributes that were sent the vendor keeps."""
        defined = set(self.setup.tenant.attributes)
        by_fold = {name.casefold() for name in defined}
        if self._refuses(name for name in sent if name not in defined):
            # The whole request is refused, and with it the person if there was none before.
            return
        for name, (text, rule, source) in sent.items():
            self._why("profile", name, rule)
            if source != name:
                self._why("profile", source, rule)
            if name not in defined:
                if name.casefold() in by_fold:
                    if self.choices["miscased-attribute"] != "stored":
                        self._why("profile", name, "sessionm.miscased-attribute")
                        continue
                elif self.choices["undefined-attribute"] != "stored":
                    self._why("profile", name, "sessionm.undefined-attribute")
                    continue
                if len(defined | set(person.profile) | {name}) > limit("sessionm.profile-attributes-max"):
                    self._why("profile", name, "sessionm.profile-attributes-max")
                    continue
            person.profile[name] = text

    def _refuses(self, undefined: Iterator[str]) -> bool:
        by_fold = {name.casefold() for name in self.setup.tenant.attributes}
        return any(
            self.choices["miscased-attribute" if name.casefold() in by_fold else "undefined-attribute"] == "refused"
            for name in undefined
        )

    # --- events -------------------------------------------------------------------------------------------

    def _events(self) -> Iterator[tuple[str, str, list[tuple[str, str, str, Any, str]]]]:
        """The events that go: (name, rule, attributes)."""
        for index, event in enumerate(self.batch.get("events") or ()):
            data = event.get("data") or {}
            kinds = table("sessionm.other-kinds-unsupported", "events")
            name_field = kinds.get(event["event_type"])
            name = (data.get(name_field) if name_field else None) or ""
            screen = event["event_type"] == "screen_view"
            known_as = name if screen else f"{data.get('custom_event_type') or 'unknown'}/{name}"
            stopped = self._event_stopped(name_field, name, known_as, screen=screen)
            place = pointer("events", index)
            attributes = [
                (place + pointer("data", "custom_attributes", key), key, key, value, "")
                for key, value in (data.get("custom_attributes") or {}).items()
            ]
            if stopped:
                for one in [place, *(entry[0] for entry in attributes)]:
                    self.destinies[one] = stopped
                self._why("events", self._event_name(name, screen=screen)[0], stopped.rule)
                continue
            sent_as, rule = self._event_name(name, screen=screen)
            self.destinies[place] = Destiny("sent", rule)
            yield sent_as, rule, list(self._event_attributes(attributes, known_as, rule, screen=screen))

    def _event_stopped(self, name_field: str | None, name: str, known_as: str, *, screen: bool) -> Destiny | None:
        if not name_field:
            return Destiny("unsupported", "sessionm.other-kinds-unsupported")
        stopped = self._filtered("screens" if screen else "events", known_as)
        if stopped:
            return Destiny("filtered", stopped)
        if not name:
            return Destiny("refused", "sessionm.event-name-required")
        if self._mapped(name) is None and self.choices["unmapped-event"] == "dropped":
            return Destiny("dropped", "sessionm.unmapped-event")
        return None

    def _mapped(self, name: str) -> str | None:
        mappings = self.setup.connection.get("event_mappings", {})
        if self.choices["name-matching"] == "insensitive":
            mappings, name = _folded(mappings), name.casefold()
        found: str | None = mappings.get(name)
        return found

    def _event_name(self, name: str, *, screen: bool) -> tuple[str, str]:
        mapped = self._mapped(name)
        if mapped is not None:
            return mapped, "sessionm.event-mappings"
        if screen and self.choices["screen-view-name"] == "prefixed":
            return table("sessionm.screen-view-name", "prefix") + name, "sessionm.screen-view-name"
        return name, "sessionm.forwards-screen-views" if screen else "sessionm.forwards-custom-events"

    def _event_attributes(
        self, attributes: list[tuple[str, str, str, Any, str]], known_as: str, rule: str, *, screen: bool
    ) -> Iterator[tuple[str, str, str, Any, str]]:
        kept = []
        for place, key, _, value, _ in attributes:
            stopped = self._filtered("screen_attributes" if screen else "event_attributes", key, known_as)
            if stopped:
                self.destinies[place] = Destiny("filtered", stopped)
                self._why("attributes", key, stopped)
                continue
            name = key
            if self.choices["event-attribute-keys"] == "normalised":
                name = self._normal(key)[0] or ("" if self.choices["empty-key"] == "dropped" else "_")
                if not name:
                    self.destinies[place] = Destiny("dropped", "sessionm.empty-key")
                    continue
            kept.append((place, key, name, value, rule))
        yield from self._capped(
            self._one_each(self._with_text(kept)),
            "sessionm.event-attributes-max",
            "event-attributes-kept",
            "attributes",
        )

    def _happen(self, person: Person, event: tuple[str, str, list[tuple[str, str, str, Any, str]]]) -> None:
        name, rule, attributes = event
        self._why("events", name, rule)
        if name not in self.setup.tenant.events and self.choices["undefined-event"] != "stored":
            self._why("events", name, "sessionm.undefined-event")
            return
        as_is = self.choices["event-attribute-values"] == "as-is"
        happened = {}
        for _, _, key, value, _ in attributes:
            scalar = not isinstance(value, (list, dict))
            happened[key] = value if as_is and scalar else self._text(value)
            if not isinstance(value, str):
                self._why("attributes", key, "sessionm.event-values-are-strings")
        person.events.append(Happened(name, happened))

    # --- names and values ---------------------------------------------------------------------------------

    def _normal(self, name: str) -> tuple[str, str | None]:
        """The name after the two steps, and the rule of the last step that changed it."""
        alphanumeric = str.isalnum if self.choices["non-ascii-letters"] == "kept" else _ascii_alphanumeric
        replaced = "".join(letter if alphanumeric(letter) else "_" for letter in name)
        stripped = re.sub("^_+", "", replaced)
        if stripped != replaced:
            return stripped, "sessionm.key-strip"
        return stripped, "sessionm.key-replace" if replaced != name else None

    def _with_text(self, points: list[tuple[str, str, str, Any, str]]) -> list[tuple[str, str, str, Any, str]]:
        kept = []
        for one in points:
            value = one[3]
            if value is None and self.choices["null-as-string"] == "dropped":
                self.destinies[one[0]] = Destiny("dropped", "sessionm.null-as-string")
            elif isinstance(value, (list, dict)) and self.choices["list-as-string"] == "dropped":
                self.destinies[one[0]] = Destiny("dropped", "sessionm.list-as-string")
            else:
                kept.append(one)
        return kept

    def _one_each(self, points: list[tuple[str, str, str, Any, str]]) -> list[tuple[str, str, str, Any, str]]:
        """Of points that got one name, one; it stands where the first of them stood."""
        names = list(dict.fromkeys(one[2] for one in points))
        kept = []
        for name in names:
            same = [one for one in points if one[2] == name]
            winner = same[-1] if self.choices["colliding-keys"] == "last" else same[0]
            for one in same:
                self.destinies[one[0]] = (
                    Destiny("sent", one[4]) if one is winner else Destiny("merged", "sessionm.colliding-keys")
                )
            if len(same) > 1:
                winner = (*winner[:4], "sessionm.colliding-keys")
            kept.append(winner)
        return kept

    def _capped(
        self, points: list[tuple[str, str, str, Any, str]], rule: str, assumption: str, part: str
    ) -> list[tuple[str, str, str, Any, str]]:
        most = limit(rule)
        stay = {
            "first": points[:most],
            "last": points[-most:],
            "alphabetical": sorted(points, key=lambda p: p[2])[:most],
        }
        chosen = stay[self.choices[assumption]]
        for one in points:
            if one not in chosen:
                self.destinies[one[0]] = Destiny("dropped", rule)
                self._why(part, one[2], rule)
        return [one for one in points if one in chosen]

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        if value is None:
            return "null" if self.choices["null-as-string"] == "null" else ""
        if isinstance(value, bool):
            words = {"lowercase": ("false", "true"), "capitalised": ("False", "True"), "digit": ("0", "1")}
            return words[self.choices["boolean-as-string"]][value]
        if isinstance(value, (int, float)):
            if self.choices["number-as-string"] == "shortest" and value == int(value):
                return str(int(value))
            return json.dumps(value)
        if isinstance(value, list) and self.choices["list-as-string"] == "comma":
            return ",".join(self._text(inner) for inner in value)
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def platform_of(batch: Batch) -> str | None:
    """Our name of the batch's platform; None for one that is not taken."""
    named = (batch.get("device_info") or {}).get("platform") or (batch.get("application_info") or {}).get("os")
    if not named:
        return "custom_feeds"
    plain = re.sub(r"[ _-]", "", named).lower()
    spellings = table("sessionm.platforms", "spellings")
    return next((platform for platform, known in spellings.items() if plain in known), None)


def identities_of(batch: Batch) -> list[tuple[str, str, str | None]]:
    """(pointer, type, value) of each user identity, whichever of its two forms the batch uses."""
    found = batch.get("user_identities") or {}
    pairs = (
        [(pointer("user_identities", name), name, value) for name, value in found.items()]
        if isinstance(found, Mapping)
        else [(pointer("user_identities", i), one["identity_type"], one.get("identity")) for i, one in enumerate(found)]
    )
    return [(place, "customer_id" if kind.startswith("customer") else kind, value) for place, kind, value in pairs]


def all_points(batch: Batch) -> list[str]:
    """The pointer of every data point of a batch (decided once: MPID, identities, attributes, events)."""
    places = [pointer("mpid")] if "mpid" in batch else []
    places += [place for place, _, _ in identities_of(batch)]
    places += [pointer("user_attributes", name) for name in batch.get("user_attributes") or {}]
    places += [pointer("deleted_user_attributes", i) for i in range(len(batch.get("deleted_user_attributes") or []))]
    for index, event in enumerate(batch.get("events") or []):
        places.append(pointer("events", index))
        inner = (event.get("data") or {}).get("custom_attributes") or {}
        places += [pointer("events", index, "data", "custom_attributes", name) for name in inner]
    return places


def reserved_field(name: str, choices: Choices) -> str | None:
    """The field of SessionM's own that a user attribute goes into."""
    fields: Mapping[str, str] = table("sessionm.reserved-fields", "fields")
    if choices["reserved-name-case"] == "exact":
        return fields.get(name)
    return next((field for known, field in fields.items() if known.lower() == name.lower()), None)


def _value_rule(value: Any, otherwise: str) -> str:
    """A value that had to become a string leans on the rule that says so."""
    return otherwise if isinstance(value, str) else "sessionm.values-are-strings"


def _ascii_alphanumeric(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


def _folded(tables: Mapping[str, Any]) -> dict[str, Any]:
    return {name.casefold(): _folded(inner) if isinstance(inner, Mapping) else inner for name, inner in tables.items()}


__all__ = ["MPID_TYPE", "Destiny", "Expected", "Setup", "all_points", "expect", "identities_of", "platform_of"]
