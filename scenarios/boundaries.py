"""Boundary scenarios, generated from the rule register: for every number both sides of it, for names every odd form.

A rule says what it counts (`measure`); the builders here make a batch or a vendor request with so many of it.
A new limit of a known measure needs nothing in this file.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from contracts import Rule, rules

from .customerio.boundaries import MEASURES as OF_CUSTOMERIO
from .everywhere import everywhere
from .examples import destination_of, filler, of_person, of_register
from .ladder import FAR, ladder
from .ladder import side_of as _side
from .ladder import vendor_story as _vendor
from .mparticle.boundaries import OF_MPARTICLE
from .scenario import Scenario
from .verdict import SideName

__all__ = ["FAR", "MEASURES", "ODD_NAMES", "boundaries", "ladder", "tried_with"]


def boundaries(vendor: str = "sessionm", first: int = 1) -> Iterator[Scenario]:
    """Every boundary scenario of a vendor's rules: first those for numbers and names, then the examples."""
    unused = count(first)
    for rule in rules().values():
        if rule.vendor == vendor and rule.measure is not None:
            yield from MEASURES[rule.measure](rule, unused)
    yield from of_register(lambda rule, example: tried_with(rule, example) == vendor, unused)
    yield from everywhere(vendor)


def tried_with(rule: Rule, example: Mapping[str, Any]) -> str:
    """The destination with whose boundaries an example is tried."""
    return "braze" if rule.vendor == "braze" else destination_of(rule, example)


# --- numbers ----------------------------------------------------------------------------------------------


