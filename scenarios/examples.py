"""The examples of the rule register as scenarios: adding an example adds a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from contracts import Rule, rules

from .scenario import Rewrite, Scenario

FIRST_MPID = 1_000_000_000_000_000_001
"""Above 2**53, where a reader that makes floats of numbers begins to lose digits."""

CUSTOMER = "customer-id"
"""Stands in an example for the customer id of its person, which every scenario has for itself."""

ALSO_KNOWN_BY: Mapping[str, Mapping[str, str]] = {"customerio": {"email": "ada@example.com"}}
"""Identities that the people on the road to a destination have beside their customer id."""

HOMES: Mapping[str, str] = {"customerio": "customerio", "mparticle": "mparticle", "madconnect": "mparticle"}
"""Vendor -> where the batches of its examples go, if not to SessionM."""


def of_register(wanted: Callable[[Rule, Mapping[str, Any]], bool], unused: Iterator[int]) -> Iterator[Scenario]:
    """Every example that is wanted, rule by rule; `unused` gives the number that makes a scenario's people its own."""
    for rule in rules().values():
        for index, example in enumerate(rule.examples):
            if "side" in example and "everywhere" not in example and wanted(rule, example):
                yield of_example(rule, index, example, next(unused))


def destination_of(rule: Rule, example: Mapping[str, Any]) -> str:
    """Where the batches of an example go: what a vendor does is tried on the road to it."""
    named = example.get("destination")
    if named:
        return str(named)
    if rule.vendor == "mparticle" and rule.owner == "forwarder":
        return "sessionm"
    return HOMES.get(rule.vendor, "sessionm")


def of_example(rule: Rule, index: int, example: Mapping[str, Any], number: int) -> Scenario:
    destination = destination_of(rule, example)
    batches = example.get("batches") or ([example["batch"]] if "batch" in example else [])
    arrives = expanded(example.get("arrives"))
    return Scenario(
        id=f"{rule.id}/{index + 1}",
        title=example["title"],
        suite="boundaries",
        rule=rule.id,
        side=example["side"],
        destination=destination,
        batches=tuple(of_person(expanded(batch), number, destination) for batch in batches),
        settings=example.get("settings", {}),
        tenant=example.get("tenant", {}),
        assume=example.get("assume", {}),
        pinned=True,
        on_violation=example.get("on_violation", "reject"),
        rewrite=REWRITES[example["rule"]] if "rule" in example else None,
        second_tenant=example.get("second_tenant", ""),
        arrives=own(arrives, number) if isinstance(arrives, Mapping) else arrives,
        arrives_second=own(expanded(example.get("arrives_second")), number),
        fates=example.get("fates", {}),
        outcomes=example.get("outcomes", {}),
        calls=tuple(example.get("calls", ())),
        lint=example.get("lint", {}),
        plan=tuple(example.get("plan", ())),
        deviates=example.get("deviates"),
        at=example.get("at", "2026-01-01T00:00:00Z"),
    )


def of_person(batch: Mapping[str, Any], number: int, destination: str = "sessionm") -> dict[str, Any]:
    """A small batch of a logged-in person on iOS, with `batch` laid over it and its identities made their own.

    The person has what a destination asks for before it takes anybody.
    """
    made = {
        "environment": "development",
        "mpid": FIRST_MPID + number,
        "user_identities": {"customer_id": CUSTOMER, **ALSO_KNOWN_BY.get(destination, {})},
        "device_info": {"platform": "iOS"},
        **batch,
    }
    found = made["user_identities"]
    if isinstance(found, Mapping):
        made["user_identities"] = {kind: _own_id(value, number) for kind, value in found.items()}
    elif found:
        made["user_identities"] = [{**one, "identity": _own_id(one.get("identity"), number)} for one in found]
    return made


def without_mpid(batch: Mapping[str, Any]) -> dict[str, Any]:
    """A batch that does not speak of an MPID at all; one that says null does."""
    return {name: part for name, part in batch.items() if name != "mpid"}


def custom(name: str, kind: str = "other", **attributes: Any) -> dict[str, Any]:
    """A custom event of a batch."""
    data = {"event_name": name, "custom_event_type": kind, "custom_attributes": attributes}
    return {"event_type": "custom_event", "data": data}


def screen(name: str, **attributes: Any) -> dict[str, Any]:
    """A screen view of a batch."""
    return {"event_type": "screen_view", "data": {"screen_name": name, "custom_attributes": attributes}}


def own(arrives: Any, number: int) -> Any:
    """What must arrive, with the identities of the person that `of_person` made."""
    if not isinstance(arrives, Mapping):
        return arrives
    made = dict(arrives)
    if "identifiers" in made:
        made["identifiers"] = {kind: _own_id(value, number) for kind, value in made["identifiers"].items()}
    if made.get("user", {}).get("email"):
        made["user"] = {**made["user"], "email": _own_id(made["user"]["email"], number)}
    if "phones" in made:
        made["phones"] = [_own_id(value, number) for value in made["phones"]]
    return made


def filler(count: int, first: int = 0) -> dict[str, str]:
    """So many attributes with plain names and text as values."""
    return {f"attribute_{index:04d}": f"value {index}" for index in range(first, first + count)}


def _own_id(value: Any, number: int) -> Any:
    if not value:
        return value
    name, at, host = str(value).partition("@")
    return f"{name}-{number}{at}{host}"


def expanded(value: Any) -> Any:
    """`$repeat: N` among the names of a table stands for N attributes in its place, `{$text: N}` for a text.

    The text has N times the letters that `of` says, between what stands `before` and `behind` them.
    """
    if isinstance(value, Mapping) and "$text" in value:
        letters: str = value.get("of", "x") * value["$text"]
        return value.get("before", "") + letters + value.get("behind", "")
    if isinstance(value, Mapping):
        made: dict[str, Any] = {}
        for name, inner in value.items():
            made.update(filler(inner) if name == "$repeat" else {name: expanded(inner)})
        return made
    if isinstance(value, list):
        return [expanded(inner) for inner in value]
    return value


# --- the Rules that examples name -------------------------------------------------------------------------


def _standardise_casing(batch: dict[str, Any]) -> dict[str, Any]:
    attributes = batch["user_attributes"]
    attributes["FavoriteStore"] = attributes.pop("favoritestore")
    return batch


def _swap_attribute(batch: dict[str, Any]) -> dict[str, Any]:
    attributes = batch["user_attributes"]
    attributes["After"] = attributes.pop("Before")
    return batch


def _drop(_batch: dict[str, Any]) -> None:
    return None


def _fail(_batch: dict[str, Any]) -> dict[str, Any]:
    raise RuntimeError("the Rule of this example always fails")


REWRITES: dict[str, Rewrite] = {
    "standardise-casing": _standardise_casing,
    "swap-attribute": _swap_attribute,
    "drop": _drop,
    "fail": _fail,
}
