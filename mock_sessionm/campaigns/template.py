"""The template engine of Braze messages: from a variant, a campaign and what was awarded to one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from contracts import Choices
from mock_sessionm.limits import table

from .definition import ID_OF, Campaign, Target, Variant

if TYPE_CHECKING:
    from mock_sessionm.customers import Customer
    from mock_sessionm.tenant import Tenant

PATHS: Mapping[Target, str] = {"campaign": "/campaigns/trigger/send", "canvas": "/canvas/trigger/send"}
WHOSE: Mapping[Target, str] = {"campaign": "campaign_id", "canvas": "canvas_id"}
"""What a call is about -> the field that names it in Braze's body."""
GROUPS = ("event", "offer", "points", "campaign")
"""The optional groups in the order in which they are written; where two have one name, the later one stands."""
PREFERENCE = ["identified", "most_recently_updated"]
"""Which of several profiles with one email is meant (source: braze-recipients#object-body)."""


class Unsendable(ValueError):
    """No call can be made of it; the text is one line that says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awarded:
    """What one firing of a campaign knows beside its customer.

    offers, points   what its outcomes gave: the fields of `fields_of` that they can fill
    event, context   the event that fired it, and what came with that; empty for a scheduled one
    at               ISO 8601
    """

    at: str
    event: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    offers: tuple[Mapping[str, Any], ...] = ()
    points: tuple[Mapping[str, Any], ...] = ()


def fields_of(group: str) -> dict[str, str]:
    """The fields of an optional group: our name -> the words that the document has for it."""
    words: list[str] = table(f"sessionm.message-{group}-group")["fields"]
    return {one.lower().replace(" ", "_"): one for one in words}


NESTED = ("event_name", "event_payload")
"""What an event sends along where its data stays together."""


def names_sent(variant: Variant, choices: Choices) -> frozenset[str] | None:
    """Every name that a call through this variant may send along; None where an event may bring any."""
    if "event" in variant.groups and choices["event-properties"] != "nested":
        return None
    names: set[str] = {"email"} if variant.email == "properties" else set()
    for group in variant.groups:
        words = fields_of(group)
        as_written = choices["property-names"] == "as-written"
        for name in NESTED if group == "event" else words:
            names.add(variant.keys.get(name) or (words.get(name, name) if as_written else name))
    return frozenset(names)


def target_of(variant: Variant, campaign: Campaign, edition: str) -> tuple[Target, str]:
    """What the call is about, and its id. Raises `Unsendable` where the campaign names none."""
    settings = campaign.advanced_settings
    wanted = variant.target
    if edition == "document":
        # The document has one setting for both kinds; only the template can tell which it is.
        wanted = wanted or "campaign"
        name = ID_OF["campaign"]
    else:
        # With both ids set, a template that does not say goes to the campaign: one call takes one id.
        wanted = wanted or (
            "campaign" if ID_OF["campaign"] in settings or ID_OF["canvas"] not in settings else "canvas"
        )
        name = ID_OF[wanted]
    if name not in settings:
        raise Unsendable(f"the campaign's advanced settings have no {name}")
    return wanted, str(settings[name])


def call(
    tenant: Tenant,
    variant: Variant | None,
    campaign: Campaign,
    customer: Customer | None,
    awarded: Awarded,
    *,
    broadcast: bool,
) -> tuple[str, dict[str, Any]]:
    """Path and body of the call to Braze; `customer` may be None for a broadcast. Raises `Unsendable`."""
    if variant is None:
        raise Unsendable("no messaging variant has this name")
    target, id_ = target_of(variant, campaign, str(tenant.workspace.edition))
    email = "none"
    if customer is not None and not broadcast and "sessionm.message-standard-fields" in tenant.behaviours:
        email = variant.email or tenant.choice("message-email")
    body: dict[str, Any] = {WHOSE[target]: id_, "broadcast": broadcast}
    if "sessionm.message-one-endpoint" not in tenant.behaviours:
        body = {WHOSE["campaign"]: id_, WHOSE["canvas"]: id_, "broadcast": broadcast}
        target = "campaign"
    properties = dict(_properties(tenant, variant, campaign, awarded))
    if customer is not None and email == "properties" and "email" in customer.fields:
        properties["email"] = customer.fields["email"]
    if not broadcast or "sessionm.message-broadcast-alone" not in tenant.behaviours:
        if customer is None:
            raise Unsendable("no customer is there to send it to")
        body["recipients"] = [_recipient(variant, customer, email)]
    if properties:
        body[_place(tenant, variant, target)] = properties
    return PATHS[target], body


def door(tenant: Tenant, variant: Variant | None) -> tuple[str, str]:
    """Address and API key with which a template calls Braze: its own, or those of the tenant's workspace."""
    workspace = tenant.workspace
    endpoint = (variant.endpoint if variant else "") or workspace.endpoint
    return endpoint.rstrip("/"), (variant.api_key if variant else "") or workspace.api_key


def _place(tenant: Tenant, variant: Variant, target: Target) -> str:
    if target == "campaign":
        return "trigger_properties"
    return variant.canvas_properties or tenant.choice("canvas-properties")


def _recipient(variant: Variant, customer: Customer, email: str) -> dict[str, Any]:
    address = customer.fields.get("email")
    if email == "recipient":
        if address is None:
            raise Unsendable("the customer has no email, and the template sends to one")
        return {"email": address, "prioritization": list(PREFERENCE)}
    made: dict[str, Any] = {"external_user_id": customer.id}
    if variant.identifier == "user_alias":
        made = {"user_alias": {"alias_name": customer.id, "alias_label": variant.alias_label}}
    attributes = {"email": address} if email == "attributes" and address is not None else {}
    if not variant.existing_only:
        made["send_to_existing_only"] = False
        made["attributes"] = attributes
    elif attributes:
        made["attributes"] = attributes
    return made


def _properties(tenant: Tenant, variant: Variant, campaign: Campaign, awarded: Awarded) -> Iterator[tuple[str, Any]]:
    as_written = bool(variant.groups) and tenant.choice("property-names") == "as-written"
    for group in GROUPS:
        if group not in variant.groups or f"sessionm.message-{group}-group" not in tenant.behaviours:
            continue
        words = fields_of(group)
        for name, value in _values(tenant, group, campaign, awarded):
            yield variant.keys.get(name) or (words.get(name, name) if as_written else name), value


def _values(tenant: Tenant, group: str, campaign: Campaign, awarded: Awarded) -> Iterator[tuple[str, Any]]:
    if group == "offer":
        # A message tells of one offer; where several were given, of the last.
        yield from (awarded.offers[-1] if awarded.offers else {}).items()
    elif group == "points":
        yield from (awarded.points[-1] if awarded.points else {}).items()
    elif group == "event" and awarded.event:
        yield "event_name", awarded.event
        if tenant.choice("event-properties") == "nested":
            yield "event_payload", dict(awarded.context)
        else:
            yield from awarded.context.items()
    elif group == "campaign":
        yield "campaign_runtime", awarded.at
        yield "campaign_id", campaign.id
        yield "campaign_name", campaign.name
        yield "campaign_custom_data", dict(campaign.custom)
