"""Deposits and spends, detail by detail: what would go wrong with each, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.limits import table
from mock_sessionm.points import About, Entry, TooFew, Want
from mock_sessionm.statement import user_account_id

from .subject import subject, tenant_of

BOOKED = "booked"
Detail = Mapping[str, Any]


def partial(call: Call) -> bool:
    """Whether what can be booked is to be booked, even if the rest cannot."""
    if "sessionm.partial-success" not in tenant_of(call).behaviours:
        return False
    return call.body.get("allow_partial_success") is True


def details(call: Call) -> Sequence[Detail]:
    found: Sequence[Detail] = call.body["deposit_details" if "deposit_details" in call.body else "spend_details"]
    return found


def accounts_of(detail: Detail) -> tuple[str, ...]:
    """The accounts that a detail names, as the books know them."""
    named = detail["point_account_ids"] if "point_account_ids" in detail else [detail["point_account_id"]]
    return tuple(account.lower() for account in named)


def amount_of(detail: Detail) -> int:
    """The points of a detail: a schema takes 2.0 for a whole number, too, and so it must be made one."""
    return int(detail["amount"])


def unknown_account(call: Call, detail: Detail) -> bool:
    known = tenant_of(call).books.setup.accounts
    return any(account not in known for account in accounts_of(detail))


def unknown_source(call: Call, detail: Detail) -> bool:
    """Whether a source is named that is not set up; where none is set up, any may be named."""
    known = tenant_of(call).books.setup.sources
    source = detail.get("point_source_id")
    return bool(known) and source is not None and source.lower() not in known


def other_amount(call: Call, detail: Detail) -> bool:
    """Whether an idempotency id comes again with another amount, and the tenant's choice minds."""
    tenant = tenant_of(call)
    once = _once(detail)
    if once is None or call.customer is None:
        return False
    before = tenant.books.booked(call.customer.id, once)
    return before not in {None, amount_of(detail)} and tenant.choice("idempotency-other-amount") == "refused"


def too_few(call: Call) -> Iterator[int]:
    """The numbers of the details for which there are too few points, one after the other."""
    if call.customer is None:
        return
    books = tenant_of(call).books
    wants = {
        index: Want(
            amount_of(detail),
            accounts_of(detail),
            _once(detail),
            force=detail.get("force_spend") is True,
        )
        for index, detail in enumerate(details(call))
        if not unknown_account(call, detail)
    }
    numbers = list(wants)
    for place, _ in books.lacking(call.customer.id, wants.values()):
        yield numbers[place]


def deposited(call: Call) -> list[dict[str, Any]]:
    """Book every detail of a deposit that can be booked; what became of each."""
    books = tenant_of(call).books

    def book(detail: Detail) -> tuple[str, Sequence[Entry]]:
        entry = books.deposit(
            subject(call).id, amount_of(detail), account_id=accounts_of(detail)[0], **_about(call, detail)
        )
        return entry.origin.request_id, [entry]

    return [_booked(call, detail, book) for detail in details(call)]


def spent(call: Call) -> list[dict[str, Any]]:
    """Book every detail of a spend that can be booked; what became of each."""
    tenant = tenant_of(call)

    def book(detail: Detail) -> tuple[str, Sequence[Entry]]:
        returned = detail.get("is_return") is True and tenant.choice("spend-return") == "adjustment"
        made = tenant.books.spend(
            subject(call).id,
            amount_of(detail),
            account_ids=accounts_of(detail),
            kind="adjustment" if returned else "spent",
            force=detail.get("force_spend") is True,
            **_about(call, detail),
        )
        return made.id, made.entries

    return [_booked(call, detail, book) for detail in details(call)]


def _booked(call: Call, detail: Detail, book: Callable[[Detail], tuple[str, Sequence[Entry]]]) -> dict[str, Any]:
    reason = BOOKED
    request_id: str | None = None
    entries: Sequence[Entry] = ()
    if unknown_account(call, detail):
        reason = "unknown-account"
    elif unknown_source(call, detail):
        reason = "unknown-source"
    elif other_amount(call, detail):
        reason = "other-amount"
    else:
        try:
            request_id, entries = book(detail)
        except TooFew:
            reason = "too-few"
    return {
        "request_id": request_id,
        "idempotency_id": detail.get("idempotency_id"),
        "reference_id": detail.get("reference_id"),
        "amount": sum(abs(entry.amount) for entry in entries),
        "fail_reason": table("sessionm.partial-success")[reason],
        "lines": [
            {
                "id": entry.id,
                "point_account_id": entry.account_id,
                "user_point_account_id": user_account_id(subject(call), entry.account_id),
                "modification": entry.amount,
            }
            for entry in entries
        ],
    }


def _once(detail: Detail) -> str | None:
    """The id under which a booking happens once; the contract of deposits lists none, so it may be anything."""
    found = detail.get("idempotency_id")
    return found if isinstance(found, str) else None


def _about(call: Call, detail: Detail) -> About:
    return About(
        source=detail.get("point_source_id", "").lower(),
        reference_id=detail.get("reference_id", ""),
        reference_type=detail.get("reference_type", ""),
        idempotency_id=_once(detail),
        transaction_id=detail.get("transaction_id", ""),
        occurred=detail.get("timestamp", ""),
        published=call.body.get("disable_event_publishing") is not True,
    )
