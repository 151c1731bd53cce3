"""What is known of one person at the vendor: as it should be, and as the fake has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import rules
from mock_sessionm import Customer, Tenant

MPID_TYPE: str = rules()["sessionm.mpid-field"].table["external_id_type"]
RESERVED_FIELDS = frozenset(rules()["sessionm.reserved-fields"].table["fields"].values())


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as it was stored."""

    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Person:
    """Everything about one person that a batch can change.

    `fields` are SessionM's own fields (the eight reserved ones and the email), `identifiers` external ids by
    their type, the MPID left out; `shown` is the external id that the profile shows. `types` is how an
    expectation remembers the type of every external id that ever came, the latest last.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    phones: list[str] = field(default_factory=list)
    identifiers: dict[str, str] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    events: list[Happened] = field(default_factory=list)
    shown: str = ""
    types: dict[str, str] = field(default_factory=dict, compare=False, repr=False)


def seen(tenant: Tenant, *ids: str) -> Person | None:
    """What the fake knows of the person whom the first of `ids` leads to; None where none leads to anybody."""
    for id_ in ids:
        customer = tenant.customers.by_external(id_)
        if customer is not None:
            return _person(customer, ids[0])
    return None


def _person(customer: Customer, mpid: str) -> Person:
    fields = customer.fields
    return Person(
        fields={name: fields[name] for name in (*RESERVED_FIELDS, "email") if name in fields},
        phones=[phone["phone_number"] for phone in fields.get("phone_numbers") or ()],
        identifiers={kind or "": id_ for id_, kind in customer.identifiers.items() if id_ != mpid},
        profile=dict(customer.attributes),
        events=[Happened(event["name"], event.get("context") or {}) for event in customer.events],
        shown=next(reversed(customer.identifiers), ""),
    )
