"""Scenarios against a fake at an address: each with a tenant of its own there, judged as in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from contracts import Interaction, Request, Response
from contracts.transport import HttpTransport, Lost, TimedOut, Web, origin
from mock_sessionm import Clock, Tenant, TenantSettings

from .far import ODD, Control, Mirror, Refused, TargetError
from .place import Place, Unfit
from .scenario import Scenario
from .stage import ORIGIN, Stage

if TYPE_CHECKING:
    from .given import Given
    from .stranger import Stranger

__all__ = ["Target", "TargetError"]

TIMEOUT = 10.0
"""Seconds that the target has for an answer; the embedded one has as many, of its virtual time."""
HASTE = 5.0
"""So many seconds of an answer that is late on purpose pass in a real one."""
DELAY = "x-harness-delay"
CONFLICT = 409
LOCAL = "all its steps happen here, and none of them reaches the target"


class Target(Place):
    """A fake elsewhere, moved and asked over its control API. A context manager: no tenant of ours stays behind.

    url         where it is
    transport   the way there
    token       the beginning of the keys of all tenants, which no other run may have at the same time
    """

    def __init__(self, url: str, transport: HttpTransport, *, token: str, on_violation: Any, **settings: Any) -> None:
        """`settings` are those of every `Place`."""
        super().__init__(**settings)
        self.url = url
        self.token = token
        self.on_violation = on_violation
        self.door = transport
        self._hurry(False)
        self._control = Control(url, transport)
        told = self._control.ask("GET", "/assumptions")
        try:
            self._chosen: Mapping[str, str] = {one["id"]: one["choice"] for one in told["assumptions"]}
        except ODD as error:
            raise self._control.unreadable("register of assumptions") from error
        self.mirrors: list[Mirror] = []

    @staticmethod
    def open(url: str, given: Given, *, seed: int, on_violation: Any, **more: Any) -> Target | Stranger:
        """The place to play at an address, which may have no control API; use it as a context manager.

        Raises `TargetError`, a `ValueError` of one line. See `reached`.
        """
        from .reached import reached

        return reached(url, given, seed=seed, on_violation=on_violation, **more)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Delete what is left of a scenario that came to no end."""
        left, self.mirrors = self.mirrors, []
        for mirror in left:
            try:
                mirror.leave()
            except TargetError:
                # Somebody who waits to hear of something else need not hear of this.
                if kind is None:
                    raise

    # --- tenants ------------------------------------------------------------------------------------------

    def tenants(self, scenario: Scenario) -> Mapping[str, Mirror]:
        if scenario.kind == "vendor" and not any(map(reaches, scenario.calls)):
            raise Unfit(LOCAL)
        self._hurry(any("seconds" in entry["fault"] for entry in scenario.faults))
        made = {"default": self._create(scenario, "")}
        if scenario.second_tenant:
            made[scenario.second_tenant] = self._create(scenario, "-second")
        return made

    def forget(self, tenants: Mapping[str, Tenant]) -> None:
        for mirror in _mirrors(tenants):
            mirror.leave()
            self.mirrors.remove(mirror)
        self._hurry(False)

    def heard(self, tenants: Mapping[str, Tenant]) -> Iterable[Interaction]:
        """What came to these tenants, in its order; they are gone there afterwards, and known here as they were."""
        every = [one for tenant in _mirrors(tenants) for one in tenant.heard()]
        return sorted(every, key=lambda one: one.number)

    def _hurry(self, hasty: bool) -> None:
        self.hasty = hasty
        self.door.timeout = TIMEOUT / HASTE if hasty else TIMEOUT

    def _create(self, scenario: Scenario, suffix: str) -> Mirror:
        settings = self.tenant_settings(scenario, suffix)
        choices = self.choices_for(scenario)
        mode = scenario.on_violation or self.on_violation
        document = {
            **settings.document(),
            "core": {"api_key": f"{self.token}{settings.api_key}", "api_secret": settings.api_secret},
            # What the target was started with is its own affair.
            "assumptions": {name: choice for name, choice in choices if self._chosen.get(name) != choice},
            "alone": True,
            "on_violation": mode,
            "clock": {"now": scenario.at, "frozen": True},
            "faults": [_hasty(entry) for entry in scenario.faults],
        }
        try:
            told = self._control.ask("POST", "/tenants", document)
        except Refused as no:
            if no.status == CONFLICT:
                raise Unfit("a tenant of the target has its credentials already; delete that one first") from no
            raise TargetError(f"--target: {self.url} does not make the tenant of {scenario.id}: {no}") from no
        try:
            made_there = TenantSettings.of({name: part for name, part in told.items() if name != "on_violation"})
        except ODD as error:
            raise self._control.unreadable("document") from error
        made = Mirror(
            self._control,
            made_there,
            at=scenario.at,
            choices=choices,
            seed=self.seed,
            on_violation=mode,
        )
        self.mirrors.append(made)
        return made

    # --- ways there ---------------------------------------------------------------------------------------

    def stage(self, tenant: Tenant) -> Stage:
        (mirror,) = _mirrors({"": tenant})
        way = self.transport(mirror.clock)
        return Stage(
            mirror,
            way,
            _There(way),
            catch_up=mirror.catch_up,
            planning=self.planning,
            delivery=self.delivery,
        )

    def transport(self, clock: Clock) -> _Way:
        return _Way(self, clock)


@dataclass(frozen=True, slots=True)
class _Way:
    """Requests to the target, at the time that it is for whoever sends them."""

    target: Target
    clock: Clock

    def send(self, request: Request) -> Response:
        for mirror in self.target.mirrors:
            mirror.keep_time()
            mirror.stale = True
        try:
            answer = self.target.door.send(request)
        except TimedOut:
            if self.target.hasty:
                self.clock.advance(TIMEOUT)
            raise
        if DELAY in answer.headers:
            self.clock.advance(float(answer.headers[DELAY]) * HASTE)
        return answer


@dataclass(frozen=True, slots=True)
class _There(Web):
    """The web of a story: the target is at the story's origin, and nobody is anywhere else."""

    way: _Way

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:  # noqa: ARG002  the way has its own
        at = origin(url)
        if at != ORIGIN:
            raise Lost(f"nobody is at {at}")
        host = {"Host": ORIGIN.partition("://")[2]}
        return self.way.send(Request(request.method, request.target, {**request.headers, **host}, request.body))


def _mirrors(tenants: Mapping[str, Tenant]) -> Iterator[Mirror]:
    return (tenant for tenant in tenants.values() if isinstance(tenant, Mirror))


def reaches(step: Mapping[str, Any]) -> bool:
    """Whether the fake has a part in a step of a story, and not only what is here of Braze or of the forwarder."""
    return (
        bool({"do", "forward", "feed_back"} & step.keys())
        or ("webhook" in step and "web" not in step)
        or ("render" in step and "there" in step)
        or ("import" in step and "unreadable" not in step["gives"])
    )


def _hasty(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of a fault schedule in which a late answer is not as late in reality as it is in the story."""
    fault = dict(entry["fault"])
    if "seconds" in fault:
        fault["seconds"] /= HASTE
    return {**entry, "fault": fault}
