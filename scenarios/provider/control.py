"""Our own control API on trial: the same tool, over a fake of its own; nobody else's tenants are touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from scenarios.verdict import ScenarioResult

from . import tool
from .checks import errors_shaped, good_input_known, nothing_secret, refusals_still
from .documents import VENDORS, document_of, linked_in
from .door import Door
from .inhabitants import ADA, MPID, PERSON, TENANT
from .outcome import SUITE, followed, results, shown
from .target import EMBEDDED, Target
from .tenancy import Tenancy, inhabited
from .trial import Trial

CORNERS = 12
LEFT_ALONE = "its orders are for all tenants, so only an embedded fake is asked to follow them"


@dataclass(slots=True)
class Everything(Tenancy):
    """All that an order can change, in all tenants.

    known  the tenants of the beginning, our own among them
    begun  what our own remembered then
    """

    known: frozenset[str] = frozenset()
    begun: bytes = b""

    def now(self) -> bytes:
        asked = ("/state", "/tenants", "/faults", "/clock")
        return orjson.dumps([_without_time(self.target.order("GET", path)) for path in asked])

    def restore(self) -> None:
        """No faults, stopped clocks, and no tenants but those of the beginning; ours remembers what it did then."""
        self.target.order("DELETE", "/faults")
        there = {one["api_key"] for one in self.target.order("GET", "/tenants")["tenants"]}
        for key in there - self.known:
            self.target.order("DELETE", f"/tenants/{quote(key, safe='')}")
        for key in sorted(self.known - there):
            self.target.order("POST", "/tenants", {**TENANT, "core": {"api_key": key}})
        self.target.order("PUT", "/clock", {"frozen": True})
        self.target.order("PUT", "/state", orjson.loads(self.begun), tenant=self.key)
        self.state = self.now()


def _without_time(value: Any) -> Any:
    """What was answered, without the time of clocks that run: that goes on whether anybody asks or not."""
    if isinstance(value, list):
        return [_without_time(one) for one in value]
    if not isinstance(value, dict):
        return value
    runs = value.get("frozen") is False
    return {name: _without_time(one) for name, one in value.items() if not (runs and name == "now")}


def control(target: Target, seed: int, examples: int, only: frozenset[str]) -> list[ScenarioResult]:
    """One result for each operation of the control API; none of them is tried at an address."""
    document = document_of("admin")
    if target.at != EMBEDDED or not target.ours:
        names = [
            how["operationId"] for item in document["paths"].values() for how in item.values() if "operationId" in how
        ]
        title = "as its contract has it"
        return [ScenarioResult(f"{SUITE}/admin/{one}", f"{one}, {title}", SUITE, untried=LEFT_ALONE) for one in names]
    with inhabited(target, {}) as tenancy:
        whole = Everything(target, tenancy.key, {}, (), tenancy.retailer, tenancy.assumptions)
        whole.known = frozenset(one["api_key"] for one in target.order("GET", "/tenants")["tenants"])
        whole.begun = tenancy.state
        whole.restore()
        _narrow(document, tenancy.key)
        door = Door(target.transport)
        schema = tool.schema_of(document, door, {}, examples=examples)
        checks = (nothing_secret, refusals_still, errors_shaped, good_input_known)
        trial = Trial("admin", whole, door, checks)
        for operation in tool.operations_in(schema.include(operation_id=list(only)) if only else schema):
            for case in tool.corner_cases(operation, examples * CORNERS):
                trial.ask(case)
            tool.made_up(operation, trial.ask, seed=seed, examples=max(1, examples // 2))
        alone = list(trial.tallies.values())
        made = list(results("admin", shown(alone, whole), ours=True))
        if only:
            return made
        linked = Trial("admin", whole, door, checks)
        linked.state = trial.state
        tool.sequences(schema, linked, seed=seed, examples=examples * CORNERS)
        whole.restore()
        return [*made, *followed("admin", linked_in(document), shown(linked.tallies.values(), whole), ours=True)]


def _narrow(document: dict[str, object], key: str) -> None:
    """Only the tenant that is there, and people whom it has."""
    known = {"api_key": [key], "id": [ADA], "identifier": [PERSON], "mpid": [MPID], "vendor": list(VENDORS)}

    def walk(part: object) -> None:
        if isinstance(part, dict):
            if part.get("in") == "path" and part.get("name") in known:
                part["schema"] = {"type": "string", "enum": known[part["name"]]}
            for inner in part.values():
                walk(inner)
        elif isinstance(part, list):
            for inner in part:
                walk(inner)

    walk(document)
