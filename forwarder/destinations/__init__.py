"""Where batches go to: one module for each vendor, and the register of all of them."""

from __future__ import annotations

from collections.abc import Mapping

from forwarder.destination import Destination

from .customerio import CUSTOMERIO
from .mparticle import MPARTICLE
from .sessionm import SESSIONM

DESTINATIONS: Mapping[str, Destination] = {one.name: one for one in (SESSIONM, CUSTOMERIO, MPARTICLE)}
"""Name -> destination."""

__all__ = ["CUSTOMERIO", "DESTINATIONS", "MPARTICLE", "SESSIONM"]
