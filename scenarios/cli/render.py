"""`sessionm-harness render`: a Braze template for one person, with Connected Content against the fake."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .stop import BROKEN, KEPT, Stop

if TYPE_CHECKING:
    from contracts import Violation
    from mock_sessionm.partners.braze import ContentCall, Rendered
    from scenarios.rendered_message import RenderedMessage

FORMAT = "sessionm-harness.render/1"
EPILOG = """\b
What TEMPLATE reads:
  ${user_id}, ${first_name}, …   --user, --field, and what the fake knows of the customer
  custom_attribute.${…}          --attribute
  api_trigger_properties.${…}    --trigger, in a campaign
  context.${…}                   --context, in a Canvas (--canvas, or any --context)
  event_properties.${…}          --event
  {{endpoint_connect}} and the other placeholders of the SessionM page: the tenant's settings, or --var

\b
Exit codes: 0 rendered, 1 aborted (with --fail-on warn also where the lint finds something),
2 a template that cannot be read or is wrong.
"""


def _pairs(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Mapping[str, Any]:  # noqa: ARG001  the signature is click's
    """NAME=VALUE pairs; a value that is JSON is taken as what it says, any other as text."""
    made: dict[str, Any] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            # What stands there may be a secret, so it is not shown.
            raise Stop(f"{parameter.opts[0]} wants NAME=VALUE, such as {parameter.opts[0]} offer_id=42")
        try:
            made[name.strip()] = json.loads(value)
        except ValueError:
            made[name.strip()] = value
    return made


def _option(name: str, help_text: str) -> options.Option[Any]:
    return click.option(name, multiple=True, metavar="NAME=VALUE", callback=_pairs, help=help_text)


@click.command(epilog=EPILOG)
@click.argument("template", metavar="TEMPLATE")
@click.option("--user", required=True, metavar="ID", help="SessionM's user id, which is Braze's external id.")
@_option("--var", "A placeholder of a document, such as endpoint_connect=https://…; repeatable, as are the next ones.")
@_option("--trigger", "A property that the call to the campaign sends along.")
@_option("--context", "A property that the call to the Canvas sends along.")
@_option("--event", "A property of the event that triggered the message.")
@_option("--attribute", "A custom attribute of the person.")
@_option("--field", "A field of the person's profile, such as language=de.")
@_option("--credential", "A credential for :basic_auth, NAME=USER:PASSWORD.")
@click.option("--canvas", is_flag=True, help="A step of a Canvas, and no campaign.")
@click.option("--campaign", metavar="ID", default="", help="SessionM's campaign whose template the lint reads.")
@click.option(
    "--audience", type=click.IntRange(min=0), metavar="N", help="How many people get the message, for the lint."
)
@click.option("--url", metavar="URL", help="A running fake, called over HTTP. Without it one is embedded.")
@click.option(
    "--allow",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Call this host, too; without it, nobody but the fake is called.",
)
@options.tenant
@options.assume
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warn"]),
    default="error",
    show_default=True,
    help="warn: what the lint finds is an error as well.",
)
@options.as_json
def command(
    *,
    template: str,
    user: str,
    url: str | None,
    tenant: Path | None,
    assume: Mapping[str, str],
    var: Mapping[str, Any],
    trigger: Mapping[str, Any],
    context: Mapping[str, Any],
    event: Mapping[str, Any],
    attribute: Mapping[str, Any],
    field: Mapping[str, Any],
    credential: Mapping[str, Any],
    canvas: bool,
    campaign: str,
    audience: int | None,
    allow: tuple[str, ...],
    fail_on: str,
    as_json: bool,
) -> int:
    """Render a Braze template (a file, or - for standard input) for one person, and say what it called."""
    from contracts.transport import Lost
    from mock_sessionm import NoMessage
    from mock_sessionm.partners.braze import TemplateError
    from scenarios.rendered_message import Wanted, rendered_message

    wanted = Wanted(
        source=_read(template),
        user=user,
        url=None if url is None else options.reachable(url, "--url").rstrip("/"),
        tenant=tenant,
        assume=assume,
        variables=var,
        trigger=trigger,
        context=context,
        event=event,
        attributes=attribute,
        fields=field,
        credentials=_credentials(credential),
        canvas=canvas,
        audience=audience,
        campaign=campaign,
        allowed=allow,
    )
    try:
        made = rendered_message(wanted)
    except TemplateError as error:
        raise Stop(f"{template}: {error}") from error
    except NoMessage as error:
        raise Stop(f"--campaign: {error}") from error
    except Lost as error:
        raise Stop(f"--url: {error}; start a fake there with `sessionm-harness serve`") from error
    _show(made, as_json=as_json)
    if made.rendered.aborted is not None or (fail_on == "warn" and made.findings):
        return BROKEN
    return KEPT


def _show(made: RenderedMessage, *, as_json: bool) -> None:
    """The message on standard output, and what is to be said of it on standard error."""
    if as_json:
        click.echo(json.dumps(document(made), ensure_ascii=False))
        return
    text = made.rendered.text
    click.echo(text, nl=not text.endswith("\n") and made.rendered.aborted is None)
    sys.stdout.flush()
    for line in told(made):
        click.echo(line, err=True)


def _credentials(given: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Pairs of user and password by name; what has no colon is refused without being shown."""
    made: dict[str, tuple[str, str]] = {}
    for name, pair in given.items():
        user, colon, password = str(pair).partition(":")
        if not colon:
            raise Stop(f"--credential {name}: wants USER:PASSWORD after the equals sign")
        made[name] = (user, password)
    return made


