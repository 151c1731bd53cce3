"""The Track API's limits once more, by way of the forwarder: what fits arrives, the rest costs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contracts import Rule
from scenarios.examples import custom, of_person, screen
from scenarios.ladder import ladder
from scenarios.scenario import Scenario

Batch = Mapping[str, Any]
TextOf = Callable[[int, str], str]
IN_JSON = len('{"a":""}')


def by_forwarder(rule: Rule, unused: Iterator[int], letters: Mapping[str, str], text_of: TextOf) -> Iterator[Scenario]:
    """Batches with a text of every size of the ladder; nothing where no batch can have that size."""
    batch_of = BATCHES.get(rule.measure or "")
    if batch_of is None:
        return
    for size, side in ladder(rule):
        for kind, letter in letters.items():
            number = next(unused)
            made = batch_of(size, letter, text_of, number)
            if made is not None:
                yield Scenario(
                    id=f"{rule.id}/road-{number}",
                    title=f"{size} bytes in {kind}, by way of the forwarder",
                    suite="boundaries",
                    destination="customerio",
                    rule=rule.id,
                    side=side,
                    batches=({**_person(number), **made},),
                )


def _person(number: int) -> dict[str, Any]:
    """The batch of somebody whom no other scenario has."""
    batch = {"user_attributes": {"FavoriteStore": "Boston"}, "events": [screen("Menu")]}
    return of_person(batch, number, "customerio")


def _id(size: int, letter: str, text_of: TextOf, number: int) -> Batch | None:
    return {"user_identities": {"customer_id": text_of(size, letter), "email": f"ada-{number}@example.com"}}


def _name(size: int, letter: str, text_of: TextOf, _number: int) -> Batch | None:
    return {"user_attributes": {"FavoriteStore": "Boston", text_of(size, letter): "v"}}


def _value(size: int, letter: str, text_of: TextOf, _number: int) -> Batch | None:
    return {"user_attributes": {"plan": text_of(size, letter), "FavoriteStore": "Boston"}}


def _event_name(size: int, letter: str, text_of: TextOf, _number: int) -> Batch | None:
    name = text_of(size, letter)
    return {"events": [custom(name, size="L"), screen(f" {name} "), custom("visit")]}


def _event_data(size: int, letter: str, text_of: TextOf, _number: int) -> Batch | None:
    if size < IN_JSON:
        return None
    return {"events": [custom("visit", a=text_of(size - IN_JSON, letter)), screen("Menu", b="c")]}


BATCHES: Mapping[str, Callable[[int, str, TextOf, int], Batch | None]] = {
    "customerio-id-bytes": _id,
    "customerio-attribute-name-bytes": _name,
    "customerio-attribute-value-bytes": _value,
    "customerio-event-name-bytes": _event_name,
    "customerio-event-data-bytes": _event_data,
}
"""What a rule counts -> a batch of a person with so much of it."""
