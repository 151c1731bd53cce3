"""Whether an operation is closed to whoever has no credentials, and whether the journal tells what happened."""

from __future__ import annotations

from collections import Counter
from typing import Any

from contracts import Request

from .fault import Fault
from .standard import ACCESS
from .state import changed
from .tenancy import basic

JOURNAL = "harness.journal-true"
NOBODY = {"Basic": basic("nobody", "nothing"), "Bearer": "Bearer nothing"}
SHUT = {401, 403}
"""mParticle tells whom it does not know from whom it does not let in."""


def door_shut(trial: Any, tally: Any) -> None:
    """Ask once without credentials and once with wrong ones, for what was done before: refused, and nothing changed."""
    request: Request | None = tally.example
    if request is None or "Authorization" not in request.headers:
        return
    bare = {name: value for name, value in request.headers.items() if name != "Authorization"}
    wrong = NOBODY.get(request.headers["Authorization"].partition(" ")[0], NOBODY["Basic"])
    for how, headers in (("without credentials", bare), ("with wrong credentials", {**bare, "Authorization": wrong})):
        trial.afresh()
        asked = Request(request.method, request.target, headers, request.body)
        answer = trial.door.send(asked)
        tally.requests += 1
        before, trial.state = trial.state, trial.tenancy.now()
        held = answer is not None and answer.status in SHUT
        if not held:
            got = f"HTTP {answer.status}" if answer is not None else "no answer"
            tally.blame(Fault(ACCESS, "door_shut", f"{how}, it is answered with {got}", asked, got, "HTTP 401 or 403"))
        elif changed(tally.surface, before, trial.state):
            held = False
            tally.blame(Fault(ACCESS, "door_shut", f"{how}, it is refused and done all the same", asked, "", "nothing"))
        tally.cases[ACCESS, "above", held] += 1
    tally.cases[ACCESS, "at", True] += 1


def journal_true(trial: Any, tally: Any) -> None:
    """Every request of the last operation is in the journal, with the answer's status and rules."""
    seen, trial.seen = trial.seen, []
    tenancy = trial.tenancy
    if not tenancy.target.ours:
        return
    told = tenancy.target.order("GET", "/requests", tenant=tenancy.key)
    tenancy.target.order("DELETE", "/requests", tenant=tenancy.key)
    kept = Counter(_row(row) for row in told["requests"])
    for exchange in seen:
        mark = (exchange.request.method, exchange.operation, exchange.response.status, exchange.named)
        held = kept[mark] > 0
        kept[mark] -= 1
        tally.cases[JOURNAL, "at" if exchange.accepted else "above", held] += 1
        if not held:
            said = "the journal has no such request with this status and these rules"
            tally.blame(Fault(JOURNAL, "journal_true", said, exchange.request, "", ", ".join(exchange.named)))


def _row(row: dict[str, Any]) -> tuple[str, str, int, tuple[str, ...]]:
    named = tuple(dict.fromkeys(one["rule"] for one in row["violations"]))
    response = row.get("response") or {}
    return row["request"]["method"], row["operation"], response.get("status", 0), named
