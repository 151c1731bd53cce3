"""The journal in the format that browsers, proxies and API clients share: HAR 1.2."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from contracts import Interaction, Response

from .clock import iso


def har(interactions: Iterable[Interaction], origin: str, version: str) -> dict[str, Any]:
    """A HAR 1.2 document. A lost answer has status 0, as browsers write it; `origin` is scheme and host."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "sessionm-harness", "version": version},
            "entries": [_har_entry(interaction, origin.rstrip("/")) for interaction in interactions],
        }
    }


def _har_entry(interaction: Interaction, origin: str) -> dict[str, Any]:
    request, response = interaction.request, interaction.response
    answer = response or Response(0)
    made: dict[str, Any] = {
        "startedDateTime": iso(interaction.at),
        "time": 0,
        "request": {
            "method": request.method,
            "url": origin + request.target,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _har_pairs(request.headers.items()),
            "queryString": _har_pairs(parse_qsl(request.target.partition("?")[2], keep_blank_values=True)),
            "headersSize": -1,
            "bodySize": len(request.body),
        },
        "response": {
            "status": answer.status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _har_pairs(answer.headers.items()),
            "content": {
                "size": len(answer.body),
                "mimeType": answer.headers.get("content-type", ""),
                **_har_text(answer.body, "encoding"),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(answer.body) if response else -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_tenant": interaction.tenant,
        "_operation": interaction.operation,
        "_rules": list(dict.fromkeys(violation.rule for violation in interaction.violations)),
    }
    if request.body:
        kind = request.headers.get("content-type", "application/json")
        made["request"]["postData"] = {"mimeType": kind, "params": [], **_har_text(request.body, "_encoding")}
    return made


def _har_pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _har_text(body: bytes, encoding: str) -> dict[str, str]:
    try:
        return {"text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode("ascii"), encoding: "base64"}
