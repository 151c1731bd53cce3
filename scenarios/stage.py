"""Where a story straight to the vendor is played: the tenant, the ways to it, and what the story remembers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.transport import InProcessWeb, Transport, Web
from forwarder import Delivery, Plan, plan
from mock_sessionm import Tenant, TenantSettings

from .sessionm.records import Records

ORIGIN = "http://fake.example"
"""The address at which the fake stands for whoever goes by addresses, such as Connected Content."""
NAME = re.compile(r"\{(\w+)\}")


@dataclass(slots=True, weakref_slot=True)
class Stage:
    """One tenant, and what the steps of one story know of each other.

    tenant      its settings, its time and its choices; `look` at it for what it remembers
    transport   requests into the fake
    web         the same by address; the fake is at `origin`
    catch_up    brings what is known of the tenant up to date where the fake is elsewhere
    planning, delivery   the forwarder that takes part in the story
    people      SessionM's ids of the people of the story, by their names in it
    kept        what steps remembered out of answers
    read        how much of each record of the fake was looked at already
    records     the customers whom the story made, as it made them
    """

    tenant: Tenant
    transport: Transport
    web: Web
    origin: str = ORIGIN
    catch_up: Callable[[], None] = lambda: None
    planning: Callable[..., Plan] = plan
    delivery: Callable[..., Delivery] = Delivery
    people: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    records: Records = field(default_factory=Records)

    @classmethod
    def of(cls, tenant: Tenant, transport: Transport, app: Any, **forwarder: Any) -> Stage:
        """A stage in one process with the fake; `forwarder` is another planning or delivery than ours."""
        return cls(tenant, transport, InProcessWeb({ORIGIN: app}, wait=tenant.clock.advance), **forwarder)

    def look(self) -> Tenant:
        """The tenant with everybody in it, as it is now."""
        self.catch_up()
        return self.tenant

    @property
    def settings(self) -> TenantSettings:
        return self.tenant.settings

    def filled(self, value: Any) -> Any:
        """The value with `{name}` replaced by what was remembered under that name."""
        return filled(value, {**self.people, **self.kept})


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """The value with `{name}` replaced by what is known under that name; unknown names stay.

    `{$text: N}` stands for a text of N letters, `{$list: N, of: one}` for a list of N, each with its number
    in the place of `$n`.
    """
    if isinstance(value, Mapping) and "$text" in value:
        return value.get("of", "x") * value["$text"]
    if isinstance(value, Mapping) and "$list" in value:
        return [filled(_numbered(value["of"], number), known) for number in range(value["$list"])]
    if isinstance(value, Mapping):
        return {name: filled(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, known) for inner in value]
    if not isinstance(value, str) or "{" not in value:
        return value
    whole = NAME.fullmatch(value)
    if whole and whole[1] in known:
        return known[whole[1]]
    return NAME.sub(lambda found: str(known.get(found[1], found[0])), value)


def _numbered(value: Any, number: int) -> Any:
    """The value with `$n` replaced by a number."""
    if isinstance(value, Mapping):
        return {name: _numbered(inner, number) for name, inner in value.items()}
    return value.replace("$n", str(number)) if isinstance(value, str) else value
