"""The shapes in which SessionM Core answers, and which status and code belong to which refusal."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

RULE_HEADER = "X-Harness-Rule"
FAULT_HEADER = "X-Harness-Fault"
JSON = ("Content-Type", "application/json")

REFUSALS: dict[str, tuple[str, int | str]] = {
    "sessionm.credentials": ("access_denied", 401),
    "sessionm.api-key-in-path": ("invalid_api_key", 401),
    "sessionm.user-exists": ("user_not_found", "unknown-user-status"),
    "sessionm.email-unique": ("validation", "duplicate-user-status"),
    "sessionm.external-id-unique": ("validation", "duplicate-user-status"),
}
"""Rule -> (code, HTTP status, or the assumption that chooses it)."""
OTHERWISE: tuple[str, int | str] = ("validation", "validation-status")

NOTHING = "nothing"
NOT_JSON = "not JSON"
CONTRACT_CODES = {NOTHING: "missing_data", NOT_JSON: "argument_error"}
"""What came, in the words of a violation of the contract -> code."""

STATUS_CODES = {
    401: "access_denied",
    403: "access_denied",
    404: "not_found",
    405: "argument_error",
    429: "not_available",
}


class Reply(NamedTuple):
    """An answer on its way out."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]


def success(body: dict[str, Any]) -> Reply:
    """`status: ok` and what there is to say beside it."""
    return Reply(200, orjson.dumps({"status": "ok", **body}), [JSON])


def failure(status: int, code: str, message: str) -> Reply:
    """`status: error` with one of the documented codes."""
    return Reply(status, orjson.dumps({"status": "error", "errors": {"code": code, "message": message}}), [JSON])


def code_for(status: int) -> str:
    """The documented code that fits an HTTP status where nothing more is known."""
    return STATUS_CODES.get(status, "internal_server_error" if status >= 500 else "validation")
