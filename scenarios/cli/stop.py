"""How a command ends early: one line for the person, one code for the script."""

from __future__ import annotations

import click

KEPT, BROKEN, UNUSABLE, UNTESTED, INTERRUPTED = 0, 1, 2, 3, 130


class Stop(click.ClickException):
    """The command cannot go on. `message` is one line: what, where, why, what to do."""

    def __init__(self, message: str, code: int = UNUSABLE) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click reads it from the object, whatever its annotation says
