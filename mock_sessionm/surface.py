"""One API that the fake serves: its operations, its checks, and the shapes in which it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts import Violation

from .call import Call, Who
from .check import Check
from .envelopes import Refusal, Reply

View = Callable[[Call], dict[str, Any]]
"""A call that passed the gate -> what is answered, before the envelope is put round it."""
Success = Callable[[dict[str, Any], str], Reply]
"""An answer, and what of the request was not kept (empty for nothing) -> the reply."""
Failure = Callable[[int, str, str], Reply]
"""HTTP status, the vendor's code or text, and what was wrong in our words -> the reply."""
Refuse = Callable[[int, str, Sequence[Violation]], Reply]
"""HTTP status, the vendor's code or text, and everything that was wrong -> the reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """One API of one vendor.

    name        core, connect, pos, braze, customerio
    vendor      whose contract, and whose name in the journal
    scheme      of the credentials: Basic or Bearer
    prefixes    how its paths begin: a path that nobody serves is refused in the shape of whoever was asked
    views       operation -> what answers it
    gate        its checks, in the order in which the vendor would notice
    door        the rules that can be looked at without a tenant
    who         whom a call is about
    refusals    rule -> code, and HTTP status or the assumption that chooses it
    otherwise   the same for every other rule
    codes       HTTP status -> code, where nothing more is known
    refuse      answers a refused call where the vendor tells each thing that was wrong; else `failure` does
    seal        adds to every answer what the vendor sends with each, such as rate limit headers
    """

    name: str
    vendor: str
    scheme: str
    prefixes: tuple[str, ...]
    views: Mapping[str, View]
    gate: tuple[Check, ...]
    door: frozenset[str]
    who: Who
    success: Success
    failure: Failure
    refusals: Mapping[str, Refusal]
    otherwise: Refusal
    codes: Mapping[int, str] = field(default_factory=dict)
    refuse: Refuse | None = None
    seal: Callable[[Call, Reply], Reply] | None = None

    def code_for(self, status: int) -> str:
        """The code that fits an HTTP status where nothing more is known."""
        return self.codes.get(status, self.codes.get(status // 100 * 100, self.otherwise[0]))
