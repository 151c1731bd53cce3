"""The peers: WireMock and Prism with the same JSON Schema on the same path, on loopback.

They are installed by npm into `.bench/`, which is a cache and not part of the project. A peer that cannot be
had is said to be missing; its figure is never taken from elsewhere.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.interaction import Request
from contracts.register import openapi

from .processes import Running, free_port, server

CACHE = Path(__file__).parent.parent / ".bench"
PACKAGES = {"wiremock": "3", "@stoplight/prism-cli": "5"}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Missing(RuntimeError):
    """A peer is not on this machine; the text says what it lacks."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody else's server.

    warm_up  seconds of load after which it is as fast as it gets
    start    (folder for its files, request to answer, schema of the body, answer) -> it runs until the context ends
    forget   makes it forget what it received, so that it does not slow down; None where it keeps nothing
    """

    name: str
    warm_up: float
    start: Callable[[Path, Request, dict[str, Any], Any], contextlib.AbstractContextManager[Running]]
    forget: Request | None = None


@contextlib.contextmanager
def wiremock(folder: Path, request: Request, schema: dict[str, Any], answer: Any) -> Iterator[Running]:
    jar = next(iter(sorted((_package("wiremock") / "build").glob("*.jar"))), None)
    java = shutil.which("java")
    if jar is None or java is None:
        raise Missing("WireMock needs Java" if jar else "the npm package wiremock brought no jar")
    stub = {
        "request": {
            "method": request.method,
            "urlPath": request.path,
            "headers": {"Authorization": {"equalTo": request.headers["Authorization"]}},
            "bodyPatterns": [{"matchesJsonSchema": json.dumps(schema), "schemaVersion": "V202012"}],
        },
        "response": {"status": 200, "jsonBody": answer, "headers": {"Content-Type": "application/json"}},
    }
    (folder / "mappings").mkdir()
    (folder / "mappings" / "put.json").write_text(json.dumps(stub))
    port = free_port()
    settings = ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(folder), "--disable-banner"]
    command = [java, "-jar", str(jar), *settings]
    with server("WireMock", command, port, request) as running:
        yield running


@contextlib.contextmanager
def prism(folder: Path, request: Request, schema: dict[str, Any], answer: Any) -> Iterator[Running]:
    _package("@stoplight/prism-cli")
    own = {name: part for name, part in schema.items() if name not in {"$schema", "components"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "one path", "version": "1"},
        "paths": {
            request.path: {
                request.method.lower(): {
                    "security": [{"basic": []}],
                    "requestBody": {"required": True, "content": {"application/json": {"schema": own}}},
                    "responses": {"200": {"description": "ok", "content": {"application/json": {"example": answer}}}},
                }
            }
        },
        "components": {**schema["components"], "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}},
    }
    (folder / "openapi.json").write_text(json.dumps(document))
    port = free_port()
    tool = str(CACHE / "node_modules" / ".bin" / "prism")
    command = [tool, "mock", "-h", "127.0.0.1", "-p", str(port), "--verboseLevel", "silent"]
    with server("Prism", [*command, str(folder / "openapi.json")], port, request) as running:
        yield running


PEERS = (
    Peer("WireMock", 18.0, wiremock, Request("DELETE", "/__admin/requests")),
    Peer("Prism", 3.0, prism),
)


def body_schema() -> dict[str, Any]:
    """What a changed customer must look like by SessionM's contract, as a schema that needs no other document."""
    parts = openapi("sessionm")["components"]
    own = parts["requestBodies"]["User"]["content"]["application/json"]["schema"]
    return {"$schema": DIALECT, **own, "components": {"schemas": parts["schemas"]}}


def _package(name: str) -> Path:
    """The folder of an npm package; it is installed where it is not there yet. Raises `Missing`."""
    folder = CACHE / "node_modules" / name
    if not folder.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Missing(f"{name} is an npm package, and npm is not installed")
        CACHE.mkdir(exist_ok=True)
        # npm refuses a folder whose name begins with a dot as a package name, so the package is named here.
        (CACHE / "package.json").write_text('{"name": "peers", "private": true}')
        wanted = [f"{package}@{version}" for package, version in PACKAGES.items()]
        command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(CACHE), *wanted]
        try:
            subprocess.run(command, check=True, timeout=180, capture_output=True)
        except (subprocess.SubprocessError, OSError) as error:
            raise Missing(f"npm could not install {name} ({type(error).__name__})") from error
    return folder
