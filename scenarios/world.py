"""The embedded world: our forwarder and the fake in one process, with no socket and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from contracts import Interaction
from contracts.transport import Transport, WsgiTransport
from mock_sessionm import Clock, Tenant, TenantSettings, World, create_app, world

from .place import Place
from .scenario import Scenario
from .stage import Stage

NOBODY = ""
"""Whom the journal names where a request has no tenant: its path or its credentials lead to none."""


class Embedded(Place):
    """One Flask app for a whole run; every scenario gets a tenant of its own in it, and none sees another's.

    `app` is the fake; another gate or other behaviours can stand in it.
    """

    def __init__(self, *, app: Any = None, **settings: Any) -> None:
        """`settings` are those of every `Place`."""
        super().__init__(**settings)
        self.app = app or create_app(
            TenantSettings(), clock=Clock(0, frozen=True), seed=self.seed, choices=self.choices
        )
        self.world: World = world(self.app)

    def tenants(self, scenario: Scenario) -> dict[str, Tenant]:
        """Fresh tenants for a scenario, by the platform whose credentials lead to them."""
        wanted = {"default": self.tenant_settings(scenario)}
        if scenario.second_tenant:
            wanted[scenario.second_tenant] = self.tenant_settings(scenario, "-second")
        made = {}
        for platform, settings in wanted.items():
            # The clock of the world, which may be a wrong one.
            clock = self.world.clock.copy()
            clock.set(scenario.at)
            clock.freeze()
            tenant = self.world.create(settings, on_violation=scenario.on_violation, clock=clock)
            if scenario.faults:
                tenant.faults.set([dict(entry) for entry in scenario.faults])
            made[platform] = tenant
        return made

    def forget(self, tenants: Mapping[str, Tenant]) -> None:
        for tenant in tenants.values():
            self.world.delete(tenant.api_key)
        self.world.journal.clear(NOBODY)

    def heard(self, tenants: Mapping[str, Tenant]) -> Iterator[Interaction]:
        """What came to these tenants, or to nobody at all, in its order."""
        keys = {NOBODY, *(tenant.api_key for tenant in tenants.values())}
        return (entry.interaction() for entry in self.world.journal if entry.tenant in keys)

    def stage(self, tenant: Tenant) -> Stage:
        """Where a story straight to the vendor is played."""
        forwarder = {"planning": self.planning, "delivery": self.delivery}
        return Stage.of(tenant, self.transport(tenant.clock), self.app, **forwarder)

    def transport(self, clock: Clock) -> Transport:
        """Into the fake; a late answer makes the clock go on."""
        return WsgiTransport(self.app, wait=clock.advance)
