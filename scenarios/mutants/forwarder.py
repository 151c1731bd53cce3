"""Every wrong forwarder, made from the register and from what the forwarder says itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from .answering import answer_mutants
from .beside import beside_mutants
from .by_hand import hand_made_mutants
from .delivering import delivery_mutants
from .mutant import Mutant
from .requests import request_mutants
from .sources import source_mutants
from .steps import step_mutants
from .tables import table_mutants
from .unread import unread_mutants

KINDS: tuple[Callable[[], Iterator[Mutant]], ...] = (
    step_mutants,
    unread_mutants,
    request_mutants,
    beside_mutants,
    table_mutants,
    delivery_mutants,
    answer_mutants,
    source_mutants,
    hand_made_mutants,
)
"""Whatever makes mutants of the forwarder."""

ALIKE: Mapping[str, str] = {
    "customerio.email-else~effect-skipped~choose_person": (
        "the email stands in the path already; said once more in the body it changes nothing"
    ),
    "sessionm.forwards-custom-events~attribute-lost~qty": "where no quantity is said, it is one",
    "sessionm.forwards-custom-events~name-changed~qty": "where no quantity is said, it is one",
    "sessionm.forwards-custom-events~type-changed~qty": "SessionM reads a quantity that is text as the number",
}
"""Mutants that do what they should, though in another way -> why nobody can tell them from the forwarder as it is."""


def forwarder_mutants() -> Iterator[Mutant]:
    """Every mutant of the forwarder; each is made when it is asked for, and its id is the same in every run."""
    return (mutant for mutant in every_mutant() if mutant.id not in ALIKE)


def every_mutant() -> Iterator[Mutant]:
    """The same, with those that nobody can tell from the forwarder as it is."""
    for made in KINDS:
        yield from made()
