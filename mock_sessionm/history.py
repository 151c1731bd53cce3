"""Entries of a timeline that follow from what is kept anyway: points, and what customers did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from .books import Books
from .customers import Customers
from .points import Kind
from .timelines import Draw, Note

KIND_OF: dict[Kind, str] = {
    "issued": "points_deposited",
    "spent": "points_spent",
    "expired": "points_expired",
    "adjustment": "points_adjusted",
}


def of_points(books: Books, *, everything: bool) -> Draw:
    """Every line of the books; those that were booked unpublished only where `everything` is to be seen."""

    def draw(customer_id: str) -> Iterator[Note]:
        for entry in books.log(customer_id):
            if everything or entry.origin.published:
                account = books.setup.accounts.get(entry.account_id)
                payload = {
                    "id": entry.id,
                    "amount": entry.amount,
                    "point_account_id": entry.account_id,
                    "account_name": account.name if account else "",
                    "reference_id": entry.origin.reference_id,
                    "reference_type": entry.origin.reference_type,
                }
                yield Note(KIND_OF[entry.kind], entry.at, payload)

    return draw


def of_events(customers: Customers) -> Draw:
    """Every event that was kept."""

    def draw(customer_id: str) -> Iterator[Note]:
        customer = customers.by_id(customer_id)
        for event in customer.events if customer else ():
            payload = {name: part for name, part in event.items() if name != "received"}
            yield Note("event_received", datetime.fromisoformat(event["received"]).timestamp(), payload)

    return draw
