"""Journeys of the Braze integration: segments in as tags, the wallet into messages, campaigns out.

Each plays in a tenant of its own, with Ada, who is Braze's user under the id that SessionM gave her.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .scenario import Scenario
from .shop import (
    BROADCAST,
    CANVASES,
    COFFEE,
    FED,
    MESSAGE,
    POINTS,
    PROMOTION,
    REWARD,
    STORE,
    TAGGED,
    TENANT,
    WALLET,
    WEBHOOK,
)

Step = Mapping[str, Any]

REFUSING = frozenset({"expiry", "points", "tag-opens-campaign", "canvas", "feed-loop-ended"})
"""Journeys whose point is what does not happen."""
ADA: Step = {
    "do": "createUser",
    "as": "ada",
    "body": {"user": {"external_id": "ada", "email": "ada@example.com", "first_name": "Ada"}},
}


def loyalty() -> Iterator[Scenario]:
    """Every journey between Braze and SessionM."""
    yield _journey("webhook", "a webhook campaign tags Braze's segment, and the tag lives its time", _webhook())
    yield _journey("segment-file", "a segment comes as a file, and SM Sync tags whom it knows", _segment_file())
    yield _journey("wallet", "an offer is issued, read in two languages, redeemed, and gone", _wallet())
    yield _journey("points", "points are earned, spent in the store, and add up in the audit log", _points())
    yield _journey("till", "at the till an offer is locked, released, redeemed, and put back", _till())
    yield _journey("tier", "points lead to a tier, and the timeline tells of every step", _tier())
    yield _journey("expiry", "offers and their messages end with their time", _expiry())
    yield _journey("tag-opens-campaign", "a tag from Braze opens a campaign until it runs out", _tag_opens(), TAGGED)
    yield _journey("progress", "progress and completion of a promotion are both notified", _progress(), PROMOTION)
    yield _journey("canvas", "a Canvas reads what comes as context, and nothing else", _canvas(), CANVASES)
    yield _journey("broadcast", "a broadcast goes to the segment and names nobody", _broadcast(), BROADCAST)
    yield _journey("message-with-wallet", "a message reads the wallet as it is sent", _message(), MESSAGE)
    yield _journey("feed-loop", "what the feed says comes back and feeds it again", _loop(), FED)
    yield _journey("feed-loop-ended", "a data filter ends the loop of the feed", _loop_ended(), FED)


def _journey(name: str, title: str, steps: list[Step], tables: Mapping[str, Any] | None = None) -> Scenario:
    return Scenario(
        id=f"journey/{name}",
        title=title,
        suite="journeys",
        rule="harness.stories-hold",
        side="above" if name in REFUSING else "at",
        calls=tuple(steps),
        tenant={**TENANT, **(tables or {})},
        pinned=True,
    )


# --- segments in ------------------------------------------------------------------------------------------


def _webhook() -> list[Step]:
    return [
        ADA,
        {
            "webhook": WEBHOOK,
            "users": [{"external_id": "{ada}"}, {"external_id": "a-user-of-braze-alone"}],
            "gives": {"outcomes": {"received": 1, "failed": 1}, "tags": {"ada": {"braze_test": 2_592_000}}},
        },
        {"advance": "29d"},
        {"knows": "ada", "tags": ["braze_test"]},
        {"advance": "1d"},
        {"knows": "ada", "tags": []},
    ]


def _segment_file() -> list[Step]:
    rows = "user_id,email,tag,ttl\n{ada},ada@example.com,spring,60\n{nobody},,spring,60\n{ada},,summer,30d\n"
    return [
        ADA,
        {
            "import": {"csv": rows.replace("{nobody}", "11111111-2222-1333-8444-555555555555")},
            "gives": {"tagged": 1, "unknown": 1, "refused": 1, "failed": 0, "tags": {"ada": {"spring": 60}}},
        },
        {"advance": "1m"},
        {"knows": "ada", "tags": []},
    ]


# --- wallet and points ------------------------------------------------------------------------------------


def _wallet() -> list[Step]:
    return [
        ADA,
        _look([]),
        _issue(),
        _look([{"id": "{offer}", "name": "A coffee on us"}]),
        _look([{"name": "Ein Kaffee auf uns"}], culture="de-DE"),
        {"do": "manualRedeem", "who": "ada", "body": {"user_offer_id": "{offer}"}},
        _look([]),
    ]


def _points() -> list[Step]:
    deposit = {"deposit_details": [{"amount": 100, "point_account_id": POINTS}]}
    bought = {"reward_store_id": STORE, "reward_store_offer_id": REWARD, "quantity": 1}
    return [
        ADA,
        {"do": "depositPoints", "who": "ada", "body": deposit},
        {"do": "purchaseOffer", "who": "ada", "body": bought},
        _look([{"name": "A coffee on us"}], points=40),
        {"do": "purchaseOffer", "who": "ada", "body": bought, "refused": "sessionm.purchase-affordable"},
        {
            "do": "fetchPointAuditLogs",
            "who": "ada",
            "body": {"skip": 0, "take": 10},
            "says": {"payload": {"results": [{"modification": -60}, {"modification": 100}]}},
        },
        {
            "do": "getPointBalance",
            "who": "ada",
            "body": {"point_account_ids": [POINTS]},
            "says": {"payload": {"details": [{"available_balance": 40}]}},
        },
    ]


def _till() -> list[Step]:
    def at_the_till(do: str, request: str, **more: Any) -> Step:
        payload: dict[str, Any] = {"user_offer_id": "{offer}", "employee_id": "E1"}
        if do in {"lockOffer", "redeemOffer"}:
            # At the till an offer is looked up by what its holder shows.
            payload = {"offer_lookup_code": "{offer}", "offer_lookup_type": "UserOfferId", "transaction": {}}
        body = {"store_id": "S1", "client_id": "C1", "request_id": request, "request_payload": payload}
        return {"do": do, "body": body, **more}

    return [
        ADA,
        _issue(),
        at_the_till("lockOffer", "R1"),
        _look([]),
        at_the_till("unlockOffer", "R2"),
        at_the_till("unlockOffer", "R2"),
        _look([{"id": "{offer}"}]),
        at_the_till("redeemOffer", "R3"),
        _look([]),
        at_the_till("reinstateOffer", "R4"),
        _look([{"id": "{offer}"}]),
        at_the_till("reinstateOffer", "R5", refused="sessionm.pos-reinstate-redeemed"),
    ]


def _tier() -> list[Step]:
    deposit = {"deposit_details": [{"amount": 100, "point_account_id": POINTS}]}
    slugs = [{"slug": "points_deposited"}, {"slug": "tier_entered"}]
    read = {"do": "getTimeline", "who": "ada", "path": {"view": "ACCOUNT_AUDIT_LOG"}}
    return [
        ADA,
        {**read, "says": {"event_types": []}},
        {"do": "depositPoints", "who": "ada", "body": deposit},
        {
            "do": "getUser",
            "who": "ada",
            "query": "expand_incentives=true",
            "says": {"user": {"tier_details": {"tier_levels": [{"tier_overview": {"name": "Silver"}}]}}},
        },
        {**read, "says": {"count": 2, "event_types": slugs}},
    ]


def _expiry() -> list[Step]:
    return [ADA, _issue(), {"advance": "29d"}, _look([{"id": "{offer}"}]), {"advance": "1d"}, _look([])]


def _issue() -> Step:
    return {
        "do": "issueOffer",
        "who": "ada",
        "body": {"offer_id": COFFEE, "quantity": 1},
        "keep": {"offer": "/payload/status_list/0/user_offer_id"},
    }


def _look(offers: list[Any], culture: str = "en-US", points: int = 0) -> Step:
    """The wallet as document 003 asks for it."""
    body = {"skip": 0, "take": 1000, "include_pending_extended_data": False, "culture": culture}
    payload = {"user_offers": offers, "total_records": len(offers), "available_points": points}
    return {"do": "getUserOffers", "who": "ada", "body": body, "says": {"payload": payload}}


# --- campaigns out ----------------------------------------------------------------------------------------

PURCHASE: Step = {"do": "postEvents", "who": "ada", "body": {"events": {"purchase": {"context": {"sku": "s-1"}}}}}
VISIT: Step = {"do": "postEvents", "who": "ada", "body": {"events": {"visit_store": 1}}}


def _tag_opens() -> list[Step]:
    return [
        ADA,
        PURCHASE,
        {"sent": []},
        {"webhook": WEBHOOK, "users": [{"external_id": "{ada}"}], "gives": {"outcomes": {"received": 1}}},
        PURCHASE,
        {
            "sent": [
                {"campaign_id": "offer-awarded", "external_user_id": "{ada}", "text": "Ada: A coffee on us, for s-1"}
            ]
        },
        _look([{"name": "A coffee on us"}]),
        {"advance": "30d"},
        PURCHASE,
        {"sent": []},
    ]


def _progress() -> list[Step]:
    return [
        ADA,
        VISIT,
        {"sent": [{"campaign_id": "visits", "external_user_id": "{ada}", "text": "points: "}]},
        VISIT,
        {"sent": [{"campaign_id": "visits", "external_user_id": "{ada}", "text": "points: 50"}]},
        _look([], points=50),
    ]


def _canvas() -> list[Step]:
    return [
        ADA,
        PURCHASE,
        {"sent": [{"canvas_id": "welcome", "text": "5/5/"}]},
        {"outgoing": [{"path": "/canvas/trigger/send", "status": 201, "state": "sent"}]},
        VISIT,
        {"sent": [{"canvas_id": "welcome", "text": "//"}]},
    ]


def _broadcast() -> list[Step]:
    return [
        ADA,
        {"advance": "1d"},
        {"outgoing": []},
        {"advance": "9h"},
        {"outgoing": [{"path": "/campaigns/trigger/send", "body": {"broadcast": True}, "lacks": ["/body/recipients"]}]},
        {"sent": [{"campaign_id": "news", "external_user_id": "one", "text": "News for Grace"}]},
    ]


def _message() -> list[Step]:
    template = WALLET + "{{wallet.payload.available_points}} points, {{wallet.payload.user_offers[0].name}}"
    return [
        ADA,
        PURCHASE,
        {"sent": [{"text": "\n\nYou have 10 points."}]},
        _issue(),
        {
            "render": template,
            "there": True,
            "person": {"user_id": "{ada}"},
            "gives": {"text": "\n\n10 points, A coffee on us", "calls": [{"method": "POST", "status": 200}]},
        },
    ]


# --- the feed ---------------------------------------------------------------------------------------------

SPOKE: Step = {"forward": {"user_attributes": {"FavoriteStore": "Boston"}}}


def _loop() -> list[Step]:
    return [
        SPOKE,
        {"feed_back": True, "gives": {"batches": [1, 1, 1]}},
        {
            "knows": "1000000000000000001",
            "profile": {
                "FavoriteStore": "Boston",
                "SessionM_FavoriteStore": "Boston",
                "SessionM_SessionM_FavoriteStore": "Boston",
                "SessionM_SessionM_SessionM_FavoriteStore": "Boston",
            },
        },
    ]


def _loop_ended() -> list[Step]:
    only = {
        "data_filter": {
            "send_new_data_points_by_default": False,
            "user_attributes": {"FavoriteStore": True},
            "user_identities": {"*": True},
        }
    }
    return [
        SPOKE,
        {"feed_back": True, "settings": only, "gives": {"batches": [1, 0, 0]}},
        {"knows": "1000000000000000001", "profile": {"FavoriteStore": "Boston"}},
    ]
