"""Forwarders that take an answer for what it is not, come in with wrong credentials, or tell untruly how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from contracts.interaction import Request, Response
from contracts.transport import Lost, Transport
from forwarder import DESTINATIONS, Connection, Credentials, Delivered, Delivery, Plan, Retries
from forwarder import delivery as delivering
from forwarder.destination import FINE
from forwarder.judge import DELIVERED, RULE, Judgement, judge

from .mutant import Mutant
from .wrong import patching, wrong


def answer_mutants() -> Iterator[Mutant]:
    """Every forwarder that is wrong about answers, credentials or outcomes."""
    yield from _judgements()
    yield from _credentials()
    yield from _words()


# --- what an answer means ---------------------------------------------------------------------------------

Judge = Callable[..., Judgement]


def _by_status(request: Any, outcome: Any, table: Retries, **more: Any) -> Judgement:
    if isinstance(outcome, Response) and 200 <= outcome.status < 300:
        return DELIVERED
    return judge(request, outcome, table, **more)


def _lost_is_delivered(request: Any, outcome: Any, table: Retries, **more: Any) -> Judgement:
    return DELIVERED if isinstance(outcome, Lost) else judge(request, outcome, table, **more)


def _redirect_is_delivered(request: Any, outcome: Any, table: Retries, **more: Any) -> Judgement:
    if isinstance(outcome, Response) and 300 <= outcome.status < 400:
        return DELIVERED
    return judge(request, outcome, table, **more)


def _absent_is_refused(request: Any, outcome: Any, table: Retries, **more: Any) -> Judgement:
    told = judge(request, outcome, table, **more)
    return replace(told, name="refused") if told.name == "absent" else told


def _any_error_is_absent(request: Any, outcome: Any, table: Retries, **more: Any) -> Judgement:
    told = judge(request, outcome, table, **more)
    return replace(told, name="absent") if told.name == "refused" and request.creates else told


JUDGES: Mapping[str, tuple[str, str, Judge]] = {
    "error-in-200": ("sessionm.error-in-200", "An error under 200 is taken for a success.", _by_status),
    "any-success": (RULE, "Every answer from 200 to 299 is a success, whoever's page it is.", _by_status),
    "lost": (RULE, "A request without an answer is taken to have arrived.", _lost_is_delivered),
    "redirect": (RULE, "A redirect is taken for a success.", _redirect_is_delivered),
    "absent": ("sessionm.create-or-update", "Whom SessionM does not know is refused.", _absent_is_refused),
    "any-absent": ("sessionm.create-or-update", "Whatever is refused is created.", _any_error_is_absent),
}
"""What an answer can be taken for, with the rule and a sentence."""


def _judgements() -> Iterator[Mutant]:
    for what, (rule, says, judged) in JUDGES.items():
        shows = ("fault/update-final",) if what == "any-absent" else ()
        yield wrong(rule, "answer misread", what, says, patched=patching(delivering, "judge", judged), shows=shows)
    for name, end in DESTINATIONS.items():
        deaf = {**DESTINATIONS, name: replace(end, trouble=lambda _response: FINE)}
        says = f"What {end.title} says in the body of an answer is not read."
        rule = "sessionm.error-in-200" if name == "sessionm" else RULE
        patched = patching(delivering, "DESTINATIONS", deaf)
        yield wrong(rule, "answer misread", f"{name}-body", says, patched=patched, road=name)


# --- credentials ------------------------------------------------------------------------------------------

Access = Callable[[Connection, str], Credentials | None]
PLATFORMS = "sessionm.platform-credentials"


def _of_default(connection: Connection, _platform: str) -> Credentials | None:
    return connection.account or connection.platforms.get("default")


def _own_alone(connection: Connection, platform: str) -> Credentials | None:
    return connection.account or connection.platforms.get(platform)


def _first(connection: Connection, _platform: str) -> Credentials | None:
    return connection.account or list(connection.platforms.values())[-1]


def _swapped(connection: Connection, platform: str) -> Credentials | None:
    own = _credentials_of(connection, platform)
    return own and Credentials(own.api_secret, own.api_key)


def _mixed(connection: Connection, platform: str) -> Credentials | None:
    own, default = _credentials_of(connection, platform), _of_default(connection, platform)
    return own and default and Credentials(own.api_key, default.api_secret)


_credentials_of: Access = Connection.credentials

ACCESS: Mapping[str, tuple[str, Access]] = {
    "default": ("Every platform's data goes out with the default credentials.", _of_default),
    "no-default": ("A platform without credentials of its own has none.", _own_alone),
    "one": ("All data goes out with the credentials of one platform.", _first),
    "swapped": ("Key and secret are swapped.", _swapped),
    "mixed": ("The key is the platform's own, the secret the default one.", _mixed),
}


def _credentials() -> Iterator[Mutant]:
    for what, (says, access) in ACCESS.items():
        patched = patching(Connection, "credentials", access)
        yield wrong(PLATFORMS, "credentials wrong", what, says, patched=patched, road="sessionm")
    for name, rule in (("customerio", "customerio.customer-id-first"), ("mparticle", "madconnect.one-input")):
        says = f"On the road to {DESTINATIONS[name].title}, key and secret are swapped."
        patched = patching(Connection, "credentials", _swapped)
        yield wrong(rule, "credentials wrong", "swapped", says, patched=patched, road=name)


# --- words and headers ------------------------------------------------------------------------------------


class _Gloomy(Delivery):
    def outcomes(self, plan: Plan, *, settled: Any = ()) -> Iterator[Delivered]:
        for told in super().outcomes(plan, settled=settled):
            yield replace(told, verdict="refused") if told.key.endswith("event.0") else told


class _Hopeful(Delivery):
    def outcomes(self, plan: Plan, *, settled: Any = ()) -> Iterator[Delivered]:
        yield from (replace(told, verdict="delivered") for told in super().outcomes(plan, settled=settled))


class _Miscounting(Delivery):
    def outcomes(self, plan: Plan, *, settled: Any = ()) -> Iterator[Delivered]:
        yield from (replace(told, attempts=told.attempts + 1) for told in super().outcomes(plan, settled=settled))


class _Silent(Delivery):
    def outcomes(self, plan: Plan, *, settled: Any = ()) -> Iterator[Delivered]:
        yield from list(super().outcomes(plan, settled=settled))[:-1]


class _Untyped:
    """A transport over which nothing says what its body is."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name != "Content-Type"}
        return self._transport.send(replace(request, headers=headers))


def _untyped(transport: Transport, connection: Connection, **more: Any) -> Delivery:
    return Delivery(_Untyped(transport), connection, **more)


def _words() -> Iterator[Mutant]:
    for what, says, made in (
        ("gloomy", "Events that were taken are told as refused.", _Gloomy),
        ("hopeful", "Whatever became of a request is told as delivered.", _Hopeful),
        ("tries", "One try more is told than was made.", _Miscounting),
        ("silent", "Of the last request of a batch nothing is told.", _Silent),
    ):
        yield wrong("harness.fates-true", "outcome lies", what, says, delivery=made)
    for name, end in DESTINATIONS.items():
        says = f"On the road to {end.title}, no request says that its body is JSON."
        yield wrong("harness.requests-in-contract", "header lost", name, says, delivery=_untyped, road=name)
