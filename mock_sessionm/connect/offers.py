"""Offers over the wire: the wallet, details, issue, revocation, update, redemption."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from mock_sessionm.call import Call
from mock_sessionm.catalogue import CULTURE, Offer
from mock_sessionm.check import known_tenant
from mock_sessionm.customers import Customer
from mock_sessionm.limits import table
from mock_sessionm.surface import View
from mock_sessionm.wallets import Reason, UserOffer

from .rows import user_offers

Entry = TypeVar("Entry")
ISSUED = 0
"""The fail_reason of an offer that was issued."""


def get_user_offers(call: Call) -> dict[str, Any]:
    """The offer wallet: every offer that was issued and can still be used."""
    tenant, customer = known_tenant(call), named(call)
    wanted = bool(call.body.get("include_pending_extended_data"))
    pending = wanted or "sessionm.pending-extended-data" not in tenant.behaviours
    active = tenant.wallets.active(customer.id, pending=pending)
    if "sessionm.wallet-issued" not in tenant.behaviours:
        active = tenant.wallets.held(customer.id)
    if (
        len(active) > 1
        and "sessionm.wallet-order" in tenant.behaviours
        and tenant.choice("wallet-order") == "newest-first"
    ):
        active = active[::-1]
    rows = user_offers(tenant, page(call, active), call.body.get("culture", CULTURE))
    groups: Sequence[Any] = tenant.catalogue.groups
    if "sessionm.offer-groups" in tenant.behaviours and tenant.choice("offer-groups") == "of-these-offers":
        there = {row["offer_group_id"] for row in rows}
        groups = [group for group in groups if group["id"].lower() in there]
    total, available = tenant.books.totals(customer.id)
    return {
        "user": {"opted_in": bool(customer.fields.get("opted_in")), "activated": False},
        "user_id": call.body["user_id"],
        "user_offers": rows,
        "total_records": len(active),
        "offer_groups": groups,
        "offer_categories": tenant.catalogue.categories,
        "total_points": total,
        "available_points": available,
    }


def fetch_offers_details(call: Call) -> dict[str, Any]:
    """The offers that are known, in the order of the question."""
    tenant = known_tenant(call)
    wanted = dict.fromkeys(offer_id.lower() for offer_id in call.body["offer_ids"])
    found = [offer for offer in map(tenant.catalogue.offer, wanted) if offer]
    return {"results": [_details(call, offer) for offer in page(call, found)], "total_records": len(found)}


def issue_offer(call: Call) -> dict[str, Any]:
    """A status for each user offer that was wanted, whether it was issued or not."""
    tenant, customer = known_tenant(call), named(call)
    offer = _version(call, tenant.catalogue.offer(call.body["offer_id"]))
    quantity = whole(call, "quantity", 1)
    return {"status_list": list(_issued(call, customer, offer, quantity))}


def revoke_offer(call: Call) -> dict[str, Any]:
    one = held(call)
    known_tenant(call).wallets.revoke(one, call.body.get("reason", ""))
    return changed(one, "revoked")


def update_user_offer(call: Call) -> dict[str, Any]:
    tenant, one = known_tenant(call), held(call)
    remains = call.body.get("remain_pending_extended_data")
    completes = remains is False
    if remains is None and one.pending:
        completes = tenant.choice("update-completes") == "unless-told"
    again = bool(call.body.get("update_redemption_dates"))
    if "sessionm.offer-update" in tenant.behaviours:
        tenant.wallets.update(
            one,
            custom_data=call.body.get("custom_data"),
            completes=completes,
            from_now=again and tenant.choice("update-redemption-dates") == "from-now",
        )
    return changed(one, "updated")


def manual_redeem(call: Call) -> dict[str, Any]:
    one = held(call)
    known_tenant(call).wallets.redeem(one)
    return changed(one, "redeemed")


def named(call: Call) -> Customer:
    """Whom the call is about. Raises `LookupError` where the gate let a call through that is about nobody."""
    if call.customer is None:
        raise LookupError("no customer: the check of the user stands before the view")
    return call.customer


def held(call: Call) -> UserOffer:
    """The user offer that the call names. Raises `LookupError` where the gate let an unknown one through."""
    found = known_tenant(call).wallets.find(call.body["user_offer_id"])
    if found is None:
        raise LookupError("no user offer: the check of it stands before the view")
    return found


def page(call: Call, entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries from `skip` on, and no more than `take`."""
    tenant = known_tenant(call)
    if "sessionm.offers-paged" not in tenant.behaviours:
        return entries
    skip = whole(call, "skip", 0)
    if "take" in call.body:
        return entries[skip : skip + whole(call, "take", 0)]
    return entries[skip:] if not entries or tenant.choice("take-left-out") == "everything" else entries[:0]


