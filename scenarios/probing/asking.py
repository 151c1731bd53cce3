"""One question after another, put to a tenant with throw-away customers; each ends observed, pending or unclear."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from contracts import Request, Response
from contracts.observed import Pending
from contracts.probing import GIVEN, LATER, Question, Step
from contracts.transport import Lost, Transport
from mock_sessionm import SURFACE_OF, TenantSettings
from scenarios.answers import at
from scenarios.calls import request_of

from .answers import Answer, because, choices_of, holds
from .periods import seconds
from .receiver import Receiver
from .script import Script, shown

PREFIX = "harness-probe"
"""How the external ids and the emails of throw-away customers begin."""
FAULT = 500
UNAUTHORISED = 401
FORBIDDEN = 403
TOO_MANY = 429
REDIRECTED = range(300, 400)
CREDENTIALS = {"core": "[core]", "connect": "[connect]", "pos": "[connect]"}
"""API -> the table of the tenant file in which its credentials stand."""
LISTEN = 0.25
"""Seconds between two looks at what the receiver heard."""

State = Literal["observed", "pending", "unclear", "skipped"]


class CannotAsk(Exception):
    """There is no use in asking any more; the text is one line: what, where, why, what to do."""


class Troubled(Exception):
    """This question cannot be asked to its end; the text says why."""


class Interrupted(Troubled):
    """It was the way to the tenant, or a fault of the tenant's: another time it may go well."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question.

    choice    what was observed
    because   what the answers held, in words for people; for an unclear one, what came
    why       why it was skipped, or is unclear or pending
    """

    id: str
    state: State
    choice: str = ""
    because: tuple[str, ...] = ()
    why: str = ""
    pending: Pending | None = None


@dataclass(slots=True)
class Asking:
    """How a tenant is asked.

    opened     a new way to it; one for each request that goes out at the same moment as another
    names      what must be set up there -> its id
    receiver   who listens to what SessionM sends out, if anybody does
    folder     where files go that a person must import
    told       is given each line that a person should see, before the request that it shows
    clock, pause   seconds since 1970, and how some of them are let pass
    settle     seconds that a tenant gets to do what it does after it answered
    """

    opened: Callable[[], Transport]
    settings: TenantSettings
    names: Mapping[str, Any]
    seed: int
    receiver: Receiver | None = None
    folder: Path = Path()
    told: Callable[[str], None] = lambda _line: None
    clock: Callable[[], float] = time.time
    pause: Callable[[float], None] = time.sleep
    settle: float = 2.0
    reached: bool = False
    left: list[str] = field(default_factory=list)
    _door: Transport | None = field(default=None, repr=False)

    def ask(self, question: Question) -> Outcome:
        """Ask from the first step on. Raises `CannotAsk`; then the throw-away customers are gone, or in `left`."""
        return self._taken(question, self._script(question), 0)

    def resume(self, question: Question, pending: Pending) -> Outcome:
        """Go on where a question was left. Raises `CannotAsk`, and the question is as pending as it was."""
        if pending.due > self.clock():
            return Outcome(question.id, "pending", why=_until(pending), pending=pending)
        script = self._script(question)
        script.known |= pending.names
        script.people |= pending.people
        return self._taken(question, script, pending.step, pending)

    def preview(self, question: Question, pending: Pending | None = None) -> Iterator[str]:
        """Every request that would be sent, with the names of what is not known yet in braces."""
        script = self._script(question)
        script.people |= {step["as"]: f"{{{step['as']}}}" for step in question.steps if "as" in step}
        if pending is not None:
            script.known |= pending.names
            script.people |= pending.people
        for step in question.steps[pending.step if pending else 0 :]:
            if "settle" not in step:
                yield shown(step, script)
        for name in script.people:
            if name not in GIVEN:
                yield shown({"do": "deleteUser", "who": name}, script)

    def _script(self, question: Question) -> Script:
        chance = random.Random(f"{self.seed} {question.id}")
        run = f"{PREFIX}-{self.seed:x}-{question.id}"
        known = {
            "run": run,
            "mail": f"{run}@example.com",
            "word": f"probe_{self.seed:x}_{chance.getrandbits(24):06x}",
            "number": str(chance.randrange(10**17, 10**18)),
        }
        nobody = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        today = datetime.fromtimestamp(self.clock(), UTC).date()
        return Script(self.settings, {**self.names, **known}, today, {"nobody": nobody})

    def _taken(self, question: Question, script: Script, start: int, before: Pending | None = None) -> Outcome:
        """Take the steps from one on, and read the answers."""
        answers: dict[str, Answer] = {}
        try:
            for number, step in enumerate(question.steps[start:], start=start + 1):
                if any(kind in step for kind in LATER):
                    return self._put_off(question, script, number, step)
                self._step(step, script, answers, f"step {number}")
            outcome = self._decided(question, script, answers)
        except Troubled as trouble:
            if before is not None and isinstance(trouble, Interrupted):
                return Outcome(question.id, "pending", why=f"as before: {trouble}", pending=before)
            came = tuple(f"{name}: {answer.said()}" for name, answer in answers.items())
            outcome = Outcome(question.id, "unclear", why=str(trouble), because=came)
        except (CannotAsk, KeyboardInterrupt):
            if before is None:
                self._remove(script)
            raise
        if outcome.state == "pending" and before is not None:
            return replace(outcome, pending=before)
        self._remove(script)
        return outcome

    def _put_off(self, question: Question, script: Script, number: int, step: Step) -> Outcome:
        """Leave a question for later, with all that is wanted to go on."""
        now = self.clock()
        due, to_do = now, ""
        if "wait" in step:
            due += seconds(step["wait"])
        else:
            path = self.folder / f"{script.known['run']}-{step['hand']['file']}.csv"
            try:
                path.write_text(script.filled(step["hand"]["csv"]), encoding="utf-8")
            except OSError as error:
                raise CannotAsk(f"{path}: cannot be written: {error.strerror}; choose another place") from error
            to_do = f"{path}: {step['hand']['says']}"
        names = {name: value for name, value in script.known.items() if name not in self.names}
        people = {name: id_ for name, id_ in script.people.items() if name not in GIVEN}
        pending = Pending(since=now, due=due, step=number, names=names, people=people, to_do=to_do)
        return Outcome(question.id, "pending", why=_until(pending), pending=pending)

    def _step(self, step: Step, script: Script, answers: dict[str, Answer], place: str) -> None:
        if "do" in step:
            self.told(shown(step, script))
            answer = self._together(step, script) if "together" in step else self._asked(step, script)
            self._remember(step, script, answer, place)
        elif "hear" in step:
            answer = self._heard(step, script)
        else:
            self._between(step)
            return
        if "id" in step:
            answers[step["id"]] = answer
        elif not answer.ok:
            raise Troubled(f"{place}, {step.get('do', 'hear')}: {answer.said()}")

    def _between(self, step: Step) -> None:
        if "pause" in step:
            self.pause(seconds(step["pause"]))
        elif "settle" in step and self.settle:
            self.pause(self.settle)
        elif "answers" in step and self.receiver is not None:
            self.receiver.answers[:] = step["answers"]

    def _asked(self, step: Step, script: Script) -> Answer:
        if self._door is None:
            self._door = self.opened()
        return self._read(step, self._exchange(self._door, request_of(step, script)))

    def _together(self, step: Step, script: Script) -> Answer:
        """The same request several times at the same moment; the answer is a list of answers."""
        request = request_of(step, script)
        doors = [self.opened() for _ in range(step["together"])]
        with ThreadPoolExecutor(len(doors)) as pool:
            came = list(pool.map(lambda door: self._exchange(door, request), doors))
        every = [self._read(step, one) for one in came]
        return Answer({"answers": [{"status": one.status, "ok": one.ok, "body": one.body} for one in every]}, ok=True)

    def _exchange(self, door: Transport, request: Request) -> Response:
        try:
            answer = door.send(request)
        except Lost as error:
            if self.reached:
                raise Interrupted(str(error)) from error
            raise CannotAsk(f"{error}; is --host the address of the tenant?") from error
        self.reached = True
        return answer

    def _read(self, step: Step, response: Response) -> Answer:
        surface = SURFACE_OF[step["do"]].name
        if response.status == FORBIDDEN:
            raise Troubled(f"{step['do']}: HTTP {FORBIDDEN}; the credentials may not do this")
        if response.status >= FAULT or response.status == TOO_MANY:
            raise Interrupted(f"{step['do']}: HTTP {response.status}")
        if response.status == UNAUTHORISED:
            raise CannotAsk(
                f"{step['do']}: HTTP 401; are key and secret in {CREDENTIALS[surface]} of --tenant the right ones?"
            )
        try:
            if response.status not in REDIRECTED:
                return Answer.of(response, surface)
        except ValueError:
            pass
        what = response.headers.get("content-type", "no content type").partition(";")[0]
        raise CannotAsk(
            f"{step['do']}: HTTP {response.status} with {what}, not JSON; is --host the address of SessionM's API?"
        )

    def _remember(self, step: Step, script: Script, answer: Answer, place: str) -> None:
        if "as" in step and answer.ok:
            try:
                script.people[step["as"]] = str(at(answer.body, "/user/id"))
            except LookupError as error:
                raise Troubled(f"{place}, {step['do']}: an answer without /user/id: {answer.said()}") from error
        for name, pointer in step.get("keep", {}).items():
            try:
                script.known[name] = at(answer.body, pointer)
            except LookupError as error:
                raise Troubled(f"{place}, {step['do']}: nothing at {pointer}: {answer.said()}") from error

    def _heard(self, step: Step, script: Script) -> Answer:
        """What the receiver heard of these people; it is listened to until enough came, or the time is over."""
        if self.receiver is None:
            raise Troubled("nobody listens")
        about = [str(script.filled(one)) for one in step["about"]]
        calls = self.receiver.take(about)
        waited = 0.0
        while len(calls) < step["hear"] and waited < seconds(step["within"]):
            self.pause(LISTEN)
            waited += LISTEN
            calls += self.receiver.take(about)
        return Answer({"calls": calls}, ok=bool(calls))

    def _decided(self, question: Question, script: Script, answers: Mapping[str, Answer]) -> Outcome:
        if question.not_yet and all(holds(condition, answers, script.filled) for condition in question.not_yet):
            return Outcome(question.id, "pending", why="what was to be done by hand is not there yet")
        if question.moot and all(holds(condition, answers, script.filled) for condition in question.moot):
            return Outcome(question.id, "skipped", why=f"it makes no difference in this tenant: {question.moot_why}")
        fits = choices_of(question, answers, script.filled)
        if len(fits) == 1:
            why = tuple(because(question.decides[fits[0]]))
            return Outcome(question.id, "observed", choice=fits[0], because=why)
        came = tuple(f"{name}: {answer.said()}" for name, answer in answers.items())
        which = f"the answers fit {' and '.join(fits)}" if fits else "the answers fit no choice of the register"
        return Outcome(question.id, "unclear", why=which, because=came)

    def _remove(self, script: Script) -> None:
        """Delete the throw-away customers; those that cannot be deleted are in `left`."""
        for name, id_ in script.people.items():
            if name in GIVEN:
                continue
            step = {"do": "deleteUser", "who": name}
            self.told(shown(step, script))
            try:
                gone = self._asked(step, script).ok
            except (CannotAsk, Troubled):
                gone = False
            if not gone:
                self.left.append(id_)


def _until(pending: Pending) -> str:
    return pending.to_do or f"until {pending.written(pending.due)}"
