"""The interactions of the scenarios that found something, as HAR 1.2: what came to the fake, and what it answered.

Nobody's credentials are in it: the fake's journal keeps none, and what a body has of them is masked here.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from mock_sessionm import as_har
from scenarios.recordings.masking import Masker
from scenarios.verdict import Heard, Report

ORIGIN = "http://sessionm-harness.invalid"
"""Embedded runs have no host; this one leads nowhere."""


def render(report: Report) -> str:
    """The document as text, a page for each scenario."""
    made: dict[str, Any] = as_har((), ORIGIN, version("sessionm-harness"))
    pages: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for number, heard in enumerate(report.heard, 1):
        own = _entries(heard)
        begun = own[0]["startedDateTime"] if own else "1970-01-01T00:00:00Z"
        page = {"startedDateTime": begun, "id": f"page_{number}", "title": f"{heard.scenario}: {heard.title}"}
        pages.append({**page, "pageTimings": {}, "comment": report.repeat(heard.scenario)})
        entries += [{"pageref": f"page_{number}", **entry, "_scenario": heard.scenario} for entry in own]
    made["log"] = {**made["log"], "pages": pages, "entries": entries}
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _entries(heard: Heard) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = as_har(map(Masker().masked, heard.interactions), ORIGIN, "")["log"]["entries"]
    return found
