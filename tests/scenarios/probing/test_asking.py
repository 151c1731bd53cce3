"""The proof of `probe`: a fake with another choice, asked over its vendor APIs alone, gives that choice away."""

import random
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts import Choices, Request, Response
from contracts.probing import Question, questions
from contracts.settings import checked
from contracts.transport import InProcessWeb, WsgiTransport
from mock_sessionm import Clock, TenantSettings, create_app, world
from scenarios.probing.asking import Asking, Outcome
from scenarios.probing.receiver import Receiver
from scenarios.probing.setting_up import RECEIVER, bound, tables, wanted

START = "2026-06-15T12:00:00Z"
CREDENTIALS = {
    "core": {"api_key": "probed", "api_secret": "probed-secret"},
    "connect": {
        "key": "probed-connect",
        "secret": "probed-connect-secret",
        "retailer_id": "00000000-0000-4000-8000-000000000009",
    },
}


class OneAtATime:
    """A way into an app that does one request after another, as the fake's server does."""

    def __init__(self, app: Any, lock: threading.Lock) -> None:
        self._through = WsgiTransport(app)
        self._lock = lock
        self.sent: list[Request] = []

    def send(self, request: Request) -> Response:
        assert "/__admin" not in request.target
        self.sent.append(request)
        with self._lock:
            return self._through.send(request)


class Account:
    """A fake with everything set up that a probe needs, in this process, and a clock that is moved by hand."""

    def __init__(self, chosen: Mapping[str, str], folder: Path, seed: int = 1) -> None:
        document = {**CREDENTIALS, **tables(questions().values())}
        settings = TenantSettings.of(checked(document, "tenant.schema.yaml", "probed"))
        self.receiver = Receiver()
        self.app = create_app(
            settings,
            clock=Clock(0, frozen=True),
            choices=Choices(chosen),
            outside=InProcessWeb({RECEIVER: self.receiver}),
        )
        self.tenant = next(iter(world(self.app).tenants.values()))
        self.tenant.clock.set(START)
        names, lacks = bound(settings, wanted(questions().values()))
        assert not lacks
        self.told: list[str] = []
        self.folder = folder
        lock = threading.Lock()
        self.asking = Asking(
            opened=lambda: OneAtATime(self.app, lock),
            settings=settings,
            names=names,
            seed=seed,
            receiver=self.receiver,
            folder=folder,
            told=self.told.append,
            clock=self.tenant.clock.now,
            pause=self.passes,
        )

    def passes(self, seconds: float) -> None:
        self.tenant.clock.advance(seconds)

    def answered(self, question: Question) -> Outcome:
        """The outcome in the end, with time passing and files imported wherever the question waits for that."""
        outcome = self.asking.ask(question)
        while outcome.state == "pending" and outcome.pending is not None:
            early = self.asking.resume(question, outcome.pending)
            assert early.state == "pending"
            if outcome.pending.to_do:
                self.imports()
            else:
                self.passes(outcome.pending.due - self.tenant.clock.now())
            outcome = self.asking.resume(question, outcome.pending)
        return outcome

    def imports(self) -> None:
        """What a person does by hand: the file that was written goes through the importer."""
        [path] = self.folder.glob("*.csv")
        rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
        [key, _, _] = rows[0]
        sent = [
            [number, id_, tag, int(ttl) if ttl else None] for number, (id_, tag, ttl) in enumerate(rows[1:], start=2)
        ]
        body = orjson.dumps({"lookup_key": key, "rows": sent, "last": True})
        at = f"/__admin/tenants/{self.tenant.api_key}/imports/tags"
        answer = WsgiTransport(self.app).send(Request("POST", at, {"Content-Type": "application/json"}, body))
        assert answer.status < 300, answer.body
        path.unlink()


def mixture(seed: int) -> dict[str, str]:
    """A choice for everything that SessionM owns, by chance."""
    chance = random.Random(seed)
    return {name: chance.choice(list(question.decides)) for name, question in questions().items()}


def every_choice() -> Iterator[Any]:
    for question in questions().values():
        for choice in question.decides:
            yield pytest.param(question, choice, id=f"{question.id}={choice}")


@pytest.mark.parametrize(("question", "choice"), list(every_choice()))
def test_every_choice_of_every_assumption_is_found(question: Question, choice: str, tmp_path: Path) -> None:
    account = Account({question.id: choice}, tmp_path)
    outcome = account.answered(question)
    assert (outcome.state, outcome.choice) == ("observed", choice), outcome
    assert account.asking.left == []
    assert len(account.tenant.customers) == 0


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_other_choices_are_each_is_found(seed: int, tmp_path: Path) -> None:
    chosen = mixture(seed)
    account = Account(chosen, tmp_path, seed)
    outcomes = {name: account.answered(question) for name, question in questions().items()}
    if chosen["issue-quantity"] == "one-with-quantity":
        # One user offer with a quantity is issued whole or not at all, whatever the choice.
        assert outcomes.pop("issue-in-part").state == "skipped"
        del chosen["issue-in-part"]
    assert {name: one.choice or f"{one.why}: {one.because}" for name, one in outcomes.items()} == chosen
