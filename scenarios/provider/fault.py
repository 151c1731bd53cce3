"""One thing that an answer had wrong, and the request that shows it."""

from __future__ import annotations

from dataclasses import dataclass

from contracts import Request


@dataclass(frozen=True, slots=True)
class Fault:
    """`rule` is to blame, `check` saw it; `said` is one line without values. `shown` is the request for a shell."""

    rule: str
    check: str
    said: str
    request: Request
    got: str = ""
    wanted: str = ""
    shown: str = ""

    @property
    def size(self) -> tuple[int, str, bytes]:
        """What is smaller is easier to read; equal for none but the same request."""
        request = self.request
        return len(request.target) + len(request.body), request.target, request.body
