"""A target that has no control API: what can honestly be tried there, and why the rest cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self
from urllib.parse import quote, unquote

import orjson

from contracts import Interaction, Request, Response
from contracts.transport import InProcessWeb, Transport
from contracts.validation import operations
from mock_sessionm import SURFACE_OF, Clock, Tenant, TenantSettings

from .far import instant
from .place import Place, Unfit, needed_events
from .scenario import Scenario
from .sessionm.records import Records
from .stage import Stage

VENDOR = "sessionm"
KNOWN_BY = frozenset({"external_id", "email"})
"""By what a customer is told from others: it must be nobody else's in the account."""
FEW = 20
"""So many profile attributes a story may leave behind in somebody's account."""
NOBODYS = "no --tenant says in whose account the customers of a story may stay"
BLIND = "what the target keeps can be looked at over a control API only, and it has none"
TIME = "it needs a clock that can be moved, and the target has no control API"
ALONE = "it needs a tenant of its own, and the target has no control API"
TROUBLE = "it needs trouble on purpose, and the target has no control API"
CHOICES = "it needs other choices than those of this run, and the target has no control API"
ELSEWHERE = "without a control API the target is tried as SessionM alone"
EVENTS = "it needs events that --tenant does not define"
FILLS = "it would fill the account with attributes"
SEARCHES = "it searches among everybody in the account"


class Stranger(Place):
    """Somebody's SessionM, in one account of which the credentials are given. A context manager, like `Target`.

    Only stories straight to SessionM are tried that need nothing but answers. Whom a story creates stays there, under
    ids that begin with `token`, which no other run may have.
    """

    def __init__(
        self,
        transport: Transport,
        account: TenantSettings,
        *,
        given: bool,
        token: str,
        on_violation: Any,
        **settings: Any,
    ) -> None:
        """`given` is whether the account was named by the user; `settings` are those of every `Place`."""
        super().__init__(**settings)
        self.door = transport
        self.account = account
        self.given = given
        self.token = token
        self.on_violation = on_violation
        self._stories = 0
        self._known: frozenset[str] = frozenset()
        self._heard: list[Interaction] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing: an account without a control API can be put back by nobody."""

    def tenants(self, scenario: Scenario) -> Mapping[str, Tenant]:
        reason = self.unfit(scenario)
        if reason:
            raise Unfit(reason)
        self._stories += 1
        self._known = frozenset(_known(scenario.calls))
        clock = Clock(instant(scenario.at), frozen=True)
        return {"default": Tenant(self.account, clock=clock, choices=self.choices, on_violation=self.on_violation)}

    def forget(self, tenants: Mapping[str, Tenant]) -> None:
        """Nothing: whom a story created stays in the account."""

    def heard(self, tenants: Mapping[str, Tenant]) -> Iterable[Interaction]:  # noqa: ARG002  there is one account
        """What the last story asked and was answered, as it was on this side: nobody tells how it arrived."""
        return tuple(self._heard)

    def stage(self, tenant: Tenant) -> Stage:
        # What time it is there, and who is there besides, the records of a story do not know.
        return Stage(tenant, self.transport(tenant.clock), InProcessWeb({}), records=Records(sure=False))

    def transport(self, clock: Clock) -> Transport:  # noqa: ARG002  the target's time is its own
        self._heard = []
        return _Renaming(self.door, f"{self.token}{self._stories}.", self._known, self._heard)

    def unfit(self, scenario: Scenario) -> str:
        """Why a scenario cannot be tried; empty where it can."""
        if not self.given:
            return NOBODYS
        if scenario.faults:
            return TROUBLE
        if scenario.tenant or scenario.second_tenant:
            return ALONE
        if self.choices_for(scenario) != self.choices or (scenario.on_violation or self.on_violation) != (
            self.on_violation
        ):
            return CHOICES
        if scenario.pauses or any("advance" in step or _tells_time(step, scenario.at) for step in scenario.calls):
            return TIME
        if scenario.kind == "road" or not all("do" in step for step in scenario.calls):
            return BLIND
        return self._unfit_calls(scenario)

    def _unfit_calls(self, scenario: Scenario) -> str:
        if any(SURFACE_OF[step["do"]].vendor != VENDOR for step in scenario.calls):
            return ELSEWHERE
        if not set(needed_events(scenario, self.settings_for(scenario))) <= set(self.account.events):
            return EVENTS
        users = [user for step in scenario.calls if isinstance(user := _part(step.get("body"), "user"), Mapping)]
        if any(len(_part(user, "user_profile") or ()) > FEW for user in users):
            return FILLS
        known = set(_known(scenario.calls)) | {
            phone["phone_number"] for user in users for phone in user.get("phone_numbers") or ()
        }
        asked = [step.get("query", "").casefold() for step in scenario.calls]
        if any(value.casefold() in query for query in asked for value in known):
            return SEARCHES
        return ""


@dataclass(frozen=True, slots=True)
class _Renaming:
    """The way to the target, on which everybody gets another id, and back their own: nobody there had it before."""

    way: Transport
    prefix: str
    known: frozenset[str]
    heard: list[Interaction]

    def send(self, request: Request) -> Response:
        path, mark, query = request.target.partition("?")
        parts = [quote(self._their(unquote(part)), safe="") for part in path.split("/")]
        answer = self.way.send(
            Request(request.method, "/".join(parts) + mark + query, request.headers, self._each(request.body, "their"))
        )
        got = Response(answer.status, answer.headers, self._each(answer.body, "own"))
        asked = _operation(request.method, path)
        self.heard.append(Interaction(len(self.heard) + 1, 0.0, "", VENDOR, asked, _without(request), got))
        return got

    def _their(self, value: str) -> str:
        return self.prefix + value if value in self.known else value

    def _own(self, value: str) -> str:
        return value.removeprefix(self.prefix)

    def _each(self, body: bytes, way: str) -> bytes:
        """The body with every text in it translated; just as it was, where that changes nothing or it is no JSON."""
        try:
            before = orjson.loads(body)
        except ValueError:
            return body
        after = _texts(before, self._their if way == "their" else self._own)
        return body if after == before else orjson.dumps(after)


@cache
def _operation(method: str, path: str) -> str:
    """The operation that a request is for; empty where the contract has none there."""
    fits = [
        (template.count("{"), name)
        for name, (own, template) in operations(VENDOR).items()
        if own == method and re.fullmatch(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template)), path)
    ]
    return min(fits, default=(0, ""))[1]


def _without(request: Request) -> Request:
    """The request without credentials."""
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() != "authorization"}
    return Request(request.method, request.target, headers, request.body)


def _texts(value: Any, translated: Any) -> Any:
    if isinstance(value, str):
        return translated(value)
    if isinstance(value, list):
        return [_texts(one, translated) for one in value]
    if isinstance(value, dict):
        return {name: _texts(one, translated) for name, one in value.items()}
    return value


def _tells_time(step: Mapping[str, Any], at: str) -> bool:
    """Whether what a step must be answered hangs on what time it is."""
    told = orjson.dumps(step.get("says")).decode()
    return at[:10] in told or '"ttl"' in told


def _known(value: Any) -> Iterator[str]:
    """Every id and email in the steps of a story."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            if name in KNOWN_BY and isinstance(one, str):
                yield one
            else:
                yield from _known(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _known(one)


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None
