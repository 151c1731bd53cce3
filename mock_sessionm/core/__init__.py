"""SessionM Core: customers, events and tags."""

from mock_sessionm.envelopes import CODES
from mock_sessionm.surface import Surface, View

from . import campaigns, events, tags, timelines, users
from .checks import GATE
from .envelope import OTHERWISE, REFUSALS, failure, success
from .subject import named

VIEWS: dict[str, View] = {**users.VIEWS, **events.VIEWS, **tags.VIEWS, **timelines.VIEWS, **campaigns.VIEWS}
"""Every operation of Core -> the function that answers it."""

CORE = Surface(
    name="core",
    vendor="sessionm",
    scheme="Basic",
    prefixes=("/priv/",),
    views=VIEWS,
    gate=(*GATE, *timelines.GATE),
    door=frozenset({"sessionm.credentials", "sessionm.api-key-in-path"}),
    who=named,
    success=success,
    failure=failure,
    refusals=REFUSALS,
    otherwise=OTHERWISE,
    codes=CODES,
)

__all__ = ["CORE", "VIEWS"]
