"""How bad a change is, and for whom.

A limit that is tightened or removed is breaking, in requests and in answers; one that is loosened is a warning. The
side that is named was right by OLD and may be wrong by NEW.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from .finding import Direction, Finding, Found, Severity, Side, Use, fingerprint

LONGEST = 60
"""So much of a pattern or of a list is shown in a message."""

REGISTER = {"rule", "assumption", "source"}
TIGHTER = {"added", "tightened"}
SIDES: dict[tuple[bool, Direction], Side] = {
    (True, "request"): "consumer",  # what it sends may be refused now
    (True, "answer"): "provider",  # what it answers may break the contract now
    (False, "request"): "provider",  # what it refused it has to take now
    (False, "answer"): "consumer",  # what it never got may come now
}
SHAPES = {
    *("required", "dependentRequired", "enum", "const", "type", "anyOf", "oneOf", "not", "prefixItems"),
    *("additionalProperties", "unevaluatedProperties", "unevaluatedItems", "items"),
}
"""Keywords that say what is there at all: an answer in which they are loosened brings what no consumer has code for."""
CONSEQUENCES: dict[tuple[bool, Direction], str] = {
    (True, "request"): "requests that were good may be refused",
    (True, "answer"): "answers that were good break the contract",
    (False, "request"): "requests that were refused are good now",
    (False, "answer"): "answers may bring what they never brought",
}
GIVEN: dict[str, tuple[Severity, Side]] = {
    "feature": ("info", "none"),
    "informational": ("info", "none"),
    "demanded": ("error", "consumer"),
    "gone": ("error", "consumer"),
    "new-answer": ("warn", "consumer"),
    "answer-gone": ("error", "provider"),
    "success-gone": ("error", "both"),
    "told-otherwise": ("warn", "both"),
    "unclear": ("error", "both"),
    "obligation": ("error", "consumer"),
    "behaviour": ("error", "provider"),
    "advice": ("warn", "consumer"),
    "consumer-may": ("warn", "consumer"),
    "provider-may": ("warn", "provider"),
    "assumed": ("warn", "both"),
}
"""What the finder of a change, other than of a limit or a field, already knows about it."""
_RANKS: tuple[Severity, ...] = ("info", "warn", "error")


def judged(found: Found, uses: Collection[Use]) -> Finding:
    """The change with how bad it is. A place that no operation leads to counts as request and answer."""
    directions: tuple[Direction, ...] = tuple(sorted({use.direction for use in uses}, reverse=True))
    verdicts = [_verdict(found, direction) for direction in directions or ("request", "answer")]
    sides = {side for _, side in verdicts} - {"none"}
    severity = max((severity for severity, _ in verdicts), key=_RANKS.index)
    breaks: Side = "none" if not sides else "both" if len(sides) > 1 else sides.pop()
    return Finding(
        severity=severity,
        breaks=breaks,
        kind=found.kind,
        change=found.change,
        vendor=found.vendor,
        operations=tuple(sorted({use.operation for use in uses if use.operation})),
        directions=directions,
        file=found.file,
        pointer=found.pointer,
        keyword=found.keyword,
        subject=found.subject,
        old=found.old,
        new=found.new,
        rule=found.rule,
        message=_message(found, directions),
        fingerprint=fingerprint(found),
    )


def _verdict(found: Found, direction: Direction) -> tuple[Severity, Side]:
    if found.kind == "limit":
        if found.change in {"changed", "moved"}:
            return "error", "both"
        tighter = found.change in TIGHTER
        bad = found.change != "loosened" or (direction == "answer" and found.keyword in SHAPES)
        return ("error" if bad else "warn"), SIDES[tighter, direction]
    if found.kind == "field":
        if found.change == "removed":
            return "error", "consumer"
        # Where further names were forbidden, a consumer may refuse an answer with one.
        return ("warn", "consumer") if direction == "answer" and found.hint == "closed" else ("info", "none")
    return GIVEN[found.hint]


def _message(found: Found, directions: tuple[Direction, ...]) -> str:
    if found.kind == "limit":
        return f"{_step(found)}; {_consequence(found, directions)}"
    if found.kind == "field":
        return f"the field {found.subject} is {'new' if found.change == 'added' else 'gone'}"
    return _step(found)


def _consequence(found: Found, directions: tuple[Direction, ...]) -> str:
    if found.change in {"changed", "moved"}:
        return "whether this allows more or less cannot be told"
    tighter = found.change in TIGHTER
    return " and ".join(CONSEQUENCES[tighter, one] for one in directions or ("request", "answer"))


def _step(found: Found) -> str:
    """What changed, from what to what."""
    name = _name(found)
    if found.change == "moved":
        return f"{name} moved from {found.old}"
    if found.kind in {"path", "operation"} and found.new:
        return f"{name} is gone; {found.new}"
    if found.keyword in {"required", "dependentRequired"} and found.kind == "limit":
        return f"{found.subject} is {'now' if found.change in TIGHTER else 'no longer'} required"
    if found.old is None and found.new is None:
        words = {"added": "is new", "removed": "is gone", "changed": "changed"}
        return f"{name} {words.get(found.change, found.change)}"
    if found.old is None:
        return f"{name} is new: {shown(found.new)}"
    if found.new is None:
        return f"{name} is gone, it was {shown(found.old)}"
    return f"{name} {shown(found.old)} → {shown(found.new)}"


def _name(found: Found) -> str:
    """What it is that changed: a keyword, or a part of an entry of the register."""
    if found.kind not in REGISTER or found.keyword == found.kind:
        return f"{found.keyword} {found.subject}".strip()
    row = f" {found.subject}" if found.keyword == "table" else ""
    return f"{found.rule or found.subject}: {found.keyword}{row}"


def shown(value: Any) -> str:
    """A value of a contract, in one short line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
