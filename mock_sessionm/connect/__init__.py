"""SessionM Connect: offers and incentives."""

from mock_sessionm.surface import Surface, View

from . import offers
from .checks import GATE, who
from .envelope import CODES, OTHERWISE, REFUSALS, failure, success

VIEWS: dict[str, View] = {**offers.VIEWS}
"""Every operation of Connect -> the function that answers it."""

CONNECT = Surface(
    name="connect",
    vendor="sessionm",
    scheme="Basic",
    prefixes=("/offers/", "/incentives/"),
    views=VIEWS,
    gate=GATE,
    door=frozenset({"sessionm.connect-credentials"}),
    who=who,
    success=success,
    failure=failure,
    refusals=REFUSALS,
    otherwise=OTHERWISE,
    codes=CODES,
)

__all__ = ["CONNECT", "VIEWS"]
