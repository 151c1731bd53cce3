"""What holds for every test, and a bucket for those that read one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from contracts.serving import Server
from tests.buckets import Bucket, Front

# A law is not a measurement: a busy machine must not turn it red.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def amazon() -> Iterator[tuple[str, Front]]:
    """S3 on a port of this machine: its address, and the door before it."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    front = Front(DomainDispatcherApplication(create_backend_app))
    with Server(front) as server:
        yield server.url, front


@pytest.fixture
def bucket(amazon: tuple[str, Front], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """An empty bucket of this test alone, to which AWS's variables lead; every other of them is unset."""
    url, front = amazon
    front.trouble.clear()
    front.heard.clear()
    name = "mp-forwarding-" + hashlib.blake2b(request.node.nodeid.encode(), digest_size=8).hexdigest()
    made = Bucket(url, name, front)
    made.make()
    for variable in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    for variable, value in made.environment.items():
        monkeypatch.setenv(variable, value)
    return made
