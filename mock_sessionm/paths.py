"""Paths as they were sent: an encoded slash inside an identifier must not end a segment.

WSGI hands over a path that is decoded already. Where the raw path is offered too (`RAW_URI`), it is decoded
again here, all but `%2F` and `%25`; the converter of our routes undoes these two once the path has been split.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from werkzeug.routing import BaseConverter

ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
KEPT = {"2F", "25"}


class Segment(BaseConverter):
    """One segment of a path, in which `%2F` and `%25` still stand for a slash and a percent sign."""

    regex = "[^/]+"
    part_isolating = True

    def to_python(self, value: str) -> str:
        return value if "%" not in value else value.replace("%2F", "/").replace("%25", "%")


def raw_path(environ: dict[str, Any]) -> None:
    """Put into the WSGI environment a path whose escaped slashes are still escaped."""
    target: str | None = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if target is None:
        if "%" in environ["PATH_INFO"]:
            environ["PATH_INFO"] = environ["PATH_INFO"].replace("%", "%25")
    elif "%" in target:
        path = target.partition("?")[0]
        if path.startswith("/") and "%" in path:
            environ["PATH_INFO"] = _path_info(path)


def target_of(environ: dict[str, Any]) -> str:
    """The raw target of a request: the path as it was sent, and the query."""
    target: str | None = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if target is not None and target.startswith("/"):
        return target
    query = environ.get("QUERY_STRING", "")
    return f"{environ['PATH_INFO']}?{query}" if query else str(environ["PATH_INFO"])


def nearest_route(path: str, templates: Iterable[str]) -> str | None:
    """The path template that a path was probably meant for, such as `/priv/v1/apps/{api_key}/users`."""
    parts = path.rstrip("/").split("/")[:20]
    best, score = None, 0.3
    for template in dict.fromkeys(templates):
        wanted = template.split("/")
        alike = sum(
            1.0 if want.startswith("{") else difflib.SequenceMatcher(None, part[:100].casefold(), want).ratio()
            for part, want in zip(parts[1:], wanted[1:], strict=False)
        )
        likeness = alike / max(len(parts) - 1, len(wanted) - 1)
        if likeness > score:
            best, score = template, likeness
    return best


@lru_cache(maxsize=512)
def _path_info(path: str) -> str:
    return ESCAPE.sub(_decoded, path)


def _decoded(escape: re.Match[str]) -> str:
    digits = escape[1].upper()
    return f"%{digits}" if digits in KEPT else chr(int(digits, 16))
