"""A webhook message of Braze, and the one call that it becomes for a user."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

from contracts import Choices, Request
from mock_sessionm.limits import table
from mock_sessionm.partners.webhooks_kept import WEBHOOK_BEHAVIOURS

from .addresses import DEFAULT_PORTS, Unusable, address
from .outgoing import FORM, JSON, accepted

METHODS = "braze.webhook-methods"
PORTS = "braze.webhook-ports"
TEXT = "text/plain"
BREAKS = re.compile(r"[\x00-\x1f\x7f]")
PAIRS = re.compile(r"[^=&\s]+=[^&\s]*(&[^=&\s]+=[^&\s]*)*")

Fill = Callable[[str], str]
"""A text of the message -> the same for one user. It raises `Aborted` where the message is not for that user."""


class Unsendable(ValueError):
    """No call can be made of the message for this user; the text is one line: what, why, what to do."""


class Aborted(Exception):
    """The message stops itself for this user. The text is the reason, empty where it gives none."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """What is composed in Braze. `url`, the values of `headers` and `body` are Liquid; `body` is raw text."""

    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """One user's call. `origin` is scheme, host and port; `host` is what the health of hosts is kept by."""

    origin: str
    host: str
    request: Request


def compose(
    webhook: Webhook,
    fill: Fill,
    *,
    sender: str,
    allowed: Collection[str] = (),
    choices: Choices,
    behaviours: frozenset[str] = WEBHOOK_BEHAVIOURS,
) -> Composed:
    """The call for one user. Raises `Unsendable`, and what `fill` raises.

    `allowed` are origins that may be called whatever their port. `sender` is what the User-Agent ends with.
    """
    origin, host, target = _place(fill(webhook.url), allowed, behaviours)
    method = webhook.method.upper()
    known = table(METHODS)["methods"]
    if METHODS in behaviours and method not in known:
        raise Unsendable(f"webhook.method {webhook.method} is none that a webhook has; choose {', '.join(known)}")
    headers = {name: _value(name, fill(value), behaviours) for name, value in webhook.headers.items()}
    body = fill(webhook.body).encode()
    if method == "GET" and "braze.webhook-get-no-body" in behaviours:
        body = b""
    given = {name.lower() for name in headers}
    if body and "content-type" not in given and "braze.webhook-content-type" in behaviours:
        headers["Content-Type"] = guessed(body, choices)
    if "user-agent" not in given and "braze.webhook-user-agent" in behaviours:
        headers["User-Agent"] = f"Braze Sender {sender}"
    return Composed(origin, host, Request(method, target, headers, body))


def guessed(body: bytes, choices: Choices) -> str:
    """The content type for a body whose message names none."""
    try:
        orjson.loads(body)
    except ValueError:
        form = choices["webhook-content-type"] == "json-form-text" and PAIRS.fullmatch(body.decode().strip())
        return FORM if form else TEXT
    return JSON


def _place(text: str, allowed: Collection[str], behaviours: frozenset[str]) -> tuple[str, str, str]:
    """Origin, host, and path with query. Raises `Unsendable`."""
    text = text.strip()
    if not text:
        raise Unsendable("webhook.url is empty once it is rendered; give what it reads a default")
    if BREAKS.search(text):
        raise Unsendable("webhook.url has a line break or a control character in it; strip what it reads")
    if "@" in urlsplit(text.partition("?")[0]).netloc:
        raise Unsendable("webhook.url holds a user name or a password; send the header Authorization instead")
    try:
        found = address(text, (), frozenset())
    except Unusable as error:
        raise Unsendable(f"webhook.url: {error}; is every placeholder in it bound?") from error
    scheme = found.origin.partition(":")[0]
    port = urlsplit(found.origin).port or DEFAULT_PORTS[scheme]
    usual = table(PORTS)["ports"]
    if PORTS in behaviours and port not in usual and found.origin not in allowed:
        raise Unsendable(f"webhook.url names port {port}; Braze calls only {' and '.join(map(str, usual))}")
    return found.origin, found.host, found.target


def _value(name: str, text: str, behaviours: frozenset[str]) -> str:
    """A header's value, without the white space round it, which means nothing in HTTP. Raises `Unsendable`."""
    value = text.strip(" \t") if "braze.webhook-header-space" in behaviours else text
    if not value:
        raise Unsendable(f"webhook.headers.{name} is empty once it is rendered; give what it reads a default")
    if BREAKS.search(value) or not accepted(name, value):
        raise Unsendable(f"webhook.headers.{name} cannot be sent: a header is one line of plain letters")
    return value
