"""What every answer has in common, whoever gives it."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

RULE_HEADER = "X-Harness-Rule"
FAULT_HEADER = "X-Harness-Fault"
DELAY_HEADER = "X-Harness-Delay"
"""Seconds by which an answer is late on purpose; else it is the vendor's, as it would have been."""
JSON = ("Content-Type", "application/json")

Refusal = tuple[str, int | str]
"""A vendor's code or text, and the HTTP status, or the assumption that chooses it."""

NOTHING = "nothing"
NOT_JSON = "not JSON"
CODES = {
    400: "validation",
    401: "access_denied",
    403: "access_denied",
    404: "not_found",
    405: "argument_error",
    429: "not_available",
    500: "internal_server_error",
}
"""HTTP status -> the documented code of SessionM that fits it; 400 and 500 stand for their hundreds."""
CONTRACT_CODES = {NOTHING: "missing_data", NOT_JSON: "argument_error"}
"""What came, in the words of a violation of the contract -> Core's code."""


class Reply(NamedTuple):
    """An answer on its way out."""

    status: int
    body: bytes
    headers: list[tuple[str, str]]


def reply(status: int, body: Any) -> Reply:
    """A JSON answer."""
    return Reply(status, orjson.dumps(body), [JSON])
