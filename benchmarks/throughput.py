"""Requests a second at 16 connections with every rule on; beside WireMock, Prism and the floors, in one run."""

from __future__ import annotations

import contextlib
import statistics
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from contracts.interaction import Request
from contracts.transport import Lost, WsgiTransport

from .figure import Figure, rate
from .floors import flask_dispatch
from .load import Load, LoadFailed, load
from .peers import PEERS, Missing, body_schema
from .processes import DidNotStart, Fake, Running, ask, cpu_seconds, fake, free_port, server

SECONDS = 3.0
ROUNDS = 3
AIMS = {"WireMock": 0.5, "Prism": 1.5}
OURS = "the fake, all rules"
FLOORS = {"asgi": "floor: bare ASGI app on uvicorn", "wsgi": "floor: bare WSGI app behind the bridge"}
USER = {
    "external_id": "1001",
    "external_id_type": "mpid",
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Byron",
    "city": "Springfield",
    "zip": "01101",
    "user_profile": {"FavoriteStore": "0417", "LoyaltyTier": "gold", "ShoeSize": "38", "birthday_month": "December"},
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one server did: requests a second, and microseconds of any core for each (None where nobody says)."""

    rate: float
    cpu: float | None

    @property
    def cost(self) -> str:
        return "" if self.cpu is None else f"{self.cpu:,.0f} \u00b5s of CPU each"

    def __str__(self) -> str:
        return ", ".join(filter(None, (f"{self.rate:,.0f} requests/s", self.cost)))


def figures() -> Iterator[Figure]:
    generator = load()
    with contextlib.ExitStack() as running:
        started = running.enter_context(fake())
        request = _request(started)
        servers = {OURS: Running(started.url, started.pid)}
        answer = _customer(started, request)
        missing: dict[str, str] = {}
        for peer in PEERS:
            folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
            try:
                made = running.enter_context(peer.start(folder, request, body_schema(), answer))
                _holds(made.url, peer.name, request)
                servers[peer.name] = made
            except (Missing, DidNotStart) as error:
                missing[peer.name] = str(error)
        for kind, name in FLOORS.items():
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.floors", kind, str(port)]
            servers[name] = running.enter_context(server(name, command, port, request))
        found = _measured(generator, servers, request)
        broken = orjson.loads(ask(started.url, Request("GET", "/__admin/violations")).body)["violations"]
        if broken:
            raise LoadFailed(f"the load broke {broken[0]['rule']}")
    yield from _table(found, missing, generator)
    yield from _in_process(request)


def _measured(generator: Load, servers: dict[str, Running], request: Request) -> dict[str, Measured]:
    """The medians of several rounds; the servers take turns, so that all meet the same machine."""
    for peer in PEERS:
        if peer.name in servers:
            for _ in range(round(peer.warm_up / SECONDS)):
                _round(generator, peer.name, servers[peer.name], request)
    # One round more than is counted: whoever was not warmed up before is so afterwards.
    rounds = [
        {name: _round(generator, name, server, request) for name, server in servers.items()} for _ in range(ROUNDS + 1)
    ][1:]
    return {name: _median([one[name] for one in rounds]) for name in servers}


def _median(rounds: Sequence[Measured]) -> Measured:
    costs = [one.cpu for one in rounds if one.cpu is not None]
    return Measured(statistics.median(one.rate for one in rounds), statistics.median(costs) if costs else None)


def _round(generator: Load, name: str, server: Running, request: Request) -> Measured:
    before = cpu_seconds(server.pid)
    reached = generator.run(server.url, request, SECONDS)
    after = cpu_seconds(server.pid)
    for peer in PEERS:
        if peer.name == name and peer.forget:
            ask(server.url, peer.forget)
    spent = None if before is None or after is None else (after - before) / (reached * SECONDS) * 1e6
    return Measured(reached, spent)


def _table(found: dict[str, Measured], missing: dict[str, str], generator: Load) -> Iterator[Figure]:
    ours = found[OURS]
    remark = "; ".join(filter(None, (generator.name, ours.cost, generator.remark)))
    yield Figure(OURS, ours.rate, "requests/s", remark=remark)
    for name, aim in AIMS.items():
        if name in missing:
            yield Figure(f"  fake / {name}", None, "x", aim, remark=f"missing: {missing[name]}")
        else:
            theirs = found[name]
            beside = (("by CPU", theirs.cpu / ours.cpu),) if theirs.cpu and ours.cpu else ()
            yield Figure(f"  fake / {name}", ours.rate / theirs.rate, "x", aim, beside=beside, remark=str(theirs))
    for name in FLOORS.values():
        floor = found[name]
        beside = (("this is the fake", ours.rate / floor.rate),)
        yield Figure(f"  {name}", floor.rate, "requests/s", beside=beside, remark=floor.cost)


def _in_process(request: Request) -> Iterator[Figure]:
    """Without a socket: the fake's whole answer, beside what Flask takes to reach a view at all."""
    from mock_sessionm import create_app

    transport = WsgiTransport(create_app())
    transport.send(replace(request, method="POST", target=request.target.partition("/external")[0] + "/users"))
    ours = rate(lambda: transport.send(request), times=500)
    floor = rate(flask_dispatch(request), times=500)
    yield Figure("the fake in process", ours, "requests/s", beside=(("Flask's dispatch", ours / floor),))
    yield Figure("  floor: Flask's own dispatch", floor, "requests/s")


def _request(started: Fake) -> Request:
    """One change of a customer, as a forwarder sends it."""
    pair = b64encode(f"{started.api_key}:{started.api_secret}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
    target = f"/priv/v1/apps/{started.api_key}/external/users/1001"
    return Request("PUT", target, headers, orjson.dumps({"user": USER}))


def _customer(started: Fake, request: Request) -> Any:
    """Creates the customer whom the load changes; gives the fake's answer to such a change."""
    ask(started.url, replace(request, method="POST", target=f"/priv/v1/apps/{started.api_key}/users"))
    answer = ask(started.url, request)
    if "x-harness-rule" in answer.headers:
        raise LoadFailed(f"the request breaks {answer.headers['x-harness-rule']}; mend it in benchmarks/throughput.py")
    return orjson.loads(answer.body)


def _holds(url: str, name: str, request: Request) -> None:
    """A peer that lets everything through validates nothing, and is no peer. Raises `DidNotStart`."""
    wrong = replace(request, body=orjson.dumps({"user": {**USER, "user_profile": 1}}))
    try:
        refused = ask(url, wrong).status != 200
    except Lost:
        refused = False
    if not refused:
        raise DidNotStart(f"{name} did not refuse a body that breaks its schema")
