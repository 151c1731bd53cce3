"""The fake's whole world: its tenants, its journal, its time and its troubles. A new app is a new world."""

from __future__ import annotations

import dataclasses
import random
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from contracts import Choices
from contracts.transport import HttpWeb, Web

from .behaviours import BEHAVIOURS
from .check import Check, Find
from .clock import Clock
from .faults import Fault, Schedule
from .gate import GATE
from .journal import Journal
from .neighbourhood import Neighbourhood
from .surfaces import SURFACES
from .tenant import OnViolation, Tenant
from .tenant_settings import LOCAL, PARTNERS, TenantSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Taken(ValueError):
    """There is a tenant with this API key already."""


class World:
    """What `create_app` made, at hand for whoever stands in the same process.

    settings    the tenant that the app was made with: what a new tenant leaves out is as in this one
    clock       the time that a new tenant starts with; each has a clock of its own afterwards
    faults      trouble for every tenant; a tenant's own comes first
    checks      the gate, by operation
    sleep       waits for a delayed answer where nothing below WSGI can
    web         the way to whomever a tenant's SessionM or Braze calls; the app itself stands for the vendors
    """

    def __init__(
        self,
        settings: TenantSettings,
        *,
        clock: Clock,
        choices: Choices,
        gate: tuple[Check | Find, ...] = GATE,
        behaviours: frozenset[str] = BEHAVIOURS,
        seed: int = 0,
        on_violation: OnViolation = "reject",
        journal_limit: int = 10_000,
        sleep: Callable[[float], None] = time.sleep,
        app: WSGIApplication | None = None,
        outside: Web | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.choices = choices
        self.gate = tuple(Check.of(check) for check in gate)
        self.behaviours = behaviours
        self.seed = seed
        self.on_violation: OnViolation = on_violation
        self.sleep = sleep
        self.journal = Journal(journal_limit)
        self.faults = Schedule()
        self.tenants: dict[str, Tenant] = {}
        self.web: Web = Neighbourhood(app, outside or HttpWeb(), self.named)
        self.checks: dict[str, tuple[Check, ...]] = {
            operation: tuple(check for check in self.gate if check.looks_at(surface.name, operation))
            for surface in SURFACES
            for operation in surface.views
        }
        self._doors: dict[tuple[str, str], Tenant] = {}
        self._opened: dict[str, tuple[tuple[str, str], ...]] = {}
        self._chance = random.Random(seed)
        self.create(settings)

    def create(
        self,
        settings: TenantSettings | None = None,
        *,
        on_violation: OnViolation | None = None,
        clock: Clock | None = None,
    ) -> Tenant:
        """A new tenant, by default a twin of the app's own with credentials of its own.

        `clock` is its time, by default the world's: whom its settings bring along come at that time.
        Raises `Taken` where there is a tenant with this API key.
        """
        if settings is None:
            settings = dataclasses.replace(self.settings, **self.fresh_credentials())
        settings = self._with_partners(settings)
        if settings.api_key in self.tenants:
            raise Taken("there is a tenant with this api_key already; delete it first or leave the key out")
        doors = settings.doors()
        taken = [door[0] for door in doors if door in self._doors]
        if taken:
            raise Taken(f"a tenant has these credentials for {taken[0]} already; leave them out or change them")
        tenant = Tenant(
            settings,
            clock=clock if clock is not None else self.clock.copy(),
            choices=self.choices,
            seed=self.seed,
            on_violation=on_violation or self.on_violation,
            behaviours=self.behaviours,
            web=self.web,
        )
        self.tenants[tenant.api_key] = tenant
        self._doors |= dict.fromkeys(doors, tenant)
        self._opened[tenant.api_key] = doors
        return tenant

    def fresh_credentials(self) -> dict[str, Any]:
        """Credentials that no tenant has, for Core and for every neighbour."""
        return {
            "api_key": self._token(),
            "api_secret": self._token(),
            "partners": {partner: self._fresh(partner) for partner in PARTNERS},
        }

    def delete(self, api_key: str) -> bool:
        """Forget a tenant and what the journal has of it; False where there is none."""
        tenant = self.tenants.pop(api_key, None)
        if tenant is None:
            return False
        for door in self._opened.pop(api_key):
            del self._doors[door]
        self.journal.clear(api_key)
        return True

    def named(self) -> Mapping[str, bool]:
        """Every origin that a tenant file names; whether the fake stands there itself."""
        return {origin: own for tenant in self.tenants.values() for origin, own in tenant.origins().items()}

    def several(self, api_key: str | None) -> Iterable[Tenant]:
        """The tenant that is named, or all of them. Raises `KeyError` for an unknown one."""
        return [self.tenants[api_key]] if api_key is not None else list(self.tenants.values())

    def fault(self, tenant: Tenant | None, vendor: str, method: str, path: str) -> Fault | None:
        """What strikes a request; its tenant's faults first, then those for all."""
        if tenant is not None and tenant.faults:
            struck = tenant.faults.next(vendor, method, path, tenant.clock.now())
            if struck is not None:
                return struck
        if self.faults:
            return self.faults.next(vendor, method, path, (tenant or self).clock.now())
        return None

    def reset(self, only: Iterable[str], api_key: str | None = None) -> None:
        """Put back `state`, `journal`, `faults` or `clock`, in one tenant or in all. Raises `KeyError`."""
        wanted = set(only)
        tenants = self.several(api_key)
        if "clock" in wanted and api_key is None:
            self.clock.reset()
        if "faults" in wanted and api_key is None:
            self.faults.clear()
        if "journal" in wanted:
            self.journal.clear(api_key)
        for tenant in tenants:
            if "clock" in wanted:
                tenant.clock.reset()
            if "faults" in wanted:
                tenant.faults.clear()
            if "state" in wanted:
                tenant.reset_state()
                for counter in (tenant.used, tenant.asked, tenant.broken):
                    counter.clear()

    def holder(self, surface: str, header: str | None, near: Tenant | None = None) -> Tenant | None:
        """The tenant whose credentials for an API an Authorization header carries; `near` is tried first."""
        if header is None:
            return None
        if near is not None and header == near.basic and surface == "core":
            return near
        kind, _, given = header.strip().partition(" ")
        return self._doors.get((surface, f"{kind.capitalize()} {given.strip()}"))

    def _with_partners(self, settings: TenantSettings) -> TenantSettings:
        """Settings that lack no neighbour's credentials: the first tenant gets local ones, the others fresh ones."""
        missing = {}
        for partner, names in PARTNERS.items():
            given = settings.partners.get(partner, {})
            if any(name not in given for name in names):
                fresh = LOCAL[partner] if not self.tenants else self._fresh(partner)
                missing[partner] = {**fresh, **given}
        return dataclasses.replace(settings, partners={**settings.partners, **missing}) if missing else settings

    def _fresh(self, partner: str) -> dict[str, str]:
        return {name: self._guid() if name == "retailer_id" else self._token() for name in PARTNERS[partner]}

    def _token(self) -> str:
        return f"{self._chance.getrandbits(128):032x}"

    def _guid(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))


def totals(counters: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Several counts as one."""
    made: dict[str, int] = {}
    for counter in counters:
        for name, count in counter.items():
            made[name] = made.get(name, 0) + count
    return made
