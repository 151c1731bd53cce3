"""Requests a second at 16 connections with every rule on; beside WireMock, Prism and the floors, in one run."""

from __future__ import annotations

import contextlib
import statistics
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from contracts.interaction import Request
from contracts.transport import Lost, WsgiTransport

from .figure import Figure, rate
from .floors import flask_dispatch
from .load import Load, LoadFailed, load
from .peers import PEERS, Missing, body_schema
from .processes import DidNotStart, Fake, ask, fake, free_port, server

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


def figures() -> Iterator[Figure]:
    generator = load()
    with contextlib.ExitStack() as running:
        started = running.enter_context(fake())
        request = _request(started)
        urls = {OURS: started.url}
        answer = _customer(started, request)
        missing: dict[str, str] = {}
        for peer in PEERS:
            folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
            try:
                urls[peer.name] = running.enter_context(peer.start(folder, request, body_schema(), answer))
                _holds(urls[peer.name], peer.name, request)
            except (Missing, DidNotStart) as error:
                urls.pop(peer.name, None)
                missing[peer.name] = str(error)
        for kind, name in FLOORS.items():
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.floors", kind, str(port)]
            urls[name] = running.enter_context(server(name, command, port, request))
        found = _measured(generator, urls, request)
        broken = orjson.loads(ask(started.url, Request("GET", "/__admin/violations")).body)["violations"]
        if broken:
            raise LoadFailed(f"the load broke {broken[0]['rule']}")
    yield from _table(found, missing, generator)
    yield from _in_process(request)


def _measured(generator: Load, urls: dict[str, str], request: Request) -> dict[str, float]:
    """The median of several rounds for each URL; the rounds take turns, so that all meet the same machine."""
    for name, url in urls.items():
        generator.run(url, request, next((peer.warm_up for peer in PEERS if peer.name == name), 1.0))
    rounds = [{name: generator.run(url, request, SECONDS) for name, url in urls.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(one[name] for one in rounds) for name in urls}


def _table(found: dict[str, float], missing: dict[str, str], generator: Load) -> Iterator[Figure]:
    ours = found[OURS]
    beside = tuple((name, ours / found[name]) for name in found if name != OURS)
    remark = "; ".join(filter(None, (generator.name, generator.remark)))
    yield Figure(OURS, ours, "requests/s", remark=remark)
    for name, aim in AIMS.items():
        if name in missing:
            yield Figure(f"  fake / {name}", None, "x", aim, remark=f"missing: {missing[name]}")
        else:
            yield Figure(f"  fake / {name}", ours / found[name], "x", aim, remark=f"{found[name]:,.0f} requests/s")
    for name, ratio in beside:
        if name not in AIMS:
            yield Figure(f"  {name}", found[name], "requests/s", beside=(("fake / it", ratio),))


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
