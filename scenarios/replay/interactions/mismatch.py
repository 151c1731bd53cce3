"""Mismatches told: what is in one answer and not in the other, filed under the rule that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts import Response, Violation, rules
from scenarios.in_contract import departs
from scenarios.recordings.recorded import Recorded
from scenarios.verdict import Finding

from .accounts import complaint_code, went_well
from .equivalence import Difference

EQUAL = "harness.replay-equal"
NOBODY = "sessionm.user-exists"
WHOLE = frozenset({"status", "content-type", "body"})
"""Differences that are of the whole answer."""
LONGEST = 40


def answer_departs(one: Recorded) -> Finding | None:
    """The first thing in a recorded answer that the contract does not list."""
    found = one.interaction
    if found.response is None or "answer body" in one.missing:
        return None
    told = departs(found.vendor, found.operation, found.response)
    if told is None:
        return None
    place = f"{found.request.method} {found.operation} {found.response.status}"
    return replace(told, message=f"{place}: {told.message}", pointer=f"{place} {told.pointer}".rstrip())


def outcome(one: Recorded, recorded: Response, own: Response, *, well: bool) -> Difference:
    """That one side said yes, and the other no."""
    own_well = went_well(one.interaction.operation, own)
    return Difference("", "outcome", _said(recorded, well=well), _said(own, well=own_well), well, own_well)


def mismatch(
    one: Recorded, cause: Difference, violations: Sequence[Violation], *, against: str | None, more: int = 0
) -> Finding:
    """A finding for a difference, and how many more there are in the same answer."""
    known = rules()
    explained = next((violation for violation in violations if violation.rule in known), None)
    rule = known[explained.rule if explained is not None else EQUAL]
    place = f"{one.interaction.request.method} {one.interaction.operation}"
    here, there = ("the recording", "the fake") if against is None else ("the server", "the recording")
    got, wanted = (cause.got, cause.wanted) if against is None else (cause.wanted, cause.got)
    where = f"/{cause.name}" if cause.name in WHOLE and not cause.place else cause.place
    text = f"{place}{f' at {where}' if where else ''}: {here} has {got}, {there} {wanted}"
    text += f"; {explained.message}" if explained is not None else ""
    text += f"; and {more} more such place{'s' if more > 1 else ''} in the same answer" if more else ""
    return Finding(rule.id, text, f"{place} answer {where}".rstrip(), got, wanted, severity=rule.severity)


def too_early(one: Recorded, where: str) -> Finding:
    """A finding for an answer about a customer whom the recording made only later."""
    place = f"{one.interaction.request.method} {one.interaction.operation}"
    text = f"{place}: made a customer as whom somebody was answered before, at {where}"
    return Finding(NOBODY, text, f"{place} answer", "an answer about a customer", "that nobody is there")


def _said(answer: Response, *, well: bool) -> str:
    code = complaint_code(answer)
    named = f", {code}" if code.isascii() and code.replace("_", "").isalpha() and len(code) < LONGEST else ""
    return f"accepted (HTTP {answer.status})" if well else f"refused (HTTP {answer.status}{named})"
