"""Stands between whoever asks and the fake: sees each request and each answer, and may change both."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from flask import Flask

from contracts.transport import asked
from contracts.validation import operations
from mock_sessionm import SURFACE_OF, Tenant, world

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers, body."""
Pass = Callable[[bytes], Answer]
"""Hands a request on with this body."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request on its way in. `tenant` is None where its credentials are nobody's."""

    operation: str
    tenant: Tenant | None
    body: bytes
    environ: WSGIEnvironment


Alter = Callable[[Asked, Pass], Answer]


def between(alter: Alter, only: Iterable[str] | None = None) -> Callable[[Flask], None]:
    """What puts `alter` round an app, for some operations or for all."""
    wanted = frozenset(SURFACE_OF if only is None else only)

    def finish(app: Flask) -> None:
        inner = app.wsgi_app

        def outer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            operation = operation_of(environ["REQUEST_METHOD"], environ["REQUEST_URI"].partition("?")[0])
            if operation not in wanted:
                return inner(environ, start_response)
            raw: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))

            def hand_on(body: bytes) -> Answer:
                whole = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
                return asked(inner, whole)

            request = Asked(operation, _tenant(app, operation, environ), raw, environ)
            status, headers, body = alter(request, hand_on)
            sized = [(name, str(len(body)) if name.lower() == "content-length" else value) for name, value in headers]
            start_response(f"{status} Changed", sized)
            return [body]

        app.wsgi_app = outer  # type: ignore[method-assign]  # as Flask's own pages say to put something round an app

    return finish


@lru_cache(maxsize=4096)
def operation_of(method: str, path: str) -> str:
    """The operation behind a raw path; empty where there is none."""
    for form, operation in _forms().get(method, ()):
        if form.fullmatch(path):
            return operation
    return ""


@cache
def _forms() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    """Method -> what its paths look like, those with fewer parameters first."""
    found: dict[str, list[tuple[int, re.Pattern[str], str]]] = {}
    for operation, surface in SURFACE_OF.items():
        method, path = operations(surface.vendor)[operation]
        form = re.compile("/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/")))
        found.setdefault(method, []).append((path.count("{"), form, operation))
    return {method: [row[1:] for row in sorted(rows, key=lambda row: row[0])] for method, rows in found.items()}


def _tenant(app: Flask, operation: str, environ: WSGIEnvironment) -> Tenant | None:
    made = world(app)
    parts = environ["REQUEST_URI"].partition("?")[0].split("/")
    in_path = made.tenants.get(parts[4]) if parts[1] == "priv" and len(parts) > 4 else None
    return in_path or made.holder(SURFACE_OF[operation].name, environ.get("HTTP_AUTHORIZATION"))


# --- what a tenant remembers ------------------------------------------------------------------------------


def remembered(tenant: Tenant) -> Any:
    """Everything that a tenant remembers, apart from it."""
    return deepcopy((tenant.customers.export(), {name: store.export() for name, store in tenant.stores.items()}))


def put_back(tenant: Tenant, before: Any) -> None:
    """Make a tenant remember what it remembered before, and nothing else."""
    customers, stores = deepcopy(before)
    tenant.customers.restore(customers)
    for name, kept in stores.items():
        tenant.stores[name].restore(kept)
