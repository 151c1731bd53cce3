"""One vendor to which batches go, as planning and delivery see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts.interaction import Response

if TYPE_CHECKING:
    from .draft import Draft, Step
    from .fate import Plan

Trouble = tuple[str, str]
"""A vendor's own code for what is wrong and a sentence about it; two empty texts where nothing is."""
FINE: Trouble = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """The rules under which the steps that destinations share file what they stop, and what they let go.

    rule, rule_failure      an mParticle Rule took it away; a Rule failed
    platforms, logged_in    the platform is not taken; nobody is logged in
    filtered, new_points    the data filter has it off; nobody decided, and new data points are off
    filtered_identities     the data filter has an identity off, whoever decided that
    kinds, audiences        kinds of events and of inputs that are not taken
    nameless                an event without a name
    custom, screens         custom events and screen views are taken
    attributes, identities  user attributes and user identities are taken
    deletions               attributes that were deleted
    """

    rule: str
    rule_failure: str
    platforms: str
    logged_in: str
    filtered: str
    filtered_identities: str
    new_points: str
    kinds: str
    audiences: str
    nameless: str
    custom: str
    screens: str
    attributes: str
    identities: str
    deletions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A destination. Adding one is a module with one of these, and a row of `DESTINATIONS`.

    name           also the vendor's in the register, and that of its table in connection.toml
    title          its name for people
    steps          what is decided about a batch, in its order
    assembled      the requests, of what the steps left
    grounds        the rules of the shared steps
    names          kind of event -> where its name stands, for the kinds that are taken
    trouble        what an answer says is wrong
    pair           the settings of its table that are user name and password; None where platforms have their own
    host           the setting that names the host
    defaults       settings that hold where connection.toml says nothing
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    assembled: Callable[[Draft], Plan]
    grounds: Grounds
    names: Mapping[str, str]
    trouble: Callable[[Response], Trouble]
    pair: tuple[str, str] | None
    host: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
