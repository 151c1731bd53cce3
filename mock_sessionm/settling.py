"""What becomes due by a tenant's clock: scheduled campaigns, calls to be tried again, batches that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .tenant import Tenant

NEVER = float("inf")
AT_ONCE = 1_000
"""So many things that have become due are done at once."""


def settle(tenant: Tenant) -> None:
    """Do what has become due, each thing at its own time and in the order of these times.

    At most `AT_ONCE` things: what is left keeps its turn. A request that comes in meanwhile, because one of them
    sent it, does not begin this once more.
    """
    campaigns, outgoing, feed, clock = tenant.campaigns, tenant.outgoing, tenant.feed, tenant.clock
    if tenant.settling or (campaigns.due == NEVER and not outgoing.waiting and not feed.waiting):
        return
    tenant.settling = True
    now, moved = clock.now(), False
    try:
        feed.flush()
        for _ in range(AT_ONCE):
            due = min(campaigns.due, outgoing.due)
            if due > now:
                break
            clock.set(due)
            moved = True
            if campaigns.due <= due:
                campaigns.run_next()
            else:
                outgoing.retry()
    finally:
        if moved:
            clock.set(max(now, clock.now()))
        tenant.settling = False
