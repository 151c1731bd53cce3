"""What must have been set up for a recording to be answered as it was, where no tenant file says what is set up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.conformance import Call
from mock_sessionm import Tenant

from .accounts import Account

EVENTS, ATTRIBUTES, OFFERS, ACCOUNTS, PIECES, SEGMENTS = (
    "defined events",
    "defined attributes",
    "offers",
    "point accounts",
    "campaigns and Canvases of Braze",
    "segments of Customer.io",
)
ONLY_SET_UP = frozenset(
    {
        *("listCampaigns", "getCustomerCampaigns", "getCustomerCampaignsByExternalId"),
        *("getRewardStoreOffers", "purchaseOffer", "moveUser", "qualifyUser", "getUserProgress", "findRegion"),
    }
)
"""Operations whose answers say nothing but what is set up, or lean on it alone."""
RULES = frozenset(
    {
        *(
            "sessionm.offer-exists",
            "sessionm.offer-details-known",
            "sessionm.user-offer-exists",
            "sessionm.pos-offer-exists",
        ),
        *("sessionm.undefined-event", "sessionm.connect-event-defined", "sessionm.miscased-attribute"),
        *("sessionm.point-account-known", "sessionm.point-source-known", "sessionm.undefined-attribute"),
        *("braze.known-id", "customerio.known-segment", "customerio.manual-segments"),
    }
)
"""Rules that are about what is set up."""
Record = Mapping[str, Any]


@dataclass(slots=True)
class SetUp:
    """Puts into a tenant what answers show to be set up; nothing where a tenant file was given."""

    counts: Counter[str]
    given: bool
    seen: set[str] = field(default_factory=set)
    """Ids of offers that are set up because an answer showed them: nobody knows their dates."""
    _met: set[tuple[str, str]] = field(default_factory=set)

    def before(self, call: Call, sent: Record, shown: Record, account: Account, tenant: Tenant) -> None:
        """What a request and its answer, which went well, show."""
        if self.given:
            return
        operation, vendor = call.operation.name, call.operation.vendor
        if vendor == "sessionm":
            named = sent.get("events") if operation.startswith("postEvents") else [sent.get("event_lookup")]
            self._names(EVENTS, list(named) if isinstance(named, (dict, list)) else (), None, tenant)
            user, told = sent.get("user"), shown.get("user")
            profile = user.get("user_profile") if isinstance(user, dict) else None
            if isinstance(profile, dict) and any(tenant.attributes.in_other_casing(name) for name in profile):
                self._names(
                    ATTRIBUTES, list(profile), told.get("user_profile") if isinstance(told, dict) else None, tenant
                )
            elif isinstance(profile, dict):
                self._met.update((ATTRIBUTES, name) for name in profile)
            if "user_id" in sent or "tier_details" in (shown.get("user") or {}):
                for one in walk((sent, shown)):
                    self._account(one, account, tenant)
        elif vendor == "braze":
            self._piece("canvas" if "canvas" in operation.lower() else "campaign", sent, tenant)
        elif "segment_id" in call.arguments:
            self._segment(call.arguments["segment_id"], tenant)

    def offer(self, row: Record, offer_id: str, tenant: Tenant) -> bool:
        """Whether an offer is set up; it is from here on where a row of an answer shows it and no file says no."""
        if tenant.catalogue.offer(offer_id) is not None:
            return True
        if self.given:
            return False
        entry: dict[str, Any] = {"id": offer_id.lower()}
        entry |= {key: row[key] for key in ("offer_type", "name") if isinstance(row.get(key), str) and row[key]}
        entry |= {key: row[key] for key in ("description", "terms") if isinstance(row.get(key), str)}
        try:
            made = type(tenant.catalogue).of({"offers": [entry]})
        except (ValueError, KeyError):
            return False
        tenant.catalogue.offers.update(made.offers)  # type: ignore[attr-defined]  # a dict, whatever it is called
        self.seen.add(offer_id.lower())
        self.counts[OFFERS] += 1
        return True

    def _names(self, kind: str, names: Iterable[Any], shown: Any, tenant: Tenant) -> None:
        """Names that went through are defined as they are; another casing of one that went through is a mistake.

        What an answer shows is kept, so its casing is right; what it does not show is not.
        """
        known = tenant.events if kind == EVENTS else tenant.attributes
        fresh, wrong = [], set()
        for name in names:
            if not isinstance(name, str) or name in known.defined:
                continue
            other = known.in_other_casing(name)
            right = name in shown if isinstance(shown, dict) else (kind, other) not in self._met
            if other is None or right:
                fresh.append(name)
                wrong.add(other)
        self._met.update((kind, name) for name in names if isinstance(name, str) and name in (*known.defined, *fresh))
        if not fresh:
            return
        made = type(known)((*(name for name in known.ordered if name not in wrong), *fresh))
        if kind == EVENTS:
            tenant.events = made
        else:
            tenant.attributes = made
        self.counts[kind] += len(fresh)

    def _account(self, one: Record, account: Account, tenant: Tenant) -> None:
        """The point accounts that are named: the first is what the fake has anyway, under the recording's id."""
        setup = tenant.books.setup
        several = one.get("point_account_ids")
        for named in (one.get("point_account_id"), *(several if isinstance(several, list) else ())):
            if not isinstance(named, str) or account.ids.own(named).lower() in setup.accounts:
                continue
            default = setup.default
            if account.ids.bind(named, default.id):
                continue
            shown = str(one.get("account_name", "")), str(one.get("grouping_label", ""))
            fresh = replace(default, id=named.lower(), name=shown[0], label=shown[1])
            tenant.books.setup = replace(setup, accounts={**setup.accounts, fresh.id: fresh})
            setup = tenant.books.setup
            self.counts[ACCOUNTS] += 1

    def _piece(self, kind: str, sent: Record, tenant: Tenant) -> None:
        named = sent.get(f"{kind}_id")
        pieces: Any = tenant.workspace.pieces
        if not isinstance(named, str) or not named or (kind, named) in pieces:
            return
        table = {"campaign": "campaigns", "canvas": "canvases"}[kind]
        partners = {**tenant.settings.partners, "braze": {"api_key": "", table: [{"id": named}]}}
        twin = Tenant(replace(tenant.settings, partners=partners), clock=tenant.clock.copy(), choices=tenant.choices)
        pieces.update(twin.workspace.pieces)
        self.counts[PIECES] += 1

    def _segment(self, named: str, tenant: Tenant) -> None:
        listed = tenant.track.settings.get("segments", ())
        if named.isdecimal() and all(str(one["id"]) != named for one in listed):
            fresh = {"id": int(named), "name": f"segment {named}", "kind": "manual"}
            tenant.track.settings = {**tenant.track.settings, "segments": [*listed, fresh]}
            self.counts[SEGMENTS] += 1


def walk(value: Any) -> Iterator[Record]:
    """Every object in a value, from the outside in."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            if isinstance(inner, (dict, list)):
                yield from walk(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            if isinstance(inner, (dict, list)):
                yield from walk(inner)
