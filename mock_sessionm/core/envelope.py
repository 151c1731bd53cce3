"""The shapes in which SessionM Core answers, and which status and code belong to which refusal."""

from __future__ import annotations

from typing import Any

from mock_sessionm.envelopes import Refusal, Reply, reply

REFUSALS: dict[str, Refusal] = {
    "sessionm.credentials": ("access_denied", 401),
    "sessionm.api-key-in-path": ("invalid_api_key", 401),
    "sessionm.user-exists": ("user_not_found", "unknown-user-status"),
    "sessionm.timeline-view-known": ("not_found", "unknown-user-status"),
    "sessionm.email-unique": ("validation", "duplicate-user-status"),
    "sessionm.external-id-unique": ("validation", "duplicate-user-status"),
}
OTHERWISE: Refusal = ("validation", "validation-status")


def success(answer: dict[str, Any], unkept: str) -> Reply:
    """`status: ok` and what there is to say beside it."""
    made = {"status": "ok", **answer}
    if unkept:
        made["message"] = unkept
    return reply(200, made)


def failure(status: int, code: str, message: str) -> Reply:
    """`status: error` with one of the documented codes."""
    return reply(status, {"status": "error", "errors": {"code": code, "message": message}})
