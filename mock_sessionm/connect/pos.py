"""The calls of a point of sale: lock an offer and let go of it, redeem it and undo that.

Container and calls are documented (source: sessionm-pos-containers, sessionm-pos-lock, sessionm-pos-unlock,
sessionm-pos-redeem, sessionm-pos-reinstate); what a failure looks like inside is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts import Violation
from mock_sessionm.call import Call
from mock_sessionm.check import Check, contract, known_tenant, marked_checks, operations_below
from mock_sessionm.customers import Customer
from mock_sessionm.envelopes import CODES, Refusal, Reply, reply
from mock_sessionm.repeats import Seen, mark_of
from mock_sessionm.surface import Surface, View
from mock_sessionm.wallets import UserOffer

POS = "pos"
PREFIX = "/api/2.0/"
OPERATIONS = operations_below("sessionm", PREFIX)
STATUS = "pos-error-status"
"""The assumption that says under which HTTP status a point of sale is refused."""
REFUSALS: dict[str, Refusal] = {
    "sessionm.pos-credentials": ("access_denied", 401),
    "sessionm.pos-offer-exists": ("not_found", STATUS),
    "sessionm.pos-pending": ("pending processing", STATUS),
    "sessionm.pos-lock-issued": ("not_available", STATUS),
    "sessionm.pos-unlock-locked": ("not_available", STATUS),
    "sessionm.pos-redeem-issued": ("not_available", STATUS),
    "sessionm.pos-reinstate-redeemed": ("not_available", STATUS),
    "sessionm.pos-reinstate-in-time": ("not_available", STATUS),
}


# --- what a request is held against -----------------------------------------------------------------------


def credentials(call: Call) -> Iterator[Violation]:
    """Basic, with the pair of the client or the location (source: sessionm-pos-containers)."""
    if call.holder is None:
        text = "header authorization: no valid pair came; Basic credentials of Connect are wanted"
        place = "header:authorization"
        yield Violation("sessionm.pos-credentials", place, text, "no valid pair", "Basic credentials of Connect")


def request_id_reused(call: Call) -> Iterator[Violation]:
    """One id is for one request; what becomes of another one under it is an assumption."""
    if _seen(call) == "other":
        text = "/request_id: another request came under this id before"
        yield Violation("sessionm.pos-request-id-reused", "/request_id", text, "a used id", "an id of its own")


def pending(call: Call) -> Iterator[Violation]:
    """A repetition can come while the first is still being processed (source: sessionm-pos-containers)."""
    if _seen(call) == "pending":
        text = "/request_id: the request of this id is still being processed"
        yield Violation("sessionm.pos-pending", "/request_id", text, "pending", "an id of its own")


def offer_exists(call: Call) -> Iterator[Violation]:
    """The offer must be in somebody's wallet. The fake issues no TTL codes, so none leads to an offer."""
    if not _repeated(call) and _named(call) is None:
        place = _place(call)
        text = f"{place}: no customer has a user offer of this id"
        yield Violation("sessionm.pos-offer-exists", place, text, "an unknown id", "the id of a user offer")


def lock_issued(call: Call) -> Iterator[Violation]:
    """An issued offer can be locked, and the one that locked it can do so again (source: sessionm-pos-lock)."""
    one = _named(call)
    if one is None or _repeated(call) or (one.state == "locked" and one.transaction == _transaction(call)):
        return
    yield from _not_in(call, one, "sessionm.pos-lock-issued", "issued", "locked")


def unlock_locked(call: Call) -> Iterator[Violation]:
    """Only a locked offer can be unlocked (source: sessionm-pos-unlock)."""
    one = _named(call)
    if one is not None and not _repeated(call):
        yield from _not_in(call, one, "sessionm.pos-unlock-locked", "locked", "unlocked")


def redeem_issued(call: Call) -> Iterator[Violation]:
    """Only an issued offer can be redeemed, in its time (source: sessionm-pos-redeem)."""
    one = _named(call)
    if one is not None and not _repeated(call):
        yield from _not_in(call, one, "sessionm.pos-redeem-issued", "issued", "redeemed")


def reinstate_redeemed(call: Call) -> Iterator[Violation]:
    """Only a redeemed offer can be reinstated (source: sessionm-pos-reinstate)."""
    one = _named(call)
    if one is not None and not _repeated(call):
        yield from _not_in(call, one, "sessionm.pos-reinstate-redeemed", "redeemed", "reinstated")


def reinstate_in_time(call: Call) -> Iterator[Violation]:
    """Whether an offer can be reinstated after its end is an assumption."""
    tenant, one = known_tenant(call), _named(call)
    if one is None or _repeated(call) or one.expires is None or tenant.clock.now() < one.expires:
        return
    if tenant.choice("reinstate-expired") == "refused":
        text = "/request_payload/user_offer_id: the user offer has expired since"
        place = "/request_payload/user_offer_id"
        yield Violation("sessionm.pos-reinstate-in-time", place, text, "expired", "an offer whose time is not over")


