"""A bucket behind a real S3 API: moto on a port of loopback, with trouble on the way where a test wants some."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from contracts.interaction import Request
from contracts.transport import WIRE, HttpTransport
from tests.forwarder.vendor import batch

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

CREDENTIALS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "very-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
    "AWS_MAX_ATTEMPTS": "1",
}


@dataclass
class Trouble:
    """What happens to the next `times` requests whose target has `match` in it."""

    match: str
    code: str = ""
    status: int = 403
    truncate: int | None = None
    before: Callable[[], object] | None = None
    times: int = 1


@dataclass
class Front:
    """moto's WSGI app behind a door that makes trouble, and keeps what came."""

    app: Any
    trouble: list[Trouble] = field(default_factory=list)
    heard: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        target = environ["RAW_URI"]
        self.heard.append({"method": environ["REQUEST_METHOD"], "target": target, **_headers(environ)})
        for one in self.trouble:
            if one.times and re.search(one.match, f"{environ['REQUEST_METHOD']} {target}"):
                one.times -= 1
                if one.before:
                    one.before()
                if one.code:
                    start_response(f"{one.status} x", [("Content-Type", "application/xml")])
                    return [
                        f"<Error><Code>{one.code}</Code><Message>AKIAEXAMPLE very-secret</Message></Error>".encode()
                    ]
                environ[WIRE].truncate = one.truncate
                break
        return self.app(environ, start_response)


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith("HTTP_")}


@dataclass
class Bucket:
    """One bucket of one test. `objects` counts from 1; names are mParticle's."""

    url: str
    name: str
    front: Front

    @property
    def source(self) -> str:
        return f"s3://{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        return {**CREDENTIALS, "AWS_ENDPOINT_URL": self.url}

    def make(self) -> None:
        assert self._send("PUT", "").status == 200

    def put(self, key: str, *lines: bytes, packed: bool = False, modified: float | None = None) -> str:
        """Put an object of lines; gives its address. `modified` is in seconds since 1970."""
        content = b"".join(line + b"\n" for line in lines)
        self.put_bytes(key, gzip.compress(content) if packed else content, modified)
        return f"{self.source}/{key}"

    def put_bytes(self, key: str, content: bytes, modified: float | None = None) -> None:
        answer = self._send("PUT", key, content)
        assert answer.status == 200, answer.body
        if modified is not None:
            self._kept(key).last_modified = datetime.fromtimestamp(modified, UTC).replace(tzinfo=None)

    def delete(self, key: str) -> None:
        assert self._send("DELETE", key).status == 204

    def _send(self, method: str, key: str, body: bytes = b"") -> Any:
        # moto lets strangers write nothing that is there already; what it calls no stranger need not be signed.
        signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/s3/aws4_request"}
        return HttpTransport(self.url).send(Request(method, f"/{self.name}/{quote(key)}", signed, body))

    def _kept(self, key: str) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends["123456789012"]["aws"].buckets[self.name].keys[key]


def named(number: int, day: str = "20260101", ending: str = ".txt") -> str:
    """The name of mParticle's object number `number` of a day."""
    return f"Shop_{day}{number:012d}_{number:05d}{ending}"


def batches(*mpids: int) -> list[bytes]:
    """A batch for each person, with one event."""
    return [batch(mpid, "visit") for mpid in mpids]
