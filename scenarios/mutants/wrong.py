"""A mutant of the forwarder, named and put in the forwarder's place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from forwarder import Delivery, Plan, plan
from forwarder.draft import Step

from .mutant import Mutant, Parts


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
) -> Mutant:
    """A forwarder with one thing wrong; `what` tells it from others of its rule and kind."""
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
    )


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


def without(table: Mapping[Any, Any], key: Any) -> dict[Any, Any]:
    """A table without one of its rows."""
    return {name: value for name, value in table.items() if name != key}
