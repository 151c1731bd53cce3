"""Where recorded interactions are played: a fresh fake in this process, with a tenant for each account."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from flask import Flask

from contracts import Request, Response, Violation
from contracts.transport import InProcessWeb, WsgiTransport
from mock_sessionm import Clock, Tenant, TenantSettings, World, create_app, world
from scenarios.given import Given

from .accounts import Account, Unplayable

RULE = "x-harness-rule"
FAILED = 500
MISTAKE = "the fake itself failed at it, which is a mistake of ours; please report it"
BEGINNING = 1_767_225_600.0
"""2026-01-01: the time of a recording that says none."""


class Ground(Protocol):
    """Somebody who answers.

    timed   whether its time is that of the recording
    bare    whether it has nothing set up but what a tenant file says, and nothing is put into it on the way
    """

    timed: bool
    bare: bool

    def settings(self, number: int) -> TenantSettings:
        """The tenant for the account of a number."""
        ...

    def tenant(self, account: Account) -> Tenant | None:
        """The tenant itself, where it is at hand."""
        ...

    def ready(self, account: Account, at: float, on_violation: Any) -> None:
        """Let it be a time, and let violations be met so."""
        ...

    def send(self, request: Request) -> Response:
        """Have the interaction. Raises `Lost` where no answer came."""
        ...

    def violations(self, answer: Response) -> tuple[Violation, ...]:
        """What whoever answered noticed of the latest request."""
        ...

    def leave(self) -> None:
        """Leave nothing behind."""
        ...


@dataclass(slots=True)
class Here:
    """The fake in this process. Nothing that it sends out goes anywhere.

    `within` is an app that becomes the fake; it is what it was before to nobody any more.
    """

    given: Given
    seed: int
    within: Flask | None = None
    timed: bool = True
    bare: bool = False
    _world: World = field(init=False)
    _way: WsgiTransport = field(init=False)

    def __post_init__(self) -> None:
        app = create_app(
            self.given.tenant,
            clock=Clock(BEGINNING, frozen=True),
            seed=self.seed,
            on_violation="note",
            choices=self.given.choices,
            # The journal is only asked about the latest request.
            journal_limit=1,
            outside=InProcessWeb({}),
            within=self.within,
        )
        self._world = world(app)
        self._way = WsgiTransport(app)

    def settings(self, number: int) -> TenantSettings:
        if number:
            own = replace(self.given.tenant, **fresh(self._world, self.given.tenant))
            return self._world.create(own).settings
        return next(iter(self._world.tenants.values())).settings

    def tenant(self, account: Account) -> Tenant:
        return self._world.tenants[account.settings.api_key]

    def ready(self, account: Account, at: float, on_violation: Any) -> None:
        tenant = self.tenant(account)
        tenant.clock.set(at)
        tenant.on_violation = on_violation

    def send(self, request: Request) -> Response:
        answer = self._way.send(request)
        if answer.status == FAILED:
            # Nothing that the vendor would do; nobody else's answer can be held against it.
            raise Unplayable(MISTAKE)
        return answer

    def violations(self, answer: Response) -> tuple[Violation, ...]:
        if RULE not in answer.headers:
            return ()
        return next((entry.violations for entry in self._world.journal), ())

    def leave(self) -> None:
        """Nothing is left of it anyway."""


def fresh(around: World, settings: TenantSettings) -> dict[str, Any]:
    """Credentials that no tenant has; whatever else a partner's table says stays."""
    made = around.fresh_credentials()
    partners = {name: {**settings.partners.get(name, {}), **own} for name, own in made["partners"].items()}
    for number, one in enumerate(partners.get("braze", {}).get("keys", ())):
        partners["braze"]["keys"] = [
            *partners["braze"]["keys"][:number],
            {**one, "api_key": f"{partners['braze']['api_key']}-{number}"},
            *partners["braze"]["keys"][number + 1 :],
        ]
    inputs = partners.get("mparticle", {}).get("inputs", ())
    if inputs:
        own = partners["mparticle"]["key"]
        partners["mparticle"]["inputs"] = [{**one, "key": f"{own}-{number}"} for number, one in enumerate(inputs)]
    return {**made, "partners": partners}
