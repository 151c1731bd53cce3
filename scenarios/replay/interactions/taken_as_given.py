"""A recording begins in the middle of life: what its answers show to have been there before is put into the fake.

It is told, never silent. Nobody is taken as given who was said not to be there, and nothing of somebody whom the
recording itself made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from contracts import Request, Response
from contracts.conformance import Call
from mock_sessionm import SURFACE_OF, Customer, Tenant
from scenarios.shapes import asked_for

from .accounts import Account, json_of
from .holdings import Holdings
from .set_up_as_seen import SetUp
from .unseen import Unseen
from .values import moment_of

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
CRITERIA = ("email", "external_id", "mobile_number", "phone")
ELSEWHERE = frozenset({"email", "external_id", "external_id_type", "identifiers", "phone_numbers", "user_profile"})
VERSION = "_version"
MOST = 10_000
"""A tag that was counted more often is not counted up again for the replay."""
TAKEN = re.compile(r"exist|taken|already|another customer|duplicate|in use|unique", re.IGNORECASE)
"""Words with which a server says that somebody else has an email or an id."""
PEOPLE, TAGS, FIELDS = "customers", "tags of customers", "fields of customers"
Record = Mapping[str, Any]


@dataclass(slots=True)
class TakenAsGiven:
    """What was there before, as far as the answers show it, account by account.

    counts   what was put into the fake, by what it is
    unseen   what of those who were there before no answer has shown yet
    """

    set_up: bool
    counts: Counter[str] = field(default_factory=Counter)
    unseen: Unseen = field(default_factory=Unseen)
    _setting_up: SetUp = field(init=False)
    _holdings: Holdings = field(init=False)

    def __post_init__(self) -> None:
        self._setting_up = SetUp(self.counts, self.set_up)
        self._holdings = Holdings(self.counts, self._setting_up, self.unseen)

    def before(self, call: Call, request: Request, answer: Response, account: Account, tenant: Tenant) -> None:
        """Put into the tenant what must have been there for this request to be answered so; it went well."""
        surface = SURFACE_OF[call.operation.name]
        body, told = json_of(request.body), json_of(answer.body)
        sent = body if isinstance(body, dict) else {}
        shown = told if isinstance(told, dict) else {}
        with _quiet(tenant):
            self._setting_up.before(call, sent, shown, account, tenant)
            if surface.name == "core":
                self._core(call, request, sent, shown, account, tenant)
            elif surface.name in {"connect", "pos"}:
                customer = self._by_body(sent, shown, account, tenant)
                self._holdings.before(call, sent, shown, account, tenant, customer)

    def contradicted(self, request: Request, account: Account, tenant: Tenant) -> str:
        """Where a customer, whom this request makes, was answered about before; empty where that did not happen.

        Only a server that answers for people who are not there does so; they are taken out of the fake again.
        """
        body = json_of(request.body)
        user = body.get("user") if isinstance(body, dict) else None
        given = user if isinstance(user, dict) else {}
        email, external = given.get("email"), given.get("external_id")
        found = tenant.customers.by_email(email) if isinstance(email, str) else None
        if found is None and isinstance(external, str):
            found = tenant.customers.by_external(external)
        where = self.unseen.where(account, found) if found is not None else ""
        if found is not None and where:
            tenant.customers.remove(found)
            self.unseen.remove(account, found)
            account.ids.forget(found.id)
        return where

    def refused(self, call: Call, request: Request, answer: Response, account: Account, tenant: Tenant) -> None:
        """The same for a request that was refused: somebody else may have had the email or the external id."""
        body = json_of(request.body)
        user = body.get("user") if isinstance(body, dict) else None
        if call.operation.name != "createUser" or not isinstance(user, dict) or not TAKEN.search(_said(answer)):
            return
        email, external = user.get("email"), user.get("external_id")
        taken = isinstance(email, str) and tenant.customers.by_email(email) is not None
        taken |= isinstance(external, str) and tenant.customers.by_external(external) is not None
        if taken:
            return
        # Which of the two it was the answer need not say; the email is what a document makes unique.
        name = "email" if isinstance(email, str) and ("email" in _said(answer).lower() or external is None) else ""
        held = {name: email} if name else {"external_id": external}
        if all(isinstance(value, str) for value in held.values()):
            with _quiet(tenant):
                self._make(held, "", account, tenant)

    # --- SessionM Core ------------------------------------------------------------------------------------

    def _core(
        self, call: Call, request: Request, sent: Record, shown: Record, account: Account, tenant: Tenant
    ) -> None:
        operation = call.operation.name
        if operation == "createUser":
            return
        users = shown.get("users") if operation == "listUsers" else [shown.get("user")]
        for record in users if isinstance(users, list) else ():
            named = _named(call, request)
            customer = self._person(record if isinstance(record, dict) else {}, named, account, tenant)
            if customer is not None:
                written = sent.get("user") if isinstance(sent.get("user"), dict) else {}
                if isinstance(record, dict):
                    self._fill(customer, record, written or {}, account, tenant)
                self._tags(customer, sent, shown, account, tenant)

    def _person(self, record: Record, named: Record, account: Account, tenant: Tenant) -> Customer | None:
        """The customer whom a call is about; made where nobody is there, and nothing speaks against it."""
        customers, ids = tenant.customers, account.ids
        by_id = named.get("user_id") or record.get("id") or ""
        external = named.get("external_id")
        found = customers.by_id(ids.own(by_id)) if isinstance(by_id, str) else None
        if "user_id" not in named and external is not None:
            known = customers.by_external(external)
            if known is None and found is not None:
                # Somebody whom the fake knows answers to an id that it does not know: only who was there before may.
                if self.unseen.first(account, found, "external ids"):
                    customers.write(found, {"external_id": external})
                    return found
                return None
            found = known or found
        elif found is None and "user_id" not in named:
            found = customers.search({name: value for name, value in named.items() if name in CRITERIA})
        if found is not None:
            return found
        names = {value for value in (named.get("user_id"), external) if isinstance(value, str)}
        if names & account.gone or not (by_id or external):
            return None
        made = self._make({"external_id": external, **record} if external else record, by_id, account, tenant)
        if external is not None and external not in made.identifiers:
            # The one that the answer shows came later.
            customers.write(made, {"identifiers": [{"external_id": external, "external_id_type": None}]})
            customers.write(made, {"external_id": record.get("external_id", external)})
            made.updated = min(made.updated, moment_of(record.get("updated_at")) or made.created)
        return made

    def _make(self, record: Record, recorded_id: str, account: Account, tenant: Tenant) -> Customer:
        """Somebody who was there before, as far as a record shows it."""
        own = recorded_id.lower()
        free = bool(UUID.fullmatch(own)) and tenant.customers.by_id(own) is None and account.ids.strange(own, own)
        customer = tenant.customers.create(_creatable(record), own if free else None)
        if recorded_id:
            account.ids.bind(recorded_id, customer.id)
        created, updated = moment_of(record.get("created_at")), moment_of(record.get("updated_at"))
        customer.created = min(created if created is not None else customer.created, tenant.clock.now())
        customer.updated = updated if updated is not None else customer.created
        customer.version = 0
        self.unseen.add(account, customer)
        self.counts[PEOPLE] += 1
        return customer

    def _by_body(self, sent: Record, shown: Record, account: Account, tenant: Tenant) -> Customer | None:
        """The customer whom a call of Connect's is about."""
        payload = shown.get("payload")
        named = sent.get("user_id") or (payload.get("user_id") if isinstance(payload, dict) else None)
        if not isinstance(named, str):
            return None
        found = tenant.customers.by_any(account.ids.own(named).lower()) or tenant.customers.by_external(named)
        if found is not None or named in account.gone:
            return found
        return self._make({}, named, account, tenant)

    def _fill(self, customer: Customer, record: Record, written: Record, account: Account, tenant: Tenant) -> None:
        """What a record shows of somebody who was there before, and no record showed yet."""
        if self.unseen.first(account, customer, "fields"):
            known = customer.fields.keys() | written.keys()
            fresh = {name: value for name, value in _creatable(record).items() if name not in known}
            fresh.pop("external_id", None)
            fresh.pop("user_profile", None)
            kept = customer.updated
            tenant.customers.write(customer, fresh)
            customer.updated = kept
            self.counts[FIELDS] += len(fresh)
        profile = record.get("user_profile")
        if isinstance(profile, dict) and self.unseen.first(account, customer, "profile"):
            given = written.get("user_profile")
            own = given if isinstance(given, dict) else {}
            version = profile.get(VERSION)
            fresh = {
                name: value
                for name, value in profile.items()
                if name != VERSION and name not in own and name not in customer.attributes
            }
            # In the order of the answer, which is that in which they came to be.
            customer.attributes = {**fresh, **customer.attributes}
            if isinstance(version, int):
                customer.version = max(version - bool(own), 0)
            self.counts[FIELDS] += len(fresh)
        identifiers = record.get("identifiers")
        if isinstance(identifiers, list) and self.unseen.first(account, customer, "identifiers"):
            _identify(customer, identifiers, written, tenant)

    def _tags(self, customer: Customer, sent: Record, shown: Record, account: Account, tenant: Tenant) -> None:
        told = shown.get("tags")
        if not isinstance(told, (dict, list)) or not self.unseen.first(account, customer, "tags"):
            return
        rows = (
            told.items() if isinstance(told, dict) else ((row.get("tag"), row) for row in told if isinstance(row, dict))
        )
        posted = sent.get("tags")
        fresh: Collection[Any] = posted if isinstance(posted, list) else ()
        for name, state in rows:
            if not isinstance(name, str) or not isinstance(state, dict):
                continue
            count, left = state.get("count"), state.get("ttl")
            if isinstance(count, int):
                for _ in range(min(count - (name in fresh), MOST)):
                    tenant.customers.tag(customer, [name], None)
            elif isinstance(left, (int, float)) and name not in fresh:
                tenant.customers.tag(customer, [name], left)
            self.counts[TAGS] += name not in fresh


