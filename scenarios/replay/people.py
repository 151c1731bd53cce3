"""Who belongs together: people who share an MPID or an identity are played in one world, the others apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.reading import identities_of, mpid_of


def names_of(batch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """By what the person of a batch can be known: the MPID, and every identity, whatever its casing."""
    if mpid := mpid_of(batch):
        yield "mpid", mpid
    for _, kind, value in identities_of(batch):
        if value:
            yield kind, value.casefold()


class People:
    """Numbers for people, in the order in which they are seen first; who turn out to be linked get one number.

    It holds one small record for each name, whatever the number of batches. A name is kept as a hash: the worst
    that two equal hashes could do is to let two strangers play in one world.
    """

    __slots__ = ("_above", "_known")

    def __init__(self) -> None:
        self._known: dict[int, int] = {}
        self._above: list[int] = []

    def __len__(self) -> int:
        return sum(above == number for number, above in enumerate(self._above))

    def number(self, batch: Mapping[str, Any]) -> int:
        """The number of a batch's person as it is known now; `first` says later whom it was linked with.

        A batch that names nobody is a person of its own.
        """
        found: int | None = None
        unknown = []
        for name in names_of(batch):
            key = hash(name)
            other = self._known.get(key)
            if other is None:
                unknown.append(key)
            elif found is None:
                found = self.first(other)
            else:
                found = self._link(found, self.first(other))
        if found is None:
            found = len(self._above)
            self._above.append(found)
        for key in unknown:
            self._known[key] = found
        return found

    def first(self, number: int) -> int:
        """The lowest number of everybody who is linked with this one."""
        above = self._above
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    def linked(self) -> Iterator[tuple[int, int]]:
        """Each number that was given and is not the first of its people, with that first."""
        for number in range(len(self._above)):
            first = self.first(number)
            if first != number:
                yield number, first

    def _link(self, one: int, other: int) -> int:
        low, high = sorted((one, other))
        self._above[high] = low
        return low
