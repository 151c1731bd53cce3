"""`sessionm-harness probe`: the assumptions of SessionM's, put to a tenant as questions, with throw-away customers."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from . import options
from .stop import KEPT, Stop

if TYPE_CHECKING:
    from contracts.probing import Question
    from mock_sessionm import TenantSettings
    from scenarios.probing.asking import Asking
    from scenarios.probing.receiver import Receiver
    from scenarios.probing.round import Round

FORMAT = "sessionm-harness.probe/1"
EPILOG = """\b
Exit codes: 0 every answer is the choice that held so far, or is pending; 1 an answer contradicts that choice, or
fits none; 2 usage, a wrong credential, an address where no API is; 3 nothing was asked; 130 interrupted.
What was found is in the file of --observations in each case.
"""


@click.command(epilog=EPILOG)
@click.option("--host", metavar="URL", help="The tenant's address, such as https://api-example.ent-sessionm.com.")
@click.option(
    "--tenant", type=options.FILE, metavar="FILE", help="tenant.toml: its credentials, and what is set up in it."
)
@click.option("--yes", is_flag=True, help="Send. Without it every request is shown, and none sent.")
@click.option("--production", metavar="HOST", help="The host's name once more, where it is not this machine.")
@click.option("--changes-tenant", is_flag=True, help="Also ask what leaves something behind in the tenant.")
@click.option("--only", multiple=True, metavar="ID", help="Only this assumption; repeatable.")
@click.option("--resume", is_flag=True, help="Go on with what is pending in the file of --observations.")
@click.option("--receiver", metavar="HOST:PORT", help="Listen there to what SessionM sends out.")
@click.option(
    "--observations",
    type=options.FILE,
    default=Path("observations.yaml"),
    show_default=True,
    metavar="FILE",
    help="Where the answers are written, and what is pending is read.",
)
@click.option(
    "--settle",
    type=click.FloatRange(min=0),
    default=2.0,
    show_default=True,
    help="Seconds for what SessionM does later.",
)
@click.option("--needs", is_flag=True, help="Print what must be set up in the tenant, as a tenant file, and stop.")
@options.listing
@options.seed
@options.as_json
def command(
    *,
    host: str | None,
    tenant: Path | None,
    yes: bool,
    production: str | None,
    changes_tenant: bool,
    only: tuple[str, ...],
    resume: bool,
    receiver: str | None,
    observations: Path,
    settle: float,
    needs: bool,
    listing: bool,
    seed: int | None,
    as_json: bool,
) -> int:
    """Ask a tenant of SessionM what no document says, one question after another, with throw-away customers."""
    from scenarios.probing import told
    from scenarios.probing.round import Allowed, Round, refusals

    chosen = _chosen(only)
    address = _listening(receiver) if receiver else None
    if listing:
        _say(told.listed(chosen, others=not only))
        return KEPT
    if needs:
        _say(told.needed(chosen, f"http://{receiver}" if receiver else None))
        return KEPT
    url, name = _host(host, production)
    settings = _settings(tenant)
    round_ = Round.at(observations, name)
    if resume and not only:
        chosen = [question for question in chosen if question.id in round_.before.pending]
    refused = refusals(chosen, settings, round_.before, Allowed(changes_tenant, resume, address is not None))
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    asking = _asking(url, settings, seed, settle, observations.parent)
    if not yes:
        _say(told.previewed(chosen, asking, refused, round_))
        return KEPT
    with _receiver(address) as asking.receiver:
        _ask(round_, chosen, asking, refused, quiet=as_json)
    if as_json:
        click.echo(json.dumps(told.document(round_, asking, FORMAT), ensure_ascii=False))
    else:
        _say(told.summary(round_, asking))
    return round_.exit_code


def _ask(round_: Round, chosen: Sequence[Question], asking: Asking, refused: dict[str, str], *, quiet: bool) -> None:
    """Ask, and tell each thing when it happens. Raises `Stop` where there is no use in going on."""
    from scenarios.probing import told
    from scenarios.probing.asking import CannotAsk
    from scenarios.reports.visible import visible

    asking.told = lambda line: click.echo(f"  {visible(line)}", err=quiet)

    def begin(question: Question) -> None:
        click.echo(f"{question.id}  {question.asks}", err=quiet)

    try:
        for outcome in round_.run(chosen, asking, refused, begin):
            if outcome.state != "skipped" or outcome.id not in refused:
                _say(told.became(outcome, round_), err=quiet)
    except CannotAsk as error:
        raise Stop(f"--host {round_.now.host}: {error}") from error
    finally:
        for id_ in asking.left:
            click.echo(f"a throw-away customer could not be deleted: {id_}", err=True)


def _chosen(only: tuple[str, ...]) -> list[Question]:
    from contracts import assumptions
    from contracts.probing import questions
    from contracts.register import nearest

    every = questions()
    for name in only:
        if name in every:
            continue
        known = assumptions().get(name)
        if known is not None:
            why = f"{known.owner} owns it, and no tenant of SessionM could answer"
            raise Stop(f"--only {name}: {why}; experiment: {known.question}")
        near = nearest(name, every)
        mend = f"did you mean {near!r}?" if near else "`sessionm-harness probe --list` lists them"
        raise Stop(f"--only {name}: no assumption has this id; {mend}")
    return [question for name, question in every.items() if not only or name in only]


def _host(host: str | None, production: str | None) -> tuple[str, str]:
    """The address, and its host's name. Raises `Stop` where it is another machine for which that was not said."""
    if host is None:
        raise Stop("--host is missing: the address of the tenant; --list and --needs do without one")
    parts = urlsplit(options.reachable(host, "--host"))
    if "@" in parts.netloc:
        raise Stop(f"--host {parts.hostname}: holds a user or a password; those stand in --tenant FILE")
    if parts.query or parts.fragment or parts.path.strip("/"):
        raise Stop(f"--host {parts.hostname}: is more than an address; leave out what follows the host and its port")
    name = str(parts.hostname)
    if production is not None and production.lower() != name:
        raise Stop(f"--production {production}: is not the host of --host, which is {name}")
    if production is None and not options.is_loopback(name):
        raise Stop(f"--host {name}: is not this machine; if that is the tenant, add --production {name}")
    return f"{parts.scheme}://{parts.netloc}", name


