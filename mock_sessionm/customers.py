"""What the fake knows of people: the customers of one tenant, found by id, external id, email or phone.

How SessionM behaves when it stores is written here; what it refuses to store is the gate's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.register import openapi

from .chance import Drawn
from .clock import LAST, Clock, moment

BEHAVIOURS = frozenset(
    {
        "sessionm.any-external-id",
        "sessionm.counter-tag",
        "sessionm.deleted-user-gone",
        "sessionm.email-lower-case",
        "sessionm.expiring-tag",
        "sessionm.phones-replaced",
        "sessionm.unmentioned-kept",
    }
)
"""Rules that are kept by how things are stored, not by a check of the gate. A tenant without one of them
behaves as a naive store would: that is how a run proves that it would notice."""

ELSEWHERE = {"email", "external_id", "external_id_type", "identifiers", "opted_in", "phone_numbers", "user_profile"}
FIELDS = frozenset(openapi("sessionm")["components"]["schemas"]["User"]["properties"])
PLAIN_FIELDS = FIELDS - ELSEWHERE
"""Fields of a customer that are stored as they come."""

CRITERIA = ("email", "external_id", "mobile_number", "phone")
"""What a customer can be searched by."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A counter tag has a count, an expiring one the second (since 1970) at which it is gone."""

    count: int | None
    expires: float | None


@dataclass(slots=True, eq=False)
class Customer:
    """One person. `identifiers` maps external ids to their type, the most recently updated one last."""

    id: str
    created: float
    updated: float
    fields: dict[str, Any] = field(default_factory=dict)
    identifiers: dict[str, str | None] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    version: int = 0
    tags: dict[str, Tag] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def record(self, *, profile: bool, identifiers: bool) -> dict[str, Any]:
        """The customer as SessionM Core shows one; custom attributes and external ids where asked for."""
        made: dict[str, Any] = {"id": self.id}
        if self.identifiers:
            made["external_id"] = next(reversed(self.identifiers))
        made.update(self.fields)
        made["account_status"] = "good"
        made["suspended"] = False
        made["created_at"] = moment(self.created)
        made["updated_at"] = moment(self.updated)
        if identifiers:
            made["identifiers"] = [
                {"external_id": name} if kind is None else {"external_id": name, "external_id_type": kind}
                for name, kind in self.identifiers.items()
            ]
        if profile:
            made["user_profile"] = {**self.attributes, "_version": self.version}
        return made


Changed = Callable[[Customer, Collection[str], Collection[str]], None]
"""Is told of each change: whose, which tags, which profile attributes."""


def _nobody_listens(_customer: Customer, _tags: Collection[str], _attributes: Collection[str]) -> None:
    return


