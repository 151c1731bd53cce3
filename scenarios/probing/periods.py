"""Periods as questions write them."""

from __future__ import annotations

import re

PERIOD = re.compile(r"(\d+)([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(period: str) -> float:
    """Seconds in `2s`, `2m`, `1h` or `2d`. Raises `ValueError`."""
    found = PERIOD.fullmatch(period)
    if found is None:
        raise ValueError(f"{period!r} is no period such as 2s, 2m or 2d")
    return float(found[1]) * SECONDS[found[2]]