def _settings(tenant: Path | None) -> TenantSettings:
    from mock_sessionm import load_tenant

    if tenant is None:
        raise Stop(
            "--tenant is missing: the file with the tenant's [core] and [connect] credentials, and what is set up in it"
        )
    return load_tenant(tenant)


def _listening(receiver: str) -> tuple[str, int]:
    host, _, port = receiver.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise Stop(f"--receiver {receiver}: expected HOST:PORT, such as 127.0.0.1:8650")
    return host.strip("[]"), int(port)


def _asking(url: str, settings: TenantSettings, seed: int, settle: float, folder: Path) -> Asking:
    from contracts.probing import questions
    from contracts.transport import HttpTransport
    from scenarios.probing.asking import Asking
    from scenarios.probing.setting_up import bound, wanted

    names, _ = bound(settings, wanted(questions().values()))
    opened: Callable[[], Any] = lambda: HttpTransport(url)  # noqa: E731  a way in, not a function with a name
    return Asking(opened, settings, names, seed, settle=settle, folder=folder)


@contextmanager
def _receiver(address: tuple[str, int] | None) -> Iterator[Receiver | None]:
    if address is None:
        yield None
        return
    from contracts.serving import Server
    from scenarios.probing.receiver import Receiver

    made = Receiver()
    with Server(made, host=address[0], port=address[1]):
        yield made


def _say(lines: Iterator[str], *, err: bool = False) -> None:
    from scenarios.reports.visible import visible

    for line in lines:
        click.echo(visible(line), err=err)