class Customers:
    """The customers of one tenant. `chance` makes their ids, `clock` their times; `changed` is told of changes."""

    __slots__ = ("_behaviours", "_by_email", "_by_external", "_by_id", "_chance", "_clock", "changed")

    def __init__(self, clock: Clock, chance: Drawn, behaviours: frozenset[str] = BEHAVIOURS) -> None:
        self._clock = clock
        self._chance = chance
        self._behaviours = behaviours
        self.changed: Changed = _nobody_listens
        self._by_id: dict[str, Customer] = {}
        self._by_external: dict[str, list[Customer]] = {}
        self._by_email: dict[str, Customer] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Customer]:
        return iter(self._by_id.values())

    def by_id(self, id_: str) -> Customer | None:
        return self._by_id.get(id_)

    def by_external(self, external_id: str) -> Customer | None:
        """The customer whom any of several external ids leads to; where two share one, the latest to get it."""
        found = self._by_external.get(external_id)
        if not found:
            return None
        if "sessionm.any-external-id" not in self._behaviours and next(reversed(found[-1].identifiers)) != external_id:
            return None
        return found[-1]

    def holders(self, external_id: str) -> list[Customer]:
        """Every customer who has this external id."""
        return self._by_external.get(external_id, [])

    def by_email(self, email: str) -> Customer | None:
        return self._by_email.get(self.email(email))

    def by_any(self, id_: str) -> Customer | None:
        """By SessionM's id, or else by an external one."""
        return self.by_id(id_) or self.by_external(id_)

    def search(self, wanted: Mapping[str, str]) -> Customer | None:
        """The first customer for whom everything in `wanted` (`CRITERIA`) is exactly so."""
        if not wanted:
            return None
        near: Iterable[Customer | None] = self
        if "email" in wanted:
            near = [self.by_email(wanted["email"])]
        elif "external_id" in wanted:
            near = self.holders(wanted["external_id"])
        for customer in near:
            if customer and self._is(customer, wanted):
                return customer
        return None

    def _is(self, customer: Customer, wanted: Mapping[str, str]) -> bool:
        if "email" in wanted and customer.fields.get("email") != self.email(wanted["email"]):
            return False
        if "external_id" in wanted and wanted["external_id"] not in customer.identifiers:
            return False
        phones = {phone["phone_number"] for phone in customer.fields.get("phone_numbers") or ()}
        return all(wanted[name] in phones for name in ("mobile_number", "phone") if name in wanted)

    def email(self, email: str) -> str:
        """An email as it is stored. SessionM keeps it in small letters (source: sessionm-live-tenant#email)."""
        return email.lower() if "sessionm.email-lower-case" in self._behaviours else email

    def create(self, user: Mapping[str, Any], id_: str | None = None) -> Customer:
        """A new customer from the `user` of a request body; `id_` only where a tenant file gives one."""
        now = self._clock.now()
        customer = Customer(id_ or self._new_id(), now, now, {"opted_in": True})
        self._by_id[customer.id] = customer
        self.write(customer, user)
        return customer

    def write(self, customer: Customer, user: Mapping[str, Any]) -> None:
        """Change what `user` mentions, and nothing else."""
        if "sessionm.unmentioned-kept" not in self._behaviours:
            customer.fields = {"opted_in": True}
            customer.attributes = {}
        for name, value in user.items():
            if name in PLAIN_FIELDS:
                customer.fields[name] = value
        if "opted_in" in user:
            # Clients send it as a boolean or as its text.
            customer.fields["opted_in"] = user["opted_in"] in (True, "true")
        if "email" in user:
            self._give_email(customer, self.email(user["email"]))
        if "phone_numbers" in user:
            before = [] if "sessionm.phones-replaced" in self._behaviours else customer.fields.get("phone_numbers")
            # A cleared list comes back as null (source: sessionm-live-tenant#phones).
            customer.fields["phone_numbers"] = [*(before or ()), *user["phone_numbers"]] or None
        for name, kind in external_ids(user):
            self._give_external(customer, name, kind)
        if user.get("user_profile"):
            customer.attributes.update(user["user_profile"])
            customer.version += 1
        customer.updated = self._clock.now()
        if user.get("user_profile"):
            self.changed(customer, (), user["user_profile"])

    def remove(self, customer: Customer) -> None:
        """Delete a customer: nobody is found by any of the ids any more, and others may have them."""
        if "sessionm.deleted-user-gone" not in self._behaviours:
            return
        del self._by_id[customer.id]
        email = customer.fields.get("email")
        if email is not None and self._by_email.get(email) is customer:
            del self._by_email[email]
        for name in customer.identifiers:
            self._by_external[name].remove(customer)
            if not self._by_external[name]:
                del self._by_external[name]

    def tags(self, customer: Customer) -> dict[str, Tag]:
        """The tags that the customer has now; those whose time is over are dropped on the way."""
        now = self._clock.now()
        if "sessionm.expiring-tag" in self._behaviours:
            customer.tags = {
                name: tag for name, tag in customer.tags.items() if tag.expires is None or tag.expires > now
            }
        return customer.tags

    def tag(self, customer: Customer, named: Iterable[str], ttl: float | None) -> None:
        """Count tags up (no `ttl`), or let them live for `ttl` seconds. The latest call decides the kind."""
        now = self._clock.now()
        tags = self.tags(customer)
        named = list(dict.fromkeys(named))
        for name in named:
            if ttl is None:
                before = tags[name].count if name in tags else None
                counts = "sessionm.counter-tag" in self._behaviours
                tags[name] = Tag((before or 0) + 1 if counts else 1, None)
            elif ttl <= 0:
                tags.pop(name, None)
            else:
                tags[name] = Tag(None, min(now + ttl, LAST))
        self.changed(customer, named, ())

    def export(self) -> list[dict[str, Any]]:
        """Everybody, as JSON that `restore` takes."""
        return [
            {
                "id": customer.id,
                "created": customer.created,
                "updated": customer.updated,
                "fields": customer.fields,
                "identifiers": [[name, kind] for name, kind in customer.identifiers.items()],
                "attributes": customer.attributes,
                "version": customer.version,
                "tags": {
                    name: {"count": tag.count, "expires": tag.expires} for name, tag in self.tags(customer).items()
                },
                "events": customer.events,
            }
            for customer in self
        ]

    def restore(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Put in place what `export` gave; `kept` has the shape that the admin contract describes."""
        self._by_id, self._by_external, self._by_email = {}, {}, {}
        for entry in kept:
            customer = Customer(entry["id"], entry["created"], entry["updated"])
            customer.fields = {"opted_in": True, **entry["fields"]}
            customer.attributes = entry["attributes"]
            customer.version = entry["version"]
            customer.tags = {name: Tag(tag["count"], tag["expires"]) for name, tag in entry["tags"].items()}
            customer.events = entry["events"]
            self._by_id[customer.id] = customer
            for name, kind in entry["identifiers"]:
                self._give_external(customer, name, kind)
            if customer.fields.get("email") is not None:
                self._by_email[customer.fields["email"]] = customer

    def _give_email(self, customer: Customer, email: str) -> None:
        before = customer.fields.get("email")
        if before is not None and self._by_email.get(before) is customer:
            del self._by_email[before]
        customer.fields["email"] = email
        self._by_email[email] = customer

    def _give_external(self, customer: Customer, name: str, kind: str | None) -> None:
        """Make `name` the customer's most recently updated external id; a type once known stays known."""
        before = customer.identifiers.pop(name, None)
        customer.identifiers[name] = kind if kind is not None else before
        found = self._by_external.setdefault(name, [])
        if customer in found:
            found.remove(customer)
        found.append(customer)

    def _new_id(self) -> str:
        while True:
            made = f"{self._chance.getrandbits(128):032x}"
            # Ids of live tenants are lower-case UUIDs of version 1.
            id_ = f"{made[:8]}-{made[8:12]}-1{made[13:16]}-{'89ab'[int(made[16], 16) % 4]}{made[17:20]}-{made[20:]}"
            if id_ not in self._by_id:
                return id_


def external_ids(user: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Every external id in the `user` of a body, with its type; the one in `external_id` last, so it is shown."""
    for entry in user.get("identifiers", ()):
        yield entry["external_id"], entry["external_id_type"]
    if "external_id" in user:
        yield user["external_id"], user.get("external_id_type")
