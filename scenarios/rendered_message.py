"""A template of the user's rendered against a fake: placeholders bound, the customer looked up, no secret shown."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from contracts import Choices, Request, Violation
from contracts.transport import HttpTransport, HttpWeb, InProcessWeb, Transport, Web, WsgiTransport
from mock_sessionm.partners.braze import ConnectedContent, Person, Rendered, Renderer, lint

if TYPE_CHECKING:
    from mock_sessionm import TenantSettings

EMBEDDED = "http://sessionm.localhost"
"""Where the embedded fake stands for templates; nobody else has the name, and the port is one that Braze calls."""
OK = 200
SHORTEST = 6
"""A shorter secret is not looked for in what is shown: it would be found everywhere."""
FIELDS = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email_address",
    "gender": "gender",
    "city": "city",
    "country": "country",
    "dob": "date_of_birth",
}
"""What SessionM knows of a customer -> the field of Braze's profile that says the same."""


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """What became of a template. `bound` are names of placeholders, `seconds` the time of rendering alone.

    `waited` is how many seconds the retries would have waited. Secrets stand nowhere in it, but for a name in braces.
    """

    rendered: Rendered
    findings: tuple[Violation, ...] = ()
    bound: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    waited: float = 0.0


@dataclass(frozen=True, slots=True)
class Bindings:
    """Values for the placeholders of the SessionM page: names that Liquid reads, and words to be replaced."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: TenantSettings, address: str) -> Bindings:
        """What a tenant's settings say, for a fake at an address."""
        connect = settings.partners.get("connect", {})
        core = _encoded(settings.api_key, settings.api_secret)
        offers = _encoded(connect["key"], connect["secret"]) if {"key", "secret"} <= connect.keys() else ""
        words = {
            "YOUR-RETAIL-ID": connect.get("retailer_id", ""),
            "YOUR-BASE64-ENCODED-KEY": offers,
            "YOUR-ENCODED-STRING-KEY": core,
        }
        key = settings.api_key
        return cls(
            {
                "endpoint_core": address,
                "endpoint_connect": address,
                "appkey_core": key,
                "apikey_core": key,
                "core_apikey": key,
                "base64_encoded_string": core,
            },
            {word: value for word, value in words.items() if value},
            {"appkey_core": key, "base64_encoded_string": core, "YOUR-BASE64-ENCODED-KEY": offers},
        )

    def used(self, source: str) -> tuple[str, ...]:
        """Which of them a template names, in their order."""
        return tuple(name for name in (*self.variables, *self.words) if name in source)

    def filled(self, source: str) -> str:
        """The template with every word replaced."""
        for word, value in self.words.items():
            source = source.replace(word, value)
        return source

    def hidden(self, text: str) -> str:
        """A text without the secrets that were bound: each is its name in braces."""
        for name, value in self.secrets.items():
            if len(value) >= SHORTEST:
                text = text.replace(value, f"{{{name}}}").replace(quote(value, safe=""), f"{{{name}}}")
        return text


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asks for: a template, whom it is for, and what comes with it.

    `url` is a running fake, None for one of our own. `credentials` are pairs for `:basic_auth`. `audience` is how many
    people get the message, None where nobody says.
    """

    source: str
    user: str
    url: str | None = None
    tenant: Path | None = None
    assume: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    trigger: Mapping[str, Any] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    canvas: bool = False
    audience: int | None = None
    allowed: tuple[str, ...] = ()

    @property
    def in_canvas(self) -> bool:
        return self.canvas or bool(self.context)


def rendered_message(wanted: Wanted) -> RenderedMessage:
    """Render a template for one customer.

    Raises `TemplateError` for a template that is wrong, `Lost` where nobody is at `url`, and `SettingsError` for the
    tenant's file.
    """
    from mock_sessionm import create_app, default_tenant, load_tenant, world

    settings = load_tenant(wanted.tenant) if wanted.tenant else default_tenant()
    choices = Choices({**settings.assumptions, **wanted.assume})
    transport: Transport
    web: Web
    app = create_app(settings, choices=choices)
    # With the credentials that a fake makes up where a tenant's file has none.
    settings = next(iter(world(app).tenants.values())).settings
    if wanted.url is None:
        transport, web = WsgiTransport(app), InProcessWeb({EMBEDDED: app}, HttpWeb())
    else:
        transport, web = HttpTransport(wanted.url), HttpWeb()
    address = wanted.url or EMBEDDED
    bindings = Bindings.of(settings, address)
    customer, warnings = _customer(transport, settings.api_key, wanted.user)
    waits: list[float] = []
    content = ConnectedContent(
        web,
        time.time,
        sleep=waits.append,
        credentials=wanted.credentials,
        allowed=(*wanted.allowed, urlsplit(address).netloc),
        choices=choices,
    )
    source = bindings.filled(wanted.source)
    variables = {**bindings.variables, **wanted.variables}
    started = time.perf_counter()
    rendered = Renderer(content, choices=choices).render(
        source,
        Person({**_fields(customer), **wanted.fields, "user_id": wanted.user}, wanted.attributes),
        trigger_properties=wanted.trigger,
        context=wanted.context if wanted.in_canvas else None,
        event_properties=wanted.event,
        variables=variables,
    )
    took = time.perf_counter() - started
    return RenderedMessage(
        _without_secrets(rendered, bindings),
        tuple(_findings(wanted, (*variables, *bindings.words))),
        bindings.used(wanted.source),
        warnings,
        took,
        sum(waits),
    )


def _findings(wanted: Wanted, bound: tuple[str, ...]) -> list[Violation]:
    sent = wanted.context if wanted.in_canvas else wanted.trigger
    return lint(wanted.source, sends=sent or None, canvas=wanted.in_canvas, audience=wanted.audience, bound=bound)


def _customer(transport: Transport, api_key: str, user: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """What the fake knows of a customer, by SessionM's id and no other; and a warning where it knows nobody."""
    path = f"/__admin/tenants/{quote(api_key, safe='')}/users/{quote(user, safe='')}"
    answer = transport.send(Request("GET", path))
    try:
        found = answer.json()
    except ValueError:
        found = None
    known = found.get("user") if isinstance(found, dict) and answer.status == OK else None
    if isinstance(known, dict) and known.get("id") == user:
        return known, ()
    if isinstance(known, dict):
        return {}, ("--user is an external id or an email of a customer, and no SessionM id; nobody is found by it",)
    return {}, ("no customer of the tenant has this SessionM id, so whatever is asked about it will find nobody",)


def _fields(customer: Mapping[str, Any]) -> dict[str, Any]:
    made = {theirs: customer[ours] for ours, theirs in FIELDS.items() if customer.get(ours) is not None}
    locale = str(customer.get("locale") or "")
    return {**made, "language": locale[:2].lower()} if locale else made


def _without_secrets(rendered: Rendered, bindings: Bindings) -> Rendered:
    calls = tuple(replace(call, url=bindings.hidden(call.url)) for call in rendered.calls)
    aborted = None if rendered.aborted is None else bindings.hidden(rendered.aborted)
    return Rendered(bindings.hidden(rendered.text), aborted, calls)


def _encoded(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode("ascii")
