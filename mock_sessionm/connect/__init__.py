"""SessionM Connect: offers and incentives."""

from mock_sessionm.envelopes import CODES
from mock_sessionm.surface import Surface, View

from . import incentive_checks, incentives, movement, offer_checks, offers, rewards, user_events
from .checks import GATE, who
from .envelope import OTHERWISE, REFUSALS, failure, success
from .pos import POINT_OF_SALE

VIEWS: dict[str, View] = {**offers.VIEWS, **rewards.VIEWS, **incentives.VIEWS, **movement.VIEWS, **user_events.VIEWS}
"""Every operation of Connect -> the function that answers it."""

CONNECT = Surface(
    name="connect",
    vendor="sessionm",
    scheme="Basic",
    prefixes=("/offers/", "/incentives/"),
    views=VIEWS,
    gate=(*GATE, *offer_checks.CHECKS, *incentive_checks.GATE),
    door=frozenset({"sessionm.connect-credentials"}),
    who=who,
    success=success,
    failure=failure,
    refusals=REFUSALS,
    otherwise=OTHERWISE,
    codes=CODES,
)

__all__ = ["CONNECT", "POINT_OF_SALE", "VIEWS"]
