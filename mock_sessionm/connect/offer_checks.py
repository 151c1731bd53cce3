"""What a request about offers is held against, after what every request to Connect is."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from contracts import Violation
from mock_sessionm.call import Call
from mock_sessionm.catalogue import StoreOffer
from mock_sessionm.check import Check, known_tenant
from mock_sessionm.wallets import Reason, UserOffer

from .offers import whole

CONNECT = "connect"
ISSUES = frozenset({"issueOffer"})
DETAILS = frozenset({"fetchOffersDetails"})
REVOKES = frozenset({"revokeOffer"})
UPDATES = frozenset({"updateUserOffer"})
REDEEMS = frozenset({"manualRedeem"})
PURCHASES = frozenset({"purchaseOffer"})
CULTURED = frozenset({"getUserOffers", "getRewardStoreOffers", "purchaseOffer"})
REASONS: dict[Reason, str] = {
    "unknown": "it is not defined",
    "inactive": "it is not active",
    "acquisition-dates": "its acquisition has not begun, or is over",
    "inventory": "there are not enough left",
    "per-user": "the customer cannot get so many",
}
"""Why an offer cannot be issued, in words."""


def culture_region(call: Call) -> Iterator[Violation]:
    """A culture is a language and a region, where Braze knows a language alone."""
    culture = call.body.get("culture", "")
    if culture and "-" not in culture:
        text = f"/culture: {culture!r} is a language without a region; a culture such as en-US is wanted"
        yield Violation("sessionm.culture-region", "/culture", text, "a language", "a language and a region")


def offer_exists(call: Call) -> Iterator[Violation]:
    """What is issued must be defined; whether an unknown offer is refused is an assumption."""
    tenant = known_tenant(call)
    if tenant.catalogue.offer(call.body["offer_id"]) is None and tenant.choice("unknown-offer") == "refused":
        text = "/offer_id: no offer has this id"
        yield Violation("sessionm.offer-exists", "/offer_id", text, "an unknown id", "the id of an offer")


def offer_details_known(call: Call) -> Iterator[Violation]:
    """Details of an unknown offer: left out, or a reason to refuse."""
    tenant = known_tenant(call)
    for index, offer_id in enumerate(call.body["offer_ids"]):
        if tenant.catalogue.offer(offer_id) is None and tenant.choice("unknown-offer-details") == "refused":
            place = f"/offer_ids/{index}"
            text = f"{place}: no offer has this id"
            yield Violation("sessionm.offer-details-known", place, text, "an unknown id", "the id of an offer")


def user_offer_exists(call: Call) -> Iterator[Violation]:
    """A user offer must be known, and so must be whose it is."""
    if named_user_offer(call) is None:
        text = "/user_offer_id: no customer has a user offer of this id"
        yield Violation("sessionm.user-offer-exists", "/user_offer_id", text, "an unknown id", "the id of a user offer")


def user_offer_owner(call: Call) -> Iterator[Violation]:
    """Nobody changes the offers of somebody else."""
    one = named_user_offer(call)
    if one is not None and call.customer is not None and one.customer_id != call.customer.id:
        text = "/user_offer_id: this user offer belongs to another customer than the one who is named"
        yield Violation("sessionm.user-offer-owner", "/user_offer_id", text, "another's", "one of the customer's own")


def revoke_usable(call: Call) -> Iterator[Violation]:
    """Only what can still be used can be taken back."""
    yield from _ended(call, "sessionm.revoke-usable")


def update_usable(call: Call) -> Iterator[Violation]:
    """Only what can still be used can be changed."""
    yield from _ended(call, "sessionm.update-usable")


def custom_data_json(call: Call) -> Iterator[Violation]:
    """custom_data is JSON, written as text (source: sessionm-clients#user-offers)."""
    given = call.body.get("custom_data")
    if given is None:
        return
    try:
        orjson.loads(given)
    except ValueError:
        text = "/custom_data: the text is no JSON"
        yield Violation("sessionm.custom-data-json", "/custom_data", text, "another text", "JSON as text")


def redeem_issued(call: Call) -> Iterator[Violation]:
    """An offer is redeemed once, out of the state issued (source: braze-sessionm#step-2)."""
    one = named_user_offer(call)
    state = known_tenant(call).wallets.state(one) if one else "issued"
    if state not in {"issued", "expired"}:
        text = f"/user_offer_id: the user offer is {state}; only an issued one can be redeemed"
        yield Violation("sessionm.redeem-issued", "/user_offer_id", text, state, "issued")


def redeem_in_time(call: Call) -> Iterator[Violation]:
    """An offer is redeemed from the start of its redemption to its end."""
    tenant, one = known_tenant(call), named_user_offer(call)
    if one is None:
        return
    if tenant.wallets.state(one) == "expired":
        text = "/user_offer_id: the user offer has expired"
        yield Violation("sessionm.redeem-in-time", "/user_offer_id", text, "expired", "issued")
    elif tenant.clock.now() < one.redeem_from:
        text = "/user_offer_id: the time in which this user offer can be redeemed has not begun"
        yield Violation("sessionm.redeem-in-time", "/user_offer_id", text, "too early", "issued")


def store_offer_exists(call: Call) -> Iterator[Violation]:
    """What is bought must be in the store that is named."""
    entry = _for_sale(call)
    if entry is None or entry.reward_store_id != call.body["reward_store_id"].lower():
        place = "/reward_store_offer_id"
        text = f"{place}: the reward store sells nothing under this id"
        yield Violation("sessionm.store-offer-exists", place, text, "an unknown id", "the id of something for sale")


def purchase_on_sale(call: Call) -> Iterator[Violation]:
    """A sale has a beginning and an end."""
    entry = _for_sale(call)
    if entry is not None and not entry.on_sale(known_tenant(call).clock.now()):
        place = "/reward_store_offer_id"
        text = f"{place}: it is not on sale now"
        yield Violation("sessionm.purchase-on-sale", place, text, "not on sale", "on sale")


def purchase_available(call: Call) -> Iterator[Violation]:
    """What cannot be issued cannot be bought."""
    entry = _for_sale(call)
    if entry is None or call.customer is None:
        return
    wallets = known_tenant(call).wallets
    reason = wallets.unavailable(call.customer.id, entry.offer, whole(call, "quantity", 1))
    if reason is not None:
        place = "/reward_store_offer_id"
        text = f"{place}: the offer cannot be issued: {REASONS[reason]}"
        yield Violation("sessionm.purchase-available", place, text, reason, "an offer that can be issued")


def purchase_affordable(call: Call) -> Iterator[Violation]:
    """Points that are not there cannot be spent."""
    entry = _for_sale(call)
    if entry is None or call.customer is None:
        return
    cost = entry.price * whole(call, "quantity", 1)
    there = known_tenant(call).books.available(call.customer.id)
    if cost > there:
        text = f"/quantity: it costs {cost} points, and {there} are there"
        yield Violation("sessionm.purchase-affordable", "/quantity", text, f"{there} points", f"{cost} points")


def named_user_offer(call: Call) -> UserOffer | None:
    """The user offer of the body, if it is in the hands of a customer who is there."""
    tenant = known_tenant(call)
    one = tenant.wallets.find(call.body["user_offer_id"])
    return one if one is not None and tenant.customers.by_id(one.customer_id) is not None else None


def _for_sale(call: Call) -> StoreOffer | None:
    return known_tenant(call).catalogue.store_offer(call.body["reward_store_offer_id"])


def _ended(call: Call, rule: str) -> Iterator[Violation]:
    tenant, one = known_tenant(call), named_user_offer(call)
    state = tenant.wallets.state(one) if one else "issued"
    if state not in {"issued", "locked"} and tenant.choice("ended-offers") == "refused":
        text = f"/user_offer_id: the user offer is {state}; only one that can still be used is wanted"
        yield Violation(rule, "/user_offer_id", text, state, "issued")


CHECKS: tuple[Check, ...] = (
    Check("sessionm.culture-region", culture_region, CULTURED, surface=CONNECT),
    Check("sessionm.offer-exists", offer_exists, ISSUES, surface=CONNECT),
    Check("sessionm.offer-details-known", offer_details_known, DETAILS, surface=CONNECT),
    Check("sessionm.user-offer-exists", user_offer_exists, REVOKES | UPDATES | REDEEMS, barrier=True, surface=CONNECT),
    Check("sessionm.user-offer-owner", user_offer_owner, UPDATES | REDEEMS, barrier=True, surface=CONNECT),
    Check("sessionm.revoke-usable", revoke_usable, REVOKES, surface=CONNECT),
    Check("sessionm.update-usable", update_usable, UPDATES, surface=CONNECT),
    Check("sessionm.custom-data-json", custom_data_json, UPDATES, surface=CONNECT),
    Check("sessionm.redeem-issued", redeem_issued, REDEEMS, surface=CONNECT),
    Check("sessionm.redeem-in-time", redeem_in_time, REDEEMS, surface=CONNECT),
    Check("sessionm.store-offer-exists", store_offer_exists, PURCHASES, barrier=True, surface=CONNECT),
    Check("sessionm.purchase-on-sale", purchase_on_sale, PURCHASES, surface=CONNECT),
    Check("sessionm.purchase-available", purchase_available, PURCHASES, surface=CONNECT),
    Check("sessionm.purchase-affordable", purchase_affordable, PURCHASES, surface=CONNECT),
)
"""The checks of offers, in the order in which SessionM would notice."""
