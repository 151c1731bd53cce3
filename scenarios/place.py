"""Where scenarios are played: what is the same wherever the fake is, and what the runner asks of such a place."""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from contracts import Choices, Interaction, Violation
from contracts.settings import checked
from contracts.transport import Transport
from forwarder import DESTINATIONS, Batch, Connection, Credentials, Delivered, Delivery, Plan, default_settings, plan
from mock_sessionm import Clock, Tenant, TenantSettings

from .scenario import AS_GIVEN, Rewrite, Scenario
from .stage import Stage

Planning = Callable[..., Plan]
"""As `forwarder.plan` is called: a batch, its connection, `now=`."""
NAMED = {"profile_attributes", "events"}
"""Tables of a scenario's tenant that are looked at one by one; the others go into its settings as they are."""
REGISTER = Choices.written()
"""The choices that the register makes."""


class Unfit(Exception):
    """A scenario cannot be tried here; the text is one short sentence that says why."""


@dataclass(slots=True)
class Forwarded:
    """What happened to the batches of one scenario on the road."""

    plans: list[Plan] = field(default_factory=list)
    outcomes: list[tuple[Delivered, ...]] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    heard: list[Interaction] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return len(self.heard)


class Place(ABC):
    """Our forwarder, and the fakes that scenarios play against, wherever these are.

    connection, tenant   the user's settings, which generated people meet
    choices              what holds where the documents are silent, for whatever does not choose for itself
    planning, delivery   the forwarder: ours, or one that stands in its place for an experiment
    rewrite              the user's mParticle Rule
    """

    def __init__(
        self,
        *,
        connection: Mapping[str, Any] | None = None,
        tenant: TenantSettings | None = None,
        choices: Choices | None = None,
        seed: int = 0,
        planning: Planning = plan,
        delivery: Callable[..., Delivery] = Delivery,
        rewrite: Rewrite | None = None,
    ) -> None:
        self.user_settings = connection
        self.rewrite = rewrite
        self.base_tenant = tenant or TenantSettings()
        self.choices = choices or Choices()
        self.seed = seed
        self.planning = planning
        self.delivery = delivery
        self._connections: dict[str, Connection] = {}

    # --- what a place is asked for ------------------------------------------------------------------------

    @abstractmethod
    def tenants(self, scenario: Scenario) -> Mapping[str, Tenant]:
        """Fresh tenants for a scenario, by the platform whose credentials lead to them. Raises `Unfit`."""

    @abstractmethod
    def forget(self, tenants: Mapping[str, Tenant]) -> None:
        """Leave nothing of these tenants behind; from here on `used` of each is complete."""

    @abstractmethod
    def heard(self, tenants: Mapping[str, Tenant]) -> Iterable[Interaction]:
        """What came to these tenants, in its order."""

    @abstractmethod
    def stage(self, tenant: Tenant) -> Stage:
        """Where a story straight to the vendor is played."""

    @abstractmethod
    def transport(self, clock: Clock) -> Transport:
        """Into the fake; a late answer makes the clock go on."""

    # --- how a scenario is set up -------------------------------------------------------------------------

    def tenant_settings(self, scenario: Scenario, suffix: str = "") -> TenantSettings:
        """What is set up at the vendor for a scenario: its own tables, else the user's, else what it needs."""
        own = scenario.tenant
        base = self.base_tenant if scenario.suite in AS_GIVEN else TenantSettings()
        tables = {name: part for name, part in own.items() if name not in NAMED}
        made = TenantSettings.of(checked(tables, "tenant.schema.yaml", scenario.id, secrets=False)) if tables else base
        attributes = own.get("profile_attributes", {}).get("names", base.attributes)
        defined = own.get("events", {}).get("defined") or base.events
        events = defined or needed_events(scenario, self.settings_for(scenario))
        return replace(
            made if tables else TenantSettings(),
            api_key=f"{scenario.id}{suffix}".replace("/", "."),
            api_secret=f"scenario-secret{suffix}",  # of the fake, for the length of one scenario
            attributes=tuple(attributes),
            events=tuple(dict.fromkeys(events)),
            assumptions=dict(self.choices_for(scenario)) if scenario.pinned or scenario.assume else {},
        )

    def choices_for(self, scenario: Scenario) -> Choices:
        base = REGISTER if scenario.pinned else self.choices
        return base.over(scenario.assume) if scenario.assume else base

    def settings_for(self, scenario: Scenario) -> dict[str, Any]:
        """The raw connection of a scenario: generated people meet the user's own, the others the embedded one."""
        given = scenario.suite in AS_GIVEN and self.user_settings
        base = self.user_settings if given and self.user_settings else embedded_settings(scenario.destination)
        return {**base, **scenario.settings}

    def rewrite_for(self, scenario: Scenario) -> Rewrite | None:
        """The Rule that a scenario's batches meet first."""
        return scenario.rewrite or (self.rewrite if scenario.suite in AS_GIVEN else None)

    def connection_for(self, scenario: Scenario, tenants: Mapping[str, TenantSettings]) -> Connection:
        """The scenario's connection, with the credentials of its tenants (`default` and any platform's own)."""
        key = repr(
            (scenario.destination, scenario.suite in AS_GIVEN, scenario.settings, scenario.assume, scenario.pinned)
        )
        if key not in self._connections:
            settings = {name: part for name, part in self.settings_for(scenario).items() if name != "rules"}
            self._connections[key] = Connection.from_settings(
                settings, dict(self.choices_for(scenario)), destination=scenario.destination
            )
        access = credentials(scenario.destination, tenants)
        return replace(self._connections[key], rule=self.rewrite_for(scenario), **access)

    # --- the road -----------------------------------------------------------------------------------------

    def forward(self, scenario: Scenario, tenants: Mapping[str, Tenant]) -> Forwarded:
        """The scenario's batches through our forwarder into its tenants."""
        crossing = Crossing(self, scenario, tenants)
        for batch in scenario.batches:
            crossing.send(batch)
        return crossing.arrived()


