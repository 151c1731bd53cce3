"""What happened to somebody before a recording began is in no answer of it: it is left out on both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from contracts import Response

from .accounts import json_of
from .handed_out import HandedOut

LOGS = frozenset({"fetchPointAuditLogs", "fetchUserPointAuditLogs"})
TIMELINES = frozenset({"getTimeline", "getTimelineByExternalId"})
HISTORY = "what happened before the recording began is not known"


def without_history(recorded: Response, own: Response, ids: HandedOut) -> tuple[Response, Response]:
    """Two logs with the lines alone that were handed out in the recording."""
    return _kept(recorded, lambda id_: ids.known(recorded=id_)), _kept(own, lambda id_: ids.known(own=id_))


def _kept(answer: Response, known: Any) -> Response:
    body = json_of(answer.body)
    payload = body.get("payload") if isinstance(body, dict) else None
    rows = payload.get("results") if isinstance(payload, dict) else None
    if not isinstance(body, dict) or not isinstance(payload, dict) or not isinstance(rows, list):
        return answer
    left = [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str) and known(row["id"])]
    return replace(answer, body=orjson.dumps({**body, "payload": {**payload, "results": left}}))
