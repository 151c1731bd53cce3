"""How far a command has come, for whoever waits: on standard error, and nowhere where nobody wants it."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

import click

STEP = 0.1
"""Where there is no terminal, so much of the whole lies between two lines."""


class Progress:
    """A bar where standard error is a terminal, else a line now and then. A context manager."""

    def __init__(self, what: str, total: int, *, quiet: bool) -> None:
        self._what, self._total, self._quiet = what, total, quiet
        self._done = 0
        self._bar: Any = None

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            self._bar = click.progressbar(length=self._total, label=self._what, file=sys.stderr)
            self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)

    def step(self, _one: Any = None) -> None:
        """One more is done."""
        before, self._done = self._done, self._done + 1
        if self._bar is not None:
            self._bar.update(1)
        elif not self._quiet and self._tenths(self._done) > self._tenths(before):
            click.echo(f"{self._what}: {self._done} of {self._total}", err=True)

    def _tenths(self, done: int) -> int:
        return int(done / max(self._total, 1) / STEP)
