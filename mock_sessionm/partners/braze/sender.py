"""Sends a webhook campaign as Braze would: one call for each user, again where it failed, slower where it must.

Nothing here waits or reads a clock by itself, so days pass in no time under a virtual one.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Literal, Protocol

import orjson

from contracts import Choices, Response
from contracts.transport import Lost, TimedOut, Web
from mock_sessionm.limits import limit, table
from mock_sessionm.partners.webhooks_kept import WEBHOOK_BEHAVIOURS

from .liquid.errors import TemplateError
from .message import Person, Rendered
from .webhook import Aborted, Composed, Unsendable, Webhook, compose
from .webhook_campaign import WebhookCampaign
from .webhook_health import HALT, WebhookHealth
from .webhook_waits import Waits, again, asked, received

Outcome = Literal["received", "failed", "aborted"]
Names = Mapping[str, Any]
TIMEOUT = "braze.webhook-timeout"
UNREACHABLE = "braze.webhook-connect-error"
USER_ID = "braze.webhook-user-id"
LONG_WAIT = "braze.webhook-long-wait"
STATUS_ONLY = "braze.webhook-status-only"
NOT_FOUND = 404
FOREVER = float("inf")


class Renders(Protocol):
    """What `message.Renderer` does, as far as it is needed here."""

    def render(self, source: str, person: Person, *, variables: Names | None, campaign: Names | None) -> Rendered: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the message for one user.

    number    which user of the list, from 0
    outcome   received; failed; aborted by the message itself
    tries     calls that were made, those included that Braze only pretends to make
    status    the last one's, also Braze's own 598 and 599; None where no call was made
    code      SessionM's own word, where the last answer held an error
    why       one line, empty where it was received
    rules     rules that have to do with it
    time      which time of the schedule, from 0
    """

    number: int
    outcome: Outcome
    tries: int = 0
    status: int | None = None
    code: str = ""
    why: str = ""
    rules: tuple[str, ...] = ()
    time: int = 0


@dataclass(slots=True)
class _Pending:
    """One user's call on its way. `began` is when it first failed; retries are counted from then."""

    sent: Sent
    person: Person
    composed: Composed | None = None
    began: float | None = None
    unreachable: bool = False


class Sender:
    """The webhooks of one workspace.

    clock    seconds since 1970; sleep is given the seconds until something is due
    chance   the end of the User-Agent comes from it
    allowed  origins that may be called although Braze knows ports 80 and 443 only
    """

    def __init__(
        self,
        renderer: Renders,
        web: Web,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        chance: random.Random,
        allowed: Collection[str] = (),
        choices: Choices | None = None,
        behaviours: frozenset[str] = WEBHOOK_BEHAVIOURS,
    ) -> None:
        self.renderer = renderer
        self.web = web
        self.clock = clock
        self.sleep = sleep
        self.allowed = frozenset(allowed)
        self.choices = choices if choices is not None else Choices()
        self.behaviours = behaviours
        self.agent = f"{chance.getrandbits(160):040x}"
        self.health = WebhookHealth(behaviours)
        self.waits = Waits.load(self.choices, behaviours)

    def send(
        self,
        campaign: WebhookCampaign,
        people: Sequence[Person],
        *,
        variables: Names | None = None,
        about: Names | None = None,
    ) -> list[Sent]:
        """Send on schedule to the target audience: an outcome for each user each time, in the order of the list.

        `variables` are bound in every text of the message, `about` is what Liquid knows as `campaign`.
        """
        run = _Run(self, campaign.webhook, variables, about)
        had: set[int] = set()
        for time, due in enumerate(campaign.schedule.times(self.clock())):
            if "braze.webhook-schedule" in self.behaviours:
                run.until(due)
            for number in self._targets(campaign, people, had):
                run.add(_Pending(Sent(number, "failed", time=time), people[number]))
                had.add(number)
        run.until(FOREVER)
        # In the order in which calls ended, retries would shuffle the list.
        return sorted(run.done, key=lambda sent: (sent.time, sent.number))

    def _targets(self, campaign: WebhookCampaign, people: Sequence[Person], had: set[int]) -> list[int]:
        """Who gets it this time. Who is in the audience is found out just before it is sent."""
        found = list(range(len(people)))
        if "braze.webhook-re-eligible" in self.behaviours and not campaign.schedule.re_eligible:
            found = [number for number in found if number not in had]
        if "braze.webhook-audience" in self.behaviours:
            now = self.clock()
            found = [number for number in found if campaign.audience.takes(people[number], now)]
        return found if "braze.webhook-per-user" in self.behaviours else found[:1]