def _creatable(record: Record) -> dict[str, Any]:
    """What of an answered record a customer can be made of."""
    plain = {place[1] for place in asked_for("createUser") if len(place) == 2 and place[0] == "user"} - ELSEWHERE
    made = {name: value for name, value in record.items() if name in plain and value is not None}
    for name in ("email", "external_id"):
        if isinstance(record.get(name), str):
            made[name] = record[name]
    phones = record.get("phone_numbers")
    if isinstance(phones, list) and all(isinstance(one, dict) and "phone_number" in one for one in phones):
        made["phone_numbers"] = phones
    profile = record.get("user_profile")
    if isinstance(profile, dict):
        made["user_profile"] = {name: value for name, value in profile.items() if name != VERSION}
    if "external_id" in made and isinstance(record.get("external_id_type"), str):
        made["external_id_type"] = record["external_id_type"]
    return made


def _identify(customer: Customer, identifiers: list[Any], written: Record, tenant: Tenant) -> None:
    """The external ids in the order of an answer; those of the request come after them."""
    own = {one.get("external_id") for one in written.get("identifiers") or () if isinstance(one, dict)}
    own.add(written.get("external_id"))
    rows = [
        {"external_id": one["external_id"], "external_id_type": one.get("external_id_type")}
        for one in identifiers
        if isinstance(one, dict) and isinstance(one.get("external_id"), str)
    ]
    kept = customer.updated
    tenant.customers.write(customer, {"identifiers": [row for row in rows if row["external_id"] not in own]})
    customer.updated = kept


def _named(call: Call, request: Request) -> dict[str, str]:
    """By what a call of Core names its customer."""
    named = {name: unquote(value) for name, value in call.arguments.items() if name in {"user_id", "external_id"}}
    if not named and call.operation.name == "searchUser":
        pairs = parse_qsl(request.target.partition("?")[2], keep_blank_values=True)
        named = {name: value for name, value in pairs if name in CRITERIA}
    return named


def _said(answer: Response) -> str:
    body = json_of(answer.body)
    errors = body.get("errors") if isinstance(body, dict) else None
    return str(errors.get("message", "")) if isinstance(errors, dict) else ""


@contextmanager
def _quiet(tenant: Tenant) -> Iterator[None]:
    """Nobody is told of what was there before."""
    listening, tenant.customers.changed = tenant.customers.changed, lambda *_told: None
    try:
        yield
    finally:
        tenant.customers.changed = listening
