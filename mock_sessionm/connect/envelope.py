"""The shapes in which SessionM Connect answers, and which status and code belong to which refusal.

Connect's codes are not public; Core's are used, and an error has the five parts that public clients read
(source: sessionm-clients#connect-errors).
"""

from __future__ import annotations

from typing import Any

from mock_sessionm.envelopes import Refusal, Reply, reply

STATUS = "connect-error-status"
"""The assumption that says under which HTTP status Connect refuses."""
REFUSALS: dict[str, Refusal] = {
    "sessionm.connect-credentials": ("access_denied", 401),
    "sessionm.connect-retailer": ("access_denied", STATUS),
    "sessionm.connect-user-exists": ("user_not_found", STATUS),
    "sessionm.point-account-known": ("not_found", STATUS),
    "sessionm.point-source-known": ("not_found", STATUS),
    "sessionm.points-enough": ("not_available", STATUS),
    "sessionm.tier-known": ("not_found", STATUS),
    "sessionm.offer-exists": ("not_found", STATUS),
    "sessionm.offer-details-known": ("not_found", STATUS),
    "sessionm.user-offer-exists": ("not_found", STATUS),
    "sessionm.user-offer-owner": ("not_found", STATUS),
    "sessionm.revoke-usable": ("not_available", STATUS),
    "sessionm.update-usable": ("not_available", STATUS),
    "sessionm.redeem-issued": ("not_available", STATUS),
    "sessionm.redeem-in-time": ("not_available", STATUS),
    "sessionm.store-offer-exists": ("not_found", STATUS),
    "sessionm.purchase-on-sale": ("not_available", STATUS),
    "sessionm.purchase-available": ("not_available", STATUS),
    "sessionm.purchase-affordable": ("not_available", STATUS),
}
OTHERWISE: Refusal = ("validation", STATUS)


def success(answer: dict[str, Any], unkept: str) -> Reply:
    """`status: ok` and the payload."""
    made: dict[str, Any] = {"status": "ok", "payload": answer}
    if unkept:
        made["message"] = unkept
    return reply(200, made)


def failure(status: int, code: str, message: str) -> Reply:
    """`status: error`, with one of Core's codes and no trace of a stack."""
    errors = {"code": code, "type": code, "message": message, "raw_message": message, "stack_trace": ""}
    return reply(status, {"status": "error", "errors": errors})
