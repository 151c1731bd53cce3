"""What customers hold: user offers, from issue to redemption, revocation or expiry.

issued -> redeemed -> issued (reinstated)
issued -> locked -> issued (unlocked)
issued -> revoked;  issued -> expired, by the clock alone
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from .catalogue import Catalogue, Offer
from .chance import Drawn
from .clock import Clock, iso
from .timelines import Note

BEHAVIOURS = frozenset(
    {
        "sessionm.offer-acquisition-dates",
        "sessionm.offer-expiry",
        "sessionm.offer-inactive",
        "sessionm.offer-inventory",
        "sessionm.offer-issued",
        "sessionm.offer-locked",
        "sessionm.offer-per-user",
        "sessionm.offer-redeemed",
        "sessionm.offer-reinstated",
        "sessionm.offer-revoked",
        "sessionm.offer-timeline",
        "sessionm.offer-unlocked",
    }
)
"""Rules that are kept by how wallets act. Without one of them a wallet acts as a naive one would."""

State = Literal["issued", "locked", "redeemed", "revoked", "expired"]
Reason = Literal["unknown", "inactive", "acquisition-dates", "inventory", "per-user"]
Tell = Callable[[str, str, Mapping[str, Any]], None]
"""Takes down what happened to a customer: the customer's id, the kind, and what there is to say."""