def _event_attributes(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    for size, side in ladder(rule):
        attributes = filler(size)
        data = {"event_name": "visit", "custom_event_type": "other", "custom_attributes": attributes}
        batch = {"events": [{"event_type": "custom_event", "data": data}]}
        yield _road(rule, side, f"{size} attributes with an event", batch, next(unused))
        screen = {
            "events": [{"event_type": "screen_view", "data": {"screen_name": "Menu", "custom_attributes": attributes}}]
        }
        yield _road(rule, side, f"{size} attributes with a screen view", screen, next(unused))
        posted = {
            "do": "postEventsByExternalId",
            "external_id": "e-1",
            "body": {"events": {"visit": {"context": attributes}}},
        }
        stored = [{"name": "visit", "attributes": attributes}] if side != "above" else []
        yield _vendor(
            rule,
            side,
            f"{size} attributes with an event, straight to the vendor",
            [
                {"do": "createUser", "body": {"user": {"external_id": "e-1"}}},
                {**posted, **_refusal(rule, side)},
                {"knows": "e-1", "events": stored},
            ],
            next(unused),
        )


def _user_attributes(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    for size, side in ladder(rule):
        attributes = filler(size)
        yield _road(rule, side, f"{size} user attributes", {"user_attributes": attributes}, next(unused))
        odd = {name.replace("_", "-", 1): value for name, value in attributes.items()}
        yield _road(rule, side, f"{size} user attributes that are renamed", {"user_attributes": odd}, next(unused))
        create = {"do": "createUser", "body": {"user": {"external_id": "e-1", "user_profile": attributes}}}
        steps: list[dict[str, Any]] = [{**create, **_refusal(rule, side)}]
        if side != "above":
            steps.append({"knows": "e-1", "profile": attributes})
        yield _vendor(rule, side, f"{size} custom attributes, straight to the vendor", steps, next(unused))


def _profile_attributes(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    """The sum of defined and received names is what counts, however it comes about."""
    most = rule.limit or 0
    for size, side in ladder(rule):
        first, second = size // 2, size - size // 2
        if second <= most:
            batches = [{"user_attributes": filler(first)}, {"user_attributes": filler(second, first)}]
            title = f"{size} attributes in two batches"
            yield _road(rule, side, title, batches[0], next(unused), more=batches[1:])
    for defined in (1, most * 3 // 4, most):
        names = [f"Defined{index}" for index in range(defined)]
        for received in sorted({0, most - defined - 1, most - defined, most - defined + 1, most} - {-1}):
            total = defined + received
            side = _side(total, most)
            sent = {**filler(received), names[0]: "is defined"}
            if len(sent) > most:
                sent.popitem()
            kept = {
                **dict(list(filler(received).items())[: most - defined]),
                **{n: sent[n] for n in names[:1] if n in sent},
            }
            step: dict[str, Any] = {"do": "createUser", "body": {"user": {"external_id": "e-1", "user_profile": sent}}}
            if side == "above":
                step["notes"] = rule.id
            made = {"do": "createUser", "as": "ada", "body": {"user": {"external_id": "e-1"}}}
            later = {**step, "do": "updateUser", "who": "ada", "body": {"user": {"user_profile": sent}}}
            for how, steps in (("received", [step]), ("received later", [made, later])):
                yield _vendor(
                    rule,
                    side,
                    f"{defined} attributes defined and {received} more {how}",
                    [*steps, {"knows": "e-1", "profile": kept}],
                    next(unused),
                    {"profile_attributes": {"names": names}},
                )


def _tag_ttl(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    """A least number: it is below it that something is refused."""
    least = rule.limit or 0
    for ttl in (least - 2, least - 1, least, least + 1, 1_000_000 * least):
        side = _side(ttl, least)
        refusal = {"refused": rule.id, "code": "validation"} if ttl < least else {}
        look: dict[str, Any] = {"do": "getTagsByExternalId", "external_id": "e-1"}
        look |= {"lacks": ["/tags/gold"]} if ttl < least else {"says": {"tags": {"gold": {"ttl": ttl}}}}
        posted = {"do": "postTagsByExternalId", "external_id": "e-1", "body": {"tags": ["gold"], "ttl": ttl}}
        create = {"do": "createUser", "body": {"user": {"external_id": "e-1"}}}
        yield _vendor(rule, side, f"a TTL of {ttl} seconds", [create, {**posted, **refusal}, look], next(unused))


# --- names ------------------------------------------------------------------------------------------------

ODD_NAMES: Mapping[str, list[str]] = {
    "each sign of ASCII inside a name": [
        f"a{sign}{index}" for index, sign in enumerate(string.punctuation + string.whitespace + "\x00\x7f")
    ],
    "each sign of ASCII before a name": [
        f"{sign}b{index}" for index, sign in enumerate(string.punctuation.replace("$", "") + string.whitespace)
    ],
    "underscores before, inside and after a name": ["_a", "__b", "___c_", "d_e", "f__", "_1", "__2_3"],
    "emoji": ["a\U0001f600", "\U0001f469\u200d\U0001f680b", "\U0001f1e6\U0001f1f9c", "d\u2764\ufe0fe"],
    "letters and digits beyond ASCII": ["caf\u00e9", "cafe\u0301s", "\u00dcber", "stra\u00dfe", "a\u0661", "x\u00b2"],
    "other scripts": ["\u540d\u524d", "\u0438\u043c\u044f", "\u0627\u0633\u0645", "a\u540d"],
    "names that become one": ["Favorite Store", "Favorite-Store", "Favorite_Store", "_Favorite.Store", "Other"],
    "names of which nothing is left": ["", "_", "---", "\U0001f600", " ", "ok"],
    "reserved names in odd casing": [
        "$firstname",
        "$LASTNAME",
        "$gEnDeR",
        "$country",
        "$STATE",
        "$city",
        "$zip",
        "$address",
    ],
    "nearly reserved names": ["FirstName", "$$FirstName", "$FirstName ", " $FirstName", "$First_Name", "first_name"],
    "reserved names that SessionM has no field for": ["$Age", "$Mobile", "$age", "$MOBILE"],
    "a very long name": ["n" * 5000, "-" * 5000 + "m"],
}


def _attribute_names(rule: Rule, unused: Iterator[int]) -> Iterator[Scenario]:
    for what, names in ODD_NAMES.items():
        attributes = {name: f"value {index}" for index, name in enumerate(names)}
        yield _road(rule, "above", what, {"user_attributes": attributes}, next(unused))
        data = {
            "event_name": "visit",
            "custom_event_type": "other",
            "custom_attributes": dict(list(attributes.items())[:10]),
        }
        batch = {"events": [{"event_type": "custom_event", "data": data}]}
        yield _road(rule, "above", f"{what}, with an event", batch, next(unused))


MEASURES: dict[str, Callable[[Rule, Iterator[int]], Iterator[Scenario]]] = {
    "event-attributes": _event_attributes,
    "user-attributes": _user_attributes,
    "profile-attributes": _profile_attributes,
    "tag-ttl": _tag_ttl,
    "attribute-names": _attribute_names,
    **OF_CUSTOMERIO,
    **OF_MPARTICLE,
}


def _refusal(rule: Rule, side: SideName) -> dict[str, str]:
    return {"refused": rule.id, "code": "validation"} if side == "above" else {}


def _road(rule: Rule, side: SideName, title: str, batch: Mapping[str, Any], number: int, *, more: Any = ()) -> Scenario:
    return Scenario(
        id=f"{rule.id}/road-{number}",
        title=title,
        suite="boundaries",
        rule=rule.id,
        side=side,
        batches=tuple(of_person(one, number) for one in (batch, *more)),
    )
