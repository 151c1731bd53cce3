"""The shapes in which the Track API answers, and the texts of refusals.

Three texts of a 400 were recorded, and that of a 401; every other one is ours in the same style
(source: customerio-errors-seen, evidence assumed). Nothing was recorded of other statuses: there the text stands
where that of a 401 does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts import Violation
from mock_sessionm.envelopes import Refusal, Reply

HEADERS = (
    ("Content-Type", "application/json; charset=utf-8"),
    ("Cache-Control", "no-cache, no-store, must-revalidate, max-age=0"),
    ("Access-Control-Allow-Origin", "*"),
)
"""What every answer carries (source: customerio-clients#recordings)."""
UNAUTHORIZED = "Unauthorized request"
TOO_MANY = "Too many requests"
REFUSALS: dict[str, Refusal] = {
    "customerio.credentials": (UNAUTHORIZED, 401),
    "customerio.region": (UNAUTHORIZED, 401),
    "customerio.requests-per-second": (TOO_MANY, 429),
}
OTHERWISE: Refusal = ("Bad Request", 400)
CODES = {400: "Bad Request", 401: UNAUTHORIZED, 404: "Not Found", 405: "Method Not Allowed", 429: TOO_MANY}
TEXTS = {
    "customerio.id-conflict": "id attribute and identifier are not the same value",
    "customerio.id-max": "id cannot be longer than {allowed}",
    "customerio.attribute-name-max": "attribute name cannot be longer than {allowed}",
    "customerio.attribute-value-max": "value for attribute '{name}' cannot be longer than {allowed}",
    "customerio.event-name-max": "event name cannot be longer than {allowed}",
    "customerio.event-data-max": "event data cannot be longer than {allowed}",
    "customerio.identify-attributes-max": "cannot set more than {allowed} attributes",
    "customerio.person-attributes-max": "person cannot have more than {allowed} attributes",
}
"""Rule -> what is said of a violation; of the others, what the journal says."""
BAD_REQUEST, UNKNOWN = 400, 401


def success(answer: dict[str, Any], _unkept: str) -> Reply:
    """Exactly 200 and an object, which is empty but for the region. What came of the call, nobody says."""
    return Reply(200, orjson.dumps(answer) + b"\n", list(HEADERS))


def failure(status: int, code: str, message: str) -> Reply:
    """One text in the place for it."""
    if status == BAD_REQUEST:
        return _refusal(status, {"errors": [message]})
    return _refusal(status, {"error": code if status == UNKNOWN else message})


def refuse(status: int, code: str, violations: Sequence[Violation]) -> Reply:
    """Everything that was wrong with a call at once, each text once."""
    if status != BAD_REQUEST:
        return _refusal(status, {"error": code})
    return _refusal(status, {"errors": list(dict.fromkeys(map(text_of, violations)))})


def text_of(violation: Violation) -> str:
    """What the vendor says of a violation."""
    name = violation.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    template = TEXTS.get(violation.rule)
    return template.format(name=name, allowed=violation.allowed) if template else violation.message


def _refusal(status: int, meta: dict[str, Any]) -> Reply:
    return Reply(status, orjson.dumps({"meta": meta}, option=orjson.OPT_INDENT_2) + b"\n", list(HEADERS))
