"""Journeys of the Braze integration: segments in as tags, the wallet into messages, campaigns out."""

from __future__ import annotations

from collections.abc import Iterator

from .scenario import Scenario


def loyalty() -> Iterator[Scenario]:
    """Every journey between Braze and SessionM."""
    yield from ()
