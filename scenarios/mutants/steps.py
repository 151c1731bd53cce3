"""Forwarders whose planning leaves out the effect of a rule, a whole step, or the order of things.

What a step does under a rule is undone right behind it; so each rule that a step names has its mutants, with no
word here about what the rule says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from contracts import rules
from forwarder import DESTINATIONS
from forwarder.draft import Draft, Point, Step

from .before import Before
from .mutant import Mutant
from .rehearsal import rehearsal
from .wrong import on_road, planned_by, wrong

Wanted = Callable[[Any], bool]

SHAPED: Mapping[tuple[str, str], Mapping[str, tuple[bool, bool, Wanted]]] = {
    ("sessionm", "stringify"): {
        "sessionm.values-are-strings": (True, False, lambda value: not isinstance(value, str)),
        "sessionm.event-values-are-strings": (False, True, lambda value: not isinstance(value, str)),
        "sessionm.boolean-as-string": (True, True, lambda value: isinstance(value, bool)),
        "sessionm.number-as-string": (True, True, lambda value: isinstance(value, float)),
        "sessionm.null-as-string": (True, True, lambda value: value is None),
        "sessionm.list-as-string": (True, True, lambda value: isinstance(value, (list, dict))),
    },
    ("customerio", "shape_values"): {
        "customerio.nulls": (True, True, lambda value: value is None),
        "customerio.lists": (True, True, lambda value: isinstance(value, (list, dict))),
    },
}
"""Steps that change values, which is seen at no point: of the user's values, of the events', and which of them."""

TURNED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("sessionm", "attributes"): ("sessionm.user-attributes-kept", "user attributes"),
    ("sessionm", "inside"): ("sessionm.event-attributes-kept", "attributes of each event"),
    ("sessionm", "identities"): ("sessionm.colliding-keys", "user identities"),
    ("customerio", "attributes"): ("customerio.attributes-kept", "user attributes"),
    ("customerio", "inside"): ("customerio.oversized-event", "attributes of each event"),
    ("customerio", "identities"): ("customerio.colliding-names", "user identities"),
    ("customerio", "audiences"): ("customerio.segment-membership", "audiences"),
    ("mparticle", "identities"): ("madconnect.identity-map", "user identities"),
}
"""What stands in an order that decides something -> the rule by which it does, and what it is called."""


def step_mutants() -> Iterator[Mutant]:
    """Every forwarder that is wrong in a step."""
    for name in DESTINATIONS:
        yield from _skipped(name)
        yield from _values(name)
        yield from _gone(name)
        yield from _turned(name)


def ours(rule: str) -> bool:
    """Whether a rule is an obligation of the forwarder."""
    return rules()[rule].owner == "forwarder"


def _skipped(name: str) -> Iterator[Mutant]:
    for (step, rule), shows in rehearsal(name).named.items():
        if ours(rule):
            says = f"On the road to {DESTINATIONS[name].title}, {step} does nothing of what this rule asks for."
            steps = _with(name, step, partial(_undone, rule))
            what = on_road(rule, name, step)
            yield wrong(
                rule, "effect skipped", what, says, planning=planned_by(name, steps), road=name, shows=shows, plans=True
            )


def _values(name: str) -> Iterator[Mutant]:
    for (destination, step), shaped in SHAPED.items():
        for rule, (users, events, wanted) in shaped.items() if destination == name else ():
            says = f"On the road to {DESTINATIONS[name].title}, {step} leaves the values that this rule is about."

            def spared(whole: Step, users: bool = users, events: bool = events, wanted: Wanted = wanted) -> Step:
                return _sparing(whole, wanted, users=users, events=events)

            steps = _with(name, step, spared)
            yield wrong(rule, "value left", step, says, planning=planned_by(name, steps), road=name, plans=True)


def _sparing(whole: Step, wanted: Wanted, *, users: bool, events: bool) -> Step:
    """A step after which some values are as they were."""

    def step(draft: Draft) -> None:
        before = Before(draft)
        inside = [point for event in draft.events for point in event.attributes] if events else []
        standing = [*inside, *(draft.attributes + draft.fields if users else [])]
        spared = [point for point in standing if wanted(point.value)]
        whole(draft)
        before.restore(spared)

    return step


def _gone(name: str) -> Iterator[Mutant]:
    own = DESTINATIONS[name].steps
    for index, step in enumerate(own):
        rule, shows = _rule_of(name, step)
        steps = own[:index] + own[index + 1 :]
        says = f"On the road to {DESTINATIONS[name].title}, {step.__name__} is left out."
        what = on_road(rule, name, step.__name__)
        yield wrong(rule, "step gone", what, says, planning=planned_by(name, steps), road=name, shows=shows, plans=True)


def _turned(name: str) -> Iterator[Mutant]:
    own, title, grounds = DESTINATIONS[name].steps, DESTINATIONS[name].title, DESTINATIONS[name].grounds
    # A Rule begins anew with the batch, so the turn comes behind it.
    turned = (own[0], _turn_events, *own[1:])
    says = f"On the road to {title}, the events of a batch are turned round."
    yield wrong(
        grounds.custom, "order changed", "events", says, planning=planned_by(name, turned), road=name, plans=True
    )
    for (destination, part), (rule, called) in TURNED.items():
        if destination == name:
            steps = (own[0], _turn(part), *own[1:])
            says = f"On the road to {title}, the {called} are turned round."
            yield wrong(rule, "order changed", part, says, planning=planned_by(name, steps), road=name, plans=True)


def _turn_events(draft: Draft) -> None:
    draft.events.reverse()


def _turn(part: str) -> Step:
    def turn(draft: Draft) -> None:
        bags: Sequence[list[Point]] = (
            [event.attributes for event in draft.events] if part == "inside" else [getattr(draft, part)]
        )
        for bag in bags:
            bag.reverse()

    return turn


def _with(name: str, step: str, change: Callable[[Step], Step]) -> tuple[Step, ...]:
    """The steps of a destination, one of them changed."""
    return tuple(change(one) if one.__name__ == step else one for one in DESTINATIONS[name].steps)


def _undone(rule: str, whole: Step) -> Step:
    def step(draft: Draft) -> None:
        before = Before(draft)
        whole(draft)
        before.undo(draft, rule)

    return step


def _rule_of(name: str, step: Step) -> tuple[str, Sequence[str]]:
    """The rule that a step keeps: that under which it does most, or that which it names in its own words."""
    named = {rule: ids for (one, rule), ids in rehearsal(name).named.items() if one == step.__name__}
    if named:
        most = max(named, key=lambda rule: len(named[rule]))
        return most, tuple(dict.fromkeys(chain.from_iterable(named.values())))
    found = [rule for rule in re.findall(r"[a-z]+\.[a-z-]+", step.__doc__ or "") if rule in rules()]
    return found[0], ()
