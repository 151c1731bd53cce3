"""Whatever is at the address of a target: a fake with our control API, somebody's SessionM, or neither."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Callable
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from contracts import Request, Response
from contracts.transport import HttpTransport, Lost
from contracts.validation import check, operations, response_schema

from .far import TargetError
from .given import Given
from .stranger import Stranger
from .target import TIMEOUT, Target

DISTRIBUTION = "sessionm-harness"
HTML = "text/html"
CORE = "getUserByExternalId"
"""What somebody without a control API is asked, about a customer who is nobody."""
DENIED = frozenset({401, 403})


def reached(
    url: str,
    given: Given,
    *,
    seed: int,
    on_violation: Any,
    transport: Any = None,
    token: Callable[[], str] | None = None,
) -> Target | Stranger:
    """The place to play at an address; use it as a context manager. Raises `TargetError`.

    `transport` is another way there than HTTP; `token` makes what no other run has.
    """
    url = url.rstrip("/")
    door = transport or HttpTransport(url, TIMEOUT)
    own = (token or _token)()
    settings = given.place_settings(seed)
    answer = _asked(door, url, "/__admin/version")
    told = _json(answer)
    if isinstance(told, dict) and told.get("name") == DISTRIBUTION:
        if told.get("version") != version(DISTRIBUTION):
            raise TargetError(
                f"--target: {url} is of version {told.get('version')}, and this is {version(DISTRIBUTION)}; "
                "start the target with the same version"
            )
        return Target(url, door, token=own, on_violation=on_violation, **settings)
    _is_sessionm(door, url, given, own)
    return Stranger(door, given.tenant, given=given.tenant_given, token=own, on_violation=on_violation, **settings)


def _is_sessionm(door: Any, url: str, given: Given, token: str) -> None:
    """Nothing, where SessionM answers, or whoever speaks as it does. Raises `TargetError`."""
    tenant = given.tenant
    method, path = operations("sessionm")[CORE]
    for name, value in {"api_key": tenant.api_key, "external_id": f"{token}nobody"}.items():
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    pair = b64encode(f"{tenant.api_key}:{tenant.api_secret}".encode()).decode("ascii")
    answer = _asked(door, url, path, {"Authorization": f"Basic {pair}"}, method)
    kind = answer.headers.get("content-type", "nothing").partition(";")[0].strip()
    told = _json(answer)
    if told is None:
        raise TargetError(f"--target: {url} answers {kind}, not JSON; is this SessionM's address?")
    shape = response_schema("sessionm", CORE, answer.status)
    if shape is None or check("sessionm", shape, told):
        raise TargetError(
            f"--target: {url} answers JSON (HTTP {answer.status}), but not as SessionM; is this SessionM's address?"
        )
    if answer.status in DENIED:
        raise TargetError(f"--target: HTTP {answer.status} for {url}; give the credentials of its tenant with --tenant")


def _asked(door: Any, url: str, target: str, headers: dict[str, str] | None = None, method: str = "GET") -> Response:
    try:
        answer: Response = door.send(Request(method, target, headers or {}))
    except Lost as lost:
        raise TargetError(f"--target: {url} cannot be reached: {_reason(lost)}; start it first") from lost
    return answer


def _reason(lost: Lost) -> str:
    """Why nobody answered, without the address, which stands before it."""
    text = str(lost).partition(": ")[2] or str(lost)
    return text.rpartition("] ")[2].lower() if text.startswith("[") else text


def _json(answer: Response) -> Any:
    """The body, where it is JSON by its name, too; else None."""
    if "json" not in answer.headers.get("content-type", ""):
        return None
    try:
        return answer.json()
    except ValueError:
        return None


def _token() -> str:
    return f"gate-{secrets.token_hex(4)}."
