"""The contract gate: provider, consumer, rules, recorded traffic and settings in one run, under one verdict.

The consumer's side and the rules are one: every suite goes through the forwarder into the fake, each request and
answer is held against the contract, and each rule is proved where its limit is. The provider's side is made up from
the contract by somebody who knows nothing of us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from contracts import assumptions
from contracts.register import observe
from mock_sessionm import TenantSettings, create_app

from .destinations import DESTINATIONS
from .given import Given
from .runner import Runner
from .scenario import Scenario
from .verdict import ScenarioResult
from .workers import workers

Told = Callable[[ScenarioResult], None]
ALONE = 2
"""So many names say which operation of which vendor is meant by itself; more name a sequence."""
SIDE_BY_SIDE = 2
"""So many vendors are tried at a time beside the scenarios, which are done long before them."""
OURS = "admin"
"""The contract of our own control API, which is tried beside SessionM's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a gate is asked to judge.

    given          the files of the user
    seed           of everything that is drawn
    destinations   whose rules and roads are tried
    on_violation   what the fake does with a violation, where a scenario does not say
    scenarios      of all suites, and of recorded batches
    results        what is known without a run: of settings, of recorded interactions
    examples       the measure of what is made up for each of the provider's operations; 0 leaves that side out
    cases          of the provider's side, those alone; all where none is named
    documents      contracts of the user's own, vendor -> OpenAPI document, in place of those that are served
    target         the address of a fake; None for the embedded one
    forwarder      the address of somebody else's forwarder; None for ours
    port, settle   see `run --forwarder`
    listens        whether the interactions of what is broken are kept
    """

    given: Given
    seed: int
    destinations: tuple[str, ...]
    on_violation: Any
    scenarios: tuple[Scenario, ...]
    results: tuple[ScenarioResult, ...] = ()
    examples: int = 0
    cases: tuple[str, ...] = ()
    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    target: str | None = None
    forwarder: str | None = None
    port: int = 0
    settle: float = 2.0
    listens: bool = False

    @property
    def vendors(self) -> tuple[str, ...]:
        return tuple(vendor for one in self.destinations for vendor in DESTINATIONS[one].vendors)


def judge(asked: Asked, told: Told = lambda _result: None) -> Runner:
    """Everything that was asked, tried: a runner that knows all results. `told` hears of each as it comes.

    The provider's side runs in a process of its own, beside the rest. Raises `ValueError`s with one line each where
    the target or the forwarder cannot be used: `TargetError`, `Unusable`, `Unreachable`.
    """
    with ExitStack() as stack:
        place = _place(asked, stack)
        provider = _provider(asked, stack)
        runner = Runner(place, listens=asked.listens)
        runner.add(_heard(asked.results, told))
        _play(asked, runner, told)
        for vendor in provider:
            wanted = (one for one in vendor.result() if not asked.cases or one.id in asked.cases)
            runner.add(_heard(wanted, told))
    return runner


def _place(asked: Asked, stack: ExitStack) -> Any:
    """Where the scenarios play: in this process, or at an address."""
    if asked.target is None:
        return asked.given.embedded(seed=asked.seed, on_violation=asked.on_violation)
    from .target import Target

    return stack.enter_context(Target.open(asked.target, asked.given, seed=asked.seed, on_violation=asked.on_violation))


def _play(asked: Asked, runner: Runner, told: Told) -> None:
    if asked.forwarder is None:
        runner.run(asked.scenarios, progress=told)
        return
    from .foreign import Foreign

    settings = {"port": asked.port, "settle": asked.settle, "seed": asked.seed, "on_violation": asked.on_violation}
    with Foreign(asked.forwarder, asked.given, **settings) as foreign:
        runner.run_foreign(foreign, asked.scenarios)


def _provider(asked: Asked, stack: ExitStack) -> list[Future[list[ScenarioResult]]]:
    """What each vendor's contract finds, as it comes about; SessionM's is the longest, so it begins."""
    if not asked.examples:
        return []
    named = [case.split("/")[1:] for case in asked.cases]
    # What is found in a sequence of calls is found with all of them.
    alone = all(len(parts) == ALONE for parts in named)
    settings = {
        "seed": asked.seed,
        "examples": asked.examples,
        "operations": tuple(parts[1] for parts in named) if alone else (),
        "documents": dict(asked.documents),
    }
    seen = {one.id: (one.observed, one.observed_on) for one in assumptions().values() if one.observed}
    vendors = (*asked.vendors, OURS) if "sessionm" in asked.destinations else asked.vendors
    tried = [vendor for vendor in vendors if not named or vendor in {parts[0] for parts in named}]
    pool = stack.enter_context(workers(SIDE_BY_SIDE))
    return [
        pool.submit(_provide, asked.target, asked.given.tenant, seen, {**settings, "vendors": (vendor,)})
        for vendor in tried
    ]


def _provide(
    url: str | None, tenant: TenantSettings, seen: Mapping[str, tuple[str, str]], settings: Mapping[str, Any]
) -> list[ScenarioResult]:
    """One vendor of the provider's side, in a process beside this one and against a fake of its own."""
    from .provider import Target, provide

    observe(seen)
    target = Target.embedded(create_app(TenantSettings())) if url is None else Target.remote(url, tenant)
    return provide(target, **settings)


def _heard(results: Iterable[ScenarioResult], told: Told) -> Iterable[ScenarioResult]:
    for result in results:
        told(result)
        yield result
