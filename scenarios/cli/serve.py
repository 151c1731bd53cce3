"""`sessionm-harness serve`: the fake on a port, with what somebody needs to try it at once."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from contracts.serving import LOOPBACK

from . import options
from .stop import KEPT, Stop

if TYPE_CHECKING:
    from mock_sessionm import TenantSettings


@click.command
@options.port
@click.option(
    "--host", default=LOOPBACK, show_default=True, metavar="HOST", help="Another address than loopback gets a warning."
)
@options.tenant
@options.assume
@options.observations
@options.on_violation
@click.option("--certificate", type=options.FILE, metavar="FILE", help="PEM file: serve https with it, and --key.")
@click.option("--key", type=options.FILE, metavar="FILE", help="PEM file: the key of --certificate, no password on it.")
@options.as_json
def command(
    *,
    port: int,
    host: str,
    tenant: Path | None,
    assume: Mapping[str, str],
    on_violation: Any,
    certificate: Path | None,
    key: Path | None,
    as_json: bool,
) -> int:
    """Run the fake of SessionM until Ctrl-C, and print how to reach it."""
    if (certificate is None) != (key is None):
        given, wanted = ("--certificate", "--key") if key is None else ("--key", "--certificate")
        raise Stop(f"{given} without {wanted}: https takes both; name the other file, too")
    from contracts import Choices
    from contracts.serving import Server
    from mock_sessionm import create_app, load_tenant, world

    settings = load_tenant(tenant) if tenant else None
    if settings is not None:
        # What the command line says goes over what the file says.
        settings = replace(settings, assumptions={**settings.assumptions, **assume})
    app = create_app(settings, on_violation=on_violation, choices=Choices(assume))
    # Neighbours for which the file has no credentials have got some.
    settings = next(iter(world(app).tenants.values())).settings
    server = Server(app, host=host, port=port, certificate=(certificate, key) if certificate and key else None)
    if not options.is_loopback(host):
        click.echo(
            f"sessionm-harness: warning: {host} may be reached by other machines, and the fake's control API "
            "asks nobody for a password",
            err=True,
        )
    try:
        signal.signal(signal.SIGTERM, _stopped)
        # The socket listens already: who reads the address and is quick waits, and is not turned away.
        click.echo(
            announcement(server.url, settings) if as_json else "\n".join(welcome(server.url, settings, certificate))
        )
        server.run()
    except KeyboardInterrupt:
        pass
    return KEPT


def announcement(url: str, settings: TenantSettings) -> str:
    """One line of JSON for scripts: where the fake is, and the credentials of its tenant at every vendor."""
    from mock_sessionm import PARTNERS

    return json.dumps(
        {
            "url": url,
            "api_key": settings.api_key,
            "api_secret": settings.api_secret,
            "admin": f"{url}/__admin/",
            **{name: dict(settings.partners[name]) for name in PARTNERS if name in settings.partners},
        }
    )


def welcome(url: str, settings: TenantSettings, certificate: Path | None = None) -> Iterator[str]:
    """The lines for people: address, credentials, and three curl lines that work as they stand, in their order."""
    yield f"SessionM, a fake of it, at {url}"
    yield f"  api key     {settings.api_key}"
    yield f"  api secret  {settings.api_secret}"
    if "connect" in settings.partners:
        connect = settings.partners["connect"]
        yield f"  connect     {connect['key']}:{connect['secret']}, retailer {connect['retailer_id']}"
    if "braze" in settings.partners:
        yield f"  braze       {settings.partners['braze']['api_key']}"
    for name, user, password in (("customerio", "site_id", "api_key"), ("mparticle", "key", "secret")):
        own = settings.partners.get(name)
        if own:
            yield f"  {name:11} {own[user]}:{own[password]}"
    yield f"  control     {url}/__admin/"
    yield ""
    yield "Try it: create a customer, send an event, read the customer back."
    yield ""
    yield from curls(url, settings, certificate)
    yield ""
    if not settings.events:
        yield "This tenant has no event defined: the second line is refused, and the answer says why."
    yield "Ctrl-C stops it."


def curls(url: str, settings: TenantSettings, certificate: Path | None = None) -> tuple[str, str, str]:
    """Three lines for a POSIX shell: create a customer whom the tenant does not have, send an event, read back.

    With the `certificate` of an https address curl trusts it, whoever signed it.
    """
    taken = {str(entry["user"].get("external_id")) for entry in settings.users}
    emails = {str(entry["user"].get("email")).lower() for entry in settings.users}
    number = next(n for n in range(1001, 1003 + len(settings.users) * 2) if _is_free(n, taken, emails))
    event = settings.events[0] if settings.events else "purchase"
    root = f"{url}/priv/v1/apps/{quote(settings.api_key, safe='')}"
    trust = f" --cacert {shlex.quote(str(certificate.absolute()))}" if certificate else ""
    ask = f"curl -sS{trust} -u {shlex.quote(f'{settings.api_key}:{settings.api_secret}')}"
    send = f"{ask} -H 'Content-Type: application/json'"
    user = {"user": {"external_id": str(number), "email": f"ada{number}@example.com"}}
    return (
        f"{send} -d {_json(user)} {shlex.quote(f'{root}/users')}",
        f"{send} -d {_json({'events': {event: 1}})} {shlex.quote(f'{root}/external/users/{number}/events')}",
        f"{ask} {shlex.quote(f'{root}/external/users/{number}')}",
    )


def _is_free(number: int, taken: set[str], emails: set[str]) -> bool:
    return str(number) not in taken and f"ada{number}@example.com" not in emails


def _json(body: Any) -> str:
    return shlex.quote(json.dumps(body, separators=(",", ":")))


def _stopped(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt
