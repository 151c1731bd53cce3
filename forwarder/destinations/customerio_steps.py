"""What is decided about a batch on its way to Customer.io: which events go, their names, and whom they are about."""

from __future__ import annotations

import re

from forwarder.draft import Draft, EventDraft, Point
from forwarder.fate import Fate
from forwarder.limits import PLATFORM_OF_SPELLING

from .customerio_attributes import COLLIDING, value_fits
from .customerio_limits import EVENT_NAME_BYTES, ID_BYTES, LONGEST, SCREEN, cut, size

OPT_OUT = "opt_out"
EMAIL = "customerio.email-always"

_WHITE = re.compile(r"\s")


# --- events -----------------------------------------------------------------------------------------------


def take_opt_outs(draft: Draft) -> None:
    """Who opted out is unsubscribed, and is told nothing else (customerio.opt-out-unsubscribes)."""
    left: list[EventDraft] = []
    for event in draft.events:
        if event.kind != OPT_OUT:
            left.append(event)
            continue
        rule = "customerio.opt-out-unsubscribes"
        for point in event.attributes:
            draft.end(point, "unsupported", rule, "nothing but the opt-out itself is forwarded")
        event.attributes = []
        opted = event.body.get("is_opted_out")
        if opted is True:
            draft.fields.append(_unsubscribed(event, rule, opted=True))
        elif opted is False and draft.connection.choices["customerio-opt-in"] == "resubscribed":
            draft.fields.append(_unsubscribed(event, "customerio.opt-in-again", opted=False))
        elif opted is False:
            draft.end_event(event, "unsupported", "customerio.opt-in-again", "opting in again is not forwarded")
        else:
            draft.end_event(event, "unsupported", rule, "it does not say whether the user opted out")
    draft.events = left


def keep_last_opt_out(draft: Draft) -> None:
    """Of several words about opting out the last one holds (customerio.opt-out-unsubscribes)."""
    if len(draft.fields) > 1:
        key = f"{draft.reference}.user"
        draft.fates.extend(Fate(point.place, "merged", point.rule, point.out, key) for point in draft.fields[:-1])
        draft.fields = draft.fields[-1:]


def take_server_events(draft: Draft) -> None:
    """Events that no SDK logged go like others, or not at all (customerio.server-events)."""
    if draft.events and draft.connection.choices["customerio-server-events"] == "dropped" and _from_server(draft):
        for event in draft.events:
            draft.end_event(event, "unsupported", "customerio.server-events", "no SDK logged it")
        draft.events = []


def name_events(draft: Draft) -> None:
    """Names are trimmed, and their spaces become underscores; no name, no event."""
    choices = draft.connection.choices
    wide = choices["customerio-spaces"] == "whitespace"
    prefixed = choices["customerio-screen-views"] == "prefixed"
    named = []
    for event in draft.events:
        trimmed = event.name.strip() if wide else event.name.strip(" ")
        made = _WHITE.sub("_", trimmed) if wide else trimmed.replace(" ", "_")
        if not made:
            draft.end_event(event, "refused", draft.grounds.nameless, "the event has no name")
            continue
        if made != trimmed:
            event.rule = "customerio.names-underscored"
        elif trimmed != event.name:
            event.rule = "customerio.names-trimmed"
        event.name = made
        if prefixed and event.screen:
            event.name, event.rule = made.join(SCREEN), "customerio.screen-view-type"
        if _name_fits(draft, event):
            named.append(event)
    draft.events = named


def _name_fits(draft: Draft, event: EventDraft) -> bool:
    """Whether a name can go; one that is too long ends its event, or is cut (customerio.oversized-event-name)."""
    if len(event.name) * LONGEST <= EVENT_NAME_BYTES or size(event.name) <= EVENT_NAME_BYTES:
        return True
    rule = "customerio.oversized-event-name"
    choice = draft.connection.choices["customerio-oversized-event-name"]
    if choice == "dropped":
        detail = f"a name of {size(event.name)} bytes, at most {EVENT_NAME_BYTES}"
        draft.end_event(event, "dropped", rule, detail)
        return False
    event.rule = rule
    if choice == "truncated":
        event.name = cut(event.name, EVENT_NAME_BYTES)
    return True


def _unsubscribed(event: EventDraft, rule: str, *, opted: bool) -> Point:
    made = Point(OPT_OUT, event.place, opted, rule)
    made.out = "unsubscribed"
    return made


def _from_server(draft: Draft) -> bool:
    body = draft.body
    named = (body.get("device_info") or {}).get("platform") or (body.get("application_info") or {}).get("os")
    plain = (named or "").casefold().replace("_", "").replace("-", "").replace(" ", "")
    return not plain or PLATFORM_OF_SPELLING.get(plain) == "custom_feeds"


# --- who it is --------------------------------------------------------------------------------------------


def choose_person(draft: Draft) -> None:
    """By what a person is known, if by anything at all; the email travels beside a customer id."""
    customer, email = _identity(draft, "customer_id"), _identity(draft, "email")
    own = draft.connection.settings["customerio"]
    if own["edition"] == "document":
        chosen = customer or email if email else None
        rule, lacking = "customerio.user-with-email", "no email"
    else:
        kind = own["user_id_type"]
        chosen = {"customer_id": customer, "email": email}.get(kind, customer or email)
        rule = "customerio.user-id-or-email" if kind == "prefer_customer_id" else "customerio.user-id-type"
        lacking = {"customer_id": "no customer id", "email": "no email"}.get(kind, "neither customer id nor email")
    if chosen is None:
        draft.stop("refused", rule, f"the user has {lacking}")
        return
    if len(chosen.value) * LONGEST > ID_BYTES and size(chosen.value) > ID_BYTES:
        detail = f"an identifier of {size(chosen.value)} bytes, at most {ID_BYTES}"
        draft.stop("refused", "customerio.oversized-id", detail)
        return
    draft.person = chosen.value
    kept = []
    if chosen is customer:
        customer.out, customer.rule = "id", "customerio.customer-id-first"
        kept.append(customer)
    elif chosen is email:
        email.out, email.rule = "id", "customerio.email-else"
        kept.append(email)
    others, draft.identities = draft.identities, kept
    if email:
        _send_email(draft, email, is_id=chosen is email)
    _let_go(draft, others, [one for one in (customer if chosen is customer else None, email) if one])


def _identity(draft: Draft, kind: str) -> Point | None:
    """The one identity of a kind: of several the first, or as the assumption colliding-keys says."""
    found = [point for point in draft.identities if point.source == kind]
    if not found:
        return None
    return found[-1] if draft.connection.choices["colliding-keys"] == "last" else found[0]


def _send_email(draft: Draft, email: Point, *, is_id: bool) -> None:
    """The email is always sent, or only together with all attributes (customerio.email-sent)."""
    sent = draft.connection.choices["customerio-email-sent"] == "always"
    if not sent and not draft.connection.settings["customerio"]["include_user_attributes"]:
        if not is_id:
            draft.end(email, "filtered", "customerio.email-sent", "not all user attributes are to be sent")
    elif value_fits(draft, email, cuttable=False):
        email.out = "email"
        email.rule = email.rule if is_id else EMAIL
        if not is_id:
            draft.identities.append(email)


def _let_go(draft: Draft, identities: list[Point], taken: list[Point]) -> None:
    """What becomes of the identities that are not taken, and of the MPID (customerio.other-identities)."""
    rule = "customerio.other-identities"
    as_attributes = draft.connection.choices["customerio-other-identities"] == "attributes"
    others = [point for point in identities if point not in taken]
    if "mpid" in draft.body:
        mpid = Point("mpid", "/mpid", str(draft.mpid or ""), rule)
        others.insert(0, mpid)
    known = {point.source: point for point in taken}
    for point in others:
        if point.source in known:
            winner = known[point.source]
            # What it was merged into may not go itself.
            carried = (winner.out, f"{draft.reference}.user") if winner in draft.identities else (None, None)
            draft.fates.append(Fate(point.place, "merged", COLLIDING, *carried))
        elif as_attributes and point.value:
            point.rule = rule
            draft.attributes.append(point)
        else:
            draft.end(point, "unsupported", rule, "Customer.io has no place for it")
