"""What is known of one person at the vendor: as it should be, and as the fake has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import rules

MPID_TYPE: str = rules()["sessionm.mpid-field"].table["external_id_type"]


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as it was stored."""

    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    """Everything about one person that a batch can change.

    `fields` are the vendor's own fields, `profile` the custom attributes, `identifiers` ids by their type: for
    SessionM the eight reserved fields and the email, and external ids with the MPID left out. `shown` is the
    external id that its profile shows. `types` is how an expectation remembers the type of every external id that
    ever came, the latest last.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    phones: list[str] = field(default_factory=list)
    identifiers: dict[str, str] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    events: list[Happened] = field(default_factory=list)
    shown: str = ""
    types: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def copy(self) -> Person:
        """The same person, to go its own way; what happened, and the values of attributes, never change."""
        return Person(
            dict(self.fields),
            list(self.phones),
            dict(self.identifiers),
            dict(self.profile),
            list(self.events),
            self.shown,
            dict(self.types),
        )
