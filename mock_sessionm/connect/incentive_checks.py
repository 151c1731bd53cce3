"""What calls about points, tiers and events are held against, after what every call to Connect is."""

from __future__ import annotations

from collections.abc import Iterator

from contracts import Violation
from mock_sessionm.call import Call
from mock_sessionm.check import Check, known_tenant

from .booking import details, other_amount, partial, too_few, unknown_account, unknown_source
from .checks import CONNECT

BOOKINGS = frozenset({"depositPoints", "depositPointsV2", "spendPoints"})
SPENDS = frozenset({"spendPoints"})
BALANCES = frozenset({"getPointBalance"})
MOVES = frozenset({"moveUser"})
EVENTS = frozenset({"triggerUserEvent"})


def account_known(call: Call) -> Iterator[Violation]:
    """Points lie on accounts that are set up."""
    rule = "sessionm.point-account-known"
    if call.operation in BALANCES:
        known = known_tenant(call).books.setup.accounts
        for index, account in enumerate(call.body["point_account_ids"]):
            if account.lower() not in known:
                yield _unknown(rule, f"/point_account_ids/{index}", "point account")
    elif not partial(call):
        for index, detail in enumerate(details(call)):
            if unknown_account(call, detail):
                name = "point_account_ids" if "point_account_ids" in detail else "point_account_id"
                yield _unknown(rule, f"{_place(call, index)}/{name}", "point account")


def source_known(call: Call) -> Iterator[Violation]:
    """Points come from sources that are set up, where any are."""
    if partial(call):
        return
    for index, detail in enumerate(details(call)):
        if unknown_source(call, detail):
            yield _unknown("sessionm.point-source-known", f"{_place(call, index)}/point_source_id", "point source")


def points_enough(call: Call) -> Iterator[Violation]:
    """Nobody spends more than is there, one detail after the other."""
    if partial(call):
        return
    for index in too_few(call):
        place = f"{_place(call, index)}/amount"
        text = f"{place}: more points are to be spent than are on the accounts named; nothing was spent"
        yield Violation("sessionm.points-enough", place, text, "more than is there", "at most the balance")


def same_amount(call: Call) -> Iterator[Violation]:
    """An idempotency id stands for one booking; a tenant may mind another amount under it."""
    if partial(call):
        return
    for index, detail in enumerate(details(call)):
        if other_amount(call, detail):
            place = f"{_place(call, index)}/idempotency_id"
            text = f"{place}: it was booked before, with another amount; another booking needs another id"
            yield Violation("sessionm.idempotency-other-amount", place, text, "a known id", "a new id")


def tier_known(call: Call) -> Iterator[Violation]:
    """A level is one of its tier system."""
    tier = known_tenant(call).tiers.tier(call.body["tier_level_id"])
    if tier is None:
        yield _unknown("sessionm.tier-known", "/tier_level_id", "tier level")
    elif tier.system_id != call.body["tier_system_id"].lower():
        text = "/tier_system_id: the tier level that is named belongs to another tier system"
        yield Violation("sessionm.tier-known", "/tier_system_id", text, "another system", "the system of the level")


def event_defined(call: Call) -> Iterator[Violation]:
    """Events must first be defined (source: mparticle-sessionm-event#prerequisites)."""
    tenant = known_tenant(call)
    name = call.body["event_lookup"]
    if name in tenant.events.defined or tenant.choice("undefined-event") != "refused":
        return
    near = tenant.events.nearest(name)
    meant = f"; nearest defined name: {near!r}" if near else ""
    text = f"/event_lookup: this event is not defined{meant}"
    yield Violation("sessionm.connect-event-defined", "/event_lookup", text, "an unknown name", "a defined name", near)


def _unknown(rule: str, place: str, kind: str) -> Violation:
    return Violation(rule, place, f"{place}: no {kind} has this id", "an unknown id", f"the id of a {kind}")


def _place(call: Call, index: int) -> str:
    return f"/{'deposit' if 'deposit_details' in call.body else 'spend'}_details/{index}"


GATE: tuple[Check, ...] = (
    Check("sessionm.point-account-known", account_known, BOOKINGS | BALANCES, surface=CONNECT),
    Check("sessionm.point-source-known", source_known, BOOKINGS, surface=CONNECT),
    Check("sessionm.idempotency-other-amount", same_amount, SPENDS, surface=CONNECT),
    Check("sessionm.points-enough", points_enough, SPENDS, surface=CONNECT),
    Check("sessionm.tier-known", tier_known, MOVES, surface=CONNECT),
    Check("sessionm.connect-event-defined", event_defined, EVENTS, surface=CONNECT),
)
