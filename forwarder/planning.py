"""What is to be sent for a batch: the steps of its destination, one after another.

The first step that stops a point names its fate; what no step stopped is sent. Nothing here has a clock or a socket.
"""

from __future__ import annotations

from collections.abc import Sequence

from .batch import Batch
from .connection import Connection
from .destinations import DESTINATIONS
from .draft import Draft, Step
from .fate import Plan
from .selection import require_source_key


def plan(
    batch: Batch, connection: Connection, *, steps: Sequence[Step] | None = None, now: float | None = None
) -> Plan:
    """What is to be sent for a batch, and the fate of each of its data points; pure and deterministic.

    Where it goes is the connection's `destination`; whoever that is, the API key of its source comes first.
    `steps` takes the place of that destination's own, for experiments and for proofs that a missing step is
    noticed. `now` is seconds since 1970, for the setting max_data_age_hours; without it any age goes.
    """
    destination = DESTINATIONS[connection.destination]
    draft = Draft(batch, connection, destination, now)
    for step in (require_source_key, *(destination.steps if steps is None else steps)):
        step(draft)
        if draft.stopped:
            return Plan((), tuple(draft.fates))
    return destination.assembled(draft)
