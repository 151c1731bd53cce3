"""One wrong fake or wrong forwarder: whose rule it breaks, what is wrong with it, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Flask

from contracts import Choices
from forwarder import Delivery, Plan, plan
from mock_sessionm import BEHAVIOURS, GATE, Clock
from scenarios.scenario import Scenario

Side = Literal["fake", "forwarder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a world is built of; a mutant changes some of it.

    gate, behaviours    what the fake enforces
    limits, tables      rule -> the number, the table, that the fake goes by where that is not the register's
    choices, clock      what the fake does where the documents are silent; its time
    finish              does something to the app that was made
    planning, delivery  the forwarder
    """

    gate: tuple[Any, ...] = GATE
    behaviours: frozenset[str] = BEHAVIOURS
    limits: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    choices: Choices = field(default_factory=Choices)
    clock: Callable[[], Clock] = lambda: Clock(0, frozen=True)
    finish: Callable[[Flask], None] = lambda _app: None
    planning: Callable[..., Plan] = plan
    delivery: Callable[..., Delivery] = Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A fake or a forwarder with one thing wrong.

    id      `<rule>~<kind>`, with `~<what>` behind it where a rule has several of a kind; stable
    rule    whose mutant it is
    side    what is wrong: the fake, or the forwarder
    kind    what kind of wrong, in a few words, such as `limit off by one`
    says    a sentence: what it does that it should not
    parts   what the world is built of
    patched what must hold while it is at work, where a part cannot carry it: a context manager that puts back
            what it changed. Mutants never run side by side in one process.
    road    the destination on the road to which alone it shows; empty where it may show anywhere
    shows   ids of scenarios that are known to meet what it has wrong; they are tried first
    near    ids of scenarios that may find it out, the likeliest first; then come those about its rule, then all
    meets   whether a scenario can show it at all; asked while it is at work
    """

    id: str
    rule: str
    side: Side
    kind: str
    says: str
    parts: Parts = field(default_factory=Parts)
    patched: Callable[[], AbstractContextManager[Any]] = nullcontext
    road: str = ""
    shows: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    meets: Callable[[Scenario], bool] = lambda _scenario: True