GATE: tuple[Check, ...] = (
    Check("sessionm.pos-credentials", credentials, barrier=True, surface=POS),
    Check("sessionm.contract", contract, barrier=True, surface=POS),
    *marked_checks("sessionm", POS, OPERATIONS),
    Check("sessionm.pos-request-id-reused", request_id_reused, barrier=True, surface=POS),
    Check("sessionm.pos-pending", pending, barrier=True, surface=POS),
    Check("sessionm.pos-offer-exists", offer_exists, barrier=True, surface=POS),
    Check("sessionm.pos-lock-issued", lock_issued, frozenset({"lockOffer"}), surface=POS),
    Check("sessionm.pos-unlock-locked", unlock_locked, frozenset({"unlockOffer"}), surface=POS),
    Check("sessionm.pos-redeem-issued", redeem_issued, frozenset({"redeemOffer"}), surface=POS),
    Check("sessionm.pos-reinstate-redeemed", reinstate_redeemed, frozenset({"reinstateOffer"}), surface=POS),
    Check("sessionm.pos-reinstate-in-time", reinstate_in_time, frozenset({"reinstateOffer"}), surface=POS),
)


# --- what is answered -------------------------------------------------------------------------------------


def lock_offer(call: Call) -> dict[str, Any]:
    one = _wanted(call)
    if one is not None:
        known_tenant(call).wallets.lock(one, _transaction(call))
    return _discount(call)


def unlock_offer(call: Call) -> dict[str, Any]:
    one = _wanted(call)
    if one is not None:
        known_tenant(call).wallets.unlock(one)
    return {}


def redeem_offer(call: Call) -> dict[str, Any]:
    one = _wanted(call)
    if one is not None:
        known_tenant(call).wallets.redeem(one)
    return _discount(call)


def reinstate_offer(call: Call) -> dict[str, Any]:
    one = _wanted(call)
    if one is not None:
        known_tenant(call).wallets.reinstate(one)
    return {}


def success(answer: dict[str, Any], unkept: str) -> Reply:
    """`status: OK`, and the payload where there is one."""
    made: dict[str, Any] = {"status": "OK", **({"payload": answer} if answer else {})}
    if unkept:
        made["message"] = unkept
    return reply(200, made)


def failure(status: int, code: str, message: str) -> Reply:
    """Another status than OK, with the details under `errors`."""
    return reply(status, {"status": "ERROR", "errors": {"code": code, "message": message}})


def seal(call: Call, made: Reply) -> Reply:
    """The stored answer for a request that was done before; the answer of any other is stored."""
    if call.tenant is None or not isinstance(call.body, dict) or call.unreadable or call.shape_violations():
        return made
    repeats, (request_id, mark) = call.tenant.repeats, _identity(call)
    seen = repeats.seen(request_id, mark)
    if seen == "done":
        return repeats.answer(request_id)
    if seen == "new":
        repeats.keep(request_id, mark, made)
    return made


def nobody(_call: Call) -> Customer | None:
    """A point of sale names an offer, and no customer."""
    return None


def _wanted(call: Call) -> UserOffer | None:
    """The user offer on which to act; None for a repetition, whose answer is stored already."""
    return None if _repeated(call) else _named(call)


def _named(call: Call) -> UserOffer | None:
    tenant, payload = known_tenant(call), call.body["request_payload"]
    if payload.get("offer_lookup_type") == "TTLCode":
        return None
    one = tenant.wallets.find(payload.get("user_offer_id") or payload["offer_lookup_code"])
    return one if one is not None and tenant.customers.by_id(one.customer_id) is not None else None


def _discount(call: Call) -> dict[str, Any]:
    one = _named(call)
    return {"reference_id": one.id if one is not None else call.body["request_payload"]["offer_lookup_code"]}


def _not_in(call: Call, one: UserOffer, rule: str, wanted: str, done: str) -> Iterator[Violation]:
    tenant = known_tenant(call)
    state: str = tenant.wallets.state(one)
    if state == wanted == "issued" and tenant.clock.now() < one.redeem_from:
        state = "not redeemable yet"
    if state != wanted:
        place = _place(call)
        text = f"{place}: the user offer is {state}; only one that is {wanted} can be {done}"
        yield Violation(rule, place, text, state, wanted)


def _place(call: Call) -> str:
    name = "user_offer_id" if "user_offer_id" in call.body["request_payload"] else "offer_lookup_code"
    return f"/request_payload/{name}"


def _transaction(call: Call) -> str:
    id_: str = call.body["request_payload"]["transaction"].get("transaction_id", "")
    return id_


def _identity(call: Call) -> tuple[str, str]:
    return call.body["request_id"], mark_of(call.operation, call.body)


def _seen(call: Call) -> Seen:
    return known_tenant(call).repeats.seen(*_identity(call))


def _repeated(call: Call) -> bool:
    return _seen(call) == "done"


VIEWS: dict[str, View] = {
    "lockOffer": lock_offer,
    "unlockOffer": unlock_offer,
    "redeemOffer": redeem_offer,
    "reinstateOffer": reinstate_offer,
}

POINT_OF_SALE = Surface(
    name=POS,
    vendor="sessionm",
    scheme="Basic",
    prefixes=(PREFIX,),
    views=VIEWS,
    gate=GATE,
    door=frozenset({"sessionm.pos-credentials"}),
    who=nobody,
    success=success,
    failure=failure,
    refusals=REFUSALS,
    otherwise=("validation", STATUS),
    codes=CODES,
    seal=seal,
)
