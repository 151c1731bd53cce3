"""What can be wrong with a template, and the end of a message that shall not be sent."""

from __future__ import annotations

SYNTAX = "braze.template-syntax"
TYPO = "braze.document-typo"
LONGEST = 60
"""So much of a template is shown in a message."""


class TemplateError(ValueError):
    """A template cannot be rendered. The text is one line: where, what, what to do; never a person's value.

    `line` counts from 1. `offset` is where in the source a closing brace is missing, -1 for any other mistake.
    """

    def __init__(self, line: int, what: str, mend: str = "", *, rule: str = SYNTAX, offset: int = -1) -> None:
        super().__init__(f"line {line}: {what}; {mend}" if mend else f"line {line}: {what}")
        self.line = line
        self.rule = rule
        self.offset = offset


class Abort(Exception):
    """This message is not sent to this person. `reason` is empty where the template gives none."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def shown(text: str) -> str:
    """A piece of a template on one line, shortened."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
