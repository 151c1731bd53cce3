"""The options of a baseline, the same for every command that has a verdict; and what they do with its report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from .options import FILE, Option
from .stop import Stop


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, checked as far as it can be before anything runs."""

    file: Path | None
    entries: tuple[Any, ...]
    terms: Any
    prune: bool
    today: date

    def needs(self, *, whole: bool) -> None:
        """Raises `Stop` where a part of a run would decide what is pruned."""
        if self.prune and not whole:
            raise Stop("--baseline-prune: wants all suites, without --case and --rule; the rest may still find it")

    def applied(self, report: Any, *, whole: bool, everywhere: bool) -> tuple[Any, str]:
        """The report with the baseline over it, and a line about what was written; the file is written here.

        Raises `Stop` where it cannot be.
        """
        if self.file is None:
            return report, ""
        from scenarios.baseline import BaselineError, Scope, applied, pruned, save, updated

        scope, told = Scope(whole=whole, everywhere=everywhere), str(self.file)
        report = applied(report, self.entries, today=self.today, file=told, scope=scope)
        if not self.terms and not self.prune:
            return report, ""
        entries = updated(report, self.entries, self.terms) if self.terms else self.entries
        entries = pruned(report, entries) if self.prune else entries
        try:
            save(self.file, entries)
        except BaselineError as error:
            raise Stop(str(error)) from error
        new, old = len(set(entries) - set(self.entries)), len(set(self.entries) - set(entries))
        line = f"baseline: {self.file}, {len(entries)} accepted, {new} written, {old} taken out"
        return applied(report, entries, today=self.today, file=told, scope=scope), line


def _day(_ctx: click.Context, _parameter: click.Parameter, text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Stop(f"--today {text}: is no day; wants YYYY-MM-DD") from None


def with_baseline(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options, taken together: the command gets them as `baseline`, an `Asked`."""

    @wraps(command)
    def taken(
        *,
        baseline: Path | None,
        baseline_update: bool,
        baseline_prune: bool,
        baseline_reason: str | None,
        baseline_owner: str | None,
        baseline_expires: str | None,
        today: date,
        **rest: Any,
    ) -> Any:
        told = {"reason": baseline_reason, "owner": baseline_owner, "expires": baseline_expires}
        asked = _asked(baseline, told, today, update=baseline_update, prune=baseline_prune)
        return command(baseline=asked, **rest)

    for option in reversed(OPTIONS):
        taken = option(taken)
    return taken


def _asked(file: Path | None, told: dict[str, str | None], today: date, *, update: bool, prune: bool) -> Asked:
    from scenarios.baseline import BaselineError, Terms, last_day, load

    if file is None:
        given = [f"--baseline-{name}" for name, value in told.items() if value is not None]
        given += ["--baseline-update"] * update + ["--baseline-prune"] * prune
        if given:
            raise Stop(f"{given[0]}: wants --baseline FILE as well")
        return Asked(None, (), None, prune=False, today=today)
    if not update and any(value is not None for value in told.values()):
        name = next(name for name, value in told.items() if value is not None)
        raise Stop(f"--baseline-{name}: says something of new entries; it wants --baseline-update as well")
    missing = [f"--baseline-{name}" for name, value in told.items() if not (value or "").strip()]
    if update and missing:
        raise Stop(f"--baseline-update: wants {', '.join(missing)} as well: why, who answers for it, until when")
    try:
        entries = () if update and not file.exists() else load(file)
    except BaselineError as error:
        raise Stop(f"--baseline {error}") from error
    terms = None
    if update:
        if not file.parent.is_dir():
            raise Stop(f"--baseline {file}: there is no folder {file.parent}; make it first")
        try:
            expires = last_day(told["expires"] or "", today)
        except BaselineError as error:
            raise Stop(f"--baseline-expires: {error}") from error
        terms = Terms(told["reason"] or "", told["owner"] or "", expires)
    return Asked(file, entries, terms, prune=prune, today=today)


OPTIONS: tuple[Option[Any], ...] = (
    click.option("--baseline", type=FILE, metavar="FILE", help="Findings that are accepted for a while, and not red."),
    click.option("--baseline-update", is_flag=True, help="Accept what is red now: write it into the baseline."),
    click.option("--baseline-prune", is_flag=True, help="Take out of the baseline what no longer occurs."),
    click.option("--baseline-reason", metavar="TEXT", help="With --baseline-update: why."),
    click.option("--baseline-owner", metavar="NAME", help="With --baseline-update: who answers for it."),
    click.option(
        "--baseline-expires", metavar="DAY", help="With --baseline-update: the last day, YYYY-MM-DD or 90d from today."
    ),
    click.option("--today", callback=_day, metavar="DAY", help="The day on which entries expire or not; else today."),
)
