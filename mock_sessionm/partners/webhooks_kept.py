"""The rules about webhooks that the fake of Braze keeps; a sender that is given fewer acts naively in their place."""

from __future__ import annotations

WEBHOOK_BEHAVIOURS = frozenset(
    {
        "braze.webhook-per-user",
        "braze.webhook-liquid",
        "braze.webhook-schedule",
        "braze.webhook-audience",
        "braze.webhook-re-eligible",
        "braze.webhook-abort",
        "braze.webhook-methods",
        "braze.webhook-get-no-body",
        "braze.webhook-ports",
        "braze.webhook-header-space",
        "braze.webhook-content-type",
        "braze.webhook-user-agent",
        "braze.webhook-timeout",
        "braze.webhook-timeout-status",
        "braze.webhook-connect-error",
        "braze.webhook-received",
        "braze.webhook-status-only",
        "braze.webhook-no-redirects",
        "braze.webhook-final",
        "braze.webhook-retried",
        "braze.webhook-at-least-once",
        "braze.webhook-retries",
        "braze.webhook-retry-window",
        "braze.webhook-unreachable-window",
        "braze.webhook-backoff",
        "braze.webhook-retry-after",
        "braze.webhook-rate-limit-headers",
        "braze.webhook-slow-down",
        "braze.webhook-long-wait",
        "braze.webhook-unhealthy-host",
        "braze.webhook-unhealthy-window",
        "braze.webhook-halt",
    }
)
"""Ids of rules, in the order in which a message meets them."""
