"""Every rule that the fake keeps by how it acts, and not by a check of the gate.

A fake without one of them acts as a naive one would: that is how a run proves that it would notice.
"""

from __future__ import annotations

from . import books, customers, repeats, sync, tiers, wallets
from .partners.braze.kept import TEMPLATE_BEHAVIOURS
from .partners.customerio.kept import TRACK_BEHAVIOURS
from .partners.mparticle import input as mparticle
from .partners.webhooks_kept import WEBHOOK_BEHAVIOURS

BRAZE = frozenset(
    {
        "braze.aliases-not-created",
        "braze.attributes-first",
        "braze.audience",
        "braze.duplicates-merged",
        "braze.email-prioritized",
        "braze.existing-only",
        "braze.one-dispatch",
        "braze.rate-headers",
        "braze.recipient-properties",
        "braze.resting-canvas",
        "braze.segment-intersected",
        "braze.tracked-send",
    }
)
CAMPAIGNS = frozenset(
    {
        "sessionm.campaign-event",
        "sessionm.campaign-once",
        "sessionm.campaign-progress",
        "sessionm.campaign-schedule",
        "sessionm.campaign-tiles",
        "sessionm.campaign-window",
        "sessionm.campaigns-paged",
        "sessionm.conditions-together",
        "sessionm.feed-attributes",
        "sessionm.feed-mpid",
        "sessionm.feed-tag-event",
        "sessionm.message-broadcast-alone",
        "sessionm.message-campaign-group",
        "sessionm.message-event-group",
        "sessionm.message-offer-group",
        "sessionm.message-one-endpoint",
        "sessionm.message-points-group",
        "sessionm.message-standard-fields",
        "sessionm.outcome-feed",
        "sessionm.outcome-message",
        "sessionm.outcome-offer",
        "sessionm.outcome-points",
        "sessionm.outcome-tag",
        "sessionm.outgoing-states",
        "sessionm.tag-condition",
    }
)
CONNECT = frozenset(
    {
        "sessionm.audit-log-paged",
        "sessionm.audit-types",
        "sessionm.connect-event-kept",
        "sessionm.guids-without-case",
        "sessionm.partial-success",
    }
)
OFFERS = frozenset(
    {
        "sessionm.offer-culture",
        "sessionm.offer-groups",
        "sessionm.offer-newest-version",
        "sessionm.offer-update",
        "sessionm.offers-paged",
        "sessionm.pending-extended-data",
        "sessionm.purchase-spends-points",
        "sessionm.store-filters",
        "sessionm.store-order",
        "sessionm.wallet-issued",
        "sessionm.wallet-order",
    }
)
TIMELINES = frozenset({"sessionm.timeline-count", "sessionm.timeline-event-types", "sessionm.timeline-since"})
SEGMENTS = sync.BEHAVIOURS | WEBHOOK_BEHAVIOURS
BEHAVIOURS: frozenset[str] = (
    customers.BEHAVIOURS
    | wallets.BEHAVIOURS
    | repeats.BEHAVIOURS
    | OFFERS
    | books.BEHAVIOURS
    | tiers.BEHAVIOURS
    | CONNECT
    | TIMELINES
    | SEGMENTS
    | BRAZE
    | CAMPAIGNS
    | TEMPLATE_BEHAVIOURS
    | TRACK_BEHAVIOURS
    | mparticle.BEHAVIOURS
)
