"""Customer.io's Track API as a whole: one workspace behind site id and API key, whichever version is asked."""

from __future__ import annotations

from mock_sessionm.call import Call
from mock_sessionm.surface import Surface

from .checks import CUSTOMERIO, GATE
from .envelope import CODES, OTHERWISE, REFUSALS, failure, refuse, success
from .v1 import VIEWS


def nobody(_call: Call) -> None:
    """A call to Customer.io is about people of the workspace, and not about a customer of SessionM."""
    return


TRACK = Surface(
    name=CUSTOMERIO,
    vendor=CUSTOMERIO,
    scheme="Basic",
    prefixes=("/api/v1/",),
    views=VIEWS,
    gate=GATE,
    door=frozenset({"customerio.credentials"}),
    who=nobody,
    success=success,
    failure=failure,
    refusals=REFUSALS,
    otherwise=OTHERWISE,
    codes=CODES,
    refuse=refuse,
)
