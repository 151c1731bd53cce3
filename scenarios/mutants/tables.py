"""Forwarders that know a number or a table of the register wrongly: one more, one less, a row that is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from contracts import rules
from forwarder import DESTINATIONS, names, planning, selection, shaping
from forwarder.destinations import (
    customerio,
    customerio_attributes,
    customerio_audiences,
    customerio_steps,
    mparticle,
    mparticle_batch,
    mparticle_node,
    sessionm,
)
from forwarder.draft import Draft, Step

from .mutant import Mutant
from .wrong import planned_by, put, road_of, without, wrong

CACHES = (names.normalised, customerio_attributes.placed_name)
"""What the forwarder remembers of names."""


class Known(NamedTuple):
    """A name under which modules hold something of the register."""

    rule: str
    name: str
    modules: tuple[Any, ...]


NUMBERS: Sequence[Known] = (
    Known("sessionm.event-attributes-max", "EVENT_ATTRIBUTES", (shaping,)),
    Known("sessionm.user-attributes-max", "USER_ATTRIBUTES", (shaping,)),
    Known("customerio.oversized-id", "ID_BYTES", (customerio_steps,)),
    Known("customerio.oversized-name", "NAME_BYTES", (customerio_attributes,)),
    Known("customerio.one-attribute-per-segment", "NAME_BYTES", (customerio_audiences,)),
    Known("customerio.oversized-value", "VALUE_BYTES", (customerio_attributes,)),
    Known("customerio.long-membership", "VALUE_BYTES", (customerio_audiences,)),
    Known("customerio.oversized-event-name", "EVENT_NAME_BYTES", (customerio_steps,)),
    Known("customerio.oversized-event", "EVENT_BYTES", (customerio,)),
    Known("customerio.attributes-kept", "ATTRIBUTES", (customerio_attributes,)),
    Known("customerio.attributes-kept", "ATTRIBUTES", (customerio_audiences,)),
    Known("madconnect.split", "LARGEST", (mparticle_batch,)),
)
"""Numbers, where they are looked at."""

TABLES: Sequence[Known] = (
    Known("sessionm.forwards-user-identities", "FIELD_OF_IDENTITY", (sessionm,)),
    Known("sessionm.platforms", "PLATFORM_OF_SPELLING", (selection,)),
    Known("sessionm.reserved-fields", "RESERVED_FOLDED", (shaping,)),
    Known("sessionm.reserved-name-case", "RESERVED", (shaping,)),
    Known("sessionm.unmapped-reserved", "UNMAPPED_RESERVED", (shaping,)),
    Known("customerio.first-last-always", "_ALWAYS", (customerio_attributes,)),
    Known("customerio.reserved-attributes", "_RESERVED", (customerio_attributes,)),
    Known("customerio.reserved-keys", "OWN_KEYS", (customerio_attributes,)),
    Known("customerio.reserved-keys", "OWN_PREFIXES", (customerio_attributes,)),
    Known("madconnect.event-name", "NAMED", (mparticle,)),
    Known("madconnect.somebody", "DEVICE_IDS", (mparticle,)),
    Known("madconnect.identity-types", "IDENTITY_TYPES", (mparticle,)),
    Known("madconnect.input-form", "KEPT", (mparticle_batch,)),
    Known("madconnect.input-form", "ENVIRONMENTS", (mparticle_batch,)),
    Known("madconnect.input-form", "OUTPUT_ALONE", (mparticle_node,)),
)
"""Tables, where they are looked into."""

KINDS: Mapping[str, str] = {
    "sessionm": "sessionm.other-kinds-unsupported",
    "customerio": "customerio.other-kinds-unsupported",
    "mparticle": "madconnect.kinds",
}
"""Destination -> the rule that says which kinds of events are taken there."""

WORDS: Sequence[tuple[Known, Any]] = (
    (Known("sessionm.screen-view-name", "SCREEN_PREFIX", (shaping,)), "Seen "),
    (Known("sessionm.mpid-field", "MPID_TYPE", (sessionm,)), "customer_id"),
    (Known("customerio.screen-view-type", "SCREEN", (customerio_steps,)), ("Viewed_", "")),
    (Known("customerio.segment-membership", "MEMBERSHIP", (customerio_attributes, customerio_audiences)), "Segments"),
    (Known("customerio.one-attribute-per-segment", "IN", (customerio_audiences,)), "in "),
    (Known("madconnect.somebody", "NO_DEVICE", (mparticle,)), "none"),
    (Known("madconnect.input-form", "BLOCKED", (mparticle_batch,)), "blocked"),
    (Known("sessionm.key-strip", "NORMALISATION", (names,)), names.NORMALISATION[:1]),
    (Known("sessionm.key-replace", "NORMALISATION", (names,)), names.NORMALISATION[1:]),
    (Known("sessionm.key-strip", "NORMALISATION", (names,)), names.NORMALISATION[::-1]),
)
"""Words and orders of the register, and others in their place."""


def table_mutants() -> Iterator[Mutant]:
    """Every forwarder that knows the register wrongly."""
    for known in NUMBERS:
        yield from _off_by_one(known)
    yield from _integers()
    for known in TABLES:
        yield from _rows(known)
    yield from _kinds()
    for known, value in WORDS:
        says = f"{known.name} is not what the register says."
        what = f"{known.name.lower()}-{len(value) if isinstance(value, tuple) else 'other'}"
        if value == names.NORMALISATION[::-1]:
            what = "normalisation-turned"
        yield wrong(
            known.rule, "name changed", what, says, patched=_put(known, value), road=road_of(known.rule), plans=True
        )


def _put(known: Known, value: Any) -> Callable[[], Any]:
    return lambda: put(*((module, known.name, value) for module in known.modules), caches=CACHES)


def _off_by_one(known: Known) -> Iterator[Mutant]:
    number = getattr(known.modules[0], known.name)
    for by, word in ((1, "more"), (-1, "less")):
        says = f"{known.name} is one {word} than the register says."
        where = known.modules[0].__name__.rpartition(".")[2].rpartition("_")[2]
        what = f"{where}-{known.name.lower()}-{word}"
        yield wrong(
            known.rule,
            "limit off by one",
            what,
            says,
            patched=_put(known, number + by),
            road=road_of(known.rule),
            plans=True,
        )


def _integers() -> Iterator[Mutant]:
    """The largest and the least integer of 64 bits in a node are refused."""
    for field, schema in mparticle_node.PROPERTIES.items():
        if field in mparticle_node.INTEGERS and rules()[schema["x-rules"]["type"]].limit:
            for what, end in (("less", schema["maximum"]), ("least", schema["minimum"])):
                says = f"An event whose {field} is {end} is refused."

                def step(draft: Draft, field: str = field, end: int = end) -> None:
                    for event in draft.events:
                        if str(event.body.get(field)) == str(end):
                            event.body = {**event.body, field: "too much"}
                    mparticle_node.make_nodes(draft)

                planning_ = planned_by("mparticle", _instead("mparticle", "make_nodes", step))
                rule = schema["x-rules"]["type"]
                yield wrong(
                    rule, "limit off by one", f"{field}-{what}", says, planning=planning_, road="mparticle", plans=True
                )


def _instead(name: str, step: str, other: Step) -> tuple[Step, ...]:
    return tuple(other if one.__name__ == step else one for one in DESTINATIONS[name].steps)


def _rows(known: Known) -> Iterator[Mutant]:
    for row in sorted(getattr(known.modules[0], known.name)):
        says = f"{known.name} lacks {row}."
        what = f"{known.name.lower().strip('_').replace('_', '-')}-{_plain(row)}"
        left = less(getattr(known.modules[0], known.name), row)
        yield wrong(
            known.rule, "row missing", what, says, patched=_put(known, left), road=road_of(known.rule), plans=True
        )


def less(table: Any, row: str) -> Any:
    """A table without one of its rows."""
    match table:
        case frozenset():
            return table - {row}
        case tuple():
            return tuple(one for one in table if one != row)
        case _:
            return without(table, row)


def _kinds() -> Iterator[Mutant]:
    for name, rule in KINDS.items():
        end = DESTINATIONS[name]
        for kind in end.names:
            without_it = {**DESTINATIONS, name: replace(end, names=without(end.names, kind))}
            says = f"On the road to {end.title}, events of the kind {kind} are taken for such as are not."
            patched = _destinations(without_it)
            yield wrong(rule, "row missing", f"kind-{kind}", says, patched=patched, road=name, plans=True)


def _destinations(others: Any) -> Callable[[], Any]:
    return lambda: put((planning, "DESTINATIONS", others))


def _plain(row: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "", row) or "sign"