class Unavailable(Exception):
    """An offer cannot be issued; `reason` says why in a word."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the offer cannot be issued: {reason}")
        self.reason: Reason = reason


@dataclass(slots=True, eq=False)
class UserOffer:
    """An offer in somebody's hands. Times are seconds since 1970; `expires` is None for never.

    state     as it was last changed; ask `Wallets.state` for what it is now
    pending   whether it waits for its extended data
    source    what issued it, in a word or an id; reason why it was revoked; transaction what it is locked for
    """

    id: str
    offer_id: str
    customer_id: str
    acquired: float
    redeem_from: float
    expires: float | None
    state: State = "issued"
    quantity: int = 1
    redeemed: float | None = None
    pending: bool = False
    custom_data: str | None = None
    source: str = ""
    reason: str = ""
    transaction: str = ""


class Wallets:
    """The user offers of one tenant. `chance` makes their ids, `clock` their times, `note` is told what happens."""

    __slots__ = (
        "_behaviours",
        "_by_customer",
        "_by_id",
        "_catalogue",
        "_chance",
        "_choice",
        "_clock",
        "_issued",
        "_note",
        "_revoked",
    )

    def __init__(
        self,
        catalogue: Catalogue,
        clock: Clock,
        chance: Drawn,
        *,
        choice: Callable[[str], str],
        behaviours: frozenset[str] = BEHAVIOURS,
        note: Tell = lambda _customer_id, _kind, _payload: None,
    ) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._chance = chance
        self._choice = choice
        self._behaviours = behaviours
        self._note = note
        self._by_id: dict[str, UserOffer] = {}
        self._by_customer: dict[str, list[UserOffer]] = {}
        self._issued: Counter[str] = Counter()
        self._revoked: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._by_id)

    def find(self, user_offer_id: str) -> UserOffer | None:
        """The user offer of an id; ids are kept in small letters."""
        return self._by_id.get(user_offer_id.lower())

    def held(self, customer_id: str) -> list[UserOffer]:
        """Every offer that a customer ever got, in the order of acquisition, whatever became of it."""
        return self._by_customer.get(customer_id, [])

    def state(self, user_offer: UserOffer) -> State:
        """What it is now: the clock alone makes an issued one expire."""
        if user_offer.state == "issued" and self._over(user_offer, self._clock.now()):
            return "expired"
        return user_offer.state

    def active(self, customer_id: str, *, pending: bool = False) -> list[UserOffer]:
        """What a customer can use: issued, not expired, and complete unless `pending` ones are wanted, too."""
        now = self._clock.now()
        return [
            one
            for one in self.held(customer_id)
            if one.state == "issued" and (pending or not one.pending) and not self._over(one, now)
        ]

    def redeemable(self, user_offer: UserOffer, now: float) -> bool:
        """Whether it could be redeemed at a moment."""
        return user_offer.state == "issued" and user_offer.redeem_from <= now and not self._over(user_offer, now)

    def unavailable(self, customer_id: str, offer: Offer | None, quantity: int = 1) -> Reason | None:
        """Why a customer cannot get an offer now; None where nothing stands against it."""
        if offer is None:
            return "unknown"
        if not offer.active and "sessionm.offer-inactive" in self._behaviours:
            return "inactive"
        now = self._clock.now()
        if "sessionm.offer-acquisition-dates" in self._behaviours and (
            (offer.acquisition_start is not None and now < offer.acquisition_start)
            or (offer.acquisition_end is not None and now >= offer.acquisition_end)
        ):
            return "acquisition-dates"
        if (
            "sessionm.offer-per-user" in self._behaviours
            and offer.per_user is not None
            and self.acquisitions(offer, customer_id) + quantity > offer.per_user
        ):
            return "per-user"
        left = self.inventory(offer)
        if "sessionm.offer-inventory" in self._behaviours and left is not None and quantity > left:
            return "inventory"
        return None

    def inventory(self, offer: Offer) -> int | None:
        """How many are left to issue; None where there is no end of them."""
        return None if offer.inventory is None else max(offer.inventory - self.acquisitions(offer), 0)

    def acquisitions(self, offer: Offer, customer_id: str | None = None) -> int:
        """How many were issued, to everybody or to one customer."""
        issued, revoked = self._issued[offer.id], self._revoked[offer.id]
        if customer_id is not None:
            own = [one for one in self.held(customer_id) if one.offer_id == offer.id]
            issued = sum(one.quantity for one in own)
            revoked = sum(one.quantity for one in own if one.state == "revoked")
        # Asked only where it makes a difference.
        return issued - revoked if revoked and self._choice("revoked-offers") == "returned" else issued

    def redemptions(self, offer: Offer) -> int:
        """How many were redeemed and not reinstated."""
        return sum(one.quantity for one in self._by_id.values() if one.offer_id == offer.id and one.state == "redeemed")

    def issue(self, customer_id: str, offer_id: str, *, quantity: int = 1, source: str = "") -> list[UserOffer]:
        """Give a customer so many of an offer, or none of them. Raises `Unavailable`."""
        offer = self._catalogue.offer(offer_id)
        reason = self.unavailable(customer_id, offer, quantity)
        if reason is not None or offer is None:
            raise Unavailable(reason or "unknown")
        together = quantity > 1 and self._choice("issue-quantity") == "one-with-quantity"
        sizes = [quantity] if together else [1] * quantity
        return [self.give(customer_id, offer.id, quantity=size, source=source) for size in sizes]

    def give(
        self, customer_id: str, offer_id: str, *, quantity: int = 1, source: str = "", id_: str | None = None
    ) -> UserOffer:
        """One user offer, with no question asked. Raises `KeyError` for an offer that is not in the catalogue.

        `id_` is only for what a tenant file gives.
        """
        offer = self._catalogue.offers[offer_id.lower()]
        now = self._clock.now()
        made = UserOffer(
            (id_ or self._new_id()).lower(),
            offer.id,
            customer_id,
            now,
            offer.redeem_from(now),
            offer.expires(now),
            quantity=quantity,
            pending=offer.pending,
            source=source,
        )
        if "sessionm.offer-issued" in self._behaviours:
            self._keep(made)
        self._tell("offer_issued", made)
        return made

    def redeem(self, user_offer: UserOffer) -> None:
        """Use it up."""
        user_offer.redeemed = self._clock.now()
        if "sessionm.offer-redeemed" in self._behaviours:
            user_offer.state = "redeemed"
        self._tell("offer_redeemed", user_offer)

    def reinstate(self, user_offer: UserOffer) -> None:
        """Undo a redemption; the end of its time stays what it was."""
        user_offer.redeemed = None
        if "sessionm.offer-reinstated" in self._behaviours:
            user_offer.state = "issued"
        self._tell("offer_reinstated", user_offer)

    def revoke(self, user_offer: UserOffer, reason: str = "") -> None:
        """Take it back for good."""
        user_offer.reason = reason
        if "sessionm.offer-revoked" in self._behaviours:
            user_offer.state = "revoked"
            self._revoked[user_offer.offer_id] += user_offer.quantity
        self._tell("offer_revoked", user_offer)

    def lock(self, user_offer: UserOffer, transaction: str = "") -> None:
        """Hold it for a transaction."""
        user_offer.transaction = transaction
        if "sessionm.offer-locked" in self._behaviours:
            user_offer.state = "locked"
        self._tell("offer_locked", user_offer)

    def unlock(self, user_offer: UserOffer) -> None:
        """Let go of it."""
        if "sessionm.offer-unlocked" in self._behaviours:
            user_offer.state = "issued"
            user_offer.transaction = ""
        self._tell("offer_unlocked", user_offer)

    def update(self, user_offer: UserOffer, *, custom_data: str | None, completes: bool, from_now: bool) -> None:
        """Give it data of its own, let it be complete, or work out its dates as if it were issued now."""
        if custom_data is not None:
            user_offer.custom_data = custom_data
        if completes:
            user_offer.pending = False
        offer = self._catalogue.offer(user_offer.offer_id)
        if from_now and offer is not None:
            now = self._clock.now()
            user_offer.redeem_from = offer.redeem_from(now)
            user_offer.expires = offer.expires(now)
        self._tell("offer_updated", user_offer)

    def expiries(self, customer_id: str) -> Iterator[Note]:
        """What a timeline says of offers that expired: it follows from the time, so a clock may move either way."""
        for one in self.held(customer_id):
            if one.expires is not None and self.state(one) == "expired":
                yield Note("offer_expired", one.expires, _said(one))

    def shown(self, customer_id: str) -> list[dict[str, Any]]:
        """Everything that a customer ever got, with what it is now, for people to read."""
        return [
            {
                "id": one.id,
                "offer_id": one.offer_id,
                "state": self.state(one),
                "quantity": one.quantity,
                "acquired": iso(one.acquired),
                "redeem_from": iso(one.redeem_from),
                "expires": None if one.expires is None else iso(one.expires),
                "redeemed": None if one.redeemed is None else iso(one.redeemed),
                "pending_extended_data": one.pending,
                "custom_data": one.custom_data,
                "source": one.source,
                "reason": one.reason,
            }
            for one in self.held(customer_id)
        ]

    def export(self) -> list[dict[str, Any]]:
        """Every user offer, as JSON that `restore` takes."""
        return [asdict(one) for one in self._by_id.values()]

    def restore(self, kept: Iterable[Mapping[str, Any]]) -> None:
        """Put in place what `export` gave; `kept` has the shape that the admin contract describes."""
        self._by_id, self._by_customer = {}, {}
        self._issued, self._revoked = Counter(), Counter()
        for entry in kept:
            self._keep(UserOffer(**entry))

    def _keep(self, user_offer: UserOffer) -> None:
        self._by_id[user_offer.id] = user_offer
        self._issued[user_offer.offer_id] += user_offer.quantity
        if user_offer.state == "revoked":
            self._revoked[user_offer.offer_id] += user_offer.quantity
        self._by_customer.setdefault(user_offer.customer_id, []).append(user_offer)

    def _over(self, user_offer: UserOffer, now: float) -> bool:
        expires = user_offer.expires
        return expires is not None and expires <= now and "sessionm.offer-expiry" in self._behaviours

    def _tell(self, kind: str, user_offer: UserOffer) -> None:
        if "sessionm.offer-timeline" in self._behaviours:
            self._note(user_offer.customer_id, kind, _said(user_offer))

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))


def _said(user_offer: UserOffer) -> dict[str, Any]:
    return {"user_offer_id": user_offer.id, "offer_id": user_offer.offer_id, "quantity": user_offer.quantity}
