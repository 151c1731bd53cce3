"""How Connect writes offers: user offers, media and moments, in the culture that was asked for.

What the partner page leaves out of a user offer comes from client code (source: sessionm-clients#user-offers).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from mock_sessionm.catalogue import CULTURE, NONE, Offer, Texts
from mock_sessionm.clock import LAST, moment
from mock_sessionm.tenant import Tenant
from mock_sessionm.wallets import UserOffer

OWN = (
    "acquire_date",
    "start_date",
    "redemption_start_date",
    "redemption_end_date",
    "expiration_date",
    "redeem_date",
    "is_redeemable",
    "quantity",
    "pending_extended_data",
    "custom_data",
)
"""What each user offer has for itself, beside its id."""
Write = Callable[[float | None], str | None]
Row = dict[str, Any]


def writer(tenant: Tenant) -> Write:
    """Seconds since 1970 as Connect writes a moment; None stays None. The form is an assumption."""
    written = moment if tenant.choice("connect-times") == "as-core" else _iso
    return lambda seconds: None if seconds is None else written(int(seconds))


@lru_cache(maxsize=4096)
def _iso(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(seconds, LAST)))


def texts_in(tenant: Tenant, offer: Offer, culture: str) -> tuple[str, Texts]:
    """What an offer says in a culture, and in which culture that is: the one asked for, or what stands in for it.

    `culture` may be a language alone, where the tenant's choice lets that through.
    """
    if "sessionm.offer-culture" not in tenant.behaviours:
        return CULTURE, offer.texts[CULTURE]
    if culture in offer.texts:
        return culture, offer.texts[culture]
    language = culture.partition("-")[0]
    kin = next((name for name in offer.texts if name.partition("-")[0] == language), None)
    if kin is not None and kin != CULTURE and (language == culture or tenant.choice("culture-unknown") == "language"):
        return kin, offer.texts[kin]
    return CULTURE, offer.texts[CULTURE]


def user_offers(tenant: Tenant, held: Iterable[UserOffer], culture: str) -> list[Row]:
    """User offers as the wallet shows them."""
    write = writer(tenant)
    redeemable, now = tenant.wallets.redeemable, tenant.clock.now()
    defined: dict[str, Row] = {}
    made = []
    for one in held:
        fixed = defined.get(one.offer_id)
        if fixed is None:
            fixed = defined[one.offer_id] = _defined(tenant, one.offer_id, culture)
        # Copied and filled in, not put together: a wallet has a thousand of them.
        row = fixed.copy()
        row["id"] = one.id
        row["acquire_date"] = write(one.acquired)
        row["start_date"] = row["redemption_start_date"] = write(one.redeem_from)
        row["redemption_end_date"] = row["expiration_date"] = write(one.expires)
        row["redeem_date"] = write(one.redeemed)
        row["is_redeemable"] = redeemable(one, now)
        row["quantity"] = one.quantity
        row["pending_extended_data"] = one.pending
        row["custom_data"] = one.custom_data
        made.append(row)
    return made


def media(offer: Offer, culture: str, texts: Texts) -> list[Row]:
    """The media of an offer, each with what every entry has."""
    return [_medium(offer.id, culture, number, entry) for number, entry in enumerate(texts.media)]


def _defined(tenant: Tenant, offer_id: str, culture: str) -> Row:
    """A row in which only what belongs to one user offer is missing; an offer that is no more defined says nothing."""
    offer = tenant.catalogue.offers.get(offer_id)
    if offer is None:
        offer = Offer(offer_id, offer_id, "", "", {CULTURE: Texts("", "", "", ())})
    shown, texts = texts_in(tenant, offer, culture)
    return {
        "id": None,
        "offer_id": offer_id,
        "root_offer_id": offer.root_offer_id,
        "offer_group_id": offer.group_id,
        "offer_type": offer.offer_type,
        "name": texts.title,
        "description": texts.description,
        "terms": texts.terms,
        "media": media(offer, shown, texts),
        "pos_discount_id": offer.pos_discount_id,
        **dict.fromkeys(OWN),
    }


def _medium(offer_id: str, culture: str, number: int, entry: Mapping[str, Any]) -> Row:
    made = uuid.uuid5(uuid.UUID(offer_id), f"{culture} {number}")
    return {
        "id": entry.get("id", str(made)).lower(),
        "offer_id": offer_id,
        "uri": entry["uri"],
        "category_id": entry.get("category_id", NONE).lower(),
        "category_name": entry.get("category_name", ""),
        "content_type": entry.get("content_type", ""),
        "culture": culture,
    }
