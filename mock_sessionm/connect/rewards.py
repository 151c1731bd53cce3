"""Reward stores: what they sell for points, and buying it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.catalogue import CULTURE, StoreOffer
from mock_sessionm.check import known_tenant
from mock_sessionm.clock import LAST
from mock_sessionm.surface import View

from .offers import named, page, whole
from .rows import media, texts_in, user_offers, writer

ACTIVE, INACTIVE = 1, 0
"""offer_status; SessionM's own numbers are not public."""


def get_reward_store_offers(call: Call) -> dict[str, Any]:
    """What the named stores sell, filtered, sorted and paged as the body says."""
    found = _sorted(call, _filtered(call))
    shown = page(call, found)
    return {
        "reward_store_offers": [_row(call, entry) for entry in shown],
        "total_rows": len(found),
        "skip": whole(call, "skip", 0),
        "take": whole(call, "take", len(shown)),
    }


def purchase_offer(call: Call) -> dict[str, Any]:
    """Points go, offers come: both or neither, since the gate has looked at each."""
    tenant, customer = known_tenant(call), named(call)
    entry = tenant.catalogue.store_offer(call.body["reward_store_offer_id"])
    if entry is None:
        raise LookupError("no offer of a reward store: the check of it stands before the view")
    quantity = whole(call, "quantity", 1)
    cost = entry.price * quantity
    if cost and "sessionm.purchase-spends-points" in tenant.behaviours:
        tenant.books.spend(customer.id, cost, reference_id=entry.id, reference_type="reward_store_offer")
    bought = tenant.wallets.issue(customer.id, entry.offer.id, quantity=quantity, source=entry.id)
    tenant.timelines.note(
        customer.id, "offer_purchased", {"reward_store_offer_id": entry.id, "quantity": quantity, "points": cost}
    )
    return {
        "success": True,
        "user_offer": user_offers(tenant, bought[:1], call.body.get("culture", CULTURE))[0],
        "points_remaining": tenant.books.available(customer.id),
    }


def _filtered(call: Call) -> list[StoreOffer]:
    tenant = known_tenant(call)
    wanted = {store.lower() for store in call.body.get("reward_store_ids", ())}
    found = [entry for entry in tenant.catalogue.for_sale if not wanted or entry.reward_store_id in wanted]
    if "sessionm.store-filters" not in tenant.behaviours:
        return found
    now = tenant.clock.now()
    if not call.body.get("include_expired"):
        found = [entry for entry in found if entry.end is None or now < entry.end]
    if call.body.get("limit_to_only_active"):
        found = [entry for entry in found if entry.on_sale(now) and entry.offer.active]
    if call.body.get("exclude_free_offers"):
        found = [entry for entry in found if entry.price]
    return found


def _sorted(call: Call, found: list[StoreOffer]) -> Sequence[StoreOffer]:
    """In the order of a column: no end comes last, and equal entries stay in the order of the tenant's file."""
    if "sessionm.store-order" not in known_tenant(call).behaviours:
        return found
    down = call.body.get("sort_direction", "")[:1] in {"d", "D"}
    match call.body.get("sort_column", ""):
        case "price":
            return sorted(found, key=lambda entry: entry.price, reverse=down)
        case "start_date":
            return sorted(found, key=lambda entry: entry.start or 0.0, reverse=down)
        case "end_date":
            return sorted(found, key=lambda entry: LAST if entry.end is None else entry.end, reverse=down)
        case _:
            return found[::-1] if down else found


def _row(call: Call, entry: StoreOffer) -> dict[str, Any]:
    tenant = known_tenant(call)
    write = writer(tenant)
    offer = entry.offer
    culture, texts = texts_in(tenant, offer, call.body.get("culture", CULTURE))
    pictures = media(offer, culture, texts)
    return {
        "id": entry.id,
        "root_offer_id": offer.root_offer_id,
        "reward_store_id": entry.reward_store_id,
        "price": entry.price,
        "start_date": write(entry.start),
        "end_date": write(entry.end),
        "offer_details": {
            "internal_name": offer.name,
            "title": texts.title,
            "description": texts.description,
            "terms": texts.terms,
            "media": pictures,
            "reward_store_media": pictures,
            "points": offer.points,
            "acquisition_start_date": write(offer.acquisition_start),
            "acquisition_end_date": write(offer.acquisition_end),
            "pos_discount_id": offer.pos_discount_id,
            "offer_status": ACTIVE if offer.active else INACTIVE,
            "offer_inventory_restrictions": {
                "total_inventory": offer.inventory,
                "available_inventory_remaining": tenant.wallets.inventory(offer),
            },
        },
    }


VIEWS: dict[str, View] = {
    "getRewardStoreOffers": get_reward_store_offers,
    "purchaseOffer": purchase_offer,
}
