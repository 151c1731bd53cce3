"""Recorded interactions, had again: each request is sent, and its answer held against the one that was recorded."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from flask import Flask

from contracts import Interaction, Request, Response, Violation
from contracts.conformance import Call
from contracts.transport import Lost
from mock_sessionm import Tenant, create_app
from scenarios.given import Given
from scenarios.in_contract import ANSWERS, FAULT, REQUESTS
from scenarios.recorded import SUITE, contract
from scenarios.recordings.recorded import Bad, Recorded
from scenarios.verdict import Case, Finding, ScenarioResult

from .accounts import (
    Account,
    Accounts,
    Unplayable,
    complaint_code,
    remember,
    request_of,
    went_well,
)
from .against import Gone, there
from .blame import FOLLOWS, About, Blame
from .equivalence import Comparison, Ignored
from .ground import BEGINNING, Ground, Here
from .history import HISTORY, LOGS, TIMELINES, without_history
from .mismatch import EQUAL, answer_departs, mismatch, outcome, too_early
from .requests_judged import noted, senders, sent_wrongly
from .set_up_as_seen import ONLY_SET_UP, RULES
from .taken_as_given import TakenAsGiven
from .whom import about_whom, in_body, named, remember_people

NO_OPERATION = "it is for no operation of any contract"
NO_BODY = "its body was not recorded"
NO_ANSWER = "no answer was recorded, so nobody knows whether it was done"
TROUBLE = "its answer was trouble on purpose"
TOO_MANY = "it was refused as one of too many, which depends on all that was sent"
WITHOUT_FILE = "it is about what is set up in the tenant, which --tenant FILE says"
UNKNOWN_THERE = "whoever it is about is not known there, and was not made in the recording"
BACKWARDS = "is stamped earlier than an entry before it; the clock stays where it was"
SHOWN = 20
"""So many entries that run backwards are named; all are counted."""
LIMITED = 429
UNKNOWN = frozenset({"user_not_found", "not_found"})
NOTED = "was refused then, and is only noted now"


@dataclass(slots=True)
class InteractionReplay:
    """A replay of recorded interactions, into a fresh fake or `against` whoever is at an address. A context manager.

    on_violation  what the fake does with what a sender must keep and the recording let through
    pace          None for full speed, 1.0 as recorded, 2.0 twice as fast; `sleep` waits
    ignored       (field, reason) -> how often the answers differed there and were the same all the same
    given_before  what was there before the recording began, by what it is
    backwards     the first entries that run backwards; `ran_backwards` counts all
    """

    given: Given
    seed: int = 0
    on_violation: Any = "note"
    against: str | None = None
    pace: float | None = None
    sleep: Callable[[float], None] = time.sleep
    ground: Ground | None = None
    ignored: Ignored = field(default_factory=Counter)
    backwards: list[Bad] = field(default_factory=list)
    ran_backwards: int = 0
    _accounts: Accounts = field(init=False)
    _taken: TakenAsGiven = field(init=False)
    _blame: Blame = field(default_factory=Blame)
    _latest: float = 0.0

    def __post_init__(self) -> None:
        if self.ground is None:
            if self.against:
                self.ground = there(self.against, self.given, on_violation=self.on_violation)
            else:
                self.ground = Here(self.given, self.seed)
        self._accounts = Accounts(
            self.ground.settings,
            self.given.tenant_given,
            self.ignored,
            times=self.ground.timed,
            people=self.against is not None,
        )
        self._taken = TakenAsGiven(self.given.tenant_given)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.ground is not None:
            self.ground.leave()

    @property
    def given_before(self) -> Counter[str]:
        return self._taken.counts

    def play(self, records: Iterable[Recorded]) -> Iterator[ScenarioResult]:
        """What came of each, in the recording's order.

        Raises `Gone` where whoever is at the address answers no more; what came before that holds.
        """
        for one in records:
            try:
                yield self._played(one)
            except Lost as lost:
                raise Gone(f"{lost}; what came before it is judged", one.place) from lost

    # --- one interaction ----------------------------------------------------------------------------------

    def _played(self, one: Recorded) -> ScenarioResult:
        call = contract().call(one.interaction.request)
        if call is None:
            return _untried(one, f"{one.interaction.request.method} of a path", NO_OPERATION)
        known = replace(one.interaction, vendor=call.operation.vendor, operation=call.operation.name)
        one = replace(one, interaction=known)
        at = self._time(one)
        why = self._unplayable(one, call)
        account = self._accounts.of(one, call)
        if why:
            return self._passed_over(one, call, account, why)
        try:
            return self._had_again(one, call, account, at)
        except Unplayable as error:
            return self._passed_over(one, call, account, str(error))

    def _unplayable(self, one: Recorded, call: Call) -> str:
        """Why an interaction is not had again; empty where it is."""
        answer = one.interaction.response
        if "request body" in one.missing:
            return NO_BODY
        if answer is None:
            return NO_ANSWER
        if FAULT in answer.headers:
            return TROUBLE
        if answer.status == LIMITED:
            return TOO_MANY
        if call.operation.name in ONLY_SET_UP and not self.given.tenant_given:
            return WITHOUT_FILE
        return ""

    def _passed_over(self, one: Recorded, call: Call, account: Account, why: str) -> ScenarioResult:
        """One that is not sent again: what the contract says of it is said all the same."""
        if one.interaction.request.method != "GET":
            self._blame.doubt(about_whom(call, one, account, self._tenant(account)))
            # They may have come to be by it.
            account.gone -= set(named(call, one))
        result = _untried(one, _title(one.interaction), why)
        if why in {NO_ANSWER, NO_BODY, TROUBLE}:
            return result
        found = answer_departs(one)
        return replace(result, untried="", findings=(found,), cases=_cases((found,)), requests=1) if found else result

    def _had_again(self, one: Recorded, call: Call, account: Account, at: float) -> ScenarioResult:
        ground, recorded = self.ground, one.interaction.response
        if ground is None or recorded is None:
            raise Unplayable(NO_ANSWER)
        operation = call.operation.name
        whole = "answer body" not in one.missing
        well = went_well(operation, recorded) if whole else recorded.status < 300
        ground.ready(account, at, self._mode(well=well))
        tenant = ground.tenant(account)
        made_late, departed = "", answer_departs(one)
        if tenant is not None and whole:
            self._taken.unseen.place = one.place
            if well and operation == "createUser":
                made_late = self._taken.contradicted(one.interaction.request, account, tenant)
            before = self._taken.before if well else self._taken.refused
            # An answer that is not as the contract has it shows no more than that somebody is there.
            shown = recorded if departed is None else replace(recorded, body=b"")
            before(call, one.interaction.request, shown, account, tenant)
        request = request_of(one, call, account, set_up=self.given.tenant_given)
        about = about_whom(call, one, account, self._tenant(account))
        own = ground.send(request)
        violations = ground.violations(own)
        if well:
            remember(one, account)
        findings = self._findings(one, call, account, about, request, own, violations, departed)
        remember_people(call, one, account, well=well, own=own)
        found = (*findings, too_early(one, made_late)) if made_late else tuple(findings)
        return ScenarioResult(
            _id(one), _title(one.interaction), SUITE, found, _cases(found), requests=1, violations=len(violations)
        )

    def _findings(
        self,
        one: Recorded,
        call: Call,
        account: Account,
        about: About,
        request: Request,
        own: Response,
        violations: Sequence[Violation],
        departed: Finding | None,
    ) -> list[Finding]:
        """What is wrong with an interaction, its first cause first. Raises `Unplayable` where it was not tried."""
        recorded, operation = one.interaction.response or own, call.operation.name
        whole = "answer body" not in one.missing
        well = went_well(operation, recorded) if whole else recorded.status < 300
        own_well = went_well(operation, own)
        findings = list(sent_wrongly(one, call, violations, well=well, refused_now=not own_well))
        if departed is not None:
            if well is not own_well:
                self._blame.doubt(about)
            return [*findings, departed]
        if well is not own_well or (not whole and recorded.status != own.status):
            cause = outcome(one, recorded, own, well=well)
            if self._unknown_there(call, one, account, own, well=well):
                raise Unplayable(UNKNOWN_THERE)
            if self._not_set_up_there(violations, well=well):
                raise Unplayable(WITHOUT_FILE)
            fresh = self._blame.causes(about, [cause])
            if one.interaction.request.method != "GET":
                self._blame.doubt(about)
            if not well and noted(violations):
                # Whether it lets this through or not is how the fake there was set.
                self.ignored[cause.name, NOTED] += 1
                return findings
            if not fresh:
                self.ignored[cause.name, FOLLOWS] += 1
                return [finding for finding in findings if senders(finding)]
            if not {finding.rule for finding in findings} & {violation.rule for violation in violations}:
                findings.append(mismatch(one, cause, violations, against=self.against))
            return findings
        if not whole:
            return findings
        return findings + self._unequal(one, call, account, about, request, own, violations, told=bool(findings))

    def _unequal(
        self,
        one: Recorded,
        call: Call,
        account: Account,
        about: About,
        request: Request,
        own: Response,
        violations: Sequence[Violation],
        *,
        told: bool,
    ) -> list[Finding]:
        """A finding for the first place at which two answers differ that say the same of the whole."""
        recorded = one.interaction.response or own
        operation = call.operation.name
        refused = not went_well(operation, recorded)
        texts = (one.interaction.request.body, request.body)
        asked = (
            "\n".join(text.decode("utf-8", "replace") for text in texts)
            + request.target
            + one.interaction.request.target
        )
        if not refused and self._taken.unseen.before(account, about.person):
            if operation in TIMELINES:
                self.ignored["timeline", HISTORY] += 1
                return []
            if operation in LOGS:
                self.ignored["results", HISTORY] += 1
                recorded, own = without_history(recorded, own, account.ids)
        comparison = Comparison(account.sides, operation, asked, refused=refused)
        differences = comparison.differences(recorded, own)
        if not differences:
            return []
        causes = self._blame.causes(about, differences)
        self.ignored["fields", FOLLOWS] += len(differences) - len(causes)
        if not causes or told:
            return []
        explained = violations if refused else ()
        return [mismatch(one, causes[0], explained, more=len(causes) - 1, against=self.against)]

    def _unknown_there(self, call: Call, one: Recorded, account: Account, own: Response, *, well: bool) -> bool:
        """Whether somebody at an address does not know a customer of whom the recording does not tell the beginning."""
        if self._tenant(account) is not None or not well:
            return False
        return complaint_code(own) in UNKNOWN and not account.made & {*named(call, one), *in_body(one)}

    def _not_set_up_there(self, violations: Sequence[Violation], *, well: bool) -> bool:
        """Whether a fake at an address lacks what only a tenant file could have told it."""
        bare = self.ground is not None and self.ground.bare and not self.given.tenant_given
        return bare and well and any(violation.rule in RULES for violation in violations)

    def _tenant(self, account: Account) -> Tenant | None:
        return self.ground.tenant(account) if self.ground is not None else None

    # --- what goes on beside ------------------------------------------------------------------------------

    def _mode(self, *, well: bool) -> Any:
        """What was refused then must be able to be refused now; what was let through is looked at all the same."""
        return self.on_violation if well or self.on_violation != "note" else "reject"

    def _time(self, one: Recorded) -> float:
        """When an interaction is had again: at its own time, and never before one that went before."""
        at = one.interaction.at
        if at and at < self._latest:
            self.ran_backwards += 1
            if len(self.backwards) < SHOWN:
                self.backwards.append(Bad(one.place, BACKWARDS))
        if self.pace and at > self._latest > 0:
            self.sleep((at - self._latest) / self.pace)
        self._latest = max(self._latest, at)
        return self._latest or BEGINNING


@dataclass(frozen=True, slots=True)
class InteractionJudge:
    """Recorded interactions judged from scratch, each time in a fresh fake: what `shrink` asks."""

    given: Given
    seed: int = 0
    on_violation: Any = "note"
    _spare: list[Flask] = field(default_factory=list)

    def findings(self, records: Sequence[Recorded]) -> list[Finding]:
        """Everything that is wrong with these interactions, in their order."""
        if not self._spare:
            self._spare.append(create_app())
        ground = Here(self.given, self.seed, within=self._spare[0])
        with InteractionReplay(self.given, on_violation=self.on_violation, ground=ground) as replay:
            return [finding for result in replay.play(records) for finding in result.findings]


def _cases(findings: Sequence[Finding]) -> tuple[Case, ...]:
    broken = {finding.rule for finding in findings}
    return tuple(Case(rule, "at", held=rule not in broken) for rule in (REQUESTS, ANSWERS, EQUAL))


def _title(interaction: Interaction) -> str:
    return f"{interaction.request.method} {interaction.operation or 'of no known operation'}"


def _id(one: Recorded) -> str:
    return f"{SUITE}/{one.place}"


def _untried(one: Recorded, title: str, why: str) -> ScenarioResult:
    return ScenarioResult(_id(one), title, SUITE, untried=why)


__all__ = ["Gone", "InteractionJudge", "InteractionReplay"]
