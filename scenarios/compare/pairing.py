"""Which request of one forwarder is which of the other: what says the same first, then what is most alike."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import orjson

from .written import Form, Place, leaves

ENOUGH = 0.3
"""How much of two requests must be alike for one to be the other."""
MOST = 4_000
"""So many pairs of requests are weighed against one another; beyond that, their order decides."""


@dataclass(slots=True)
class Pairs:
    """Requests of two forwarders by their numbers: pairs, and what has no counterpart.

    `same` are pairs that say the same, `near` those that do not; `moved` are the numbers in OLD of those that
    NEW sent in another order. `again` are those of NEW alone that repeat one that has its pair.
    """

    same: list[tuple[int, int]] = field(default_factory=list)
    near: list[tuple[int, int]] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    come: list[int] = field(default_factory=list)
    moved: frozenset[int] = frozenset()


def paired(old: list[Form], new: list[Form], noise: frozenset[Place] = frozenset()) -> Pairs:
    """The requests for one batch, or about one person, in pairs."""
    made = Pairs()
    mine, theirs = ([one.digest(noise) for one in several] for several in (old, new))
    waiting: dict[bytes, deque[int]] = defaultdict(deque)
    for number, digest in enumerate(theirs):
        waiting[digest].append(number)
    left: list[int] = []
    for number, digest in enumerate(mine):
        if waiting[digest]:
            made.same.append((number, waiting[digest].popleft()))
        else:
            left.append(number)
    right = sorted(number for several in waiting.values() for number in several)
    known = {*mine} & {*theirs}
    made.again = [number for number in right if theirs[number] in known]
    right = [number for number in right if theirs[number] not in known]
    made.near = _near(old, new, left, right)
    taken = {one for pair in made.near for one in (("old", pair[0]), ("new", pair[1]))}
    made.lost = [number for number in left if ("old", number) not in taken]
    made.come = [number for number in right if ("new", number) not in taken]
    made.moved = _moved(sorted([*made.same, *made.near]))
    return made


def _near(old: list[Form], new: list[Form], left: list[int], right: list[int]) -> list[tuple[int, int]]:
    if not left or not right:
        return []
    if len(left) * len(right) > MOST:
        return _in_order(old, new, left, right)
    sketches = [(number, _sketch(old[number])) for number in left], [(number, _sketch(new[number])) for number in right]
    weighed = [
        (-_likeness(one, other, abs(mine - theirs)), mine, theirs)
        for mine, one in sketches[0]
        for theirs, other in sketches[1]
    ]
    found: dict[int, int] = {}
    for weight, mine, theirs in sorted(weighed):
        if weight and mine not in found and theirs not in found.values():
            found[mine] = theirs
    taken = set(found.values())
    rest = [mine for mine in left if mine not in found], [theirs for theirs in right if theirs not in taken]
    return sorted([*found.items(), *_alone(old, new, *rest)])


def _alone(old: list[Form], new: list[Form], left: list[int], right: list[int]) -> list[tuple[int, int]]:
    """However little they have in common: the only ones on each side that go to the same place for the same event."""
    spots: dict[Any, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, (forms, numbers) in enumerate(((old, left), (new, right))):
        for number in numbers:
            form = forms[number]
            spots[form.sent.method, form.segments, form.named][side].append(number)
    return [(ours[0], theirs[0]) for ours, theirs in spots.values() if len(ours) == len(theirs) == 1]


def _in_order(old: list[Form], new: list[Form], left: list[int], right: list[int]) -> list[tuple[int, int]]:
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for number in right:
        waiting[new[number].operation].append(number)
    return [(number, waiting[old[number].operation].popleft()) for number in left if waiting[old[number].operation]]


@dataclass(frozen=True, slots=True)
class _Sketch:
    method: str
    path: tuple[str, ...]
    places: frozenset[Any]
    values: frozenset[Any]


def _sketch(form: Form) -> _Sketch:
    body = [(place, names, _text(value)) for place, names, value in leaves(form) if place[0] == "body"]
    places = frozenset((place, names) for place, names, _ in body)
    values = frozenset((place, value) for place, _, value in body)
    return _Sketch(form.sent.method, form.segments, places, values)


def _text(value: Any) -> Any:
    return orjson.dumps(value) if isinstance(value, list | dict) else value


def _likeness(one: _Sketch, other: _Sketch, apart: int) -> float:
    """From 0 to 1. What stands in a body says most, then where it goes; order breaks a tie."""
    said = 1.0
    if one.places or other.places:
        said = 0.6 * _shared(one.values, other.values) + 0.4 * _shared(one.places, other.places)
    if said < ENOUGH:
        return 0.0
    return 0.7 * said + 0.1 * (one.method == other.method) + 0.15 * (one.path == other.path) + 0.05 / (1 + apart)


def _shared(one: frozenset[Any], other: frozenset[Any]) -> float:
    return len(one & other) / (len(one | other) or 1)


def _moved(pairs: list[tuple[int, int]]) -> frozenset[int]:
    """The fewest numbers of OLD that would have to go elsewhere for NEW to be in the same order."""
    ends: list[int] = []
    at: list[int] = []
    before: list[int] = [-1] * len(pairs)
    for index, (_, theirs) in enumerate(pairs):
        spot = bisect_left(ends, theirs)
        before[index] = at[spot - 1] if spot else -1
        ends[spot : spot + 1] = [theirs]
        at[spot : spot + 1] = [index]
    kept: set[int] = set()
    index = at[-1] if at else -1
    while index >= 0:
        kept.add(index)
        index = before[index]
    return frozenset(mine for index, (mine, _) in enumerate(pairs) if index not in kept)
