"""The road to one destination, as it is judged: what should arrive, what did, and whom to blame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forwarder import Fate
from mock_sessionm import Tenant

from .account import Expected, Setup
from .destinations import DESTINATIONS
from .person import Person
from .reading import Batch
from .scenario import Scenario
from .verdict import Finding

Seen = Callable[..., Person | None]
"""A tenant and ids -> what the fake knows of the person whom the first of the ids leads to; None for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """The rules to which a difference is laid where the expectation gives no reason of its own."""

    nobody: str
    somebody: str
    fields: str
    identities: str
    profile: str
    phones: str
    shown: str
    more_events: str
    fewer_events: str
    order: str
    attributes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """Where faults strike: the paths of requests as patterns, and how the keys of their outcomes end.

    user, create   the request that writes a user, and the one that creates one; None where there is none
    event          the request that carries an event
    once           the choices under which the vendor knows a second try by its id
    answers        whether a success has a body, so that half of it is no success
    foreign        successes under other statuses than the vendor's own, each with its body, which are none
    """

    event: str
    event_ending: str
    user: str | None = None
    create: str | None = None
    once: Mapping[str, str] = field(default_factory=dict)
    answers: bool = True
    foreign: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """How scenarios whose batches go to one destination are set up and judged.

    name       of the destination
    journeys   hand-written stories on this road
    expect     what should be known of each person, and the destiny of each point, after batches
    seen       what the fake knows of somebody
    count      how many people the fake knows
    wire       how requests of ours were put, which a person does not show
    unseen     what a person does not show and a document asks of anybody's forwarder
    carries    whether the body of a request holds a point under the name that its fate says
    blame      see `Blame`
    struck     see `Struck`
    troubles   violations of the first request of somebody new, which are no trouble
    """

    name: str
    journeys: Callable[[], Iterator[Scenario]]
    expect: Callable[[Sequence[Batch], Setup], Expected]
    seen: Seen
    count: Callable[[Tenant], int]
    wire: Callable[[Scenario, Any, Expected, Tenant], Iterator[Finding]]
    carries: Callable[[Any, Fate], bool]
    blame: Blame
    struck: Struck
    troubles: frozenset[str] = frozenset()
    unseen: Callable[[Scenario, Expected, Tenant], Iterator[Finding]] = lambda _scenario, _expected, _tenant: iter(())


def road_to(destination: str) -> Road:
    """The road to a destination; it is imported when somebody takes it."""
    from importlib import import_module

    found: Road = import_module(DESTINATIONS[destination].road or "").ROAD
    return found
