"""Where scenarios lead: a row for each destination, read by the command line before anything else is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Row(NamedTuple):
    """One destination.

    vendors   whose rules are listed with it
    people    the first number for people of its own
    road      the module whose `ROAD` judges what a forwarder sends there; None where none sends
    """

    vendors: tuple[str, ...]
    people: int
    road: str | None = None


DESTINATIONS: Mapping[str, Row] = {
    "sessionm": Row(("sessionm", "harness"), 1, "scenarios.sessionm.road"),
    "braze": Row(("braze",), 700_001),
    "customerio": Row(("customerio",), 800_001, "scenarios.customerio.road"),
    "mparticle": Row(("mparticle", "madconnect"), 900_001, "scenarios.mparticle.road"),
}
"""Name -> destination, in the order in which `run` takes them."""
FORWARDED: tuple[str, ...] = tuple(name for name, row in DESTINATIONS.items() if row.road)
"""The destinations that a forwarder sends to."""
