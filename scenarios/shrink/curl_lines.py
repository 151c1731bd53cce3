"""A minimum as lines of curl: the batches for a forwarder, and what it sent then, for the fake."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson

from contracts import Interaction, Request
from mock_sessionm import TenantSettings, default_tenant

from .shrinking import Minimum

TENANT = "shrunk"
"""The tenant in which the lines play, which they make; its secret is the same word."""
JSON = "Content-Type: application/json"
FAKE = "http://127.0.0.1:8600"


def script(minimum: Minimum, heard: Sequence[Interaction], tenant: TenantSettings, batches: Sequence[Any] = ()) -> str:
    """A script for a POSIX shell. `heard` is what came to the fake, `tenant` what was set up there.

    `batches` are for a forwarder; without them the requests are a recording's own.
    """
    what = "What a forwarder sent then" if batches else "The requests"
    return "\n".join(
        [
            "#!/bin/sh",
            f"# What {minimum.kind.rule} is broken by. Written by `sessionm-harness shrink`.",
            *(_to_forwarder(batches) if batches else ()),
            "",
            f"# {what}. Start the fake first: sessionm-harness serve",
            "# An answer that names a rule has it in its header X-Harness-Rule.",
            f'FAKE="${{FAKE:-{FAKE}}}"',
            *_tenant(heard, tenant),
            *(_line(one) for one in heard),
            "",
        ]
    )


def _to_forwarder(docs: Iterable[Any]) -> Iterator[str]:
    yield ""
    yield "# The batches, for a forwarder that sends to that fake: FORWARDER=http://127.0.0.1:8700 sh this-file"
    yield "# Its key and secret, if it asks for others: INPUT=key:secret"
    yield 'if [ -n "$FORWARDER" ]; then'
    for doc in docs:
        body = shlex.quote(orjson.dumps(doc).decode())
        ask = f'curl -isS -u "${{INPUT:-harness:harness}}" -H {shlex.quote(JSON)}'
        yield f'  {ask} --data-raw {body} "$FORWARDER/v2/events"'
    yield "fi"


def _tenant(heard: Sequence[Interaction], tenant: TenantSettings) -> Iterator[str]:
    """The tenant, made afresh; only SessionM's requests say in their path for whom they are."""
    if not any(one.vendor == "sessionm" for one in heard):
        return
    made = {
        "core": {"api_key": TENANT, "api_secret": TENANT},
        **({"profile_attributes": {"names": list(tenant.attributes)}} if tenant.attributes else {}),
        "events": {"defined": list(tenant.events)},
    }
    body = shlex.quote(json.dumps(made, ensure_ascii=False))
    yield f'curl -sS -o /dev/null -X DELETE "$FAKE/__admin/tenants/{TENANT}"'
    yield f'curl -sS -o /dev/null -H {shlex.quote(JSON)} --data-raw {body} "$FAKE/__admin/tenants"'


def _line(one: Interaction) -> str:
    return request_line(one.request, one.vendor, '"$FAKE"')


def request_line(request: Request, vendor: str, origin: str) -> str:
    """One request, with the credentials of the fake."""
    target = (
        re.sub(r"^(/priv/v1/apps/)[^/]*", rf"\g<1>{TENANT}", request.target) if vendor == "sessionm" else request.target
    )
    headers = [
        f"-H {shlex.quote(f'{name}: {value}')}" for name, value in request.headers.items() if name == "content-type"
    ]
    body = [f"--data-raw {shlex.quote(request.body.decode('utf-8', 'replace'))}"] if request.body else []
    parts = [
        "curl -isS",
        *_credentials(vendor),
        f"-X {request.method}",
        *headers,
        *body,
        f"{origin}{shlex.quote(target)}",
    ]
    return " ".join(parts)


def _credentials(vendor: str) -> list[str]:
    partners = default_tenant().partners
    match vendor:
        case "sessionm":
            return [f"-u {TENANT}:{TENANT}"]
        case "braze":
            return [f"-H {shlex.quote('Authorization: Bearer ' + partners['braze']['api_key'])}"]
        case "customerio" | "mparticle" | "connect":
            first, second = list(partners[vendor].values())[:2]
            return [f"-u {shlex.quote(f'{first}:{second}')}"]
        case _:
            return []
