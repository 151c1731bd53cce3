"""A vendor of a few lines for the tests of delivery: it knows users, counts events, and can be told to fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import orjson

from contracts.interaction import Request, Response
from contracts.transport import WIRE, Lost
from forwarder import Connection, Plan, PlannedRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Trouble = Response | Literal["reset", "reset-after"]


def ok(**body: Any) -> Response:
    return Response(200, {}, orjson.dumps({"status": "ok", **body}))


def error(code: str, status: int = 200, **headers: str) -> Response:
    return Response(status, headers, orjson.dumps({"status": "error", "errors": {"code": code, "message": "no"}}))


@dataclass
class Scripted:
    """A transport that gives the answers it was given, one after another, and keeps what it was asked."""

    answers: Iterable[Response | Lost]
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._left = iter(self.answers)

    def send(self, request: Request) -> Response:
        self.requests.append(request)
        answer = next(self._left)
        if isinstance(answer, Lost):
            raise answer
        return answer

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {request.path.rpartition('/')[2]}" for request in self.requests]


@dataclass
class Vendor:
    """A WSGI app. `trouble` stands for the answers to the next requests; None lets one through."""

    trouble: list[Trouble | None] = field(default_factory=list)
    users: dict[str, Any] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        self.seen.append(f"{environ['REQUEST_METHOD']} {environ['RAW_URI']}")
        self.headers.append(environ.get("HTTP_AUTHORIZATION", ""))
        trouble = self.trouble.pop(0) if self.trouble else None
        if isinstance(trouble, Response):
            answer = trouble
        else:
            environ[WIRE].reset = trouble is not None
            answer = ok() if trouble == "reset" else self._answer(environ, orjson.loads(body))
        start_response(f"{answer.status} x", list(answer.headers.items()))
        return [answer.body]

    def _answer(self, environ: WSGIEnvironment, body: Any) -> Response:
        last = environ["PATH_INFO"].rpartition("/")[2]
        if environ["REQUEST_METHOD"] == "POST" and last == "users":
            name = body["user"]["external_id"]
            self.created.append(name)
            self.users[name] = body["user"]
            return ok()
        name = environ["PATH_INFO"].partition("/external/users/")[2].partition("/")[0]
        if name not in self.users:
            return error("user_not_found", 404)
        if last == "events":
            self.events.extend((name, event) for event in body["events"])
        else:
            self.users[name] |= body["user"]
        return ok()


def user(mpid: str = "7", key: str | None = None, *, platform: str = "ios") -> PlannedRequest:
    body = orjson.dumps({"user": {"external_id": mpid}})
    path = f"/priv/v1/apps/{{api_key}}/external/users/{mpid}"
    return PlannedRequest(
        key or f"{mpid}.user", f"sessionm:{mpid}", "PUT", path, body, platform, "/priv/v1/apps/{api_key}/users"
    )


def event(mpid: str = "7", name: str = "buy", *, platform: str = "ios") -> PlannedRequest:
    body = orjson.dumps({"events": {name: {"qty": 1}}})
    path = f"/priv/v1/apps/{{api_key}}/external/users/{mpid}/events"
    return PlannedRequest(f"{mpid}.{name}", f"sessionm:{mpid}", "POST", path, body, platform)


def plan_of(*requests: PlannedRequest) -> Plan:
    return Plan(requests, ())


def connection(**settings: Any) -> Connection:
    made = {
        "configuration": {"host_name": "http://127.0.0.1:1"},
        "platforms": {"default": {"api_key": "k/1", "api_secret": "s"}},
        "data_filter": {
            "send_new_data_points_by_default": True,
        },
    }
    return Connection.from_settings({**made, **settings})


def batch(mpid: int = 7, *names: str, **more: Any) -> bytes:
    """The JSON of a batch of a user who is logged in, with one custom event for each name."""
    events = [
        {"event_type": "custom_event", "data": {"event_name": name, "custom_event_type": "other", "event_id": index}}
        for index, name in enumerate(names, start=mpid * 1000)
    ]
    return orjson.dumps({"mpid": mpid, "user_identities": {"customer_id": f"c{mpid}"}, "events": events, **more})


@dataclass
class Hands:
    """A clock that stands still unless somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Come back as soon as another thread or process has done its part. Fails where it never does."""
    end = time.monotonic() + seconds
    idle = threading.Event()
    while not holds():
        assert time.monotonic() < end, "it never happened"
        idle.wait(0.001)  # a loop that never lets go would keep the others from running