class Crossing:
    """One scenario's batches on their way through our forwarder into its tenants, each when somebody sends it."""

    def __init__(self, place: Place, scenario: Scenario, tenants: Mapping[str, Tenant]) -> None:
        self._place, self._scenario, self._tenants = place, scenario, tenants
        self._connection = place.connection_for(scenario, {name: one.settings for name, one in tenants.items()})
        self._clock, self._choices = tenants["default"].clock, place.choices_for(scenario)
        self._forwarded = Forwarded()
        self._delivery = place.delivery(
            place.transport(self._clock),
            self._connection,
            clock=self._clock.now,
            sleep=self._sleep,
            chance=random.Random(place.seed),
        )

    def send(self, batch: Mapping[str, Any]) -> None:
        """The next batch of the scenario."""
        index = len(self._forwarded.plans)
        if index in self._scenario.pauses:
            for tenant in self._tenants.values():
                tenant.clock.advance(self._scenario.pauses[index])
        made = self._place.planning(self._read(batch), self._connection, now=self._clock.now())
        self._forwarded.plans.append(made)
        self._forwarded.outcomes.append(self._delivery.deliver(made))

    def arrived(self) -> Forwarded:
        """What happened to them all."""
        self._forwarded.heard.extend(self._place.heard(self._tenants))
        self._forwarded.violations.extend(one for heard in self._forwarded.heard for one in heard.violations)
        return self._forwarded

    def _read(self, batch: Mapping[str, Any]) -> Batch:
        if self._scenario.suite == "recorded":
            # It was read once already, where it was recorded.
            return Batch.again(dict(batch))
        raw = json.dumps(batch, ensure_ascii=False).encode()
        return Batch.read(raw, duplicate_keys=self._choices["duplicate-keys"])

    def _sleep(self, seconds: float) -> None:
        self._forwarded.slept.append(seconds)
        self._clock.advance(seconds)


def credentials(destination: str, tenants: Mapping[str, TenantSettings]) -> dict[str, Any]:
    """The fields of a `Connection` that lead to tenants, which are named by the platforms that go to them."""
    pair = DESTINATIONS[destination].pair
    if pair is None:
        return {"platforms": {name: Credentials(one.api_key, one.api_secret) for name, one in tenants.items()}}
    own = tenants["default"].partners[destination]
    return {"account": Credentials(own[pair[0]], own[pair[1]])}


@cache
def embedded_settings(destination: str) -> dict[str, Any]:
    """The raw embedded connection of a destination; treat it as read-only."""
    return default_settings(destination)


def needed_events(scenario: Scenario, settings: Mapping[str, Any]) -> Iterator[str]:
    """The event names that must be defined for a scenario to get anywhere: mapped ones, and the rest as they are."""
    mappings = settings.get("event_mappings", {})
    yield from mappings.values()
    for batch in scenario.batches:
        for event in batch.get("events") or ():
            data = event.get("data") or {}
            name = data.get("event_name") or data.get("screen_name")
            if name:
                yield name
    for call in scenario.calls:
        body = call.get("body")
        if isinstance(body, Mapping):
            named = body.get("events", {})
            # A batch of mParticle's has a list there.
            yield from named if isinstance(named, Mapping) else ()
            if isinstance(body.get("event_lookup"), str):
                yield body["event_lookup"]
    for campaign in scenario.tenant.get("campaigns", ()):
        if "event" in campaign["trigger"]:
            yield campaign["trigger"]["event"]
