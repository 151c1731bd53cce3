"""The shapes in which Braze answers, and which status and text belong to which refusal.

Braze has no machine codes: a client goes by status and text. Which text belongs to which refusal of a 400 is not
public; here it is the listed one that fits best (source: braze-errors#fatal-errors).
"""

from __future__ import annotations

from typing import Any

from mock_sessionm.envelopes import Refusal, Reply, reply

REFUSALS: dict[str, Refusal] = {
    "braze.credentials": ("Invalid API key", 401),
    "braze.instance": ("Invalid API key", 401),
    "braze.permission": ("Access Denied", 403),
    "braze.broadcasts-per-minute": ("Rate Limited", 429),
    "braze.requests-per-hour": ("Rate Limited", 429),
    "braze.content-type": ("Unsupported Media Type", 415),
    "braze.body-max": ("Request Entity Too Large", 413),
    "braze.campaign-id-required": ("Invalid Campaign ID", 400),
    "braze.canvas-id-required": ("Invalid Campaign ID", 400),
    "braze.known-id": ("Invalid Campaign ID", 400),
    "braze.recipients-or-broadcast": ("No Recipients", 400),
    "braze.recipients-not-empty": ("No Recipients", 400),
    "braze.recipients-max": ("The max number of external_ids and aliases per request was exceeded", 400),
}
OTHERWISE: Refusal = ("Bad Request", 400)
CODES = {
    400: "Bad Request",
    401: "Invalid API key",
    403: "Access Denied",
    404: "Invalid URL",
    405: "Invalid URL",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    429: "Rate Limited",
    500: "Internal Server Error",
}


def success(answer: dict[str, Any], _unkept: str) -> Reply:
    """Accepted, and no more than that. What was not kept is told by no one: that is Braze's way."""
    return reply(201, {"message": "success", **answer})


def failure(status: int, code: str, message: str) -> Reply:
    """The text of the refusal, and what was wrong in our words."""
    return reply(status, {"message": code, "errors": [message]})
