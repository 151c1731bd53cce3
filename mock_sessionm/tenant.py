"""One tenant: what is set up in it, and its own world of customers, time, choices and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from contracts import Choices
from contracts.transport import InProcessWeb, Web, origin

from .behaviours import BEHAVIOURS
from .books import Books
from .campaigns import Campaigns
from .catalogue import Catalogue
from .chance import Chance
from .clock import Clock
from .credentials import basic
from .customers import Customer, Customers
from .faults import Schedule
from .feed import Feed
from .history import of_events, of_points
from .names import Names, names
from .outgoing import Outgoing
from .partners.braze.workspace import Workspace
from .partners.customerio.people import People
from .partners.mparticle.input import Ingest
from .points import PointsSetup
from .repeats import Repeats
from .settling import settle
from .sync import Sync
from .tenant_settings import TenantSettings
from .tiers import Tiers
from .timelines import Timelines
from .wallets import Wallets

OnViolation = Literal["note", "reject", "reject-all"]
ON_VIOLATION: tuple[OnViolation, ...] = ("note", "reject", "reject-all")


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
        self._reset_customers()
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

    def _reset_customers(self) -> None:
        """Everything that SessionM itself keeps of people, empty."""
        self.customers = Customers(self.clock, Chance(self.seed), self.behaviours)
        self.imports = Sync(self.customers, self.choice, self.behaviours)
        self.timelines = Timelines(self.clock)
        self.wallets = Wallets(
            self.catalogue,
            self.clock,
            Chance(f"{self.seed} offers"),
            choice=self.choice,
            behaviours=self.behaviours,
            note=self.timelines.note,
        )
        self.repeats = Repeats(self.clock, self.choice, self.behaviours)
        self.books = Books(
            PointsSetup.of(self.settings.tables),
            self.clock,
            Chance(f"{self.seed} points"),
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

    def export(self) -> dict[str, Any]:
        """Everything that the tenant remembers, as JSON that `restore` takes."""
        return {
            "customers": self.customers.export(),
            "stores": {name: store.export() for name, store in self.stores.items()},
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Put in place what `export` gave; a store that is not in it stays as it is."""
        self.customers.restore(kept["customers"])
        for name, part in kept.get("stores", {}).items():
            self.stores[name].restore(part)

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
