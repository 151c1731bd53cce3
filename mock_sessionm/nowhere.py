"""Requests that reach no operation: unknown paths and methods, and mistakes of the fake's own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import orjson
from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from .control import PREFIX, paths
from .envelopes import JSON, Reply
from .journal import APPS, without_key
from .paths import nearest_route, target_of
from .surfaces import SURFACES, asked

if TYPE_CHECKING:
    from .tenant import Tenant
    from .world import World

NAME = "mock_sessionm"
ROOTS = tuple(prefix for surface in SURFACES for prefix in surface.prefixes)


def nowhere(made: World, error: HTTPException, served: Mapping[str, tuple[str, str]]) -> Response:
    """A path or method that nobody serves: loud, in the shape of whoever was asked, with the nearest route."""
    path = request.path
    status = error.code or 500
    if isinstance(error, NotFound):
        templates = [template for _, template in served.values()]
        near = nearest_route(path, [*templates, *paths()])
        message = f"no such path; nearest known route: {near}" if near else "no such path, and no route is near it"
    elif isinstance(error, MethodNotAllowed):
        message = f"{request.method} is not answered here; {', '.join(sorted(error.valid_methods or ()))} is"
    else:
        message = error.description or error.name
    allow = [(name, value) for name, value in error.get_headers() if name == "Allow"]
    if path.startswith(PREFIX):
        return Response(orjson.dumps({"error": message}), status, [JSON, *allow])
    surface = asked(path)
    reply = surface.failure(status, surface.code_for(status), message)
    return _journaled(made, Reply(reply.status, reply.body, [*reply.headers, *allow]))


def fault_of_ours(made: World, error: Exception) -> Response:
    """Something that must not happen: the trace goes to the log, one line to whoever asked."""
    logging.getLogger(NAME).error("%s %s failed", request.method, without_key(request.path), exc_info=error)
    message = f"the fake itself failed ({type(error).__name__}); this is a mistake in it, please report it"
    if request.path.startswith(PREFIX):
        return Response(orjson.dumps({"error": message}), 500, [JSON])
    surface = asked(request.path)
    return _journaled(made, surface.failure(500, surface.code_for(500), message))


def _journaled(made: World, reply: Reply) -> Response:
    """The answer to a request that reached no operation, journaled like any other."""
    target = target_of(request.environ)
    tenant: Tenant | None = None
    if target.startswith(APPS):
        tenant = made.tenants.get(target[len(APPS) :].partition("?")[0].partition("/")[0])
    made.journal.add(
        request.environ,
        request.method,
        target,
        _unread_body(),
        at=(tenant or made).clock.now(),
        tenant=tenant.api_key if tenant is not None else "",
        vendor=asked(target).vendor if target.startswith(ROOTS) else "",
        status=reply.status,
        answer_headers=reply.headers,
        answer=reply.body,
    )
    return Response(reply.body, reply.status, reply.headers)


def _unread_body() -> bytes:
    """The body, unless an operation has read it before it failed."""
    try:
        return request.get_data(cache=False)
    except HTTPException:
        return b""
