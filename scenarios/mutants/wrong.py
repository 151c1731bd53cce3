"""A mutant of the forwarder, named and put in the forwarder's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from forwarder import DESTINATIONS, Delivery, Plan, plan
from forwarder.draft import Step
from scenarios.examples import HOMES
from scenarios.scenario import Scenario

from .mutant import Mutant, Parts
from .rehearsal import plans_alike, rehearsal


def wrong(
    rule: str,
    kind: str,
    what: str,
    says: str,
    *,
    planning: Callable[..., Plan] = plan,
    delivery: Callable[..., Delivery] = Delivery,
    patched: Callable[[], AbstractContextManager[Any]] = nullcontext,
    road: str = "",
    shows: Sequence[str] = (),
    plans: bool = False,
    meets: Callable[[Scenario], bool] = lambda _scenario: True,
) -> Mutant:
    """A forwarder with one thing wrong; `what` tells it from others of its rule and kind.

    `plans` says that it shows in plans alone, and in the same way whenever a batch is planned.
    """
    if plans:
        # As they should be: not when the mutant is at work already.
        for name in [road] if road else DESTINATIONS:
            rehearsal(name)
    return Mutant(
        id="~".join([rule, kind.replace(" ", "-"), *([what.replace(" ", "-")] if what else [])]),
        rule=rule,
        side="forwarder",
        kind=kind,
        says=says,
        parts=Parts(planning=planning, delivery=delivery),
        patched=patched,
        road=road,
        shows=tuple(shows),
        meets=(lambda scenario: not plans_alike(scenario, planning)) if plans else meets,
    )


BEFORE_ALL = frozenset({"madconnect.api-key", "mparticle.max-data-age", "mparticle.retries"})
"""Rules that are kept before a batch is on any road, or on all of them."""


def road_of(rule: str) -> str:
    """The destination on whose road a rule is kept; empty where it is on all of them."""
    vendor = rule.partition(".")[0]
    return "" if rule in BEFORE_ALL or vendor == "harness" else HOMES.get(vendor, "sessionm")


def on_road(rule: str, name: str, what: str) -> str:
    """`what`, with its road before it where the rule is kept on several."""
    if road_of(rule) == name:
        return what
    return f"{name}.{what}" if what else name


def planned_by(destination: str, steps: Sequence[Step]) -> Callable[..., Plan]:
    """Planning with other steps on the road to one destination."""

    def planned(batch: Any, connection: Any, *, now: float | None = None) -> Plan:
        return plan(batch, connection, steps=steps if connection.destination == destination else None, now=now)

    return planned


@contextmanager
def put(*places: tuple[Any, str, Any], caches: Sequence[Any] = ()) -> Iterator[None]:
    """For a while, other values in place of attributes: (whose, name, value). `caches` are emptied before and after."""
    were = [(whose, name, getattr(whose, name)) for whose, name, _ in places]
    for one in caches:
        one.cache_clear()
    try:
        for whose, name, value in places:
            setattr(whose, name, value)
        yield
    finally:
        for whose, name, value in were:
            setattr(whose, name, value)
        for one in caches:
            one.cache_clear()


def patching(whose: Any, name: str, value: Any) -> Callable[[], AbstractContextManager[None]]:
    """What puts another value in the place of one attribute."""
    return lambda: put((whose, name, value))


def without(table: Mapping[Any, Any], key: Any) -> dict[Any, Any]:
    """A table without one of its rows."""
    return {name: value for name, value in table.items() if name != key}
