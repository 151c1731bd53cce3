"""All mutants there are, and the rules that must have some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain

from contracts import Rule, rules
from scenarios.destinations import DESTINATIONS

from .fake import fake_mutants
from .forwarder import forwarder_mutants
from .mutant import Mutant


@cache
def mutants() -> Mapping[str, Mutant]:
    """Every mutant by its id, in the order of the register; the same in every process."""
    order = {name: index for index, name in enumerate(rules())}
    found = sorted((*fake_mutants(), *forwarder_mutants()), key=lambda one: order[one.rule])
    made = {one.id: one for one in found}
    if len(made) != len(found):
        raise LookupError("two mutants have the same id")
    return made


def found(name: str) -> Mutant | None:
    """The mutant of an id; None where there is none. Those of the forwarder take longer to make, so they come last."""
    return next((one for one in chain(fake_mutants(), forwarder_mutants()) if one.id == name), None)


def owing() -> Iterator[Rule]:
    """The rules of the forwarder and of vendors, which therefore have mutants.

    The customer's are lint. The harness's own are what the provider's side checks of everybody.
    """
    vendors = {vendor for row in DESTINATIONS.values() for vendor in row.vendors}
    owners = {"forwarder", *vendors} - {"harness"}
    return (rule for rule in rules().values() if rule.owner in owners and rule.vendor in vendors)
