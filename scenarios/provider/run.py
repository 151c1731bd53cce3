"""The provider side of the gate: every contract tried against whoever is on trial, operation by operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scenarios.verdict import ScenarioResult

from . import tool
from .access import door_shut, journal_true
from .beyond import beyond, with_body
from .checks import CHECKS
from .documents import VENDORS, document_of, linked_in, narrowed, served, sound
from .door import Door
from .fields import unanswered
from .inhabitants import WHOLE
from .outcome import SUITE, followed, merged, results, shown
from .target import Target, Unusable
from .tenancy import Tenancy, account, inhabited
from .trial import Tally, Trial

EXAMPLES = 2
"""Random examples for each operation, of good input as of bad."""
CORNERS = 15
"""So many values at borders for each random example: they are made from the contract alone, and cost little."""
SEQUENCES = 4
"""So many sequences of linked calls for each random example, in each group."""
SCHEMES: Mapping[str, Mapping[str, str]] = {
    "sessionm": {"basic": "core", "connect": "connect"},
    "braze": {"bearer": "braze"},
    "customerio": {"basic": "customerio"},
    "mparticle": {"basic": "mparticle"},
    "admin": {},
}
"""Vendor -> the names that its contract has for credentials, and the API that each opens."""
STATUSES: Mapping[str, tuple[str, ...]] = {"sessionm": ("400", "200")}
"""Vendor -> the statuses under which it may refuse bad input; each is tried."""
BY_STATUS = ("validation-status", "connect-error-status", "pos-error-status")
GROUPS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "sessionm": (
        ("createUser", "getUser", "updateUser", "deleteUser"),
        ("createUser", "postEvents", "postTags", "getTags"),
        ("createUser", "getUserByExternalId", "getTimeline", "getCustomerCampaigns"),
        ("createUser", "depositPoints", "getAllPointBalances", "getUserOffers"),
        ("issueOffer", "updateUserOffer", "revokeOffer", "manualRedeem"),
        ("purchaseOffer", "manualRedeem"),
        ("lockOffer", "unlockOffer"),
        ("redeemOffer", "reinstateOffer"),
    ),
    "customerio": (
        ("identifyPerson", "trackEvent", "deletePerson"),
        ("identifyPerson", "addDevice", "deleteDevice"),
        ("identifyPerson", "suppressPerson", "unsuppressPerson"),
    ),
    "mparticle": (("postBatch",),),
}
"""Vendor -> operations that are linked to each other, in groups small enough to lead everywhere; else all at once."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is tried: `examples` is the measure of everything else. `only` names operations; empty for all."""

    seed: int
    examples: int
    only: frozenset[str] = frozenset()

    def share(self, part: int) -> Effort:
        """The same, with fewer examples."""
        return Effort(self.seed, max(1, self.examples // part), self.only)


def provide(
    target: Target,
    *,
    seed: int,
    examples: int = EXAMPLES,
    vendors: Iterable[str] = VENDORS,
    operations: Iterable[str] = (),
    documents: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Progress = lambda _line: None,
) -> list[ScenarioResult]:
    """One result for each operation of each contract. The same seed gives the same results.

    `operations` are the only ones that are tried, where any are named; sequences are then left out.
    `documents` are contracts of the user's own, by vendor, in place of those that the target serves. An embedded
    target should be a fake of its own: its tenants come and go, and its control API is tried as well.
    Raises `Unusable` with one line where the target or a document cannot be tried at all.
    """
    given = documents or {}
    for vendor, document in given.items():
        sound(document, f"--openapi {vendor}")
    made: list[ScenarioResult] = []
    with tool.tidy():
        for vendor in VENDORS:
            if vendor in vendors:
                progress(f"provider: {vendor}")
                made += _vendor(target, vendor, Effort(seed, examples, frozenset(operations)), given.get(vendor))
    return made


def _vendor(target: Target, vendor: str, effort: Effort, document: Mapping[str, Any] | None) -> list[ScenarioResult]:
    if vendor == "admin":
        from .control import control

        return control(target, effort.seed, effort.examples, effort.only)
    if not target.ours:
        return _account(target, vendor, effort, document)
    tries: list[list[Tally]] = []
    sequences: list[list[Tally]] = []
    linked: set[str] = set()
    made: list[ScenarioResult] = []
    for number, status in enumerate(STATUSES.get(vendor, ("",))):
        chosen = dict.fromkeys(BY_STATUS, status) if status else {}
        with inhabited(target, chosen) as tenancy:
            own = narrowed(dict(document) if document else served(target, vendor, tenancy.key))
            # The second time round only the refusals differ, so less of everything will do.
            how = effort.share(2) if number else effort
            tries.append(_alone(vendor, tenancy, own, how, status))
            if not number and not effort.only:
                sequences = [_together(vendor, tenancy, own, how, status)]
                linked = linked_in(own)
    whole = merged(tries)
    everywhere = frozenset() if effort.only else frozenset(field for tally in whole for field in tally.given)
    for tally in whole if effort.examples >= EXAMPLES else ():  # with fewer, a field may be missed by chance
        unanswered(vendor, tally, everywhere)
    made += results(vendor, whole, ours=True)
    made += followed(vendor, linked, merged(sequences), ours=True)
    return made


def _account(target: Target, vendor: str, effort: Effort, document: Mapping[str, Any] | None) -> list[ScenarioResult]:
    """Behind an address without a control API there is one account, and nothing of its state can be seen."""
    if target.settings is None:
        raise Unusable(f"{target.at}: has no control API (/__admin), so give its credentials with --tenant FILE")
    tenancy = account(target, target.settings)
    lacking = [door for door in SCHEMES[vendor].values() if door not in tenancy.doors]
    own = dict(document) if document else document_of(vendor)
    if lacking:
        why = f"the tenant file has no credentials for {lacking[0]}"
        return [_untried(vendor, name, why) for name in _operations(own)]
    tallies = _alone(vendor, tenancy, _keyed(own, tenancy.key), effort, "")
    return [*results(vendor, tallies, ours=False), _untried(vendor, "state", NO_STATE)]


NO_STATE = "the target has no control API (/__admin): what is kept, changed and journaled cannot be seen"


def _untried(vendor: str, name: str, why: str) -> ScenarioResult:
    return ScenarioResult(f"{SUITE}/{vendor}/{name}", f"{name}, as its contract has it", SUITE, untried=why)


def _alone(vendor: str, tenancy: Tenancy, document: Mapping[str, Any], effort: Effort, status: str) -> list[Tally]:
    """Every operation by itself, each case from the starting state."""
    trial, schema = _begun(vendor, tenancy, document, effort, status)
    if effort.only:
        schema = schema.include(operation_id=list(effort.only))
    for operation in tool.operations_in(schema):
        tally = trial.tally(operation)
        for case in tool.corner_cases(operation, effort.examples * CORNERS):
            trial.ask(case)
        tool.made_up(operation, trial.ask, seed=effort.seed, examples=effort.examples)
        if tally.example is not None and tally.operation in WHOLE:
            tally.fullest = with_body(tally.example, WHOLE[tally.operation])
            trial.judge(tally.fullest, tally, "good")
        if tally.fullest is not None and status in (
            "",
            STATUSES["sessionm"][0],
        ):  # limits are the same under any status
            for _rule, request in beyond(vendor, tally.operation, tally.fullest):
                trial.judge(request, tally)
        door_shut(trial, tally)
        journal_true(trial, tally)
    return shown(trial.tallies.values(), tenancy)


def _together(vendor: str, tenancy: Tenancy, document: Mapping[str, Any], effort: Effort, status: str) -> list[Tally]:
    """Operations that are linked to each other, one after another."""
    several = []
    for group in GROUPS.get(vendor, ((),)):
        trial, schema = _begun(vendor, tenancy, document, effort, status)
        chosen = schema.include(operation_id=list(group)) if group else schema
        tool.sequences(chosen, trial, seed=effort.seed, examples=effort.examples * SEQUENCES)
        several.append(shown(trial.tallies.values(), tenancy))
    return merged(several)


def _begun(
    vendor: str, tenancy: Tenancy, document: Mapping[str, Any], effort: Effort, status: str
) -> tuple[Trial, Any]:
    door = Door(tenancy.target.transport)
    doors = {name: tenancy.doors[api] for name, api in SCHEMES[vendor].items() if api in tenancy.doors}
    schema = tool.schema_of(document, door, doors, examples=effort.examples)
    return Trial(vendor, tenancy, door, CHECKS, status), schema


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for item in document["paths"].values():
        for how in item.values():
            if isinstance(how, dict) and "operationId" in how:
                yield how["operationId"]


def _keyed(document: dict[str, Any], key: str) -> dict[str, Any]:
    """The document with the account's own key in every path that has one."""
    for parameter in document.get("components", {}).get("parameters", {}).values():
        if parameter.get("name") == "api_key":
            parameter["schema"] = {"type": "string", "enum": [key]}
    return document
