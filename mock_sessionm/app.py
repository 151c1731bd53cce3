"""The Flask app: every operation of the contract on its route, through the gate, into the journal."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter

from contracts import Choices, Violation
from contracts.transport import WIRE, Web, Wire
from contracts.validation import operations

from .behaviours import BEHAVIOURS
from .call import Call
from .check import Check, Find
from .clock import Clock
from .control import PREFIX, blueprint
from .direct import Directory, can_be_direct
from .envelopes import DELAY_HEADER, FAULT_HEADER, JSON, Reply
from .faults import Fault
from .gate import GATE
from .journal import without_key
from .limits import Limits, other
from .nowhere import fault_of_ours, nowhere
from .paths import Segment, raw_path, target_of
from .ruling import examine, noted, refused, sentence
from .surface import Surface
from .surfaces import SURFACE_OF, VENDORS
from .tenant import OnViolation
from .tenant_settings import TenantSettings, default_tenant
from .world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

RESET = "harness.reset"
"""Set in the WSGI environment where the connection is to be lost and nothing below WSGI can lose it."""
NAME = "mock_sessionm"
PHRASES = {200: "200 OK", 400: "400 BAD REQUEST", 404: "404 NOT FOUND"}
"""The statuses that nearly all answers have, as Flask writes them."""
NOTHING_TO_SAY = Reply(202, b"", [])
"""The answer of mParticle that a batch was taken."""
METHODS = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")


class Fake(Flask):
    """Flask, with paths as they were sent, a short way to the operations, and able to lose a connection."""

    def __init__(self) -> None:
        super().__init__(NAME, static_folder=None, template_folder="dashboard")
        self._directory = Directory(served())
        self.limits: Limits = {}

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The routes for a request. None of them depends on a host, so none is looked at."""
        if request is None:
            return None
        path = request.environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        return MapAdapter(self.url_map, "localhost", "/", "", "http", path, request.environ["REQUEST_METHOD"])

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self.limits:
            with other(self.limits):
                return self._answered(environ, start_response)
        return self._answered(environ, start_response)

    def _answered(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raw_path(environ)
        found = None
        if can_be_direct(self, environ):
            found = self._directory.find(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        answer: Iterable[bytes]
        if found is not None:
            answer = self._direct(*found, environ, start_response)
        else:
            answer = super().wsgi_app(environ, start_response)
        if RESET in environ:
            raise ConnectionResetError("connection reset by a fault of the schedule")
        return answer

    def _direct(
        self, operation: str, arguments: dict[str, str], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            status, body, headers = _exchange(world(self), operation, arguments, environ, raw)
        except Exception as error:  # noqa: BLE001  whatever it is, it ends as it would have ended on Flask's way
            with self.request_context(environ):
                return self.make_response(self.handle_user_exception(error))(environ, start_response)
        if body and status in PHRASES and headers and headers[0][0] == JSON[0]:
            start_response(PHRASES[status], [*headers, ("Content-Length", str(len(body)))])
            return [body]
        if (status, body, headers) == NOTHING_TO_SAY:
            start_response("202 ACCEPTED", [("Content-Length", "0")])
            return [body]
        return _response(Reply(status, body, headers))(environ, start_response)


def create_app(
    settings: TenantSettings | None = None,
    *,
    gate: tuple[Check | Find, ...] = GATE,
    clock: Clock | None = None,
    seed: int = 0,
    on_violation: OnViolation = "reject",
    choices: Choices | None = None,
    journal_limit: int = 10_000,
    behaviours: frozenset[str] = BEHAVIOURS,
    outside: Web | None = None,
    limits: Limits | None = None,
    within: Flask | None = None,
) -> Flask:
    """A new fake with one tenant: the embedded one, or what `settings` set up.

    `gate` and `behaviours` are what is enforced: without one of them, that rule and no other is left open.
    `limits` are numbers that rules have in the place of the register's, for an experiment.
    `outside` is the way to receivers that a tenant file names and that the fake does not stand for; HTTP by default.
    `clock` is the time with which tenants start; by default the real one, running. `choices` hold for every
    tenant that does not choose for itself. `within` is an app that was made before and is needed no more: it becomes
    this one, which takes a twentieth of the time. Raises `LookupError` where an operation of the contract has no view.
    """
    app = within if isinstance(within, Fake) else _routed()
    # What somebody put round the app before is gone.
    vars(app).pop("wsgi_app", None)
    app.limits = dict(limits or {})
    app.extensions[NAME] = World(
        settings if settings is not None else default_tenant(),
        clock=clock if clock is not None else Clock(time.time()),
        choices=choices if choices is not None else Choices(),
        gate=gate,
        behaviours=behaviours,
        seed=seed,
        on_violation=on_violation,
        journal_limit=journal_limit,
        app=app,
        outside=outside,
    )
    return app


def _routed() -> Fake:
    """An app with every route, which asks for its world when a request comes."""
    app = Fake()
    _add_routes(app)
    app.register_blueprint(blueprint(lambda: world(app)), url_prefix=PREFIX)
    app.register_error_handler(HTTPException, lambda error: nowhere(world(app), error, served()))
    app.register_error_handler(Exception, lambda error: fault_of_ours(world(app), error))
    return app


def world(app: Flask) -> World:
    """The world behind an app that `create_app` made."""
    found: World = app.extensions[NAME]
    return found


def _add_routes(app: Flask) -> None:
    """A route for each operation of the contract, and a refusal for each method that a path does not have."""
    app.url_map.converters["segment"] = Segment
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    for operation, (method, path) in served().items():
        if operation not in SURFACE_OF:
            raise LookupError(f"no view answers {operation} ({method} {path}); add one to the VIEWS of its API")
        app.add_url_rule(
            _rule(path),
            endpoint=operation,
            view_func=_route(app, operation),
            methods=[method],
            provide_automatic_options=False,
        )
    for path, allowed in _methods().items():
        # Said for each path: PUT /users/search must not be taken for PUT /users/{user_id}.
        app.add_url_rule(
            _rule(path),
            endpoint=f"no method of {path}",
            view_func=_not_allowed(allowed),
            methods=[method for method in METHODS if method not in allowed],
            provide_automatic_options=False,
        )


@cache
def served() -> Mapping[str, tuple[str, str]]:
    """Every operation that the fake serves, of whichever vendor: operationId -> (method, path template)."""
    return {name: place for vendor in VENDORS for name, place in operations(vendor).items()}


def _rule(path: str) -> str:
    return path.replace("{", "<segment:").replace("}", ">")


def _methods() -> dict[str, list[str]]:
    """Every path of the contract, and the methods that it has."""
    found: dict[str, list[str]] = {}
    for method, path in served().values():
        found.setdefault(path, []).append(method)
    return found


def _not_allowed(allowed: list[str]) -> Callable[..., Response]:
    def answer(**_arguments: str) -> Response:
        raise MethodNotAllowed(valid_methods=allowed)

    return answer


def _route(app: Flask, operation: str) -> Callable[..., Response]:
    def answer(**arguments: str) -> Response:
        environ = request.environ
        length = environ.get("CONTENT_LENGTH", "")
        raw = environ["wsgi.input"].read(int(length)) if length.isdecimal() else request.get_data(cache=False)
        return _response(_exchange(world(app), operation, arguments, environ, raw))

    return answer


def _response(reply: Reply) -> Response:
    made = Response(reply.body, reply.status, reply.headers)
    if not reply.body and not any(name.lower() == "content-type" for name, _ in reply.headers):
        # Flask calls HTML whatever has no other name, even where there is nothing.
        del made.headers["Content-Type"]
    return made


def _exchange(made: World, operation: str, arguments: dict[str, str], environ: WSGIEnvironment, raw: bytes) -> Reply:
    """One request from its arrival to the answer that leaves, faults and journal included; `raw` is its body."""
    target = target_of(environ)
    method = environ["REQUEST_METHOD"]
    surface = SURFACE_OF[operation]
    in_path = made.tenants.get(arguments["api_key"]) if "api_key" in arguments else None
    holder = made.holder(surface.name, environ.get("HTTP_AUTHORIZATION"), in_path)
    tenant = in_path or holder
    if tenant is not None:
        tenant.settle()
    fault = None
    if made.faults or (tenant is not None and tenant.faults):
        fault = made.fault(tenant, surface.vendor, method, without_key(target).partition("?")[0])
    violations: tuple[Violation, ...] = ()
    if fault is None or fault.applies:
        call = Call(
            operation,
            arguments,
            environ["QUERY_STRING"],
            raw,
            in_path=in_path,
            holder=holder,
            vendor=surface.vendor,
            who=surface.who,
            environ=environ,
        )
        reply, violations = _decided(made, surface, call)
        if surface.seal is not None:
            reply = surface.seal(call, reply)
    else:
        reply = _faulty(surface, fault)
    if fault is not None:
        reply = _struck(made, environ, fault, reply)
    lost = fault is not None and fault.loses_answer
    sent = reply.body[: fault.bytes] if fault is not None and fault.kind == "truncate" else reply.body
    made.journal.add(
        environ,
        method,
        target,
        raw,
        at=(tenant or made).clock.now(),
        tenant=tenant.api_key if tenant is not None else "",
        vendor=surface.vendor,
        operation=operation,
        status=None if lost else reply.status,
        answer_headers=() if lost else reply.headers,
        answer=b"" if lost else sent,
        violations=violations,
    )
    return reply


def _decided(made: World, surface: Surface, call: Call) -> tuple[Reply, tuple[Violation, ...]]:
    """What the fake answers, and the violations that it noticed."""
    tenant = call.tenant
    checks = made.checks[call.operation]
    if tenant is None:
        # Without a tenant there is nothing else that could be looked at.
        checks = tuple(check for check in checks if check.rule in surface.door)
    seen = examine(call, checks)
    if tenant is not None:
        tenant.asked[call.operation] += 1
        for rule in {violation.rule for violation in seen.found}:
            tenant.broken[rule] += 1
    if seen.refusal is not None:
        return refused(surface, tenant, seen.found, seen.refusal), tuple(seen.found)
    if tenant is None:
        return surface.failure(401, surface.code_for(401), "nobody's credentials came, and the gate lets them in"), ()
    answer = surface.views[call.operation](call)
    unkept = "not kept: " + sentence(seen.unkept) if seen.unkept else ""
    return noted(surface.success(answer, unkept), seen.found), tuple(seen.found)


def _faulty(surface: Surface, fault: Fault) -> Reply:
    """The answer of a fault that answers by itself."""
    headers = [(FAULT_HEADER, fault.kind), *fault.headers.items()]
    if fault.body is None:
        text = f"a fault of the schedule ({fault.kind}); the request was not applied"
        status, body, shape = surface.failure(fault.status, surface.code_for(fault.status), text)
        return Reply(status, body, [*shape, *headers])
    body = fault.body.encode() if isinstance(fault.body, str) else orjson.dumps(fault.body)
    named = any(name.lower() == "content-type" for name in fault.headers)
    return Reply(fault.status, body, headers if named else [JSON, *headers])


def _struck(made: World, environ: dict[str, Any], fault: Fault, reply: Reply) -> Reply:
    """Do to the answer what the fault says: below WSGI where that is offered, else as near as can be."""
    wire: Wire | None = environ.get(WIRE)
    if fault.kind == "latency":
        reply = Reply(reply.status, reply.body, [*reply.headers, (DELAY_HEADER, f"{fault.seconds:g}")])
        if wire is not None:
            wire.delay += fault.seconds
        else:
            made.sleep(fault.seconds)
    elif fault.kind == "truncate":
        if wire is not None:
            wire.truncate = fault.bytes
        else:
            return Reply(reply.status, reply.body[: fault.bytes], reply.headers)
    elif fault.loses_answer:
        if wire is not None:
            wire.reset = True
        else:
            environ[RESET] = True
    return reply