def _read(template: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if template == "-" else Path(template).read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise Stop(f"{template}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Stop(f"{template}: byte {error.start + 1} is not UTF-8; save the template as UTF-8") from error
    except ValueError as error:
        raise Stop("the template's name cannot be a file's") from error


def told(made: RenderedMessage) -> Iterator[str]:
    """What is said beside the message: what was bound, what was called, what is wrong."""
    from scenarios.reports.visible import visible

    if made.rendered.aborted is not None:
        yield f"aborted: {visible(made.rendered.aborted) or '{% abort_message %} called'}"
    if made.bound:
        yield f"bound: {', '.join(made.bound)}"
    for call in made.rendered.calls:
        yield visible(_call(call))
    yield _summary(made.rendered, made.seconds)
    if made.waited:
        yield f"retries would have waited {made.waited:g} s; this run did not"
    for warning in made.warnings:
        yield f"warning: {visible(warning)}"
    for finding in made.findings:
        yield f"warning: {_place(finding)}: {visible(finding.message)} [{finding.rule}]"


def _call(call: ContentCall) -> str:
    status = "no answer" if call.status is None else str(call.status)
    how = "from the cache" if call.cached else f"in {call.seconds * 1000:.0f} ms"
    return f"{call.method} {call.url}: {status} {how}" + (f"; {call.why}" if call.why else "")


def _summary(rendered: Rendered, seconds: float) -> str:
    hits = sum(call.cached for call in rendered.calls)
    made = len(rendered.calls) - hits
    return f"{made} call{'s' * (made != 1)}, {hits} from the cache, rendered in {seconds * 1000:.1f} ms"


def _place(finding: Violation) -> str:
    return finding.pointer.replace(":", " ")


def document(made: RenderedMessage) -> dict[str, Any]:
    """The same for other tools."""
    return {
        "format": FORMAT,
        "text": made.rendered.text,
        "aborted": made.rendered.aborted,
        "calls": [
            {
                "method": call.method,
                "url": call.url,
                "status": call.status,
                "cached": call.cached,
                "seconds": call.seconds,
                "why": call.why,
            }
            for call in made.rendered.calls
        ],
        "lint": [
            {
                "rule": one.rule,
                "line": int(one.pointer.partition(":")[2]),
                "message": one.message,
                "nearest": one.nearest,
            }
            for one in made.findings
        ],
        "bound": list(made.bound),
        "warnings": list(made.warnings),
        "seconds": made.seconds,
        "waited": made.waited,
    }
