"""A tenant of the fake with everything that a probe needs, asked in this process and over vendor APIs alone."""

import dataclasses
import itertools
import random
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

import orjson

from contracts import Choices, Request, Response
from contracts.probing import Question, questions
from contracts.settings import checked
from contracts.transport import InProcessWeb, WsgiTransport
from mock_sessionm import Clock, TenantSettings, create_app, world
from scenarios.probing.asking import Asking, Outcome
from scenarios.probing.receiver import Receiver
from scenarios.probing.setting_up import RECEIVER, bound, tables, wanted

START = "2026-06-15T12:00:00Z"
SECRETS = ("probed-key", "probed-secret", "probed-connect", "probed-password")
CORE = {"api_key": SECRETS[0], "api_secret": SECRETS[1]}
CONNECT = {"key": SECRETS[2], "secret": SECRETS[3], "retailer_id": "00000000-0000-4000-8000-000000000009"}
WEB = InProcessWeb({})
NUMBERS = itertools.count()


@cache
def fake() -> Any:
    """One app for all tests of a process; each account is a tenant of its own in it."""
    return create_app(TenantSettings(), clock=Clock(0, frozen=True), choices=Choices(), outside=WEB)


@cache
def everything() -> TenantSettings:
    document = {"core": CORE, "connect": CONNECT, **tables(questions().values())}
    return TenantSettings.of(checked(document, "tenant.schema.yaml", "probed"))


class OneAtATime:
    """A way into an app that does one request after another, as the fake's server does."""

    def __init__(self, app: Any, lock: threading.Lock) -> None:
        self._through = WsgiTransport(app)
        self._lock = lock

    def send(self, request: Request) -> Response:
        assert "/__admin" not in request.target
        with self._lock:
            return self._through.send(request)


class Account:
    """One tenant, with choices of its own and a clock that is moved by hand."""

    def __init__(self, chosen: Mapping[str, str], folder: Path, seed: int = 1) -> None:
        number = next(NUMBERS)
        connect = {**CONNECT, "key": f"{CONNECT['key']}{number}"}
        settings = dataclasses.replace(
            everything(), api_key=f"{CORE['api_key']}{number}", partners={"connect": connect}, assumptions=dict(chosen)
        )
        self.receiver = Receiver()
        WEB.apps[RECEIVER] = self.receiver
        self.tenant = world(fake()).create(settings)
        self.tenant.clock.set(START)
        names, lacks = bound(settings, wanted(questions().values()))
        assert not lacks
        self.told: list[str] = []
        self.folder = folder
        lock = threading.Lock()
        self.asking = Asking(
            opened=lambda: OneAtATime(fake(), lock),
            settings=settings,
            names=names,
            seed=seed,
            receiver=self.receiver,
            folder=folder,
            told=self.told.append,
            clock=self.tenant.clock.now,
            pause=self.tenant.clock.advance,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        world(fake()).delete(self.tenant.api_key)

    def answered(self, question: Question) -> Outcome:
        """The outcome in the end, with time passing and files imported wherever the question waits for that."""
        outcome = self.asking.ask(question)
        while outcome.state == "pending" and outcome.pending is not None:
            assert self.asking.resume(question, outcome.pending).state == "pending"
            if outcome.pending.to_do:
                self.imports()
            else:
                self.tenant.clock.advance(outcome.pending.due - self.tenant.clock.now())
            outcome = self.asking.resume(question, outcome.pending)
        return outcome

    def imports(self) -> None:
        """What a person does by hand: the file that was written goes through the importer."""
        [path] = self.folder.glob("*.csv")
        [key, _, _], *rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
        sent = [[number, id_, tag, int(ttl) if ttl else None] for number, (id_, tag, ttl) in enumerate(rows, start=2)]
        body = orjson.dumps({"lookup_key": key, "rows": sent, "last": True})
        at = f"/__admin/tenants/{self.tenant.api_key}/imports/tags"
        answer = WsgiTransport(fake()).send(Request("POST", at, {"Content-Type": "application/json"}, body))
        assert answer.status < 300, answer.body
        path.unlink()


def mixture(seed: int) -> dict[str, str]:
    """A choice for everything that SessionM owns, by chance."""
    chance = random.Random(seed)
    return {name: chance.choice(list(question.decides)) for name, question in questions().items()}
