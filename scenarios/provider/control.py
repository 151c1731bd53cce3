"""Our own control API on trial: the same tool, over a fake of its own; nobody else's tenants are touched."""

from __future__ import annotations

import orjson

from ..verdict import ScenarioResult
from . import tool
from .checks import errors_shaped, good_input_known, nothing_secret, refusals_still
from .documents import document_of
from .door import Door
from .inhabitants import ADA, TENANT
from .outcome import SUITE, followed, results, shown
from .target import EMBEDDED, Target
from .tenancy import Tenancy, inhabited
from .trial import Trial

CORNERS = 12
LEFT_ALONE = "its orders are for all tenants, so only an embedded fake is asked to follow them"


class Everything(Tenancy):
    """All that an order can change, in all tenants; whatever it was, there is a tenant to ask about afterwards."""

    def now(self) -> bytes:
        asked = ("/state", "/tenants", "/faults", "/clock")
        return orjson.dumps([self.target.order("GET", path) for path in asked])

    def restore(self) -> None:
        self.target.order("DELETE", "/faults")
        known = {one["api_key"] for one in self.target.order("GET", "/tenants")["tenants"]}
        if self.key not in known:
            self.target.order("POST", "/tenants", {**TENANT, "core": {"api_key": self.key}})
        self.state = self.now()


def control(target: Target, seed: int, examples: int, only: frozenset[str]) -> list[ScenarioResult]:
    """One result for each operation of the control API; none of them is tried at an address."""
    document = document_of("admin")
    if target.at != EMBEDDED or not target.ours:
        names = [how["operationId"] for item in document["paths"].values() for how in item.values() if "operationId" in how]
        title = "as its contract has it"
        return [ScenarioResult(f"{SUITE}/admin/{one}", f"{one}, {title}", SUITE, untried=LEFT_ALONE) for one in names]
    with inhabited(target, {}) as tenancy:
        whole = Everything(target, tenancy.key, {}, (), tenancy.retailer, tenancy.assumptions)
        whole.state = whole.now()
        _narrow(document, tenancy.key)
        door = Door(target.transport)
        schema = tool.schema_of(document, door, {}, seed=seed, examples=examples)
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
        tool.sequences(schema, linked, seed=seed, examples=examples)
        whole.restore()
        return [*made, *followed("admin", (), shown(linked.tallies.values(), whole), ours=True)]


def _narrow(document: dict[str, object], key: str) -> None:
    """Only the tenant that is there, and people whom it has."""
    known = {"api_key": key, "id": ADA}

    def walk(part: object) -> None:
        if isinstance(part, dict):
            if part.get("in") == "path" and part.get("name") in known:
                part["schema"] = {"type": "string", "enum": [known[part["name"]]]}
            for inner in part.values():
                walk(inner)
        elif isinstance(part, list):
            for inner in part:
                walk(inner)

    walk(document)
