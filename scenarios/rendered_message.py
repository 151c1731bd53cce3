"""A template of the user's rendered against a fake: placeholders bound, the customer looked up, no secret shown."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from contracts import Choices, Request, Response, Violation
from contracts.transport import HttpTransport, HttpWeb, InProcessWeb, Lost, Transport, Web, WsgiTransport
from mock_sessionm import TenantSettings, campaign_sends, create_app, default_tenant, load_tenant, world
from mock_sessionm.partners.braze import Bindings, ConnectedContent, Person, Rendered, Renderer, lint

EMBEDDED = "http://sessionm.localhost"
"""Where the embedded fake stands for templates; nobody else has the name, and the port is one that Braze calls."""
OK = 200
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
    campaign: str = ""
    allowed: tuple[str, ...] = ()

    @property
    def in_canvas(self) -> bool:
        return self.canvas or bool(self.context)


@dataclass(frozen=True, slots=True)
class Reaching:
    """A web in which only named hosts are called: a template may hold the address of a real SessionM."""

    web: Web
    hosts: frozenset[str]

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        named = urlsplit(url)
        if not self.hosts & {named.netloc, named.hostname or ""}:
            raise Lost(f"only the fake is called; --allow {named.netloc} lets this one be called, too")
        return self.web.fetch(url, request, timeout=timeout)


def rendered_message(wanted: Wanted) -> RenderedMessage:
    """Render a template for one customer.

    Raises `TemplateError` for a template that is wrong, `Lost` where nobody is at `url`, and `SettingsError` for the
    tenant's file.
    """
    settings = load_tenant(wanted.tenant) if wanted.tenant else default_tenant()
    choices = Choices({**settings.assumptions, **wanted.assume})
    app = create_app(settings, choices=choices)
    # With the credentials that a fake makes up where a tenant's file has none.
    settings = next(iter(world(app).tenants.values())).settings
    address = wanted.url or EMBEDDED
    transport, web = _ways(wanted, address, app)
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
    renderer = Renderer(content, choices=choices)
    # What is imported for the first call is no part of rendering, and neither is the connection.
    renderer.render("", Person({}, {}))
    started = time.perf_counter()
    rendered = renderer.render(
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
        tuple(_findings(wanted, settings, (*variables, *bindings.words))),
        bindings.used(wanted.source),
        warnings,
        took,
        sum(waits),
    )


def _ways(wanted: Wanted, address: str, app: Any) -> tuple[Transport, Web]:
    """How to ask the fake itself, and how Connected Content reaches it and whoever else is named."""
    hosts = frozenset({urlsplit(address).netloc, *wanted.allowed})
    if wanted.url is None:
        return WsgiTransport(app), Reaching(InProcessWeb({EMBEDDED: app}, HttpWeb()), hosts)
    return HttpTransport(wanted.url), Reaching(HttpWeb(), hosts)


def _findings(wanted: Wanted, settings: TenantSettings, bound: tuple[str, ...]) -> list[Violation]:
    canvas = wanted.in_canvas
    sends: Collection[str] | None = (wanted.context if canvas else wanted.trigger) or None
    if wanted.campaign:
        sends, to_canvas = campaign_sends(settings.document(), wanted.campaign)
        canvas = canvas or to_canvas
    return lint(wanted.source, sends=sends, canvas=canvas, audience=wanted.audience, bound=bound)


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
