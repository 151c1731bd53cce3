"""Somebody else's forwarder on trial: batches go to its Events API, and the fake on a real port tells what arrived.

The forwarder has one connection and one pair of credentials, so all scenarios share a tenant; people are told
apart by their MPID, and then by their customer id. A scenario that needs other settings than the forwarder's
is untried, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from contracts import Choices, Interaction, Violation, rules
from contracts.serving import Server
from forwarder import default_settings
from mock_sessionm import Tenant, TenantSettings, create_app, world

from .account import Expected, Setup
from .arrivals import Arrivals
from .events_input import Input, as_json
from .examples import filler
from .given import Given
from .person import Person
from .place import needed_events
from .reading import identities_of, mpid_of
from .road import road_to
from .scenario import AS_GIVEN, Scenario
from .verdict import Finding

LONGEST = 30.0
"""Seconds after the last batch at which waiting ends, unless there were more than a forwarder can send in them."""
SLOWEST = 20
"""Batches a second that any forwarder sends on."""
JOURNAL = 1_000_000
"""Requests that are kept of scenarios that are tried together: every one of them is looked at."""
REQUEST_BYTES = rules()["mparticle.request-bytes-max"].limit or 0


@dataclass(slots=True)
class Trial:
    """One scenario on trial: what should be the case, what is, and why it could not be tried.

    `spoilt` are events that were refused because of the company they came in: another event of their call is
    not defined, which is the customer's affair. `unseen` is wrong though no person shows it.
    """

    scenario: Scenario
    expected: Expected
    actual: dict[str, Person | None] = field(default_factory=dict)
    by_mpid: bool = True
    heard: list[Interaction] = field(default_factory=list)
    spoilt: set[str] = field(default_factory=set)
    untried: str = ""
    tries: int | None = None
    unseen: list[Finding] = field(default_factory=list)

    @property
    def violations(self) -> list[Violation]:
        """What the fake noticed in the requests that speak of the scenario's people."""
        return [violation for one in self.heard for violation in one.violations]


class Foreign:
    """The fake on a real port, and a forwarder that is expected to send to it. A context manager.

    clock, sleep   real seconds, for waiting
    lag            seconds between the last batch that was posted and the last request that came of it, at the last wait
    """

    def __init__(
        self,
        url: str,
        given: Given,
        *,
        port: int,
        settle: float,
        seed: int,
        on_violation: Any = "reject",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.given = given
        self.settle = settle
        self.lag = 0.0
        self._clock = clock
        self._sleep = sleep
        self.app = create_app(
            given.tenant, seed=seed, on_violation=on_violation, choices=given.choices, journal_limit=JOURNAL
        )
        self.world = world(self.app)
        self.server = Server(self.app, port=port)
        self.input = Input(url, given.connection, self.server, sleep=sleep)

    def __enter__(self) -> Self:
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def trials(
        self, scenarios: Iterable[Scenario], posts: Iterable[Mapping[str, Any]] | None = None
    ) -> Iterator[Trial]:
        """Every road scenario, tried or with the reason why not. Raises `Unreachable`.

        `posts` are the batches of all of them in the order, and at the time, in which they are to go; without it one
        scenario's go after the other's. It needs scenarios of which no two speak of the same person.
        """
        groups: dict[str, list[tuple[Scenario, TenantSettings]]] = {}
        for written in scenarios:
            scenario = self._in_their_words(written)
            reason = self._unfit(scenario)
            settings = self._tenant_settings(scenario)
            if reason:
                yield Trial(scenario, Expected(), untried=reason)
            else:
                alike = repr((scenario.destination, settings.attributes, scenario.tenant))
                groups.setdefault(alike, []).append((scenario, settings))
        for group in groups.values():
            for several in _apart(scenario for scenario, _ in group):
                yield from self._together(several, group[0][1], posts)

    # --- one group: scenarios that can share a tenant -----------------------------------------------------

    def _together(
        self, scenarios: list[Scenario], settings: TenantSettings, posts: Iterable[Mapping[str, Any]] | None
    ) -> Iterator[Trial]:
        if not self.given.tenant.events or not self.given.tenant_given:
            needed = {
                name: None for scenario in scenarios for name in _events_of(scenario, self._settings_of(scenario))
            }
            settings = replace(settings, events=tuple(needed))
        self.world.delete(self.given.tenant.api_key)
        tenant = self.world.create(settings)
        trials = []
        for scenario in scenarios:
            expect = road_to(scenario.destination).expect
            expected = expect(scenario.batches, self._setup(scenario, tenant))
            own = expect(scenario.batches, self._own_setup(scenario, tenant))
            if expected.people != own.people:
                yield Trial(scenario, expected, untried="it needs other settings or choices than the forwarder has")
            else:
                trials.append(Trial(scenario, expected))
        schedule = [entry for trial in trials for entry in _faults_of(trial)]
        if schedule:
            tenant.faults.set(schedule)
        theirs = [batch for trial in trials for batch in trial.scenario.batches]
        fit = {id(batch) for batch in theirs}
        for batch in theirs if posts is None else posts:
            if id(batch) in fit:
                self.input.post(batch)
        self._wait(max(LONGEST, len(theirs) / SLOWEST))
        struck = {entry["match"]["path"] for entry in tenant.faults.document() if entry["struck"]}
        arrived = Arrivals(self.world.journal.interactions())
        for trial in trials:
            self._look(trial, tenant, arrived)
            if trial.scenario.faults and not any(entry["match"]["path"] in struck for entry in _faults_of(trial)):
                trial.untried = "no request of the forwarder came by the path on which the fault waited"
            yield trial

    def _look(self, trial: Trial, tenant: Tenant, arrived: Arrivals) -> None:
        road = road_to(trial.scenario.destination)
        seen = road.seen
        for mpid in trial.expected.people:
            customers = [value for batch in trial.scenario.batches for value in _customer_ids(batch, mpid)]
            trial.actual[mpid] = seen(tenant, mpid, *customers) if mpid else None
            if mpid and trial.actual[mpid] is not None and seen(tenant, mpid) is None:
                trial.by_mpid = False
        trial.unseen = list(road.unseen(trial.scenario, trial.expected, tenant))
        ids = {id_ for id_ in trial.expected.people if id_}
        ids |= {value for batch in trial.scenario.batches for value in _customer_ids(batch, None)}
        ids |= {found.id for found in map(tenant.customers.by_external, sorted(ids)) if found}
        trial.tries = 0
        for one in arrived.about(ids):
            trial.heard.append(one.heard)
            trial.spoilt |= one.spoilt
            trial.tries += one.posts_events

    # --- sending and waiting ------------------------------------------------------------------------------

    def _wait(self, longest: float) -> None:
        """Until nothing has come for a while, and so many seconds at most."""
        begun = last = self._clock()
        count = -1
        while self._clock() - begun < longest:
            now_there = len(self.world.journal)
            if now_there != count:
                count, last = now_there, self._clock()
                self.lag = last - begun
            elif self._clock() - last >= self.settle:
                return
            self._sleep(min(0.05, self.settle / 4))

    # --- what fits ----------------------------------------------------------------------------------------

    def _unfit(self, scenario: Scenario) -> str:
        if scenario.second_tenant:
            return "it needs credentials of its own for a platform"
        if scenario.rewrite is not None:
            return "it needs an mParticle Rule"
        if scenario.faults and any(self.given.choices[name] != choice for name, choice in scenario.assume.items()):
            return "it needs another choice; set it with --assume"
        if scenario.faults and not _quick(scenario):
            return "it needs a clock that can be moved"
        if any(len(as_json(batch)) > REQUEST_BYTES for batch in scenario.batches):
            return "its batch is larger than mParticle lets a request be"
        declared = self.given.tenant_given and (self.given.tenant.attributes or self.given.tenant.events)
        if declared and scenario.tenant:
            return "it needs another tenant; leave names and events out of --tenant"
        return ""

    def _tenant_settings(self, scenario: Scenario) -> TenantSettings:
        tenant = self.given.tenant
        own = scenario.tenant
        attributes = own.get("profile_attributes", {}).get(
            "names", tenant.attributes if self.given.tenant_given else ()
        )
        return replace(tenant, attributes=tuple(attributes), users=())

    def _setup(self, scenario: Scenario, tenant: Tenant) -> Setup:
        return Setup(self.given.settings_for(scenario.destination), tenant.settings, self.given.choices, doubting=True)

    def _own_setup(self, scenario: Scenario, tenant: Tenant) -> Setup:
        """How the scenario wants things: its own tables over the embedded ones, and its events defined."""
        if scenario.suite in AS_GIVEN:
            return self._setup(scenario, tenant)
        mappings = self.given.connection.event_mappings
        events = [mappings.get(name, name) for name in _events_of(scenario, scenario.settings)]
        settings = {**default_settings(scenario.destination), **scenario.settings}
        if not scenario.settings:
            settings["event_mappings"] = self.given.settings.get("event_mappings", {})
        choices = (Choices.written() if scenario.pinned else self.given.choices).over(scenario.assume)
        return Setup(settings, replace(tenant.settings, events=tuple(events)), choices)

    def _settings_of(self, scenario: Scenario) -> Mapping[str, Any]:
        """The settings by whose mappings a scenario's events get their names: its own, else the forwarder's."""
        return scenario.settings if scenario.suite not in AS_GIVEN else self.given.settings_for(scenario.destination)

    def _in_their_words(self, scenario: Scenario) -> Scenario:
        """The scenario with names that the given tenant has declared, so that what happens there can be seen."""
        if not self.given.tenant_given or scenario.settings or scenario.tenant or scenario.suite in AS_GIVEN:
            return scenario
        batches = scenario.batches
        if self.given.tenant.events:
            batches = _with_events(batches, self.given.names().events)
        on = self.given.connection.data_filter.user_attributes.on
        attributes = [name for name in self.given.tenant.attributes if on(name)]
        return replace(scenario, batches=_with_attributes(batches, attributes))


def _apart(scenarios: Iterable[Scenario]) -> list[list[Scenario]]:
    """Groups in which no two scenarios speak of the same person, nor send a batch of the same id."""
    groups: list[tuple[set[str], list[Scenario]]] = []
    for scenario in scenarios:
        own = {name for batch in scenario.batches for name in _names_of(batch)}
        for taken, several in groups:
            if taken.isdisjoint(own):
                taken.update(own)
                several.append(scenario)
                break
        else:
            groups.append((own, [scenario]))
    return [several for _, several in groups]


def _names_of(batch: Mapping[str, Any]) -> Iterator[str]:
    """By what a batch and its person can be known."""
    yield mpid_of(batch)
    yield from (value.casefold() for _, _, value in identities_of(batch) if value)
    yield from (str(batch[name]) for name in ("source_request_id", "batch_id") if batch.get(name))


def _events_of(scenario: Scenario, settings: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(scenario.tenant.get("events", {}).get("defined") or needed_events(scenario, settings))


def _customer_ids(batch: Mapping[str, Any], mpid: str | None) -> list[str]:
    if mpid is not None and mpid_of(batch) != mpid:
        return []
    return [value for _, kind, value in identities_of(batch) if kind == "customer_id" and value]


def _quick(scenario: Scenario) -> bool:
    """Whether the trouble is over within a few real seconds."""
    (entry,) = scenario.faults
    fault = entry["fault"]
    if fault["kind"] == "status":
        return bool(entry.get("times") == 1 and not fault.get("headers"))
    return bool(fault["kind"] == "reset")


def _faults_of(trial: Trial) -> list[dict[str, Any]]:
    """The scenario's faults, waiting for requests that name its person."""
    mpid = next(iter(trial.expected.people), "")
    made = []
    for entry in trial.scenario.faults:
        path = entry["match"]["path"]
        made.append({**entry, "match": {**entry["match"], "path": f"*{mpid}*{path.rpartition('/')[2]}"}})
    return made


def _with_events(batches: Sequence[Mapping[str, Any]], known: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """Every event and screen under one of the known names, the same name always under the same one."""
    given: dict[str, str] = {}

    def rename(data: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(data)
        for field_name in ("event_name", "screen_name"):
            if made.get(field_name):
                made[field_name] = given.setdefault(made[field_name], known[len(given) % len(known)])
        return made

    return tuple(
        {**batch, "events": [{**event, "data": rename(event.get("data") or {})} for event in batch["events"]]}
        if batch.get("events")
        else batch
        for batch in batches
    )


def _with_attributes(batches: Sequence[Mapping[str, Any]], known: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """The first of the filling attributes under names that are defined, which take a place in the profile anyway."""
    names = dict(zip(filler(len(known)), known, strict=True))
    return tuple(
        {**batch, "user_attributes": {names.get(name, name): value for name, value in batch["user_attributes"].items()}}
        if batch.get("user_attributes")
        else batch
        for batch in batches
    )
