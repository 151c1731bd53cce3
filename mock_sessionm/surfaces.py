"""Every API that the fake serves, and the way from an operation to its API."""

from __future__ import annotations

from .connect import CONNECT, POINT_OF_SALE
from .core import CORE
from .partners.braze.trigger import BRAZE
from .partners.customerio.track import TRACK
from .partners.customerio.v2 import TRACK_V2
from .partners.mparticle.events_api import MPARTICLE
from .surface import Surface

SURFACES: tuple[Surface, ...] = (CORE, CONNECT, POINT_OF_SALE, BRAZE, TRACK, TRACK_V2, MPARTICLE)
SURFACE_OF: dict[str, Surface] = {operation: surface for surface in SURFACES for operation in surface.views}
"""Operation -> the API that it belongs to; an operation has one name among all vendors."""
VENDORS: tuple[str, ...] = tuple(dict.fromkeys(surface.vendor for surface in SURFACES))


def asked(path: str) -> Surface:
    """The API that somebody meant who asked for a path that nobody serves."""
    for surface in SURFACES:
        if path.startswith(surface.prefixes):
            return surface
    return CORE
