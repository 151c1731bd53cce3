"""What can be said of a value without saying it: its kind, the moment that it means, and its form."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

MILLISECONDS = 1e11
"""A larger number of seconds since 1970 is one of milliseconds."""
DIGIT = re.compile(r"\d")


def kind_of(value: Any) -> str:
    """What a value is, without saying it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return "whole number"
        case float():
            return "number"
        case str():
            return f"text of {len(value)} characters"
        case list():
            return f"list of {len(value)}"
        case _:
            return "object"


@lru_cache(maxsize=4096)
def moment_of(value: Any) -> float | None:
    """A moment as seconds since 1970, out of a text or a number of seconds or milliseconds; None where it is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value / 1000 if abs(value) > MILLISECONDS else float(value)
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def form_of(value: Any) -> str:
    """How a moment is written, without when it is."""
    return DIGIT.sub("0", value) if isinstance(value, str) else type(value).__name__
