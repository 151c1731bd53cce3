"""Records made fewer and smaller, as long as it still happens with them.

First whole records, then the members of their JSON level by level, from the outside in (events, then their fields,
then attributes), then values. Whatever it takes stays by itself: without the batch that creates a customer, the
update would not break the same rule in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .ddmin import smallest
from .tree import Path, level, places, renamed, replaced, without
from .values import plain, simpler, wordy

Docs = tuple[Any, ...]
"""Records as parsed JSON, in their order."""
Happens = Callable[[Sequence[Docs]], Sequence[bool]]
"""Says of each of some candidates whether the same thing still happens."""
Sound = Callable[[Any], bool]
"""Whether something may be a record at all; quickly said."""
Place = tuple[int, Path]
"""A record's index, and the way to a place in it."""
ROUNDS = 4
"""So often everything is gone through again, as what was needed may not be any more; twice is nearly always enough."""
LONG_NAME = 40
"""Names of more characters are cut, where they need not be as long."""


def reduce(docs: Docs, happens: Happens, sound: Sound = lambda _doc: True) -> Docs:
    """The smallest records with which it happens: none of their members can be left out, nor any value be simpler.

    It must happen with `docs`.
    """
    for _ in range(ROUNDS):
        before = docs
        docs = smallest(docs, happens)
        docs = _plain_values(docs, happens, sound, wordy)
        docs = _plain_values(docs, happens, sound, plain)
        docs = _fewer_members(docs, happens)
        docs = _simpler_things(docs, happens)
        docs = _simpler_values(docs, happens)
        docs = _shorter_names(docs, happens)
        if docs == before:
            break
    return docs


# --- members ----------------------------------------------------------------------------------------------


def _fewer_members(docs: Docs, happens: Happens) -> Docs:
    depth = 1
    while members := [(index, path) for index, doc in enumerate(docs) for path in level(doc, depth)]:

        def tried(
            kept: Sequence[tuple[Place, ...]], docs: Docs = docs, members: list[Place] = members
        ) -> Sequence[bool]:
            return happens([_with_members(docs, members, some) for some in kept])

        docs = _with_members(docs, members, smallest(members, tried))
        depth += 1
    return docs


def _with_members(docs: Docs, members: Sequence[Place], kept: Sequence[Place]) -> Docs:
    gone: dict[int, set[Path]] = {}
    for index, path in set(members).difference(kept):
        gone.setdefault(index, set()).add(path)
    return tuple(without(doc, gone[index]) if index in gone else doc for index, doc in enumerate(docs))


# --- values -----------------------------------------------------------------------------------------------


def _simpler_things(docs: Docs, happens: Happens) -> Docs:
    """Lists and objects replaced by one of what they hold, where that will do."""
    for index, path in [(index, path) for index, doc in enumerate(docs) for path, one in places(doc) if _holds(one)]:
        thing = _at(docs[index], path)
        if not _holds(thing):
            continue  # it stood in something that is replaced
        inner = list(thing.values() if isinstance(thing, dict) else thing)[:2]
        candidates = [_put(docs, {(index, path): one}) for one in inner]
        for candidate, still in zip(candidates, happens(candidates), strict=True):
            if still:
                docs = candidate
                break
    return docs


def _plain_values(docs: Docs, happens: Happens, sound: Sound, plainer: Callable[[Any], Any]) -> Docs:
    """Plain values wherever they will do; equal values under the same name change together, as ids must."""
    alike = {}
    for value, several in _alike(docs, plainer).items():
        fit = [(index, path) for index, path in several if sound(replaced(docs[index], {path: plainer(value[-1])}))]
        if fit:
            alike[value] = fit

    def put(kept: Sequence[tuple[Any, ...]]) -> Docs:
        return _put(docs, {place: plainer(one[-1]) for one in set(alike).difference(kept) for place in alike[one]})

    return put(smallest(list(alike), lambda several: happens([put(kept) for kept in several])))


def _simpler_values(docs: Docs, happens: Happens) -> Docs:
    """What could not be plain, as simple as it can be; equal values under the same name change together."""
    for (*_, one), several in _alike(docs, plain).items():

        def holds(value: Any, docs: Docs = docs, several: list[Place] = several) -> bool:
            return happens([_put(docs, dict.fromkeys(several, value))])[0]

        docs = _put(docs, dict.fromkeys(several, simpler(one, holds)))
    return docs


def _alike(docs: Docs, plainer: Callable[[Any], Any]) -> dict[tuple[Any, ...], list[Place]]:
    """The values that are not plain, with where they stand: name (none in a list), kind, value."""
    made: dict[tuple[Any, ...], list[Place]] = {}
    for index, doc in enumerate(docs):
        for path, one in places(doc):
            if not isinstance(one, (dict, list)) and plainer(one) != one:
                name = path[-1] if isinstance(path[-1], str) else ""
                made.setdefault((name, type(one), one), []).append((index, path))
    return made


def _shorter_names(docs: Docs, happens: Happens) -> Docs:
    long = [
        (index, path)
        for index, doc in enumerate(docs)
        for path, _ in places(doc)
        if isinstance(path[-1], str) and len(path[-1]) > LONG_NAME
    ]
    for index, path in reversed(long):
        name = str(path[-1])
        beside = _at(docs[index], path[:-1])

        def holds(text: Any, docs: Docs = docs, index: int = index, path: Path = path, beside: Any = beside) -> bool:
            if text in beside:
                return False
            doc = renamed(docs[index], path, text)
            return happens([(*docs[:index], doc, *docs[index + 1 :])])[0]

        docs = (*docs[:index], renamed(docs[index], path, simpler(name, holds)), *docs[index + 1 :])
    return docs


def _holds(thing: Any) -> bool:
    return isinstance(thing, (dict, list)) and bool(thing)


def _at(doc: Any, path: Path) -> Any:
    """What stands there; None where the way does not lead anywhere any more."""
    for step in path:
        try:
            doc = doc[step]
        except (KeyError, IndexError, TypeError):
            return None
    return doc


def _put(docs: Docs, others: Mapping[Place, Any]) -> Docs:
    by_doc: dict[int, dict[Path, Any]] = {}
    for (index, path), value in others.items():
        by_doc.setdefault(index, {})[path] = value
    return tuple(replaced(doc, by_doc[index]) if index in by_doc else doc for index, doc in enumerate(docs))


def sizes(docs: Docs) -> Iterator[int]:
    """How many members each record has, itself counted."""
    return (1 + sum(1 for _ in places(doc)) for doc in docs)