class _Run:
    """One sending: calls on their way, by the time at which they are due."""

    def __init__(self, sender: Sender, webhook: Webhook, variables: Names | None, about: Names | None) -> None:
        self._sender = sender
        self._webhook = webhook
        self._variables = variables
        self._about = about
        self._due: list[tuple[float, int, _Pending]] = []
        self._order = count()
        self._quiet = 0.0
        self.done: list[Sent] = []

    def add(self, call: _Pending) -> None:
        heapq.heappush(self._due, (self._sender.clock(), next(self._order), call))

    def until(self, moment: float) -> None:
        """Make every call that is due before `moment`, and let that come; with `FOREVER`, every one."""
        while self._due and self._due[0][0] < moment:
            due, _, call = heapq.heappop(self._due)
            self._wait(due)
            if self._sender.clock() < self._quiet:
                self._later(call, self._quiet)
            else:
                self._make(call)
        if moment != FOREVER:
            self._wait(moment)

    def _wait(self, moment: float) -> None:
        seconds = moment - self._sender.clock()
        if seconds > 0:
            self._sender.sleep(seconds)

    def _make(self, call: _Pending) -> None:
        """One try, and what follows from it."""
        sender = self._sender
        try:
            if call.composed is None:
                call.composed = self._composed(call.person)
            status, answer = self._answer(call)
        except Aborted as aborted:
            self.done.append(replace(call.sent, outcome="aborted", why=str(aborted)))
            return
        except (Unsendable, TemplateError) as error:
            self.done.append(replace(call.sent, why=str(error)))
            return
        code = _code(answer)
        call.sent = replace(call.sent, tries=call.sent.tries + 1, status=status, code=code)
        if answer is not None and received(status, sender.behaviours) and not (code and self._reads_bodies()):
            seen = (STATUS_ONLY,) if code else ()
            self.done.append(replace(call.sent, outcome="received", rules=seen))
            return
        now = sender.clock()
        sender.health.failed(call.composed.host, status, now)
        self._failed(call, now, answer)

    def _reads_bodies(self) -> bool:
        return STATUS_ONLY not in self._sender.behaviours

    def _composed(self, person: Person) -> Composed:
        sender = self._sender

        def fill(source: str) -> str:
            if ("{{" not in source and "{%" not in source) or "braze.webhook-liquid" not in sender.behaviours:
                return source
            made = sender.renderer.render(source, person, variables=self._variables, campaign=self._about)
            if made.aborted is not None and "braze.webhook-abort" in sender.behaviours:
                raise Aborted(made.aborted)
            return made.text

        return compose(
            self._webhook,
            fill,
            sender=sender.agent,
            allowed=sender.allowed,
            choices=sender.choices,
            behaviours=sender.behaviours,
        )

    def _answer(self, call: _Pending) -> tuple[int, Response | None]:
        """The status of one try, Braze's own included; None beside it where nobody answered.

        A web that calls only some hosts raises `Unsendable` for the others.
        """
        sender, composed = self._sender, call.composed
        if composed is None:
            raise LookupError("a call is composed before it is made")
        call.unreachable = False
        if sender.health.halted(composed.host, sender.clock()):
            return int(table(HALT)["status"]), None
        timeout = float(limit(TIMEOUT)) if TIMEOUT in sender.behaviours else FOREVER
        try:
            answer = sender.web.fetch(composed.origin, composed.request, timeout=timeout)
        except TimedOut:
            chosen = "braze.webhook-timeout-status" in sender.behaviours
            return int(sender.choices["webhook-timeout-status"]) if chosen else 408, None
        except Lost:
            call.unreachable = True
            return int(table(UNREACHABLE)["status"]) if UNREACHABLE in sender.behaviours else 0, None
        return answer.status, answer

    def _failed(self, call: _Pending, now: float, answer: Response | None) -> None:
        """Try it again where Braze would, at the time at which it would; else it has failed."""
        sender = self._sender
        quiet = asked(answer.headers, now, sender.choices, sender.behaviours) if answer is not None else 0.0
        if sender.choices["webhook-slow-down"] == "whole-webhook" and "braze.webhook-slow-down" in sender.behaviours:
            self._quiet = max(self._quiet, quiet)
        if call.began is None:
            call.began = now
        status = call.sent.status or 0
        lost = call.unreachable and "braze.webhook-at-least-once" not in sender.behaviours
        if not again(status, sender.behaviours) or lost or call.sent.tries > sender.waits.retries:
            self._given_up(call)
            return
        planned = call.began + sender.waits.after(call.sent.tries, unreachable=call.unreachable)
        self._later(call, max(planned, quiet, now))

    def _later(self, call: _Pending, due: float) -> None:
        """Put it off, unless that is beyond the time in which Braze tries again."""
        sender = self._sender
        gives_up = sender.choices["webhook-long-wait"] == "given-up" and "braze.webhook-long-wait" in sender.behaviours
        if call.began is not None and gives_up:
            last = call.began + sender.waits.after(sender.waits.retries, unreachable=call.unreachable)
            if due > last:
                self._given_up(
                    call, f"; asked to wait for {due - sender.clock():.0f} s, beyond the last retry", LONG_WAIT
                )
                return
        heapq.heappush(self._due, (due, next(self._order), call))

    def _given_up(self, call: _Pending, more: str = "", *speaking: str) -> None:
        sent = call.sent
        why = f"HTTP {sent.status}{f', {sent.code}' if sent.code else ''}{more}"
        unknown = sent.status == NOT_FOUND or sent.code == "user_not_found"
        self.done.append(replace(sent, why=why, rules=(*speaking, USER_ID) if unknown else speaking))


def _code(answer: Response | None) -> str:
    """SessionM's own word where the body says that there was an error, under whatever status."""
    if answer is None or b'"error' not in answer.body:
        return ""
    try:
        body = orjson.loads(answer.body)
    except ValueError:
        return ""
    if not isinstance(body, dict) or body.get("status") != "error":
        return ""
    errors = body.get("errors")
    return str(errors.get("code", "error")) if isinstance(errors, dict) else "error"
