"""A scenario: a story to run, with what must be the case afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .verdict import SideName

Suite = Literal["boundaries", "journeys", "faults", "generated", "recorded"]
SUITES: tuple[Suite, ...] = ("boundaries", "journeys", "faults", "generated")
"""The suites that can be made; what was recorded comes out of files."""
AS_GIVEN = frozenset({"generated", "recorded"})
"""The suites whose people meet the user's own settings."""

Rewrite = Callable[[dict[str, Any]], dict[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One story. It goes down the road (`batches`), straight to the vendor (`calls`), or reads settings (`lint`).

    id             stable across runs; `--list` shows it
    destination    where its batches go
    rule, side     the rule on trial and the side of its limit; empty where no single rule is
    batches        mParticle batches, forwarded in order
    settings       tables of connection.toml that take the place of the embedded ones
    tenant         tables of tenant.toml, likewise; events that are needed are defined unless it defines some
    assume         choices of assumptions
    pinned         the register's own choices hold beside those, whatever the user chose: what must be the case is
                   said outright, and would not be true under others
    rewrite        an mParticle Rule
    second_tenant  a platform with credentials of its own, which lead to a tenant of its own
    arrives        what must be known of the person, beside what the rules make one expect; None for no more
    fates          what must have become of these points
    outcomes       how delivery must have ended, by the last part of a request's key
    faults         the fault schedule that is set before the first batch
    pauses         time that passes before a batch, by its index
    expects        for trouble on purpose: attempts by the last part of a key, seconds slept at least, customers
    on_violation   what the fake does with a violation here; None for what the user chose
    at             the time at which the scenario begins, ISO 8601
    """

    id: str
    title: str
    suite: Suite
    destination: str = "sessionm"
    rule: str = ""
    side: SideName = "at"
    batches: tuple[Mapping[str, Any], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    tenant: Mapping[str, Any] = field(default_factory=dict)
    assume: Mapping[str, str] = field(default_factory=dict)
    pinned: bool = False
    rewrite: Rewrite | None = None
    second_tenant: str = ""
    arrives: Mapping[str, Any] | Literal["nothing"] | None = None
    arrives_second: Mapping[str, Any] | None = None
    fates: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[Mapping[str, Any], ...] = ()
    lint: Mapping[str, Any] = field(default_factory=dict)
    plan: tuple[Mapping[str, Any], ...] = ()
    deviates: Mapping[str, str] | None = None
    faults: tuple[Mapping[str, Any], ...] = ()
    pauses: Mapping[int, str] = field(default_factory=dict)
    expects: Mapping[str, Any] = field(default_factory=dict)
    on_violation: Literal["note", "reject", "reject-all"] | None = None
    at: str = "2026-01-01T00:00:00Z"

    @property
    def kind(self) -> Literal["road", "vendor", "lint", "plan"]:
        if self.calls:
            return "vendor"
        if self.lint:
            return "lint"
        return "plan" if self.deviates is not None else "road"
