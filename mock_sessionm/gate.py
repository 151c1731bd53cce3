"""What a request is held against: every check of every API that the fake serves, in one tuple.

A check yields violations and decides nothing; `ruling` says what becomes of them. Every rule has one check,
so a gate without that check is a fake that does not enforce that rule and nothing else.
"""

from __future__ import annotations

from .check import Check
from .surfaces import SURFACES

GATE: tuple[Check, ...] = tuple(check for surface in SURFACES for check in surface.gate)

__all__ = ["GATE", "Check"]
