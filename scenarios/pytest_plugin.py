"""The pytest plugin: the fake as a fixture, in process or on a real port, with a tenant of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    import requests
    from flask import Flask

    from contracts import Interaction
    from contracts.serving import Server
    from mock_sessionm import Tenant


@dataclass(frozen=True, slots=True)
class Fake:
    """One tenant of the fake.

    url         where the fake is
    session     a `requests.Session` with the tenant's credentials
    tenant      the tenant's world, for those who stand in the same process
    """

    url: str
    session: requests.Session
    tenant: Tenant
    _app: Flask

    @property
    def api_key(self) -> str:
        return self.tenant.api_key

    @property
    def api_secret(self) -> str:
        return self.tenant.settings.api_secret

    @property
    def base(self) -> str:
        """The address below which the tenant's Core API stands."""
        return f"{self.url}/priv/v1/apps/{self.api_key}"

    @property
    def journal(self) -> Sequence[Interaction]:
        """What this tenant received and answered, in order."""
        from mock_sessionm import world

        return [entry.interaction() for entry in world(self._app).journal.entries() if entry.tenant == self.api_key]

    def advance(self, by: float | str) -> None:
        """Let the tenant's time go on: seconds, or a duration such as `30d`. What falls due happens."""
        self.tenant.clock.advance(by)
        self.tenant.settle()

    def connect(self, path: str, **body: Any) -> requests.Response:
        """Post to SessionM Connect with its own credentials; the body gets the retailer's id unless it has one."""
        retailer = self.tenant.settings.partners["connect"]["retailer_id"]
        return self.session.post(
            f"{self.url}{path}", json={"retailer_id": retailer, **body}, auth=self.account("connect")
        )

    def account(self, vendor: Literal["connect", "customerio", "mparticle"]) -> tuple[str, str]:
        """User name and password of this tenant at a neighbour's API, as `requests` takes them for `auth`."""
        from mock_sessionm import PARTNERS

        own = self.tenant.settings.partners[vendor]
        user, password = PARTNERS[vendor][:2]
        return own[user], own[password]

    def fault(self, kind: str, *, path: str = "", method: str = "", times: int | None = 1, **more: Any) -> None:
        """Trouble for the next requests: a `kind` (status, latency, reset, truncate, quota …) with its settings."""
        match = {name: value for name, value in (("path", path), ("method", method)) if value}
        entry: dict[str, Any] = {"match": match, "fault": {"kind": kind, **more}}
        if times is not None:
            entry["times"] = times
        before = [
            {name: part for name, part in one.items() if name not in {"seen", "struck"}} for one in self._faults()
        ]
        self.tenant.faults.set([*before, entry])

    def _faults(self) -> Sequence[Mapping[str, Any]]:
        return self.tenant.faults.document()


@pytest.fixture(scope="session")
def _sessionm_app() -> Flask:
    from mock_sessionm import create_app

    return create_app()


@pytest.fixture(scope="session")
def _sessionm_server(_sessionm_app: Flask) -> Iterator[Server]:
    from contracts.serving import Server

    with Server(_sessionm_app) as server:
        yield server


@pytest.fixture
def mock_sessionm(_sessionm_app: Flask) -> Iterator[Fake]:
    """The fake in this process: no socket, a tenant of its own, gone after the test."""
    from scenarios.in_process import URL, InProcessAdapter

    with _session() as session:
        fake = _fake(_sessionm_app, URL, session)
        session.mount(URL, InProcessAdapter(_sessionm_app, wait=fake.tenant.clock.advance))
        yield fake
    _forget(_sessionm_app, fake)


@pytest.fixture
def mock_sessionm_live(_sessionm_app: Flask, _sessionm_server: Server) -> Iterator[Fake]:
    """The fake on a real port of this machine, with a tenant of its own, gone after the test."""
    with _session() as session:
        fake = _fake(_sessionm_app, _sessionm_server.url, session)
        yield fake
    _forget(_sessionm_app, fake)


def _session() -> requests.Session:
    import requests

    session = requests.Session()
    session.trust_env = False
    return session


def _fake(app: Flask, url: str, session: requests.Session) -> Fake:
    from mock_sessionm import world

    fake = Fake(url, session, world(app).create(), app)
    session.auth = (fake.api_key, fake.api_secret)
    return fake


def _forget(app: Flask, fake: Fake) -> None:
    from mock_sessionm import world

    world(app).delete(fake.api_key)
