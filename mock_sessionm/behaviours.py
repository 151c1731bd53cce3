"""Every rule that the fake keeps by how it acts, and not by a check of the gate.

A fake without one of them acts as a naive one would: that is how a run proves that it would notice.
"""

from __future__ import annotations

from . import books, customers, tiers, wallets

CONNECT = frozenset({"sessionm.guids-without-case"})
BEHAVIOURS: frozenset[str] = customers.BEHAVIOURS | wallets.BEHAVIOURS | books.BEHAVIOURS | tiers.BEHAVIOURS | CONNECT
