"""What a person does not show: how each request was put, and when, how often and under which id each event was kept.

No document says what a forwarder must choose here, so only our own is held to it; what is said of it stands in the
contract: JSON, a moment of its own for each event, an id by which a second try is known, and a quantity of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from contracts import Interaction
from forwarder import Delivered
from mock_sessionm import Customer, Tenant
from scenarios.account import Expected
from scenarios.checks import FATES
from scenarios.person import MPID_TYPE
from scenarios.place import Forwarded
from scenarios.reading import Batch, identities_of, mpid_of
from scenarios.scenario import Scenario
from scenarios.verdict import Finding

SHAPE = "sessionm.contract"
CREATE = "sessionm.create-or-update"
JSON = "application/json"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_wire(scenario: Scenario, forwarded: Forwarded, expected: Expected, tenant: Tenant) -> Iterator[Finding]:
    """Requests and kept events of one scenario. Under a Rule the batches are not what was forwarded: none is read."""
    yield from _check_requests(forwarded)
    if scenario.rewrite is not None:
        return
    for mpid, person in expected.people.items():
        customer = tenant.customers.by_external(mpid) if mpid else None
        if customer is None or person is None:
            continue
        sent = list(_sent(scenario.batches, expected, mpid))
        if len(sent) == len(customer.events):
            yield from _check_events(sent, customer, tenant, scenario.at, mpid)
        taken = {kind for batch in scenario.batches for _, kind, value in identities_of(batch) if value == mpid}
        yield from _check_fields(customer, person.phones, mpid, taken)


def _check_requests(forwarded: Forwarded) -> Iterator[Finding]:
    """Every body says that it is JSON, and delivery tells truly how often it tried."""
    for one in forwarded.heard:
        kind = one.request.headers.get("content-type", "none")
        if one.request.body and kind != JSON:
            yield Finding(SHAPE, f"the content type is {kind}, wanted {JSON}", "header:content-type", kind, JSON)
    yield from _check_creations(forwarded.heard)
    tried = sum(1 for one in forwarded.heard if one.request.target.endswith("/events"))
    told = sum(one.attempts for one in _outcomes(forwarded) if ".event." in one.key)
    if tried != told:
        yield Finding(FATES, f"{told} tries of events are told, {tried} came", "tries", str(told), str(tried))


def _check_creations(heard: Sequence[Interaction]) -> Iterator[Finding]:
    """Nobody is created of whom SessionM did not just say that it does not know them."""
    for number, one in enumerate(heard):
        if (one.request.method, one.request.target.endswith("/users")) == ("POST", True):
            asked = heard[number - 1] if number else None
            said = asked.response.body if asked is not None and asked.response is not None else b""
            if asked is None or b'"user_not_found"' not in said or asked.request.body != one.request.body:
                place, wanted = f"request {number + 1}", "first a request for somebody whom SessionM knows"
                yield Finding(CREATE, f"{place}: a creation, wanted {wanted}", place, "a creation", wanted)


def _outcomes(forwarded: Forwarded) -> Iterable[Delivered]:
    return (one for outcomes in forwarded.outcomes for one in outcomes)


def _sent(batches: Iterable[Batch], expected: Expected, mpid: str) -> Iterator[tuple[str, Mapping[str, Any], Batch]]:
    """Every event of a person that should be sent: its type, what is said of it, and the batch that brought it."""
    for batch, destinies in zip(batches, expected.destinies, strict=True):
        if mpid_of(batch) == mpid:
            for index, event in enumerate(batch.get("events") or ()):
                destiny = destinies.get(f"/events/{index}")
                if destiny is not None and destiny.fate == "sent":
                    yield event["event_type"], event.get("data") or {}, batch


def _check_events(
    sent: list[tuple[str, Mapping[str, Any], Batch]], customer: Customer, tenant: Tenant, begun: str, mpid: str
) -> Iterator[Finding]:
    seen: dict[str, tuple[Batch, str]] = {}
    for index, ((kind, said, batch), kept) in enumerate(zip(sent, customer.events, strict=True)):
        rule = "sessionm.forwards-screen-views" if kind == "screen_view" else "sessionm.forwards-custom-events"

        def finding(what: str, got: str, wanted: str, rule: str = rule, index: int = index) -> Finding:
            place = f"/events/{index}/{what}"
            return Finding(rule, f"{place}: {got}, wanted {wanted}", place, got, wanted, batch=mpid)

        own = _moment(said.get("timestamp_unixtime_ms"))
        if kept["date"] != (own or kept["received"]):
            yield finding("date", "another moment", "the event's own" if own else "that of its arrival")
        if not _seconds(begun) <= _seconds(kept["received"]) <= tenant.clock.now():
            yield finding("received", "another moment", "a moment of the scenario")
        named = said.get("source_message_id") or said.get("event_id")
        transaction = kept.get("transaction_id")
        if not transaction or (named and transaction != str(named)):
            yield finding("transaction_id", "another one" if transaction else "none", "the event's own")
        # A batch that comes again is the same events again; two batches that differ share none.
        elif not named and seen.setdefault(transaction, (batch, kept["name"])) != (batch, kept["name"]):
            yield finding("transaction_id", "that of another event", "one of its own")
        if kept["qty"] != 1:
            yield finding("qty", "another quantity", "1")


def _check_fields(customer: Customer, phones: list[str], mpid: str, taken: set[str]) -> Iterator[Finding]:
    """`taken` are the types of other identities of which one may be the same text as the MPID, and came later."""
    if customer.identifiers.get(mpid) not in {MPID_TYPE, *taken}:
        yield Finding("sessionm.mpid-field", "the type of the MPID", "/mpid", "another type", MPID_TYPE, batch=mpid)
    kept = customer.fields.get("phone_numbers") or []
    if phones and kept != [{"phone_number": number, "phone_type": "mobile"} for number in phones]:
        rule = "sessionm.forwards-user-identities"
        yield Finding(rule, "/phones: not kept as mobile numbers", "/phones", "other phones", "mobile", batch=mpid)
    if customer.fields.get("opted_in") is not True:
        yield Finding(SHAPE, "/opted_in: no batch says so", "/opted_in", "another consent", "true", batch=mpid)


def _moment(milliseconds: Any) -> str | None:
    """ISO 8601 in UTC to the millisecond; None for no time, and for one that no calendar holds."""
    try:
        moment = EPOCH + timedelta(milliseconds=int(milliseconds or 0))
    except OverflowError:
        return None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if milliseconds else None


@lru_cache(maxsize=512)
def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
