"""What customers held before a recording began: points and offers, as far as its answers show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.conformance import Call
from mock_sessionm import Customer, Tenant

from .accounts import Account
from .set_up_as_seen import SetUp, walk
from .unseen import Unseen
from .values import moment_of

POINTS, OFFERS = "points", "user offers"
BEFORE = "taken as given"
"""The source under which points stand that were there before."""
SPENDS = frozenset({"spendPoints", "purchaseOffer"})
ABOUT_ONE = frozenset({"revokeOffer", "updateUserOffer", "manualRedeem"})
AT_SALE = frozenset({"lockOffer", "unlockOffer", "redeemOffer", "reinstateOffer"})
Record = Mapping[str, Any]


@dataclass(slots=True)
class Holdings:
    """`unseen` says whether something of a customer is shown for the first time, of one who was there before."""

    counts: Counter[str]
    set_up: SetUp
    unseen: Unseen
    _somebody: dict[int, Customer] = field(default_factory=dict)

    def before(
        self, call: Call, sent: Record, shown: Record, account: Account, tenant: Tenant, customer: Customer | None
    ) -> None:
        """What a request of Connect's or of a point of sale, and its answer, show to have been there."""
        operation = call.operation.name
        found = shown.get("payload")
        payload: Record = found if isinstance(found, dict) else {}
        if operation in AT_SALE:
            inner = sent.get("request_payload")
            named = inner.get("user_offer_id") or inner.get("offer_lookup_code") if isinstance(inner, dict) else None
            self._one_offer(operation, {"user_offer_id": named}, account, tenant, None)
            return
        if customer is None:
            return
        if operation in {"getPointBalance", "getAllPointBalances"}:
            self._balances(payload.get("details"), account, tenant, customer)
        elif operation in SPENDS:
            self._enough(sent, account, tenant, customer)
        elif operation == "getUserOffers":
            self._wallet(payload, account, tenant, customer)
        elif operation == "issueOffer":
            for row in walk(payload.get("status_list")):
                if isinstance(row.get("offer_id"), str) and row.get("user_offer_id"):
                    self.set_up.offer(row, row["offer_id"], tenant)
        elif operation in ABOUT_ONE:
            row = {"user_offer_id": sent.get("user_offer_id"), "offer_id": payload.get("offer_id")}
            self._one_offer(operation, row, account, tenant, customer)

    # --- points -------------------------------------------------------------------------------------------

    def _balances(self, details: Any, account: Account, tenant: Tenant, customer: Customer) -> None:
        for row in walk(details):
            named = row.get("point_account_id")
            if not isinstance(named, str):
                continue
            own = account.ids.own(named).lower()
            if own in tenant.books.setup.accounts and self.unseen.first(account, customer, f"points {own}"):
                available, life = row.get("available_balance"), row.get("life_time_value")
                self._gap(available, life, own, tenant, customer)

    def _gap(self, available: Any, life: Any, own: str, tenant: Tenant, customer: Customer) -> None:
        """Book what an answer shows beyond what the recording itself brought about."""
        if not isinstance(available, int) or not isinstance(life, int):
            return
        books = tenant.books
        more = available - books.balance(customer.id, own)
        earned = life - books.earned(customer.id, own)
        if earned > 0:
            books.deposit(customer.id, earned, account_id=own, source=BEFORE, published=False)
            more -= earned
        if more < 0:
            books.spend(customer.id, -more, account_ids=[own], force=True, source=BEFORE, published=False)
        elif more > 0:
            books.deposit(customer.id, more, account_id=own, kind="adjustment", source=BEFORE, published=False)
        self.counts[POINTS] += 1

    def _enough(self, sent: Record, account: Account, tenant: Tenant, customer: Customer) -> None:
        """Points that must have been there, since they could be spent; a balance says later how many there were."""
        for row in walk(sent.get("spend_details")):
            named = row.get("point_account_ids") or [row.get("point_account_id")]
            amount = row.get("amount")
            if not isinstance(amount, int) or not isinstance(named, list) or not isinstance(named[0], str):
                continue
            own = [account.ids.own(one).lower() for one in named]
            known = [one for one in own if one in tenant.books.setup.accounts]
            lacks = amount - sum(tenant.books.balance(customer.id, one) for one in known)
            if known and lacks > 0 and self.unseen.never(account, customer, f"points {known[0]}"):
                tenant.books.deposit(customer.id, lacks, account_id=known[0], source=BEFORE, published=False)
                self.counts[POINTS] += 1

    # --- offers -------------------------------------------------------------------------------------------

    def _wallet(self, payload: Record, account: Account, tenant: Tenant, customer: Customer) -> None:
        rows = payload.get("user_offers")
        opted = payload.get("user")
        if (
            isinstance(opted, dict)
            and isinstance(opted.get("opted_in"), bool)
            and self.unseen.first(account, customer, "opted")
        ):
            customer.fields["opted_in"] = opted["opted_in"]
        fresh = self.unseen.first(account, customer, "wallet")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and isinstance(row.get("id"), str):
                held = tenant.wallets.find(account.ids.own(row["id"]))
                if held is None and fresh:
                    self._hold(row, account, tenant, customer)
                elif held is not None and held.offer_id in self.set_up.seen:
                    _date(held, row)
        available, total = payload.get("available_points"), payload.get("total_points")
        own = tenant.books.setup.default.id
        if len(tenant.books.setup.accounts) == 1 and self.unseen.first(account, customer, f"points {own}"):
            earned = tenant.choices["total-points"] != "spent"
            self._gap(available, total if earned else available, own, tenant, customer)

    def _hold(self, row: Record, account: Account, tenant: Tenant, customer: Customer) -> None:
        """A user offer of a wallet that was there before."""
        if not isinstance(row.get("offer_id"), str) or not account.ids.strange(row["id"], row["id"]):
            return
        if not self.set_up.offer(row, row["offer_id"], tenant):
            return
        quantity = row.get("quantity")
        made = tenant.wallets.give(
            customer.id, row["offer_id"], quantity=quantity if isinstance(quantity, int) else 1, id_=row["id"]
        )
        _date(made, row)
        account.ids.bind(row["id"], made.id)
        self.counts[OFFERS] += 1

    def _one_offer(
        self, operation: str, row: Record, account: Account, tenant: Tenant, customer: Customer | None
    ) -> None:
        """A user offer that must have been there, since something could be done with it."""
        named, offer_id = row.get("user_offer_id"), row.get("offer_id")
        if not isinstance(named, str) or tenant.wallets.find(account.ids.own(named)) is not None:
            return
        if not isinstance(offer_id, str):
            # A point of sale says neither whose it is nor of which offer.
            offer_id = next(iter(tenant.catalogue.offers), None)
        if offer_id is None or not account.ids.strange(named, named) or not self.set_up.offer({}, offer_id, tenant):
            return
        if customer is None:
            customer = self._somebody.setdefault(account.number, tenant.customers.create({}))
        elif not self.unseen.first(account, customer, f"user offer {named}"):
            return
        made = tenant.wallets.give(customer.id, offer_id, id_=named)
        if operation == "unlockOffer":
            tenant.wallets.lock(made)
        elif operation == "reinstateOffer":
            tenant.wallets.redeem(made)
        account.ids.bind(named, made.id)
        self.counts[OFFERS] += 1


def _date(held: Any, row: Record) -> None:
    """The dates of a user offer, and what else is its own, as an answer shows them."""
    acquired, begins = moment_of(row.get("acquire_date")), moment_of(row.get("redemption_start_date"))
    held.acquired = acquired if acquired is not None else held.acquired
    held.redeem_from = begins if begins is not None else held.acquired
    held.expires = moment_of(row.get("expiration_date"))
    held.pending = row.get("pending_extended_data") is True
    data = row.get("custom_data")
    held.custom_data = data if isinstance(data, str) else None
