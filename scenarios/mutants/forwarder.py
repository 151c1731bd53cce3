"""Every wrong forwarder, made from the register and from what the forwarder says itself."""

from __future__ import annotations

from collections.abc import Iterator

from .beside import beside_mutants
from .delivering import delivery_mutants
from .mutant import Mutant
from .requests import request_mutants
from .sources import source_mutants
from .steps import step_mutants
from .tables import table_mutants
from .unread import unread_mutants


def forwarder_mutants() -> Iterator[Mutant]:
    """Every mutant of the forwarder; each is made when it is asked for, and its id is the same in every run."""
    yield from step_mutants()
    yield from unread_mutants()
    yield from request_mutants()
    yield from beside_mutants()
    yield from table_mutants()
    yield from delivery_mutants()
    yield from source_mutants()
