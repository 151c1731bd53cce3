"""`sessionm-harness webhook`: a Braze webhook campaign for a list of users, against the fake."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .render import _option
from .stop import BROKEN, KEPT, UNTESTED, Stop

if TYPE_CHECKING:
    from mock_sessionm import TenantSettings
    from scenarios.surroundings import Surroundings

LONG = 5.0
"""A real wait of more seconds than this is announced."""
EPILOG = """\b
MESSAGE is TOML, or the same as JSON (docs/segments.md has every key):
  [webhook]   url, method, body, and [webhook.headers]: Liquid
  [schedule]  at, every, times, re_eligible
  [audience]  user_ids, segment

\b
FILE of --users: Braze users as JSON, one a line or in a list, or the CSV export of a segment.
Their external_id, which Liquid knows as ${user_id}, must be SessionM's own id of the customer.

\b
Time: the embedded fake's clock, or that of a fake at --url, is moved on instead of waiting;
anything else at --url is really waited for, retries up to half an hour and more.

\b
Exit codes: 0 all received, 1 some failed or were refused under 200, 2 a file that cannot be read,
3 nobody in the audience.
"""


@click.command(epilog=EPILOG)
@click.argument("message", type=options.FILE, metavar="MESSAGE")
@click.option("--users", required=True, type=options.FILE, metavar="FILE", help="Braze's users: JSON, or CSV.")
@click.option("--url", metavar="URL", help="Send here, over HTTP. Without it a fake is embedded.")
@options.tenant
@options.assume
@_option("--var", "A placeholder of a document, such as endpoint_core=https://…; repeatable.")
@options.seed
@options.as_json
def command(
    *,
    message: Path,
    users: Path,
    url: str | None,
    tenant: Path | None,
    assume: Mapping[str, str],
    var: Mapping[str, Any],
    seed: int | None,
    as_json: bool,
) -> int:
    """Send a Braze webhook MESSAGE to each user, with Braze's retries and waits, and say what arrived."""
    from contracts import Choices
    from contracts.transport import Lost
    from mock_sessionm.partners.braze import TemplateError, read_campaign
    from scenarios.braze_users import UsersError, read_users
    from scenarios.reports.visible import visible
    from scenarios.webhook_run import document, lines, send_campaign

    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    campaign = read_campaign(message)
    settings = tenant_settings(tenant, assume)
    try:
        people = read_users(users)
        surroundings = surrounded(url, settings, seed)
        report = send_campaign(
            campaign,
            people,
            surroundings,
            seed=seed,
            variables=var,
            choices=Choices({**settings.assumptions, **assume}),
            waiting=None if surroundings.is_fake else _announce,
        )
    except UsersError as error:
        raise Stop(str(error)) from error
    except TemplateError as error:
        raise Stop(f"{message}: {error}") from error
    except Lost as error:
        raise Stop(f"--url: {error}; start a fake there with `sessionm-harness serve`") from error
    if as_json:
        click.echo(json.dumps(document(report, seed)))
    else:
        click.echo(f"{_counted(len(report.sent), 'call')} for {_counted(report.users, 'user')} (seed {seed})")
        for line in lines(report):
            click.echo(visible(line))
    if report.bound and not as_json:
        click.echo(f"bound: {', '.join(report.bound)}", err=True)
    if not report.sent:
        click.echo("nobody is in the audience, so nothing was sent", err=True)
        return UNTESTED
    return KEPT if report.kept else BROKEN


def tenant_settings(tenant: Path | None, assume: Mapping[str, str]) -> TenantSettings:
    """The tenant that was given, or the embedded one, with the choices of the command line over its own."""
    from dataclasses import replace

    from mock_sessionm import default_tenant, load_tenant

    settings = load_tenant(tenant) if tenant else default_tenant()
    return replace(settings, assumptions={**settings.assumptions, **assume}) if assume else settings


def surrounded(url: str | None, settings: TenantSettings, seed: int) -> Surroundings:
    """The embedded fake, or what is at an address. Raises `Lost` where nobody answers there."""
    from scenarios.surroundings import Surroundings

    if url is None:
        return Surroundings.embedded(settings, seed=seed, start=time.time())
    return Surroundings.remote(options.reachable(url, "--url"), settings)


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"


def _announce(seconds: float) -> None:
    if seconds > LONG:
        click.echo(f"waiting {seconds:.0f} s, as Braze would", err=True)
