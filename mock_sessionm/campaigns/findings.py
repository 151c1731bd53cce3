"""What is wrong with how campaigns and messages are set up: the customer's rules of the Braze integration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from contracts.settings import SettingsError
from mock_sessionm.limits import table
from mock_sessionm.partners.braze.workspace import ENDPOINT, INSTANCES

from .definition import Campaign, Variant, campaigns_of, messages_of, variants_of
from .messages import unread
from .template import Unsendable, target_of

Tables = Mapping[str, Any]
Found = tuple[str, str]


def findings(tables: Tables) -> list[Found]:
    """Every customer's rule that a tenant file breaks about campaigns and Braze: (rule id, one line).

    `tables` is the file in its raw form. A file that cannot be read by its schema has no findings here.
    """
    try:
        campaigns, variants = campaigns_of(tables), variants_of(tables)
    except (SettingsError, KeyError, TypeError):
        return []
    braze = tables.get("braze", {})
    edition = braze.get("edition", "document")
    used = [(one, outcome["message"]) for one in campaigns for outcome in messages_of(one)]
    found = [
        *_variants(variants.values()),
        *_instances(variants.values(), braze),
        *(line for campaign, name in used for line in _message(campaign, name, variants, edition)),
        *_identifiers(tables, braze),
        *_permissions(used, variants, braze, edition),
        *unread(tables, used, variants),
    ]
    return list(dict.fromkeys(found))


def _variants(variants: Iterable[Variant]) -> Iterator[Found]:
    for one in variants:
        if one.canvas_properties == "trigger_properties" and one.target != "campaign":
            yield (
                "sessionm.canvas-gets-context",
                f"message_variants.{one.name}.canvas_properties is trigger_properties, of which a Canvas gets nothing",
            )


def _instances(variants: Iterable[Variant], braze: Tables) -> Iterator[Found]:
    """Variants that call another instance of Braze with a key of this workspace."""
    own = urlsplit(braze.get("endpoint", ENDPOINT)).hostname
    keys = {"", braze.get("api_key"), *(entry.get("api_key") for entry in braze.get("keys", ()))}
    for one in variants:
        host = urlsplit(one.endpoint).hostname or ""
        if INSTANCES.fullmatch(host) and host != own and one.api_key in keys:
            text = f"message_variants.{one.name}.endpoint is {host}, and the key's workspace is on {own}; write that"
            yield "sessionm.endpoint-of-instance", text


def _message(campaign: Campaign, name: str, variants: Mapping[str, Variant], edition: str) -> Iterator[Found]:
    variant = variants.get(name)
    if variant is None:
        text = f"campaigns.{campaign.id} sends by the message variant {name}, which is not set up"
        yield "sessionm.variant-set-up", f"{text}; there is {', '.join(variants) or 'none'}"
        return
    try:
        target_of(variant, campaign, edition)
    except Unsendable as error:
        yield "sessionm.braze-id-set", f"campaigns.{campaign.id}: {error}; add it under advanced_settings"


def _identifiers(tables: Tables, braze: Tables) -> Iterator[Found]:
    """Users of Braze whose external id is no id of SessionM's: no message can reach them."""
    known = {entry["id"] for entry in tables.get("users", ()) if "id" in entry}
    for number, entry in enumerate(braze.get("users", ()) if known else ()):
        if entry.get("external_id") is not None and entry["external_id"] not in known:
            yield (
                "sessionm.matching-identifier",
                f"braze.users.{number}.external_id is no id of users; both platforms must know SessionM's user_id",
            )


def _permissions(
    used: list[tuple[Campaign, str]], variants: Mapping[str, Variant], braze: Tables, edition: str
) -> Iterator[Found]:
    """Keys that may not do what a campaign does with them."""
    wanted: Mapping[str, str] = table("braze.permission")[edition]
    keys = {entry.get("api_key"): entry.get("permissions") for entry in (*braze.get("keys", ()), braze)}
    for campaign, name in used:
        variant = variants.get(name)
        if variant is None:
            continue
        try:
            target, _ = target_of(variant, campaign, edition)
        except Unsendable:
            continue
        given = keys.get(variant.api_key or braze.get("api_key"))
        if given is not None and wanted[target] not in given:
            yield (
                "sessionm.braze-key-permitted",
                f"message_variants.{name}: its Braze key lacks the permission {wanted[target]}; give it to the key",
            )
