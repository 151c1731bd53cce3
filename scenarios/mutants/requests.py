"""Forwarders whose plans are wrong: what was to be sent is not there, has another name or value, or is told untruly.

The points that are spoilt are those that a rule decided about, as the fates of the plan say it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from forwarder import DESTINATIONS, Connection, Fate, Plan, PlannedRequest, plan
from scenarios.checks import FATES

from .mutant import Mutant
from .rehearsal import rehearsal
from .spots import Spot, is_event, spot_of
from .steps import ours
from .wrong import on_road, wrong

Spoil = Callable[[Spot, Fate], None]
Change = Callable[[Plan], Plan]


def request_mutants() -> Iterator[Mutant]:
    """Every forwarder whose plans hold something else than they should, or say so."""
    for name in DESTINATIONS:
        yield from _spoilt(name)
        yield from _lying(name)


def replanned(name: str, change: Change) -> Callable[..., Plan]:
    """Planning with what comes out of it changed, on the road to one destination."""

    def planned(batch: Any, connection: Connection, *, now: float | None = None) -> Plan:
        made = plan(batch, connection, now=now)
        return change(made) if connection.destination == name else made

    return planned


def rebodied(made: Plan, change: Callable[[PlannedRequest, Any], object]) -> Plan:
    """A plan with the bodies of its requests changed in place."""
    requests = []
    for request in made.requests:
        body = json.loads(request.body)
        before = json.dumps(body)
        change(request, body)
        after = json.dumps(body)
        if after != before:
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            requests.append(replace(request, body=text))
        else:
            requests.append(request)
    return Plan(tuple(requests), made.fates)


# --- points -----------------------------------------------------------------------------------------------


def _lose(spot: Spot, _fate: Fate) -> None:
    spot.lose()


def _rename(spot: Spot, fate: Fate) -> None:
    if is_event(fate) and isinstance(spot.holder, list):
        for name in ("event_name", "screen_name"):
            if name in spot.value["data"]:
                spot.value["data"][name] += "x"
    elif is_event(fate) and spot.key == "name":
        spot.put(spot.value + "x")
    else:
        spot.rename(f"{spot.key}x")


def _change(spot: Spot, fate: Fate) -> None:
    if not is_event(fate):
        spot.put(other(spot.value))


def _retype(spot: Spot, fate: Fate) -> None:
    if not is_event(fate):
        spot.put(retyped(spot.value))


def _lose_digits(spot: Spot, fate: Fate) -> None:
    if not is_event(fate) and isinstance(spot.value, int) and not isinstance(spot.value, bool):
        spot.put(int(float(spot.value)))


def other(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case str():
            return value[:-1] if value else "x"
        case int() | float():
            return value + 1
        case [_, *rest]:
            return rest
        case dict():
            return dict(list(value.items())[1:]) or {"x": "x"}
        case _:
            return "x"


def retyped(value: Any) -> Any:
    """The same value as another kind of value."""
    match value:
        case str():
            return [value]
        case None:
            return 0
        case _:
            return json.dumps(value)


SPOILS: Mapping[str, tuple[str, Spoil]] = {
    "attribute lost": ("is left out of its request", _lose),
    "name changed": ("has another name in its request", _rename),
    "value changed": ("has another value in its request", _change),
    "type changed": ("has a value of another type in its request", _retype),
    "digits lost": ("loses digits, as in a float", _lose_digits),
}
"""What can be wrong with a point in its request."""


def spoilt(made: Plan, destination: str, rule: str, spoil: Spoil) -> Plan:
    """A plan in which every point is spoilt that goes under a rule."""
    mine = [fate for fate in made.fates if fate.fate == "sent" and fate.rule == rule and fate.as_ is not None]
    if not mine:
        return made
    nth: dict[str, tuple[str, int]] = {}
    counts: dict[str, int] = {}
    for fate in made.fates:
        if is_event(fate) and fate.fate == "sent" and fate.request:
            nth[fate.point] = fate.request, counts.get(fate.request, 0)
            counts[fate.request] = counts.get(fate.request, 0) + 1

    def change(request: PlannedRequest, body: Any) -> None:
        # From the back, so that what is taken away moves nothing that is still to come.
        for fate in reversed(mine):
            if fate.request == request.key:
                event = "/".join(fate.point.split("/")[:3])
                spot = spot_of(destination, body, fate, nth.get(event, ("", 0))[1])
                if spot is not None:
                    spoil(spot, fate)

    return rebodied(made, change)


def _spoilt(name: str) -> Iterator[Mutant]:
    title = DESTINATIONS[name].title
    for (fate, rule), shows in sorted(rehearsal(name).fates.items()):
        if fate != "sent" or not ours(rule):
            continue
        for kind, (says, spoil) in SPOILS.items():

            def change(made: Plan, rule: str = rule, spoil: Spoil = spoil) -> Plan:
                return spoilt(made, name, rule, spoil)

            if differing(name, change, shows):
                told = f"On the road to {title}, what goes because of this rule {says}."
                what, planning = on_road(rule, name, ""), replanned(name, change)
                yield wrong(rule, kind, what, told, planning=planning, road=name, shows=shows, plans=True)


def differing(name: str, change: Change, among: Sequence[str] | None = None) -> tuple[str, ...]:
    """The first scenario in which a change makes a difference to a plan; empty where it makes none."""
    wanted = None if among is None else set(among)
    for met in rehearsal(name).met:
        if (wanted is None or met.scenario in wanted) and change(met.plan) != met.plan:
            return (met.scenario,)
    return ()


# --- fates ------------------------------------------------------------------------------------------------


def _lie(fate: Fate) -> Sequence[Fate]:
    return [fate._replace(fate="dropped" if fate.fate == "sent" else "sent")]


def _other_rule(fate: Fate) -> Sequence[Fate]:
    # What is sent may have several rules to thank for it.
    return [fate if fate.fate == "sent" else fate._replace(rule="harness.fates-true")]


def _none(_fate: Fate) -> Sequence[Fate]:
    return []


def _twice(fate: Fate) -> Sequence[Fate]:
    return [fate, fate]


def _other_name(fate: Fate) -> Sequence[Fate]:
    return [fate if fate.as_ is None else fate._replace(as_=f"{fate.as_}x")]


def _other_request(fate: Fate) -> Sequence[Fate]:
    return [fate if fate.request is None else fate._replace(request=f"{fate.request}x")]


def _no_name(fate: Fate) -> Sequence[Fate]:
    return [fate._replace(as_=None) if fate.fate == "sent" else fate]


LIES: Mapping[str, tuple[str, Callable[[Fate], Sequence[Fate]]]] = {
    "fate": ("that something else became of it", _lie),
    "rule": ("another rule for it", _other_rule),
    "none": ("nothing of it", _none),
    "twice": ("it twice", _twice),
    "name": ("that it went under another name", _other_name),
    "request": ("that it went in another request", _other_request),
    "nameless": ("not under which name it went", _no_name),
}
"""What a plan can say untruly of a point."""


def _lying(name: str) -> Iterator[Mutant]:
    """That something else became of a point is a matter of its rule; the rest, of what is promised about fates."""
    found = sorted(rehearsal(name).fates.items())
    for (fate, rule), shows in found:
        if ours(rule):
            does = f"On the road to {DESTINATIONS[name].title}, of what is {fate} because of this rule it says"
            yield from _lie_about(name, rule, on_road(rule, name, fate), does, "fate", shows, fate, rule)
    for fate in sorted({fate for (fate, _), _ in found}):
        shows = tuple(dict.fromkeys(chain.from_iterable(ids for (one, _), ids in found if one == fate)))
        does = f"On the road to {DESTINATIONS[name].title}, of what is {fate} it says"
        for lie in LIES:
            if lie != "fate":
                yield from _lie_about(name, FATES, f"{name}.{fate}-{lie}", does, lie, shows, fate, None)


def _lie_about(
    name: str, rule: str, what: str, does: str, lie: str, shows: Sequence[str], fate: str, about: str | None
) -> Iterator[Mutant]:
    says, tell = LIES[lie]

    def change(made: Plan) -> Plan:
        told: list[Fate] = []
        for one in made.fates:
            told += tell(one) if one.fate == fate and about in {None, one.rule} else [one]
        return Plan(made.requests, tuple(told))

    if differing(name, change, shows):
        planning = replanned(name, change)
        yield wrong(rule, "fate lies", what, f"{does} {says}.", planning=planning, road=name, shows=shows, plans=True)
