"""A round of questions: which can be asked at all, what became of each, and what is written down of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from contracts import assumptions
from contracts.observed import Observations, ObservationsError, Observed, Pending, Unclear, load
from contracts.probing import Question, needed
from mock_sessionm import PARTNERS, SURFACE_OF, TenantSettings

from .asking import Asking, Outcome
from .setting_up import bound


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a round may do, and what it has at hand."""

    changes_tenant: bool = False
    resume: bool = False
    listens: bool = False


@dataclass(slots=True)
class Round:
    """Questions to one host. `before` is what the file at `path` said of it when the round began."""

    path: Path
    before: Observations
    now: Observations
    outcomes: list[Outcome] = field(default_factory=list)

    @classmethod
    def at(cls, path: Path, host: str) -> Round:
        """Raises `ObservationsError` where there is a file that is not usable, or is about another host."""
        before = load(path) if path.exists() else Observations(host)
        if before.host != host:
            raise ObservationsError(
                f"{path}: is about {before.host}, not about {host}; name another file with --observations"
            )
        return cls(path, before, before)

    def expected(self, name: str) -> str:
        """The choice that held so far: the one that was observed, else the register's own."""
        seen = self.before.observed.get(name)
        return seen.choice if seen else assumptions()[name].choice

    def run(
        self,
        questions: Iterable[Question],
        asking: Asking,
        refused: Mapping[str, str],
        begin: Callable[[Question], None],
    ) -> Iterator[Outcome]:
        """Ask one after another, and write down what each gave before the next one is asked.

        `refused` says why some are not asked. Raises `CannotAsk`, and `ObservationsError` where nothing can be
        written, which is tried before anything is asked.
        """
        tried = False
        for question in questions:
            if question.id in refused:
                outcome = Outcome(question.id, "skipped", why=refused[question.id])
            else:
                if not tried:
                    self._write()
                    tried = True
                begin(question)
                pending = self.now.pending.get(question.id)
                outcome = asking.resume(question, pending) if pending else asking.ask(question)
            self._keep(outcome, asking.clock())
            self.outcomes.append(outcome)
            yield outcome

    @property
    def differing(self) -> list[Outcome]:
        """Those that contradict what held so far."""
        seen = [one for one in self.outcomes if one.state == "observed"]
        return [one for one in seen if one.choice != self.expected(one.id)]

    @property
    def exit_code(self) -> int:
        """1 where an answer contradicts what held so far, or fits nothing; 3 where nothing was asked."""
        states = {one.state for one in self.outcomes}
        if self.differing or "unclear" in states:
            return 1
        return 0 if states & {"observed", "pending"} else 3

    def _keep(self, outcome: Outcome, moment: float) -> None:
        day = datetime.fromtimestamp(moment, UTC).date().isoformat()
        found: Observed | Unclear | Pending | None = None
        if outcome.state == "observed":
            found = Observed(outcome.choice, day, outcome.because)
        elif outcome.state == "unclear":
            found = Unclear(outcome.why, day, outcome.because)
        elif outcome.pending is not None and outcome.state == "pending":
            found = outcome.pending
        if found is not None:
            self.now = self.now.put(outcome.id, found)
            self._write()

    def _write(self) -> None:
        """The file as a whole, in the place of the old one: a kill leaves the one or the other."""
        beside = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            beside.write_text(self.now.text(), encoding="utf-8")
            beside.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise ObservationsError(f"{self.path}: cannot be written: {error.strerror}; name another place") from error


def refusals(
    questions: Iterable[Question], settings: TenantSettings, before: Observations, allowed: Allowed
) -> dict[str, str]:
    """Why some questions are not asked, by their ids."""
    found = {}
    for question in questions:
        why = next(_against(question, settings, before, allowed), None)
        if why is not None:
            found[question.id] = why
    return found


def _against(question: Question, settings: TenantSettings, before: Observations, allowed: Allowed) -> Iterator[str]:
    pending = before.pending.get(question.id)
    if allowed.resume and pending is None:
        yield "nothing of it is pending"
    if pending is not None and not allowed.resume:
        yield f"left pending on {pending.written(pending.since)[:10]}; --resume takes it up"
    if question.changes and not allowed.changes_tenant:
        yield f"it {question.changes}; --changes-tenant allows that"
    if question.listens and not allowed.listens:
        yield "only a receiver of SessionM's calls can see it; --receiver HOST:PORT is one"
    connect = any(SURFACE_OF[step["do"]].name != "core" for step in question.steps if "do" in step)
    if connect and any(name not in settings.partners.get("connect", {}) for name in PARTNERS["connect"]):
        yield f"--tenant has no [connect] with {', '.join(PARTNERS['connect'])}"
    lacks = bound(settings, needed(question.needs))[1]
    if lacks:
        more = f"`sessionm-harness probe --needs --only {question.id}` prints all of it"
        yield f"--tenant lacks {', '.join(lacks)}; {more}"
