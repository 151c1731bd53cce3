"""What happens when a campaign fires: tags, points, offers, messages, the feed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mock_sessionm.catalogue import Offer
from mock_sessionm.clock import iso
from mock_sessionm.limits import table
from mock_sessionm.wallets import Unavailable, UserOffer

from .definition import Campaign
from .template import Awarded, Unsendable, call, door

if TYPE_CHECKING:
    from mock_sessionm.customers import Customer
    from mock_sessionm.tenant import Tenant

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Applied:
    """One outcome, and whether it came about; `why` says why not. `points` is 0 for other kinds than points."""

    kind: str
    applied: bool = True
    points: int = 0
    why: str = ""

    def shown(self) -> dict[str, Any]:
        """As Core's answer to an event has it; its parts are not public."""
        return {"type": self.kind, "applied": self.applied, "points_awarded": self.points}

    def numbered(self, tenant: Tenant) -> dict[str, Any]:
        """As Connect lists an outcome of an event (source: sessionm-clients#trigger-user-event)."""
        kinds: list[str] = table("sessionm.outcome-numbers")["kinds"]
        first = 1 if tenant.choice("outcome-numbers") == "from-one" else 0
        number = first + kinds.index(self.kind)
        return {"is_outcome_applied": self.applied, "discriminator": number, "points_awarded": self.points}


@dataclass(slots=True)
class Firing:
    """One firing on its way: whose, what is known of its cause, and what was awarded so far.

    customer    None for a broadcast to whoever the message's segment holds
    """

    tenant: Tenant
    campaign: Campaign
    customer: Customer | None
    event: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    offers: list[Mapping[str, Any]] = field(default_factory=list)
    points: list[Mapping[str, Any]] = field(default_factory=list)

    def awarded(self) -> Awarded:
        return Awarded(
            at=iso(self.tenant.clock.now()),
            event=self.event,
            context=self.context,
            offers=tuple(self.offers),
            points=tuple(self.points),
        )


Apply = Callable[[Firing, "Customer", Entry], Applied]


def kind_of(outcome: Entry) -> str:
    """Which kind an outcome of the tenant file is of."""
    return next(name for name in (*KINDS, "message") if name in outcome)


def apply_all(firing: Firing, outcomes: Iterable[Entry]) -> list[Applied]:
    """Let every outcome come about; the answers are in the order of the file."""
    listed = list(outcomes)
    order = range(len(listed))
    if any("message" in one for one in listed[:-1]) and firing.tenant.choice("outcome-order") == "awards-first":
        # A message tells what was awarded with it, so it leaves last.
        order = sorted(order, key=lambda index: "message" in listed[index])  # type: ignore[assignment]
    made = {index: _one(firing, listed[index]) for index in order}
    return [made[index] for index in sorted(made)]


def broadcasts(firing: Firing, outcome: Entry) -> bool:
    """Whether a message outcome goes to the whole segment of its message."""
    variant = firing.tenant.campaigns.variants.get(outcome.get("message", ""))
    return bool(outcome.get("broadcast", variant is not None and variant.broadcast))


def _one(firing: Firing, outcome: Entry) -> Applied:
    kind = kind_of(outcome)
    if f"sessionm.outcome-{kind}" not in firing.tenant.behaviours:
        return Applied(kind, applied=False, why="this fake does not know this kind")
    if kind == "message":
        return _message(firing, outcome)
    if firing.customer is None:
        return Applied(kind, applied=False, why="no customer is there for it")
    return KINDS[kind](firing, firing.customer, outcome)


def _tag(firing: Firing, customer: Customer, outcome: Entry) -> Applied:
    firing.tenant.customers.tag(customer, [outcome["tag"]], outcome.get("ttl"))
    return Applied("tag")


def _points(firing: Firing, customer: Customer, outcome: Entry) -> Applied:
    accounts = firing.tenant.books.setup.accounts
    wanted = outcome.get("account")
    account = next((one for one in accounts.values() if wanted in {one.id, one.name}), None)
    if account is None:
        if wanted is not None:
            return Applied("points", applied=False, why="no point account has this id or name")
        account = firing.tenant.books.setup.default
    firing.tenant.books.deposit(
        customer.id,
        outcome["points"],
        account_id=account.id,
        source=firing.campaign.name,
        reference_id=firing.campaign.id,
        reference_type="campaign",
    )
    firing.points.append({"point_award_amount": outcome["points"], "point_account_name": account.name})
    return Applied("points", points=outcome["points"])


def _offer(firing: Firing, customer: Customer, outcome: Entry) -> Applied:
    tenant = firing.tenant
    try:
        issued = tenant.wallets.issue(
            customer.id, outcome["offer"], quantity=outcome.get("quantity", 1), source=firing.campaign.id
        )
    except Unavailable as error:
        return Applied("offer", applied=False, why=str(error))
    offer = tenant.catalogue.offer(outcome["offer"])
    firing.offers.extend(_told(offer, one) for one in issued if offer is not None)
    return Applied("offer")


def _told(offer: Offer, issued: UserOffer) -> dict[str, Any]:
    """An awarded offer, in the fields of `sessionm.message-offer-group`."""
    told = {
        "offer_id": offer.id,
        "offer_title": offer.title,
        "user_offer_id": issued.id,
        "description": offer.description,
        "terms_and_conditions": offer.terms,
        "logo": offer.logo,
        "pos_discount_id": offer.pos_discount_id,
    }
    if issued.expires is not None:
        told["expiration_date"] = iso(issued.expires)
    return told


def _message(firing: Firing, outcome: Entry) -> Applied:
    tenant = firing.tenant
    about = {"customer_id": firing.customer.id if firing.customer else "", "campaign_id": firing.campaign.id}
    variant = tenant.campaigns.variants.get(outcome["message"])
    try:
        path, body = call(
            tenant, variant, firing.campaign, firing.customer, firing.awarded(), broadcast=broadcasts(firing, outcome)
        )
    except Unsendable as error:
        tenant.outgoing.refuse("braze", str(error), **about)
        return Applied("message", applied=False, why=str(error))
    endpoint, key = door(tenant, variant)
    sent = tenant.outgoing.send("braze", endpoint + path, body, f"Bearer {key}", **about)
    return Applied("message", applied=sent.state != "platform_dropped", why=sent.why)


def _feed(firing: Firing, customer: Customer, _outcome: Entry) -> Applied:
    """The whole profile to mParticle, whatever changed."""
    if not firing.tenant.feed.tell(customer, attributes=list(customer.attributes)):
        return Applied("feed", applied=False, why="the feed is off, or the customer has no MPID or no attributes")
    return Applied("feed")


KINDS: dict[str, Apply] = {"tag": _tag, "points": _points, "offer": _offer, "feed": _feed}
"""Every kind of outcome but the message -> what it does."""