def whole(call: Call, name: str, otherwise: int) -> int:
    """A whole number of the body: a schema takes 2.0 for one, too, and so it must be made one."""
    return int(call.body.get(name, otherwise))


def changed(one: UserOffer, done: str) -> dict[str, Any]:
    """What a change of a user offer answers."""
    return {
        "message": f"the offer is {done}",
        "offer_id": one.offer_id,
        "user_offer_id": one.id,
        "user_id": one.customer_id,
    }


def _details(call: Call, offer: Offer) -> dict[str, Any]:
    wallets = known_tenant(call).wallets
    return {
        "offer_id": offer.id,
        "root_offer_id": offer.root_offer_id,
        "offer_type": offer.offer_type,
        "name": offer.name,
        "acquisition_count": wallets.acquisitions(offer),
        "redemption_count": wallets.redemptions(offer),
        "total_inventory": offer.inventory,
        "available_inventory_remaining": wallets.inventory(offer),
    }


def _version(call: Call, offer: Offer | None) -> Offer | None:
    """The offer that is issued for the one that was named: the newest of its versions, unless just that is wanted."""
    tenant = known_tenant(call)
    if offer is None or "sessionm.offer-newest-version" not in tenant.behaviours:
        return offer
    newest = tenant.catalogue.newest(offer)
    if newest is offer or call.body.get("issue_exact_version"):
        return offer
    return newest if tenant.choice("offer-version") == "newest" else offer


def _issued(call: Call, customer: Customer, offer: Offer | None, quantity: int) -> Iterator[dict[str, Any]]:
    """Issue what can be issued, and say of each what became of it."""
    tenant = known_tenant(call)
    wallets = tenant.wallets
    together = quantity > 1 and tenant.choice("issue-quantity") == "one-with-quantity"
    sizes = [quantity] if together else [1] * quantity
    against = wallets.unavailable(customer.id, offer, quantity)
    if against is not None and len(sizes) > 1 and wallets.unavailable(customer.id, offer) is None:
        # Some of them could be issued: only here does the choice make a difference.
        against = against if tenant.choice("issue-in-part") == "all-or-none" else None
    for size in sizes:
        reason = against or wallets.unavailable(customer.id, offer, size)
        if reason is None and offer is not None:
            one = wallets.give(customer.id, offer.id, quantity=size, source="issue")
            yield _status(call, one.id, offer, pending=one.pending, fail_reason=ISSUED)
        else:
            yield _status(call, None, offer, pending=False, fail_reason=_number(call, reason or "unknown"))


def _status(
    call: Call, user_offer_id: str | None, offer: Offer | None, *, pending: bool, fail_reason: int
) -> dict[str, Any]:
    return {
        "user_id": call.body["user_id"],
        "user_offer_id": user_offer_id,
        "offer_id": offer.id if offer else call.body["offer_id"],
        "root_offer_id": offer.root_offer_id if offer else call.body["offer_id"],
        "pending_extended_data": pending,
        "fail_reason": fail_reason,
    }


def _number(call: Call, reason: Reason) -> int:
    """The number of a reason: the register's, or 1 for all of them."""
    if known_tenant(call).choice("issue-fail-reasons") == "one-for-all":
        return 1
    number: int = table("sessionm.issue-fail-reason")["reasons"][reason]
    return number


VIEWS: dict[str, View] = {
    "getUserOffers": get_user_offers,
    "fetchOffersDetails": fetch_offers_details,
    "issueOffer": issue_offer,
    "revokeOffer": revoke_offer,
    "updateUserOffer": update_user_offer,
    "manualRedeem": manual_redeem,
}
