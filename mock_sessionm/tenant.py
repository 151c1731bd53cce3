"""One tenant: what is set up in it, and its own world of customers, time, choices and counts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Protocol

from contracts import Choices, validate
from contracts.settings import SettingsError, parse, read
from contracts.transport import InProcessWeb, Web, origin

from .behaviours import BEHAVIOURS
from .books import Books
from .campaigns import Campaigns
from .campaigns.definition import campaigns_of, variants_of
from .catalogue import Catalogue, wrong_offers
from .clock import Clock
from .credentials import basic
from .customers import Customer, Customers
from .faults import Schedule
from .feed import Feed
from .history import of_events, of_points
from .names import Names, names
from .outgoing import Outgoing
from .partners.braze.workspace import Workspace, complaints
from .partners.customerio.people import People
from .partners.customerio.profiles import complaints as wrong_people
from .partners.mparticle.input import Ingest, inputs_of, wrong_inputs
from .points import PointsSetup, wrong_tables
from .repeats import Repeats
from .settling import settle
from .sync import Sync
from .tiers import Tiers, wrong_tiers
from .timelines import Timelines
from .wallets import Wallets

OnViolation = Literal["note", "reject", "reject-all"]
ON_VIOLATION: tuple[OnViolation, ...] = ("note", "reject", "reject-all")
API_KEY = "local-key"
API_SECRET = "local-secret"  # noqa: S105  the fake's own, which `serve` prints
SCHEMA = "tenant.schema.yaml"
PARTNERS = {
    "connect": ("key", "secret", "retailer_id"),
    "braze": ("api_key",),
    "customerio": ("site_id", "api_key"),
    "mparticle": ("key", "secret"),
}
"""The neighbours of SessionM Core, and what a tenant's credentials for each are made of."""
LOCAL: Mapping[str, Mapping[str, str]] = {
    "connect": {
        "key": "local-connect-key",
        "secret": "local-connect-secret",
        "retailer_id": "00000000-0000-4000-8000-000000000001",
    },
    "braze": {"api_key": "local-braze-key"},
    "customerio": {"site_id": "local-site", "api_key": "local-customerio-key"},
    "mparticle": {"key": "local-mparticle-key", "secret": "local-mparticle-secret"},
}
"""The credentials of the first tenant of a fake, where its file gives none."""
FLAT = ("core", "profile_attributes", "events", "users", "assumptions", *PARTNERS)
"""The tables of a tenant file that have a field of their own in `TenantSettings`."""


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What a tenant file sets up, with defaults for what it leaves out.

    `attributes` and `events` are the defined names, case-sensitive. `users` are entries of `[[users]]`.
    `assumptions` are choices that hold in this tenant whatever the app's are. `partners` are the tables of the
    neighbours, credentials included; `tables` is every other table as the file has it, for whoever reads it.
    """

    api_key: str = API_KEY
    api_secret: str = API_SECRET
    attributes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    users: tuple[Mapping[str, Any], ...] = ()
    assumptions: Mapping[str, str] = field(default_factory=dict)
    partners: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any], name: str = "tenant") -> TenantSettings:
        """Settings from what `contracts.settings` read; `name` stands for the file in messages.

        Raises `SettingsError` where `[[users]]` holds somebody who could not be created.
        """
        core = document.get("core", {})
        users = tuple(document.get("users", ()))
        for index, entry in enumerate(users):
            wrong = validate("sessionm", "createUser", {"user": entry["user"]})
            if wrong:
                raise SettingsError(f"{name}: users.{index}{wrong[0].message.replace('/', '.')}")
        campaigns_of(document, name)
        variants_of(document, name)
        tables = (*wrong_tables(document), *wrong_tiers(document), *wrong_offers(document))
        partners = (
            *complaints(document.get("braze", {})),
            *wrong_people(document.get("customerio", {})),
            *wrong_inputs(document.get("mparticle", {})),
        )
        for complaint in (*tables, *partners):
            raise SettingsError(f"{name}: {complaint}")
        return cls(
            api_key=core.get("api_key", API_KEY),
            api_secret=core.get("api_secret", API_SECRET),
            attributes=tuple(document.get("profile_attributes", {}).get("names", ())),
            events=tuple(document.get("events", {}).get("defined", ())),
            users=users,
            assumptions=dict(document.get("assumptions", {})),
            partners={partner: document[partner] for partner in PARTNERS if partner in document},
            tables={name: table for name, table in document.items() if name not in FLAT},
        )

    def document(self) -> dict[str, Any]:
        """The JSON form of a tenant file, credentials included."""
        return {
            "core": {"api_key": self.api_key, "api_secret": self.api_secret},
            **{partner: dict(entry) for partner, entry in self.partners.items()},
            "profile_attributes": {"names": list(self.attributes)},
            "events": {"defined": list(self.events)},
            "users": [dict(entry) for entry in self.users],
            "assumptions": dict(self.assumptions),
            **self.tables,
        }

    def doors(self) -> tuple[tuple[str, str], ...]:
        """Every pair of an API and an Authorization header that opens it."""
        connect, braze, customerio = (self.partners.get(name, {}) for name in ("connect", "braze", "customerio"))
        made = [("core", basic(self.api_key, self.api_secret))]
        if "key" in connect and "secret" in connect:
            pair = basic(connect["key"], connect["secret"])
            made += [("connect", pair), ("pos", pair)]
        if "site_id" in customerio and "api_key" in customerio:
            pair = basic(customerio["site_id"], customerio["api_key"])
            made += [("customerio", pair), ("customerio-v2", pair)]
        made += [("mparticle", one.authorization) for one in inputs_of(self.partners.get("mparticle", {}))]
        keys = [braze, *braze.get("keys", ())]
        return (*made, *(("braze", f"Bearer {one['api_key']}") for one in keys if "api_key" in one))


def load_tenant(path: Path | str) -> TenantSettings:
    """A tenant file. Raises `contracts.settings.SettingsError`, one line with file, line and key."""
    return TenantSettings.of(read(Path(path), SCHEMA), str(path))


@cache
def default_tenant() -> TenantSettings:
    """The embedded tenant, with which every command works when no file is given."""
    text = (resources.files("mock_sessionm") / "tenant.toml").read_text(encoding="utf-8")
    return TenantSettings.of(parse(text, SCHEMA, "tenant.toml"))


class Store(Protocol):
    """Something that a tenant remembers: it can be written out as JSON, and read back."""

    def export(self) -> Any: ...

    def restore(self, kept: Any) -> None:
        """Put in place what `export` gave; `kept` has the shape that the admin contract describes."""
        ...


class Tenant:
    """One SessionM account in the fake, named by its Core API key. Making one takes microseconds.

    customers   who is known
    catalogue   the offers that are defined
    wallets     the offers that customers hold
    repeats     requests from points of sale, each of which is done once
    books       the points that customers have
    tiers       the levels that customers are at
    timelines   what happened to customers
    campaigns   what sets off what, and how far everybody is
    outgoing    what was sent out
    feed        the feed to mParticle
    ingest      mParticle: batches that were taken, and its profiles
    workspace   the Braze side: users, campaigns, and the messages that were sent
    track       the people of the Customer.io workspace
    web         the way to whomever is called
    clock       its own time
    imports     files of tags on their way in
    choices     what holds where the documents are silent
    faults      trouble on purpose
    used        how often an assumption made a difference, by its id
    asked       how many requests each operation had
    broken      how many requests broke a rule, by its id
    stores      what is remembered beside customers, by the name that it has in an exported state
    """

    __slots__ = (
        "asked",
        "attributes",
        "basic",
        "behaviours",
        "books",
        "broken",
        "campaigns",
        "catalogue",
        "choices",
        "clock",
        "customers",
        "events",
        "faults",
        "feed",
        "imports",
        "ingest",
        "on_violation",
        "outgoing",
        "repeats",
        "seed",
        "settings",
        "settling",
        "stores",
        "tiers",
        "timelines",
        "track",
        "used",
        "wallets",
        "web",
        "workspace",
    )

    def __init__(
        self,
        settings: TenantSettings,
        *,
        clock: Clock,
        choices: Choices,
        seed: int = 0,
        on_violation: OnViolation = "reject",
        behaviours: frozenset[str] = BEHAVIOURS,
        web: Web | None = None,
    ) -> None:
        """`web` is the way to whomever the tenant's SessionM or Braze calls; without it nobody is there."""
        self.settings = settings
        self.web: Web = web or InProcessWeb({})
        self.settling = False
        self.clock = clock
        self.choices = choices.over(settings.assumptions) if settings.assumptions else choices
        self.seed = seed
        self.on_violation: OnViolation = on_violation
        self.behaviours = behaviours
        self.attributes: Names = names(settings.attributes)
        self.events: Names = names(settings.events)
        self.basic = basic(settings.api_key, settings.api_secret)
        self.catalogue = Catalogue.of(settings.tables)
        self.faults = Schedule()
        self.used: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.reset_state()

    def __repr__(self) -> str:
        return f"Tenant({self.settings.api_key!r}, {len(self.customers)} customers)"

    @property
    def api_key(self) -> str:
        return self.settings.api_key

    def reset_state(self) -> None:
        """Forget everybody but those whom the settings bring along."""
        self.customers = Customers(self.clock, random.Random(self.seed), self.behaviours)
        self.imports = Sync(self.customers, self.choice, self.behaviours)
        self.timelines = Timelines(self.clock)
        self.wallets = Wallets(
            self.catalogue,
            self.clock,
            random.Random(f"{self.seed} offers"),
            choice=self.choice,
            behaviours=self.behaviours,
            note=self.timelines.note,
        )
        self.repeats = Repeats(self.clock, self.choice, self.behaviours)
        self.books = Books(
            PointsSetup.of(self.settings.tables),
            self.clock,
            random.Random(f"{self.seed} points"),
            self.choices,
            self.used,
            self.behaviours,
        )
        self.tiers = Tiers(
            self.settings.tables, self.clock, self.books, self.timelines, self.choices, self.used, self.behaviours
        )
        self.books.moved = self.tiers.moved
        everything = self.choices["disable-event-publishing"] == "no-effect"
        points = of_points(self.books, everything=everything)
        self.timelines.draw += (of_events(self.customers), points, self.wallets.expiries)
        self.stores: dict[str, Store] = {
            "offers": self.wallets,
            "pos_requests": self.repeats,
            "points": self.books,
            "tiers": self.tiers,
            "timelines": self.timelines,
        }
        self._bring_along()
        self.outgoing = Outgoing(self)
        self.workspace = Workspace(self)
        self.track = People(self)
        self.ingest = Ingest(self)
        self.feed = Feed(self)
        self.campaigns = Campaigns.of(self)
        self.stores |= {
            "outgoing": self.outgoing,
            "braze": self.workspace,
            "customerio": self.track,
            "feed": self.feed,
            "mparticle": self.ingest,
            "campaigns": self.campaigns,
        }
        # From here on: whom the settings bring along, the feed is not told of.
        self.customers.changed = self.feed.changed

    def _bring_along(self) -> None:
        """The customers of the settings, with what they have."""
        for entry in self.settings.users:
            customer: Customer = self.customers.create(entry["user"], entry.get("id"))
            for call in entry.get("tags", ()):
                self.customers.tag(customer, call["tags"], call.get("ttl"))
            for points in entry.get("points", ()):
                account = points.get("point_account_id")
                self.books.deposit(customer.id, points["amount"], account_id=account and account.lower())
            for held in entry.get("offers", ()):
                self.wallets.give(customer.id, held["offer_id"], quantity=held.get("quantity", 1), id_=held.get("id"))

    def settle(self) -> None:
        """Do what has become due by the clock."""
        settle(self)

    def messages(self) -> list[dict[str, Any]]:
        """The messages that the Braze side sent, in their order, as JSON; `sent_out` the calls that led to them."""
        return [one.shown() for one in self.workspace.messages]

    def sent_out(self) -> list[dict[str, Any]]:
        """What SessionM sent out, in its order, as JSON."""
        return [one.shown() for one in self.outgoing]

    def origins(self) -> dict[str, bool]:
        """Every origin that the settings name for calls from here; whether the fake stands there itself."""
        variants = self.campaigns.variants.values()
        endpoints = [*(one.endpoint for one in variants), self.settings.tables.get("feed", {}).get("endpoint", "")]
        made = {origin(endpoint): False for endpoint in endpoints if endpoint}
        return {**made, origin(self.workspace.endpoint): True, origin(self.ingest.endpoint): True}

    def choice(self, assumption: str) -> str:
        """The choice that holds for an assumption; it is counted, so ask only where it makes a difference."""
        self.used[assumption] += 1
        return self.choices[assumption]
