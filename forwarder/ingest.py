"""mParticle's Events API as its senders see it: batches in over HTTP, each answer as mParticle's page gives it.

A batch is answered with 202 only after `accept` returned, and `accept` returns only when the batch is safe.
"""

from __future__ import annotations

import hmac
import math
import zlib
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from contracts import rules
from contracts.register import nearest
from contracts.validation import operations, validate

from .batch import Batch, BatchError
from .connection import Connection
from .sources.elements import elements
from .tally import Tally

RULES = (
    "mparticle.input-credentials-missing",
    "mparticle.input-credentials-wrong",
    "mparticle.request-bytes-max",
    "mparticle.contract",
    "mparticle.bulk-batches-max",
    "mparticle.rate",
    "mparticle.accepted",
    "mparticle.historical",
)
"""What this module keeps, in the order in which a request meets it."""

Accept = Callable[[list[bytes]], None]
"""Is given batches, as they came; returns when they are safe, or raises `OSError`."""


class Refused(Exception):
    """A request is not taken. `rule` is the one it broke; each of `messages` is one line with place and reason."""

    def __init__(self, rule: str, status: int, *messages: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(*messages)
        self.rule = rule
        self.status = status
        self.messages = messages
        self.headers = headers or {}


@dataclass(slots=True)
class Bucket:
    """How many batches may still come: `rate` a second, and one second's worth at once. 0 is no limit.

    A bulk request that begins within the limit is taken whole, and paid for by those after it.
    """

    rate: float
    clock: Callable[[], float]
    _full: float = field(init=False)
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left = self._full = max(self.rate, 1.0)
        self._at = self.clock()

    def take(self, batches: int) -> float:
        """Seconds to wait until the next batch is taken; 0 where these were."""
        if not self.rate:
            return 0.0
        now = self.clock()
        self._left = min(self._full, self._left + (now - self._at) * self.rate)
        self._at = now
        if self._left < 1:
            return (1 - self._left) / self.rate
        self._left -= batches
        return 0.0

    @property
    def used(self) -> int:
        """How much of the limit is used, in percent, 0 to 100."""
        return min(100, round(100 * (1 - self._left / self._full))) if self.rate else 0


def create_ingest(
    connection: Connection,
    accept: Accept,
    *,
    clock: Callable[[], float],
    say: Callable[[str], None] = lambda _line: None,
    tally: Tally | None = None,
) -> Flask:
    """A WSGI app with /v2/events, /v2/bulkevents and /v2/bulkevents/historical.

    clock   seconds; any that only grows will do
    say     is given one line for each batch of a bulk request that was not taken while others were
    tally   counts bad and historical batches
    """
    taking = _Taking(connection, accept, Bucket(connection.batches_per_second, clock), say, tally or Tally())
    app = Flask(__name__, static_folder=None)
    app.config.update(DEBUG=False, PROPAGATE_EXCEPTIONS=False)
    views = {
        "postBatch": taking.one,
        "postBatches": taking.several,
        "postHistoricalBatches": taking.historical,
    }
    for operation, (method, path) in operations("mparticle").items():
        app.add_url_rule(path, operation, views[operation], methods=[method], provide_automatic_options=False)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(MethodNotAllowed, _wrong_method)
    return app


@dataclass(frozen=True, slots=True)
class _Taking:
    """The three views."""

    connection: Connection
    accept: Accept
    bucket: Bucket
    say: Callable[[str], None]
    tally: Tally

    def one(self) -> Response:
        body = self._body()
        self._read(body)
        self._within_rate(1)
        return self._taken([body])

    def several(self) -> Response:
        return self._taken(self._batches())

    def historical(self) -> Response:
        self.tally.historical += len(self._batches())
        return self._taken([])

    def _body(self) -> bytes:
        """The body of a sender who may send, unpacked and within the limit. Raises `Refused`."""
        check_credentials(request.headers.get("Authorization"), self.connection)
        status = int(self.connection.choices["over-size-request"])
        return unpacked(request.get_data(cache=False), request.headers.get("Content-Encoding"), status)

    def _read(self, raw: bytes) -> Batch:
        try:
            return Batch.read(raw, duplicate_keys=self.connection.choices["duplicate-keys"])
        except BatchError as error:
            raise Refused("mparticle.contract", 400, str(error)) from error

    def _batches(self) -> list[bytes]:
        """The good batches of a bulk request; the others are counted and said. Raises `Refused` where none is good."""
        body = self._body()
        found = bulk(body)
        self._within_rate(len(found))
        good: list[bytes] = []
        bad: list[str] = []
        for index, raw in enumerate(found):
            try:
                self._read(raw)
            except Refused as refused:
                bad += (f"/{index}{'' if message.startswith('/') else ': '}{message}" for message in refused.messages)
            else:
                good.append(raw)
        if not good:
            raise Refused("mparticle.contract", 400, *bad)
        for message in bad:
            self.tally.bad += 1
            self.say(f"POST {request.path}: not taken: {message}")
        return good

    def _within_rate(self, batches: int) -> None:
        wait = self.bucket.take(batches)
        if wait:
            headers = {"Retry-After": str(math.ceil(wait)), "X-mp-rate-limit-exceeded": "account"}
            message = f"more than {self.bucket.rate:g} batches a second; come back in {math.ceil(wait)} s"
            raise Refused("mparticle.rate", 429, message, headers=headers)

    def _taken(self, batches: list[bytes]) -> Response:
        try:
            if batches:
                self.accept(batches)
        except OSError as error:
            self.say(f"POST {request.path}: the spool takes nothing: {error.strerror or error}; answered 503")
            raise Refused("mparticle.accepted", 503, "cannot keep batches at present; try again later") from error
        answer = Response(status=202, headers={"X-mp-rate-limit-percentage-used": str(self.bucket.used)})
        del answer.headers["Content-Type"]
        return answer


def check_credentials(header: str | None, connection: Connection) -> None:
    """Whether the Authorization header is the input's. Raises `Refused`."""
    missing = "mparticle.input-credentials-missing"
    if not header:
        raise Refused(missing, 401, "header:authorization: missing; send Basic with the input's key and secret")
    scheme, _, packed = header.strip().partition(" ")
    if scheme.lower() != "basic":
        raise Refused(missing, 401, "header:authorization: is not Basic; send Basic with the input's key and secret")
    try:
        key, colon, secret = b64decode(packed.strip(), validate=True).decode("utf-8").partition(":")
    except ValueError as error:
        raise Refused(missing, 401, "header:authorization: is not base64 of key:secret") from error
    if not colon:
        raise Refused(missing, 401, "header:authorization: is not base64 of key:secret")
    for name, came, wanted in (("key", key, connection.input_key), ("secret", secret, connection.input_secret)):
        if wanted is not None and not hmac.compare_digest(came.encode(), wanted.encode()):
            raise Refused("mparticle.input-credentials-wrong", 403, f"header:authorization: not the input's {name}")


def unpacked(body: bytes, encoding: str | None, status: int) -> bytes:
    """The body without its content encoding, and not larger than a request may be. Raises `Refused`.

    `status` is the answer to a body that is too large. No more is unpacked than is allowed.
    """
    rule = rules()["mparticle.request-bytes-max"]
    limit = rule.limit or 0
    encoding = (encoding or "identity").strip().lower()
    if encoding == "gzip" and len(body) <= limit:
        unpacking = zlib.decompressobj(wbits=31)
        try:
            body = unpacking.decompress(body, limit + 1)
        except zlib.error as error:
            raise Refused("mparticle.contract", 400, "the body is not gzip, as its Content-Encoding says") from error
        if len(body) <= limit and not unpacking.eof:
            raise Refused("mparticle.contract", 400, "the gzip body is cut short")
    elif encoding not in {"identity", "gzip"}:
        raise Refused("mparticle.contract", 400, f"Content-Encoding {encoding} is not known; send gzip or none")
    if len(body) > limit:
        raise Refused(rule.id, status, f"the body is larger than {limit} bytes; send fewer batches in a request")
    return body


def bulk(body: bytes) -> list[bytes]:
    """The texts of the batches in the body of a bulk request. Raises `Refused` where it is no such array."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused("mparticle.contract", 400, f"not JSON: {error}") from error
    # What is wrong inside a batch spoils only that batch, so only breaches of the whole count here.
    whole = [violation for violation in validate("mparticle", "postBatches", parsed) if not violation.pointer]
    if whole:
        raise Refused(whole[0].rule, 400, *(violation.message for violation in whole))
    return [text for _, text in elements(body)]


def _refused(refused: Refused) -> Response:
    errors = [{"code": "BAD_REQUEST", "message": message} for message in refused.messages]
    headers = {"X-Harness-Rule": refused.rule, **refused.headers}
    return Response(
        orjson.dumps({"errors": errors}), status=refused.status, headers=headers, content_type="application/json"
    )


def _not_found(_error: NotFound) -> Response:
    known = [path for _, path in operations("mparticle").values()]
    near = nearest(request.path, known) or known[0]
    return _refused(
        Refused("mparticle.contract", 404, f"{request.path} is not a path of this API; did you mean {near}?")
    )


def _wrong_method(error: MethodNotAllowed) -> Response:
    allowed = ", ".join(error.valid_methods or ())
    message = f"{request.method} is not a method of {request.path}; use {allowed}"
    return _refused(Refused("mparticle.contract", 405, message, headers={"Allow": allowed}))
