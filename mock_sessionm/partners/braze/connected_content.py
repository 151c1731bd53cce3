"""Connected Content: what Braze's servers ask of the web while they render a message, and what they make of the answer.

Nothing here waits or looks at a clock by itself: the web, the clock and the sleep come in as arguments.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts import Choices, Request, Response
from contracts.transport import Lost, TimedOut, Web
from mock_sessionm.limits import limit

from .addresses import Address, Unusable, address
from .health import Health
from .kept import TEMPLATE_BEHAVIOURS
from .liquid.errors import Abort
from .outgoing import accepted, content_headers, encoded_body

UNHEALTHY = 598
"""The status with which Braze stands in for a host that it has stopped calling."""
SENDER = hashlib.sha1(b"sessionm-harness", usedforsecurity=False).hexdigest()
STATUS = "__http_status_code__"


@dataclass(frozen=True, slots=True)
class ContentCall:
    """One thing that `connected_content` did. It holds no header and no body, and no credential of an address.

    `status` is None where nobody answered. `cached` is whether the answer came from the cache and nobody was asked.
    `seconds` is how long it took. `why` says why it brought nothing; empty where it brought something.
    """

    method: str
    url: str
    status: int | None
    cached: bool = False
    seconds: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class ContentRequest:
    """What a tag asks for, rendered. `body` None is none; `cache_max_age` is seconds, None where it is not said."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    content_type: str | None = None
    basic_auth: str | None = None
    cache_max_age: int | None = None
    no_cache: bool = False
    retry: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """What stands in place of the tag, and the value of its variable; None where there is none."""

    text: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer in the cache, and until when it is good, in seconds on the clock."""

    response: Response
    until: float


class ConnectedContent:
    """The calls of one workspace: its credentials, its cache, and what it knows of the health of hosts.

    `clock` gives seconds; `sleep` is given the seconds before each retry. `credentials` are pairs of user and password
    by the name that `:basic_auth` uses. `cache` may be shared. `allowed` are hosts with their ports, such as
    `127.0.0.1:8600`, that may be called although Braze knows ports 80 and 443 only. `behaviours` are the rules that
    are kept; without one, the code does the naive thing in its place.
    """

    def __init__(
        self,
        web: Web,
        clock: Callable[[], float],
        *,
        sleep: Callable[[float], None],
        credentials: Mapping[str, tuple[str, str]] | None = None,
        cache: MutableMapping[str, Kept] | None = None,
        allowed: Collection[str] = (),
        choices: Choices | None = None,
        behaviours: frozenset[str] = TEMPLATE_BEHAVIOURS,
        sender: str = SENDER,
    ) -> None:
        self.web = web
        self.clock = clock
        self.sleep = sleep
        self.credentials = dict(credentials or {})
        self.cache: MutableMapping[str, Kept] = {} if cache is None else cache
        self.allowed = frozenset(allowed)
        self.choices = choices if choices is not None else Choices()
        self.behaviours = behaviours
        self.sender = sender
        self.health = Health(clock, self.choices, self.behaviours)

    def bring(self, asked: ContentRequest, calls: list[ContentCall]) -> Brought:
        """Call, with retries where they are asked for; each call is added to `calls`.

        Raises `Abort` where the retries are used up: then nobody gets the message.
        """
        try:
            where = address(asked.url, self.allowed, self.behaviours)
        except Unusable as error:
            calls.append(ContentCall(asked.method, error.shown, None, why=str(error)))
            return Brought()
        key = self._key(asked, where)
        kept = self._kept(asked, key)
        if kept is not None:
            calls.append(ContentCall(asked.method, where.shown, kept.status, cached=True, why=self._why(kept)))
            return self._read(kept)
        request = self._request(asked, where)
        if isinstance(request, str):
            calls.append(ContentCall(asked.method, where.shown, None, why=request))
            return Brought()
        response = self._called(asked, where, request, calls)
        if response is None:
            return Brought()
        self._keep(asked, key, response)
        return self._read(response)

    # --- one call after another ---------------------------------------------------------------------------

    def _called(
        self, asked: ContentRequest, where: Address, request: Request, calls: list[ContentCall]
    ) -> Response | None:
        retries = limit("braze.content-retries") if "braze.content-retries" in self.behaviours and asked.retry else 0
        wait = float(self.choices["content-first-wait"])
        for attempt in range(retries + 1):
            if attempt:
                grown = wait * 2 ** (attempt - 1) if "braze.content-retry-backoff" in self.behaviours else wait
                self.sleep(grown)
            call, response = self._once(where, request)
            calls.append(call)
            if not self._again(call):
                return response
        if asked.retry and "braze.content-retry-aborts" in self.behaviours:
            raise Abort(f"Connected Content failed {retries} retries of {where.shown}")
        return response

    def _once(self, where: Address, request: Request) -> tuple[ContentCall, Response | None]:
        """One call. Its response is None where nobody answered in time, or nobody was asked."""
        method, most = request.method, float(limit("braze.content-timeout"))
        if self.health.halted(where.host):
            return ContentCall(method, where.shown, UNHEALTHY, why="the host is unhealthy and was not called"), None
        started = self.clock()
        timely = "braze.content-timeout" in self.behaviours
        try:
            response = self._followed(where, request, most if timely else 90.0)
        except TimedOut:
            return self._failed(where, method, started, "no answer in time"), None
        except (Lost, ValueError) as error:
            why = f"no connection: {error}"
            call = ContentCall(method, where.shown, None, seconds=self.clock() - started, why=why)
            self.health.saw(where.host, failed=False)
            return call, None
        took = self.clock() - started
        if timely and took >= most:
            return self._failed(where, method, started, "no answer in time"), None
        self.health.saw(where.host, failed=self.health.counts(response.status))
        return ContentCall(method, where.shown, response.status, seconds=took, why=self._why(response)), response

    def _failed(self, where: Address, method: str, started: float, why: str) -> ContentCall:
        self.health.saw(where.host, failed=True)
        return ContentCall(method, where.shown, None, seconds=self.clock() - started, why=why)

    def _followed(self, where: Address, request: Request, timeout: float) -> Response:
        response = self.web.fetch(where.origin, request, timeout=timeout)
        target = response.headers.get("location", "")
        if "braze.content-redirects" in self.behaviours or response.status // 100 != 3 or not target:
            return response
        onward = address(target, self.allowed, frozenset())
        return self.web.fetch(onward.origin, Request("GET", onward.target, request.headers), timeout=timeout)

    def _again(self, call: ContentCall) -> bool:
        """Whether a call failed in a way that is tried again."""
        if call.status is None:
            return True
        if self.choices["content-retried"] == "every-failure":
            return call.status // 100 != 2
        return call.status in (408, 429) or call.status >= 500

    # --- what is sent -------------------------------------------------------------------------------------

    def _request(self, asked: ContentRequest, where: Address) -> Request | str:
        """The request, or why there is none."""
        headers = content_headers(asked.method, asked.content_type, asked.headers, self.behaviours)
        if "braze.content-sender" in self.behaviours:
            headers.setdefault("User-Agent", f"Braze Sender {self.sender}")
        if asked.basic_auth is not None:
            pair = self.credentials.get(asked.basic_auth)
            if pair is not None and "braze.content-basic-auth" in self.behaviours:
                headers["Authorization"] = "Basic " + base64.b64encode(":".join(pair).encode()).decode("ascii")
            elif pair is None and "braze.content-unknown-credential" in self.behaviours:
                return f"there is no credential {asked.basic_auth!r}"
        for name, value in headers.items():
            if not accepted(name, value):
                return f"the header {name!r} holds a line break or a letter that no header can hold"
        body = encoded_body(asked.body, asked.content_type, self.choices, self.behaviours)
        return Request(asked.method, where.target, headers, body)

    # --- what is kept -------------------------------------------------------------------------------------

    def _key(self, asked: ContentRequest, where: Address) -> str:
        key = f"{asked.method} {where.origin}{where.target}"
        if asked.method == "POST" and self.choices["post-cache-key"] == "url-and-body":
            key += f" {asked.body or ''}"
        return key

    def _caches(self, asked: ContentRequest) -> bool:
        if asked.no_cache and "braze.content-no-cache" in self.behaviours:
            return False
        if asked.method == "GET":
            return "braze.content-get-cached" in self.behaviours
        return asked.cache_max_age is not None or "braze.content-post-uncached" not in self.behaviours

    def _kept(self, asked: ContentRequest, key: str) -> Response | None:
        found = self.cache.get(key) if self._caches(asked) else None
        return found.response if found is not None and self.clock() < found.until else None

    def _keep(self, asked: ContentRequest, key: str, response: Response) -> None:
        if not self._caches(asked):
            return
        if response.status // 100 != 2 and self.choices["content-cached"] == "successes":
            return
        if len(response.body) > limit("braze.content-size") and "braze.content-size" in self.behaviours:
            return
        least, most = limit("braze.content-cache-min"), limit("braze.content-cache-max")
        age = least if asked.cache_max_age is None else asked.cache_max_age
        age = max(age, least) if "braze.content-cache-min" in self.behaviours else age
        age = min(age, most) if "braze.content-cache-max" in self.behaviours else age
        self.cache[key] = Kept(response, self.clock() + age)

    # --- what is made of an answer ------------------------------------------------------------------------

    def _why(self, response: Response) -> str:
        """Why an answer brings nothing; empty where it brings something."""
        if response.status // 100 == 3:
            return "redirects are not followed"
        if response.status // 100 != 2:
            return f"HTTP {response.status}"
        return "larger than may be" if self._too_large(response) else ""

    def _too_large(self, response: Response) -> bool:
        over = len(response.body) > limit("braze.content-size")
        return over and self.choices["content-over-size"] == "nothing" and "braze.content-size" in self.behaviours

    def _read(self, response: Response) -> Brought:
        if self._too_large(response):
            return Brought()
        good = response.status // 100 == 2
        try:
            value = orjson.loads(response.body)
        except ValueError:
            return self._text(response, good=good)
        if isinstance(value, dict) and good and "braze.content-status-code" in self.behaviours:
            value = {**value, STATUS: response.status}
        if not good and "braze.content-errors-bring-nothing" in self.behaviours:
            return Brought(value=value if self.choices["content-error-answer"] == "parsed" else None)
        if "braze.content-json-saved" not in self.behaviours:
            return Brought(response.body.decode("utf-8", "replace"), value)
        return Brought(value=value)

    def _text(self, response: Response, *, good: bool) -> Brought:
        if not good and "braze.content-errors-bring-nothing" in self.behaviours:
            return Brought()
        text = response.body.decode("utf-8", "replace")
        return Brought(text) if "braze.content-text-inserted" in self.behaviours else Brought(value=text)
